"""Tries of task instances."""

from datetime import datetime

import strawberry

from loaders import durations
from resolvers.states import TASK_INSTANCE_STATES, TaskInstanceState
from schema.fields import column, derived, identified, worded
from schema.node import Node


@strawberry.type(
    description=(
        "One try of a task instance. Airflow keeps those that are over from 2.10 on; "
        "before, only the current or last one is known."
    )
)
class TaskInstanceTry(Node):
    """A try."""

    id: strawberry.ID = identified(
        "TaskInstanceTry", ("dag_id", "run_id", "task_id", "map_index", "try_number")
    )
    task_id: strawberry.ID = column("task_id", "Its task.")
    map_index: int = column(
        "map_index", "Which of a mapped task's instances; -1 if not mapped."
    )
    try_number: int = column("try_number", "Which try, from 1.")
    state: TaskInstanceState | None = worded(
        "state",
        TASK_INSTANCE_STATES,
        TaskInstanceState.OTHER,
        "How it ended, or the state it is in.",
    )
    queued_at: datetime | None = column("queued_at", "When it was queued.")
    scheduled_at: datetime | None = column(
        "scheduled_at", "When it was scheduled (from Airflow 3 on)."
    )
    start_date: datetime | None = column("start_date", "When it started.")
    end_date: datetime | None = column("end_date", "When it ended.")
    duration: float | None = column("duration", "Seconds that it took.")
    queued_duration: float | None = derived(
        ("queued_at", "start_date"),
        durations.waited,
        "Seconds from queued to start; null where Airflow's stamps are out of order.",
    )
    operator: str | None = column("operator", "The class of its operator.")
    pool: str | None = column("pool", "The pool whose slots it took.")
    queue: str | None = column("queue", "The executor's queue that it went to.")
    executor: str | None = column(
        "executor", "The executor that it was given to, if not the default."
    )
    hostname: str | None = column("hostname", "The machine that it ran on.")
    pid: int | None = column("pid", "Its process on that machine.")
    version_number: int | None = column(
        "version_number", "The version that it ran; null in Airflow 2."
    )
