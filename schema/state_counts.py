"""How many runs, or task instances, are in each state."""

import strawberry

from resolvers.states import (
    DAG_RUN_STATES,
    TASK_INSTANCE_STATES,
    DagRunState,
    TaskInstanceState,
)
from schema.fields import column, worded


@strawberry.type(description="How many runs are in a state.")
class DagRunStateCount:
    """A count; embedded."""

    state: DagRunState | None = worded(
        "state", DAG_RUN_STATES, DagRunState.OTHER, "The state; null for none."
    )
    count: int = column("count", "How many runs.")


@strawberry.type(description="How many task instances are in a state.")
class TaskInstanceStateCount:
    """A count; embedded."""

    state: TaskInstanceState | None = worded(
        "state",
        TASK_INSTANCE_STATES,
        TaskInstanceState.OTHER,
        "The state; null for none yet.",
    )
    count: int = column("count", "How many task instances.")
