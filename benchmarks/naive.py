"""The naive form: strawberry as its documentation shows it, over ORM objects.

DataLoaders batch a level's rows; each row is an ORM object, each field a value that
graphql-core completes by itself.
"""

import base64
import json
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.naive_loaders import Loaders
from benchmarks.naive_rows import DagRow, RunRow
from benchmarks.naive_runs import DagRun, DagRuns, PageInfo
from benchmarks.naive_structure import Edge, Graph, Structure, Task, TaskGroup
from benchmarks.naive_structure import drawn as draw
from benchmarks.naive_structure import structure as made_of


@strawberry.enum
class By(Enum):
    """By what a list can be ordered."""

    DAG_ID = "dag_id"
    RUN_AFTER = "run_after"


@strawberry.enum
class Direction(Enum):
    """Which way."""

    ASC = "asc"
    DESC = "desc"


@strawberry.input
class Order:
    """By what a list is ordered: the pages ask for what it is here anyway."""

    by: By
    direction: Direction | None = None


@strawberry.input
class Text:
    """What a text must be."""

    starts_with: str


@strawberry.input
class DagFilter:
    """Which DAGs."""

    dag_id: Text


@strawberry.type
class Dag:
    """A DAG."""

    id: strawberry.ID
    dag_id: strawberry.ID
    display_name: str
    is_paused: bool
    task_groups: list[TaskGroup]

    @classmethod
    def of(cls, row: DagRow) -> "Dag":
        """The type of a row."""
        return cls(
            id=strawberry.ID(f"Dag/{row.dag_id}"),
            dag_id=strawberry.ID(row.dag_id),
            display_name=row.dag_display_name or row.dag_id,
            is_paused=row.is_paused,
            task_groups=[],
        )

    @strawberry.field
    async def tags(self, info: strawberry.Info) -> list[str]:
        """Its tags."""
        return [row.name for row in await info.context.tags.load(str(self.dag_id))]

    @strawberry.field
    async def latest_run(self, info: strawberry.Info) -> DagRun | None:
        """Its newest run."""
        row = await info.context.latest_runs.load(str(self.dag_id))
        return row and DagRun.of(row)

    @strawberry.field
    async def runs(
        self, info: strawberry.Info, first: int, order_by: Order | None = None
    ) -> DagRuns:
        """Its newest runs."""
        del order_by
        query = (
            select(RunRow)
            .where(RunRow.dag_id == str(self.dag_id))
            .order_by(RunRow.run_after.desc(), RunRow.id.desc())
            .limit(first + 1)
        )
        rows = await info.context.rows(query)
        more, rows = len(rows) > first, rows[:first]
        page_info = PageInfo(has_next_page=more, end_cursor=_cursor(rows[-1]))
        return DagRuns(nodes=[DagRun.of(row) for row in rows], page_info=page_info)

    @strawberry.field
    async def tasks(self, info: strawberry.Info) -> list[Task]:
        """Its tasks."""
        return (await self._structure(info)).tasks

    @strawberry.field
    async def edges(self, info: strawberry.Info) -> list[Edge]:
        """Which task is before which."""
        return (await self._structure(info)).edges

    @strawberry.field
    async def graph(self, info: strawberry.Info) -> Graph:
        """How that is drawn."""
        return draw(await self._structure(info))

    async def _structure(self, info: strawberry.Info) -> Structure:
        return made_of(await info.context.structures.load(str(self.dag_id)))


def _cursor(row: RunRow) -> str:
    after = row.run_after.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [1, "runs", [row.dag_id], ["run_after", "id"], True, [after, row.id]]
    written = json.dumps(parts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


@strawberry.type
class Dags:
    """A page of them."""

    nodes: list[Dag]


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def as_of(self) -> datetime:
        """Now."""
        return datetime.now(UTC)

    @strawberry.field
    async def dag(self, info: strawberry.Info, dag_id: strawberry.ID) -> Dag | None:
        """One DAG."""
        row = await info.context.dags.load(str(dag_id))
        return row and Dag.of(row)

    @strawberry.field
    async def dags(
        self,
        info: strawberry.Info,
        first: int,
        filter: DagFilter,  # noqa: A002  # GraphQL's name
        order_by: Order,
    ) -> Dags:
        """Those that a filter keeps, by name."""
        del order_by
        query = (
            select(DagRow)
            .where(DagRow.dag_id.startswith(filter.dag_id.starts_with, autoescape=True))
            .order_by(DagRow.dag_id)
            .limit(first)
        )
        return Dags(nodes=[Dag.of(row) for row in await info.context.rows(query)])


SCHEMA = strawberry.Schema(Query)


async def answer(
    engine: AsyncEngine, document: str, variables: dict[str, Any]
) -> dict[str, Any]:
    """The response to one operation."""
    result = await SCHEMA.execute(document, variables, context_value=Loaders(engine))
    assert result.errors is None, result.errors
    return {"data": result.data}
