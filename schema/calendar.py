"""When a DAG's runs fall, counted."""

from datetime import datetime

import strawberry

from resolvers.states import DAG_RUN_STATES, DagRunState
from schema.fields import column, worded


@strawberry.type(
    description=(
        "How many runs of one state fell, or will fall (isPlanned), into one day or "
        "hour."
    )
)
class CalendarBucket:
    """A count; embedded."""

    start: datetime = column("start", "When the day or the hour begins.")
    state: DagRunState | None = worded(
        "state", DAG_RUN_STATES, DagRunState.OTHER, "Their state; null of planned runs."
    )
    is_planned: bool = column(
        "is_planned", "Whether the schedule has yet to make these runs."
    )
    count: int = column("count", "How many they are.")
