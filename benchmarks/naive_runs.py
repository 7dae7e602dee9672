"""The naive form's types of runs and their task instances."""

from collections import Counter
from datetime import datetime

import strawberry

from benchmarks.naive_rows import InstanceRow, RunRow

_PRIORITY = ("failed", "success", "skipped")
"""Of the states that a mapped task can have here, the first is the task's."""


def _upper(state: str | None) -> str | None:
    return None if state is None else state.upper()


@strawberry.type
class PageInfo:
    """Whether there is more."""

    has_next_page: bool
    end_cursor: str | None = None


@strawberry.type
class TaskInstance:
    """A task instance."""

    id: strawberry.ID
    task_id: strawberry.ID
    map_index: int
    state: str | None
    start_date: datetime | None
    end_date: datetime | None
    try_number: int

    @classmethod
    def of(cls, row: InstanceRow) -> "TaskInstance":
        """The type of a row."""
        parts = (row.dag_id, row.run_id, row.task_id, row.map_index)
        return cls(
            id=strawberry.ID("/".join(map(str, ("TaskInstance", *parts)))),
            task_id=strawberry.ID(row.task_id),
            map_index=row.map_index,
            state=_upper(row.state),
            start_date=row.start_date,
            end_date=row.end_date,
            try_number=row.try_number,
        )


@strawberry.type
class TaskInstances:
    """A page of them."""

    nodes: list[TaskInstance]
    page_info: PageInfo


@strawberry.type
class StateCount:
    """How many instances have a state."""

    state: str | None
    count: int


@strawberry.type
class TaskSummary:
    """What became of a task in a run."""

    kind: str
    task_id: strawberry.ID
    group_id: strawberry.ID | None
    state: str | None
    state_counts: list[StateCount]
    instance_count: int
    start_date: datetime | None
    end_date: datetime | None

    @classmethod
    def of(cls, task_id: str, rows: list[InstanceRow]) -> "TaskSummary":
        """The summary of a task's rows."""
        is_mapped = rows[0].map_index >= 0
        counts = Counter(row.state for row in rows)
        states = sorted(counts, key=_PRIORITY.index)
        return cls(
            kind="MAPPED_TASK" if is_mapped else "TASK",
            task_id=strawberry.ID(task_id),
            group_id=None,
            state=_upper(states[0]),
            state_counts=[
                StateCount(state=_upper(state), count=counts[state]) for state in states
            ]
            if is_mapped
            else [],
            instance_count=len(rows),
            start_date=min(row.start_date for row in rows),
            end_date=max(row.end_date for row in rows),
        )


@strawberry.type
class DagRun:
    """A run."""

    dag_id: strawberry.Private[str]
    id: strawberry.ID
    run_id: strawberry.ID
    run_type: str
    state: str | None
    run_after: datetime
    logical_date: datetime | None
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None

    @classmethod
    def of(cls, row: RunRow) -> "DagRun":
        """The type of a row."""
        return cls(
            dag_id=row.dag_id,
            id=strawberry.ID(f"DagRun/{row.dag_id}/{row.run_id}"),
            run_id=strawberry.ID(row.run_id),
            run_type=row.run_type.upper(),
            state=_upper(row.state),
            run_after=row.run_after,
            logical_date=row.logical_date,
            queued_at=row.queued_at,
            start_date=row.start_date,
            end_date=row.end_date,
        )

    @strawberry.field
    def duration(self) -> float | None:
        """Seconds from its start to its end."""
        if self.start_date is None or self.end_date is None:
            return None
        return (self.end_date - self.start_date).total_seconds()

    @strawberry.field
    async def task_instances(self, info: strawberry.Info, first: int) -> TaskInstances:
        """Its instances."""
        rows = await info.context.instances.load((self.dag_id, str(self.run_id)))
        nodes = [TaskInstance.of(row) for row in rows[:first]]
        return TaskInstances(nodes=nodes, page_info=PageInfo(has_next_page=False))

    @strawberry.field
    async def task_summaries(self, info: strawberry.Info) -> list[TaskSummary]:
        """Its tasks."""
        rows = await info.context.instances.load((self.dag_id, str(self.run_id)))
        by_task: dict[str, list[InstanceRow]] = {}
        for row in rows:
            by_task.setdefault(row.task_id, []).append(row)
        return [TaskSummary.of(task_id, each) for task_id, each in by_task.items()]


@strawberry.type
class DagRuns:
    """A page of them."""

    nodes: list[DagRun]
    page_info: PageInfo
