"""Counts over many DAGs."""

import strawberry

from resolvers import fleet as relation
from schema.connections import Connection
from schema.dag import Dag
from schema.dag_run import DagRun
from schema.fields import column, related
from schema.state_counts import DagRunStateCount, TaskInstanceStateCount


@strawberry.type(description="DAGs that share a tag, an owner or a bundle.")
class FleetGroup:
    """A group; embedded."""

    key: str = column("key", "The tag, the owner, or the bundle's name.")
    dag_count: int = column("dag_count", "How many DAGs share it.")
    run_state_counts: list[DagRunStateCount] = related(
        relation.RUN_COUNTS_OF_GROUP, "Their runs in the window, by state."
    )


@strawberry.type(
    description=(
        "Counts over all DAGs that the filter keeps: what a wall display needs, in one "
        "query."
    )
)
class Fleet:
    """Counts; embedded."""

    dag_count: int = column("dag_count", "How many DAGs there are.")
    active_count: int = column("active_count", "How many are neither paused nor stale.")
    paused_count: int = column("paused_count", "How many are paused, and not stale.")
    stale_count: int = column(
        "stale_count", "How many the DAG processor no longer finds."
    )
    import_error_count: int = column(
        "import_error_count",
        "How many files fail to import; with a filter, of those of its DAGs.",
    )
    run_state_counts: list[DagRunStateCount] = related(
        relation.RUN_COUNTS,
        "Runs whose runAfter falls in the window, by state; the last 24 hours unless "
        "said otherwise.",
    )
    task_instance_state_counts: list[TaskInstanceStateCount] = related(
        relation.INSTANCE_COUNTS,
        "The task instances of those runs, by state; a window of at most 7 days.",
    )
    unfinished_task_instance_counts: list[TaskInstanceStateCount] = related(
        relation.UNFINISHED_COUNTS,
        "All task instances that have not finished, now, by state.",
    )
    failing: Connection[Dag] = related(
        relation.FAILING, "The DAGs whose newest run failed, by id."
    )
    longest_running: list[DagRun] = related(
        relation.LONGEST_RUNNING, "The runs that have been running longest."
    )
    by: list[FleetGroup] = related(
        relation.BY,
        "The DAGs in groups, by key; one with several tags or owners is in each.",
    )
