"""Says in a few lines what a database is: `python -m dagway check`."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from dagway.errors import StartError
from dagway.replica_check import replica_lines
from dagway.settings import Settings
from metadb.address import SqliteAddress, read_address
from metadb.engine import create_engine
from metadb.errors import UnusableDatabase
from metadb.grants import read_columns, statements
from metadb.versions import Metadatabase, probe

_COUNTED = {"dag": "DAGs", "dag_run": "runs", "task_instance": "task instances"}
_NONE = "none of the features that not every Airflow has"
_EXACT = 100_000  # how far to count before an estimate will do


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a table has.

    Attributes:
        rows: Their number, or the server's estimate.
        is_exact: Whether they were counted.
    """

    rows: int
    is_exact: bool

    @override
    def __str__(self) -> str:
        return f"{self.rows:,}" if self.is_exact else f"about {self.rows:,}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a database is; its text is for people.

    Attributes:
        address: The database's, without a password.
        origin: Where that address was found.
        server: The backend with its version.
        database: What it offers.
        counts: By table.
        writable: Who could write to it; None if nobody like us could.
        replicas: A line for each.
    """

    address: str
    origin: str
    server: str
    database: Metadatabase
    counts: dict[str, Count]
    writable: str | None
    replicas: Sequence[str] = ()

    @override
    def __str__(self) -> str:
        first, last = self.database.min_version, self.database.max_version
        revision = f"schema revision {self.database.revision}"
        releases = (
            first + (f" to {last}" if last != first else "")
            if first is not None
            else "unknown, probably newer than this gateway"
        )
        counts = ", ".join(f"{self.counts[t]} {noun}" for t, noun in _COUNTED.items())
        lines = [
            f"Database  {self.address} (from {self.origin})",
            f"Server    {self.server}",
            f"Airflow   {releases} ({revision})",
            f"Rows      {counts}",
            f"Has       {', '.join(self.database.features) or _NONE}",
            *self.replicas,
            *self.warnings,
        ]
        return "\n".join(lines)

    @property
    def warnings(self) -> list[str]:
        """What its user should know, a line each."""
        found = []
        if self.database.min_version is None:
            found.append(
                "Warning   the schema revision is unknown; what its columns offer is "
                "served"
            )
        if self.writable is not None:
            found.append(
                f"Warning   {self.writable}; the gateway only reads, and needs no more "
                "than that"
            )
        return found


async def insist(settings: Settings) -> None:
    """See whether the database of the settings can be served; it counts no rows.

    Raises:
        UnusableDatabase: if not; its text is one sentence.
    """
    engine = create_engine(settings.database.value, pool_size=1)
    try:
        await probe(engine)
    finally:
        await engine.dispose()


async def check(settings: Settings) -> Report:
    """What the database of the settings is, on one connection after the probe's.

    Raises:
        UnusableDatabase: if it cannot be served, or fails meanwhile; its text is one
            sentence.
    """
    address = read_address(settings.database.value)
    engine = create_engine(settings.database.value, pool_size=1)
    try:
        database = await probe(engine)
        async with engine.connect() as connection:
            if isinstance(address, SqliteAddress):
                version = await connection.scalar(text("SELECT sqlite_version()"))
                server = f"SQLite {version}"
                writable = _writable(address.path)
                estimates: dict[str, int] = {}
            else:
                version = await connection.scalar(text("SHOW server_version"))
                server = f"PostgreSQL {version}"
                writable = await connection.scalar(text(_WRITABLE))
                estimates = await _estimates(connection)
            counts = {
                table: await _count(connection, table, estimates) for table in _COUNTED
            }
        addresses = [one.value for one in settings.replicas]
        replicas = await replica_lines(engine, addresses)
    except (SQLAlchemyError, OSError) as error:
        said = getattr(error, "orig", None) or error
        message = f"the database failed while it was looked at: {said}"
        raise UnusableDatabase(message.splitlines()[0]) from error
    finally:
        await engine.dispose()
    return Report(
        address.shown, settings.origin, server, database, counts, writable, replicas
    )


async def grants(settings: Settings, role: str) -> str:
    """SQL that lets a role read what the gateway reads of the settings' database.

    Raises:
        UnusableDatabase: if it cannot be served.
        StartError: if it is not PostgreSQL's, where alone roles are.
        ValueError: if the role's name needs quotes.
    """
    if isinstance(read_address(settings.database.value), SqliteAddress):
        message = (
            "a SQLite file has no roles; give the address of a PostgreSQL database"
        )
        raise StartError(message)
    engine = create_engine(settings.database.value, pool_size=1)
    try:
        database = await probe(engine)
        async with engine.connect() as connection:
            schema = await connection.scalar(text(_SCHEMA))
    finally:
        await engine.dispose()
    return statements(database, role, read_columns(database), str(schema))


_SCHEMA = """
SELECT n.nspname FROM pg_catalog.pg_class t
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE t.relname = 'alembic_version' AND pg_catalog.pg_table_is_visible(t.oid)
"""


_WRITABLE = """
SELECT CASE WHEN rolsuper THEN 'the role ' || current_user || ' is a superuser'
WHEN EXISTS (
  SELECT FROM pg_catalog.pg_class
  WHERE relname IN ('dag', 'dag_run', 'task_instance', 'serialized_dag', 'variable')
  AND pg_table_is_visible(oid)
  AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
) THEN 'the role ' || current_user || ' may write to Airflow''s tables' END
FROM pg_catalog.pg_roles WHERE rolname = current_user
"""


def _writable(path: Path) -> str | None:
    as_now = os.access in os.supports_effective_ids
    if os.access(path, os.W_OK, effective_ids=as_now):
        return "this user may write to the file"
    return None


async def _estimates(connection: AsyncConnection) -> dict[str, int]:
    """Rows as the server last counted them; -1 or 0 if it never did."""
    found = await connection.execute(
        text(
            "SELECT relname, reltuples FROM pg_catalog.pg_class "
            "WHERE relname IN ('dag', 'dag_run', 'task_instance') "
            "AND pg_table_is_visible(oid)"
        )
    )
    return {name: int(rows) for name, rows in found}


async def _count(
    connection: AsyncConnection, table: str, estimates: dict[str, int]
) -> Count:
    """A table's rows: counted, or estimated where counting takes long."""
    limit = f" LIMIT {_EXACT + 1}" if estimates else ""
    rows = await connection.scalar(
        text(f"SELECT count(*) FROM (SELECT 1 FROM {table}{limit}) AS counted")
    )
    if estimates and rows > _EXACT:
        return Count(max(estimates[table], rows), is_exact=False)
    return Count(rows, is_exact=True)
