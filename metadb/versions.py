"""Placeholder until the helper's versions.py is there."""

from dataclasses import dataclass
from collections.abc import Mapping
from sqlalchemy import text


@dataclass(frozen=True)
class Metadatabase:
    dialect: str
    revision: str
    min_version: str | None
    max_version: str | None
    columns: Mapping[str, frozenset[str]]
    indexes: frozenset[str]

    def has(self, table, *columns):
        return table in self.columns and self.columns[table].issuperset(columns)

    @property
    def major(self):
        return 3 if self.has("task_instance", "id") else 2


async def probe(engine):
    async with engine.connect() as c:
        if engine.dialect.name == "sqlite":
            rows = (
                await c.execute(
                    text(
                        "select m.name, p.name from sqlite_master m, pragma_table_info(m.name) p where m.type='table'"
                    )
                )
            ).all()
            idx = (
                (
                    await c.execute(
                        text("select name from sqlite_master where type='index'")
                    )
                )
                .scalars()
                .all()
            )
        else:
            rows = (
                await c.execute(
                    text(
                        "select table_name, column_name from information_schema.columns where table_schema='public'"
                    )
                )
            ).all()
            idx = (
                (await c.execute(text("select indexname from pg_indexes")))
                .scalars()
                .all()
            )
        rev = (
            await c.execute(text("select version_num from alembic_version"))
        ).scalar()
    d = {}
    for t, col in rows:
        d.setdefault(t, set()).add(col)
    return Metadatabase(
        engine.dialect.name,
        rev,
        None,
        None,
        {k: frozenset(v) for k, v in d.items()},
        frozenset(idx),
    )
