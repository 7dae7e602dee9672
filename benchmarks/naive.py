"""The naive form: strawberry as its documentation shows it, over ORM objects.

DataLoaders batch a run's task instances; each row is an ORM object, each field a value
that graphql-core completes by itself.
"""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from strawberry.dataloader import DataLoader


class Base(DeclarativeBase):
    """Airflow's tables, as far as the grid needs them."""


class RunRow(Base):
    """A run."""

    __tablename__ = "dag_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[str]
    run_id: Mapped[str]
    state: Mapped[str | None]
    logical_date: Mapped[datetime | None]
    run_after: Mapped[datetime]


class InstanceRow(Base):
    """A task instance."""

    __tablename__ = "task_instance"

    dag_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(primary_key=True)
    map_index: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str | None]
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]
    try_number: Mapped[int]


@strawberry.type
class PageInfo:
    """Whether there is more."""

    has_next_page: bool


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
            state=None if row.state is None else row.state.upper(),
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
class DagRun:
    """A run."""

    dag_id: strawberry.Private[str]
    id: strawberry.ID
    run_id: strawberry.ID
    state: str | None
    logical_date: datetime | None

    @strawberry.field
    async def task_instances(self, info: strawberry.Info, first: int) -> TaskInstances:
        """Its instances."""
        rows = await info.context["instances"].load((self.dag_id, str(self.run_id)))
        nodes = [TaskInstance.of(row) for row in rows[:first]]
        return TaskInstances(nodes=nodes, page_info=PageInfo(has_next_page=False))


@strawberry.type
class DagRuns:
    """A page of them."""

    nodes: list[DagRun]


@strawberry.type
class Dag:
    """A DAG."""

    id: strawberry.ID
    dag_id: strawberry.ID

    @strawberry.field
    async def runs(self, info: strawberry.Info, first: int) -> DagRuns:
        """Its newest runs."""
        query = (
            select(RunRow)
            .where(RunRow.dag_id == str(self.dag_id))
            .order_by(RunRow.run_after.desc(), RunRow.id.desc())
            .limit(first)
        )
        rows = (await info.context["session"].scalars(query)).all()
        nodes = [
            DagRun(
                dag_id=row.dag_id,
                id=strawberry.ID(f"DagRun/{row.dag_id}/{row.run_id}"),
                run_id=strawberry.ID(row.run_id),
                state=None if row.state is None else row.state.upper(),
                logical_date=row.logical_date,
            )
            for row in rows
        ]
        return DagRuns(nodes=nodes)


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def dag(self, dag_id: strawberry.ID) -> Dag:
        """One DAG."""
        return Dag(id=strawberry.ID(f"Dag/{dag_id}"), dag_id=dag_id)


SCHEMA = strawberry.Schema(Query)


async def answer(
    engine: AsyncEngine, document: str, variables: dict[str, Any]
) -> dict[str, Any]:
    """The response to one operation."""
    async with AsyncSession(engine) as session:

        async def load(keys: list[tuple[str, str]]) -> list[list[InstanceRow]]:
            query = (
                select(InstanceRow)
                .where(InstanceRow.dag_id == keys[0][0])
                .where(InstanceRow.run_id.in_([run_id for _, run_id in keys]))
                .order_by(InstanceRow.task_id, InstanceRow.map_index)
            )
            found: dict[tuple[str, str], list[InstanceRow]] = {key: [] for key in keys}
            for row in await session.scalars(query):
                found[row.dag_id, row.run_id].append(row)
            return [found[key] for key in keys]

        context = {"session": session, "instances": DataLoader(load)}
        result = await SCHEMA.execute(document, variables, context_value=context)
    assert result.errors is None, result.errors
    return {"data": result.data}
