import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from metadb.address import in_schema
from metadb.engine import create_engine
from metadb.errors import NotAirflow, NotReadable, TooOld, UnusableDatabase
from metadb.versions import RELEASES, Metadatabase, probe
from tests.support.databases import Databases, stored_names

SINCE_2_10 = ("notes", "try history", "names of mapped instances")
SINCE_3_0 = (*SINCE_2_10, "versions of DAGs", "bundles", "assets", "backfills")
SINCE_3_1 = (*SINCE_3_0, "deadlines", "human in the loop", "teams")
SINCE_3_2 = (*SINCE_3_1, "partitions")
FEATURES = {
    "2.7": ("notes", "datasets"),
    "2.8": ("notes", "datasets"),
    "2.9": ("notes", "datasets", "names of mapped instances"),
    "2.10": ("notes", "datasets", "try history", "names of mapped instances"),
    "2.11": ("notes", "datasets", "try history", "names of mapped instances"),
    "3.0": SINCE_3_0,
    "3.1": SINCE_3_1,
    "3.2": SINCE_3_2,
    "3.3": SINCE_3_2,
}


@asynccontextmanager
async def engine_on(address: str) -> AsyncIterator[AsyncEngine]:
    """An engine until the block is left."""
    engine = create_engine(address, pool_size=1)
    try:
        yield engine
    finally:
        await engine.dispose()


async def probed(address: str) -> Metadatabase:
    """What the database at an address offers."""
    async with engine_on(address) as engine:
        return await probe(engine)


async def refused(address: str) -> UnusableDatabase:
    """Why a database is not served."""
    async with engine_on(address) as engine:
        with pytest.raises(UnusableDatabase) as caught:
            await probe(engine)
    return caught.value


@pytest.fixture(params=["3.3.2-sqlite", "3.3.2-postgresql"])
def copy(request: pytest.FixtureRequest, databases: Databases) -> str:
    """The address of a copy that the test may write to."""
    return databases.copy(request.param)


def release(name: str) -> tuple[int, ...]:
    """The Airflow of a fixture, or the one it was upgraded to."""
    found = re.findall(r"(?:^|-to-)(\d+)\.(\d+)\.(\d+)", name)
    return tuple(map(int, found[-1]))


def covers(database: Metadatabase, version: tuple[int, ...]) -> bool:
    """Whether a version is in a database's range; "x" is any number."""
    assert database.min_version is not None
    assert database.max_version is not None
    first = [int(n) for n in database.min_version.split(".")]
    last = [int(n) if n != "x" else 99 for n in database.max_version.split(".")]
    return first <= list(version) <= last


@pytest.mark.parametrize("name", stored_names())
async def test_a_database_is_of_the_airflow_that_made_it(
    name: str, databases: Databases
) -> None:
    found = await probed(databases.address(name))

    version = release(name)
    assert f"-{found.backend}" in name
    assert covers(found, version)
    assert found.major == version[0]
    assert found.features == FEATURES[f"{version[0]}.{version[1]}"]


async def test_ranges_of_releases_do_not_overlap() -> None:
    ranges = [
        (
            [int(n) for n in first.split(".")],
            [int(n) if n != "x" else 99 for n in last.split(".")],
        )
        for first, last in RELEASES.values()
    ]

    assert all(first <= last for first, last in ranges)
    assert all(last < first for (_, last), (first, _) in pairwise(ranges))


@pytest.mark.parametrize("name", ["3.3.2-sqlite", "3.3.2-postgresql"])
async def test_columns_and_indexes_are_known_by_name(
    name: str, databases: Databases
) -> None:
    found = await probed(databases.address(name))

    assert found.columns["alembic_version"] == {"version_num"}
    assert found.columns["dag_tag"] == {"name", "dag_id"}
    assert found.has("dag_run", "run_after", "partition_key")
    assert not found.has("dag_run", "run_after", "execution_date")
    assert found.has("dag_run")
    assert not found.has("sla_miss")
    assert "dag_run" not in found.indexes
    assert {"ti_dag_run", "idx_next_dagrun_create_after"} <= found.indexes
    assert not any(table.startswith("pg_") for table in found.columns)


async def test_a_probe_takes_two_statements(copy: str) -> None:
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    async with engine_on(copy) as engine:
        await probe(engine)  # SQLAlchemy has its own questions at first
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await probe(engine)

    assert len(statements) == 2


async def test_a_later_probe_sees_what_was_added(
    copy: str, databases: Databases
) -> None:
    async with engine_on(copy) as engine:
        before = await probe(engine)
        databases.write(copy, "ALTER TABLE dag ADD COLUMN mine INTEGER")
        after = await probe(engine)

    assert not before.has("dag", "mine")
    assert after.has("dag", "mine")


async def test_a_repr_fits_a_line(databases: Databases) -> None:
    assert repr(await probed(databases.address("3.3.2-sqlite"))) == (
        "Metadatabase(backend='sqlite', revision='d2f4e1b3c5a7', "
        "min_version='3.3.0', max_version='3.3.x')"
    )


async def test_an_unknown_newer_revision_is_served_with_a_warning(
    copy: str, databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    databases.write(copy, "UPDATE alembic_version SET version_num = 'abc123abc123'")

    with caplog.at_level(logging.WARNING, "metadb"):
        found = await probed(copy)

    assert found.revision == "abc123abc123"
    assert (found.min_version, found.max_version) == (None, None)
    assert found.features == SINCE_3_2
    assert "\n".join(caplog.messages) == (
        "The schema revision abc123abc123 is unknown; the gateway reads what the "
        "columns offer. Releases of Airflow up to 3.3.x are known."
    )


async def test_a_known_revision_is_served_without_a_warning(
    databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    await probed(databases.address("3.3.2-sqlite"))

    assert caplog.messages == []


@pytest.mark.parametrize(
    ("revision", "version"),
    [("c804e5c76e3e", "2.6"), ("290244fb8b83", "2.5"), ("e959f08ac86c", "2.0")],
)
async def test_an_airflow_that_is_too_old_is_named(
    revision: str, version: str, copy: str, databases: Databases
) -> None:
    databases.write(copy, f"UPDATE alembic_version SET version_num = '{revision}'")

    error = await refused(copy)

    assert isinstance(error, TooOld)
    assert str(error) == (
        f"Airflow {version} made this database; "
        "the gateway reads those of 2.7 and later"
    )


async def test_an_unknown_older_revision_is_too_old(
    copy: str, databases: Databases
) -> None:
    databases.write(copy, "UPDATE alembic_version SET version_num = 'abc123abc123'")
    databases.write(
        copy, "ALTER TABLE task_instance RENAME COLUMN custom_operator_name TO later"
    )

    error = await refused(copy)

    assert isinstance(error, TooOld)
    assert str(error) == (
        "an Airflow older than 2.7 made this database, whose schema revision is "
        "abc123abc123; the gateway reads those of 2.7 and later"
    )


async def test_a_database_in_the_making_is_not_airflows_yet(
    copy: str, databases: Databases
) -> None:
    databases.write(copy, "DELETE FROM alembic_version")

    error = await refused(copy)

    assert isinstance(error, NotAirflow)
    assert str(error) == (
        "the database's alembic_version is empty: Airflow has not finished making it; "
        "run `airflow db migrate`"
    )


@pytest.mark.parametrize("table", ["alembic_version", "serialized_dag"])
async def test_a_database_without_airflows_tables_is_another_one(
    table: str, copy: str, databases: Databases
) -> None:
    databases.write(copy, f"ALTER TABLE {table} RENAME TO other")

    error = await refused(copy)

    assert isinstance(error, NotAirflow)
    assert str(error) == (
        f"this is not an Airflow metadata database: it has no table {table}"
    )


async def test_an_empty_database_is_another_one(databases: Databases) -> None:
    databases.server.run("CREATE DATABASE empty")

    error = await refused(databases.server.address("empty"))

    assert isinstance(error, NotAirflow)


async def test_tables_are_found_in_the_schema_that_airflow_is_told(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    databases.write(
        address,
        'ALTER SCHEMA public RENAME TO "My airflow"; CREATE SCHEMA public; '
        'ALTER TABLE "My airflow".alembic_version SET SCHEMA public',
    )

    found = await probed(in_schema(address, "My airflow"))
    error = await refused(address)

    assert (found.min_version, found.features) == ("3.3.0", SINCE_3_2)
    assert str(error) == (
        "this is not an Airflow metadata database: it has no table dag"
    )


async def test_tables_in_another_schema_are_pointed_at(databases: Databases) -> None:
    address = databases.copy("3.3.2-postgresql")
    databases.write(address, "ALTER SCHEMA public RENAME TO af")

    error = await refused(address)

    assert isinstance(error, NotAirflow)
    assert str(error) == (
        "this is not an Airflow metadata database: it has no table alembic_version; "
        "there is one in the schema af, which is not in the search path, or which this "
        "role may not use"
    )


async def test_a_view_does_as_well_as_a_table(copy: str, databases: Databases) -> None:
    databases.write(
        copy,
        "ALTER TABLE dag RENAME TO real_dag; "
        "CREATE VIEW dag AS SELECT dag_id, is_paused FROM real_dag",
    )

    found = await probed(copy)

    assert found.columns["dag"] == {"dag_id", "is_paused"}


async def test_only_what_a_role_may_read_is_offered(databases: Databases) -> None:
    address = databases.copy("3.3.2-postgresql")
    name = address.partition("@/")[2].partition("?")[0]
    reader = address.replace("postgres@", "reader@")
    databases.server.run("CREATE ROLE reader LOGIN")
    try:
        nothing = await refused(reader)
        databases.write(address, "GRANT SELECT ON alembic_version, dag_run TO reader")
        little = await refused(reader)
        databases.write(
            address,
            "GRANT SELECT ON task_instance, serialized_dag, variable TO reader; "
            "GRANT SELECT (dag_id, is_paused) ON dag TO reader; "
            "REVOKE SELECT ON variable FROM reader",
        )
        enough = await probed(reader)
    finally:
        databases.server.run("DROP OWNED BY reader", database=name)
        databases.server.run("DROP ROLE reader")

    assert isinstance(nothing, NotReadable)
    assert str(nothing) == (
        "this role may not read alembic_version, dag, dag_run, serialized_dag, "
        "task_instance; grant it SELECT"
    )
    assert str(little) == (
        "this role may not read dag, serialized_dag, task_instance; grant it SELECT"
    )
    assert enough.columns["dag"] == {"dag_id", "is_paused"}
    assert enough.columns.keys() == {
        *("alembic_version", "dag", "dag_run", "serialized_dag", "task_instance")
    }
