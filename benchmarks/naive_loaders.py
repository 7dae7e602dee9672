"""DataLoaders of the naive form, over ORM objects; each statement has a session."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import joinedload
from strawberry.dataloader import DataLoader

from benchmarks.naive_rows import (
    DagRow,
    InstanceRow,
    RunRow,
    SerializedRow,
    TagRow,
    VersionRow,
)

Rows = list[Any]


class Loaders:
    """What one operation has loaded."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.dags = DataLoader(self._dags)
        self.tags = DataLoader(self._tags)
        self.latest_runs = DataLoader(self._latest_runs)
        self.instances = DataLoader(self._instances)
        self.structures = DataLoader(self._structures)

    async def rows(self, query: Any) -> Rows:
        """The objects that a query finds."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            return list((await session.scalars(query)).all())

    async def _dags(self, keys: list[str]) -> Rows:
        rows = await self.rows(select(DagRow).where(DagRow.dag_id.in_(keys)))
        return _one_each(keys, rows, lambda row: row.dag_id)

    async def _tags(self, keys: list[str]) -> list[Rows]:
        query = select(TagRow).where(TagRow.dag_id.in_(keys)).order_by(TagRow.name)
        return _all_each(keys, await self.rows(query), lambda row: row.dag_id)

    async def _latest_runs(self, keys: list[str]) -> Rows:
        query = (
            select(RunRow)
            .distinct(RunRow.dag_id)
            .where(RunRow.dag_id.in_(keys))
            .order_by(RunRow.dag_id, RunRow.run_after.desc(), RunRow.id.desc())
        )
        return _one_each(keys, await self.rows(query), lambda row: row.dag_id)

    async def _instances(self, keys: list[tuple[str, str]]) -> list[Rows]:
        query = (
            select(InstanceRow)
            .where(InstanceRow.dag_id == keys[0][0])
            .where(InstanceRow.run_id.in_([run_id for _, run_id in keys]))
            .order_by(InstanceRow.task_id, InstanceRow.map_index)
        )
        rows = await self.rows(query)
        return _all_each(keys, rows, lambda row: (row.dag_id, row.run_id))

    async def _structures(self, keys: list[str]) -> Rows:
        query = (
            select(SerializedRow)
            .distinct(SerializedRow.dag_id)
            .join(SerializedRow.version)
            .where(SerializedRow.dag_id.in_(keys))
            .order_by(SerializedRow.dag_id, VersionRow.version_number.desc())
            .options(joinedload(SerializedRow.version))
        )
        return _one_each(keys, await self.rows(query), lambda row: row.dag_id)


def _one_each(keys: list[Any], rows: Rows, key: Callable[[Any], Any]) -> Rows:
    found = {key(row): row for row in rows}
    return [found.get(one) for one in keys]


def _all_each(keys: list[Any], rows: Rows, key: Callable[[Any], Any]) -> list[Rows]:
    found: dict[Any, Rows] = {one: [] for one in keys}
    for row in rows:
        found[key(row)].append(row)
    return [found[one] for one in keys]
