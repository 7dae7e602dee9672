"""What a database offers: its Airflow's releases, its tables, their columns.

The schema revision names the releases. What is read is decided by columns alone, so
that a database of an unknown, newer Airflow is served as far as its columns go.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from metadb.errors import NotAirflow, NotReadable, TooOld

log = logging.getLogger("metadb")

OLDEST = "2.7"
# The first release with a revision, and the last; "x" where every later patch release
# has it until one brings a migration.
RELEASES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "405de8318b3a": ("2.7.0", "2.7.x"),
        "10b52ebd31f7": ("2.8.0", "2.8.0"),
        "88344c1d9134": ("2.8.1", "2.8.x"),
        "1949afb29106": ("2.9.0", "2.9.1"),
        "686269002441": ("2.9.2", "2.9.x"),
        "22ed7efa9da2": ("2.10.0", "2.10.2"),
        "5f2621c13b39": ("2.10.3", "2.11.x"),
        "29ce7909c52b": ("3.0.0", "3.0.2"),
        "fe199e1abd77": ("3.0.3", "3.0.x"),
        "cc92b33c6709": ("3.1.0", "3.1.7"),
        "509b94a1042d": ("3.1.8", "3.1.x"),
        "1d6611b6ab7c": ("3.2.0", "3.2.x"),
        "d2f4e1b3c5a7": ("3.3.0", "3.3.x"),
    }
)
_TOO_OLD: Mapping[str, str] = MappingProxyType(
    {
        "e959f08ac86c": "2.0",
        "a13f7613ad25": "2.1",
        "7b2661a43ba3": "2.2",
        "b1b348e02d07": "2.3",
        "ecb43d2a1842": "2.4",
        "290244fb8b83": "2.5",
        "98ae134e6fff": "2.6",
        "c804e5c76e3e": "2.6",
        "4bc4d934e2bc": "2.6",
    }
)
_REVISION = "alembic_version"
_NEEDED = ("dag", "dag_run", "task_instance", "serialized_dag")
_SINCE_OLDEST = ("task_instance", "custom_operator_name")

# What not every Airflow has, by the columns that show it, in the order that it came.
_FEATURES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "notes": (("dag_run_note", "content"), ("task_instance_note", "content")),
        "datasets": (("dataset", "uri"), ("dataset_event", "dataset_id")),
        "try history": (("task_instance_history", "try_number"),),
        "names of mapped instances": (("task_instance", "rendered_map_index"),),
        "versions of DAGs": (
            ("dag_version", "version_number"),
            ("task_instance", "dag_version_id"),
        ),
        "bundles": (("dag_bundle", "name"), ("dag", "bundle_name")),
        "assets": (("asset", "uri"), ("asset_event", "asset_id")),
        "backfills": (("backfill", "dag_id"), ("backfill_dag_run", "backfill_id")),
        "deadlines": (("deadline", "deadline_time"),),
        "human in the loop": (("hitl_detail", "ti_id"),),
        "teams": (("team", "name"),),
        "partitions": (("dag_run", "partition_key"),),
    }
)


@dataclass(frozen=True)
class Metadatabase:
    """An Airflow's metadata database, as it was when probed.

    Attributes:
        backend: `postgresql` or `sqlite`.
        revision: Of its schema, as Alembic names it.
        min_version: The first Airflow with this revision; None if it is unknown.
        max_version: The last one; "3.3.x" if later releases of that series have it too.
        columns: Of each table or view, those that may be read.
        indexes: Their names.
    """

    backend: str
    revision: str
    min_version: str | None
    max_version: str | None
    columns: Mapping[str, frozenset[str]] = field(repr=False)
    indexes: frozenset[str] = field(repr=False)

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is such a table, with such columns."""
        return table in self.columns and self.columns[table].issuperset(columns)

    @property
    def major(self) -> int:
        """Airflow's major version, by the identity that 3.0 gave task instances."""
        return 3 if self.has("task_instance", "id") else 2

    @property
    def features(self) -> tuple[str, ...]:
        """What it has that not every Airflow has."""
        return tuple(
            name
            for name, shown_by in _FEATURES.items()
            if all(self.has(table, *columns) for table, *columns in shown_by)
        )


async def probe(engine: AsyncEngine) -> Metadatabase:
    """What the engine's database offers now; two statements on one connection.

    Tables are found as an unqualified name finds them: through the search path.

    Raises:
        UnusableDatabase: if it cannot be served; the narrowest kind.
    """
    backend = engine.dialect.name
    async with engine.connect() as connection:
        statement = _IN_SQLITE if backend == "sqlite" else _IN_POSTGRES
        found = (await connection.execute(text(statement))).all()
        columns: dict[str, set[str]] = {}
        hidden: set[str] = set()
        indexes: set[str] = set()
        for name, column, may_read in found:
            if column is None:
                indexes.add(name)
            elif may_read:
                columns.setdefault(name, set()).add(column)
            else:
                hidden.add(name)
        _insist_on_reading(hidden - columns.keys())
        if _REVISION not in columns:
            elsewhere = "" if backend == "sqlite" else await _elsewhere(connection)
            raise _not_airflow(_REVISION, elsewhere)
        revision = await _revision(connection)
    return _metadatabase(
        backend,
        revision,
        {table: frozenset(names) for table, names in columns.items()},
        frozenset(indexes),
    )


# name, column, may be read; no column for an index
_IN_SQLITE = """
SELECT t.name, c.name, 1 FROM sqlite_schema t, pragma_table_info(t.name) c
WHERE t.type IN ('table', 'view')
UNION ALL
SELECT name, NULL, 1 FROM sqlite_schema WHERE type = 'index'
"""
_IN_POSTGRES = """
SELECT t.relname, c.attname, has_column_privilege(t.oid, c.attnum, 'SELECT')
FROM pg_catalog.pg_class t
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute c ON c.attrelid = t.oid
WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.attnum > 0 AND NOT c.attisdropped
AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND pg_table_is_visible(t.oid)
UNION ALL
SELECT i.relname, NULL, true
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE x.indisvalid AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
AND pg_table_is_visible(t.oid)
"""


async def _revision(connection: AsyncConnection) -> str:
    rows = await connection.execute(text("SELECT version_num FROM alembic_version"))
    revisions: list[str] = sorted(rows.scalars())
    if not revisions:
        message = (
            "the database's alembic_version is empty: Airflow has not finished making "
            "it; run `airflow db migrate`"
        )
        raise NotAirflow(message)
    return next((r for r in revisions if r in RELEASES), revisions[-1])


async def _elsewhere(connection: AsyncConnection) -> str:
    """Where PostgreSQL has an Airflow's tables that the search path does not find."""
    rows = await connection.execute(
        text(
            "SELECT n.nspname FROM pg_catalog.pg_class t "
            "JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace "
            "WHERE t.relname = 'alembic_version' ORDER BY n.nspname"
        )
    )
    schemas: list[str] = [*rows.scalars()]
    if not schemas:
        return ""
    return (
        f"; there is one in the schema {schemas[0]}, which is not in the search path, "
        "or which this role may not use"
    )


def _insist_on_reading(hidden: set[str]) -> None:
    """Hold that no table that must be read is one that may not be."""
    missing = sorted(hidden.intersection((_REVISION, *_NEEDED)))
    if missing:
        message = f"this role may not read {', '.join(missing)}; grant it SELECT"
        raise NotReadable(message)


def _not_airflow(table: str, elsewhere: str = "") -> NotAirflow:
    return NotAirflow(
        f"this is not an Airflow metadata database: it has no table {table}{elsewhere}"
    )


def _metadatabase(
    backend: str,
    revision: str,
    columns: Mapping[str, frozenset[str]],
    indexes: frozenset[str],
) -> Metadatabase:
    if revision in _TOO_OLD:
        message = (
            f"Airflow {_TOO_OLD[revision]} made this database; "
            f"the gateway reads those of {OLDEST} and later"
        )
        raise TooOld(message)
    for table in _NEEDED:
        if table not in columns:
            raise _not_airflow(table)
    first, last = RELEASES.get(revision, (None, None))
    found = Metadatabase(backend, revision, first, last, columns, indexes)
    if first is None:
        if not found.has(*_SINCE_OLDEST):
            message = (
                f"an Airflow older than {OLDEST} made this database, whose schema "
                f"revision is {revision}; the gateway reads those of {OLDEST} and later"
            )
            raise TooOld(message)
        log.warning(
            "The schema revision %s is unknown; the gateway reads what the columns "
            "offer. Releases of Airflow up to %s are known.",
            revision,
            [*RELEASES.values()][-1][1],
        )
    return found
