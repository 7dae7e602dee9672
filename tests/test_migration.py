"""Airflow migrates a database while the gateway serves it."""

import asyncio
import lzma
import sqlite3
from collections.abc import Callable
from contextlib import closing

import asyncpg
import pytest

from dagway.operation import Gateway, opened
from metadb import current
from metadb.session import Bounds
from tests.support.databases import FIXTURES, Databases
from tests.support.documents import core

DAGS = "{ dags(first: 200) { nodes { dagId } totalCount } }"


def _sqlite(databases: Databases) -> tuple[str, Callable[[], None]]:
    address = databases.copy("3.1.8-sqlite")
    upgraded = databases.address("3.1.8-to-3.3.2-sqlite").removeprefix("sqlite:///")

    def migrate() -> None:
        file = address.removeprefix("sqlite:///")
        with (
            closing(sqlite3.connect(upgraded)) as after,
            closing(sqlite3.connect(file)) as before,
        ):
            after.backup(before)

    return address, migrate


def _postgresql(databases: Databases) -> tuple[str, Callable[[], None]]:
    address = databases.copy("2.11.2-postgresql")
    packed = FIXTURES / "2.11.2-to-3.3.2-postgresql.sql.xz"
    script = lzma.decompress(packed.read_bytes()).decode()

    def migrate() -> None:
        databases.write(address, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        name = address.removeprefix("postgresql://postgres@/").partition("?")[0]
        databases.server.psql(script, name)

    return address, migrate


BACKENDS = {"sqlite": _sqlite, "postgresql": _postgresql}


@pytest.fixture(params=BACKENDS)
def migrating(
    request: pytest.FixtureRequest, databases: Databases
) -> tuple[str, Callable[[], None]]:
    """A database's address, and what migrates it."""
    return BACKENDS[request.param](databases)


async def _graphs(gateway: Gateway) -> list[object]:
    """What the documents of the graph and the grid give for some DAGs."""
    found: list[object] = []
    answer = await gateway.answer(DAGS)
    assert not answer.errors, answer.errors
    assert answer.data is not None
    for node in answer.data["dags"]["nodes"][:8]:
        for name in ("graph", "grid_instances"):
            one = await gateway.answer(core(name), {"dagId": node["dagId"]})
            assert not one.errors, one.errors
            found.append(one.data)
    return found


async def test_a_migrated_database_is_read_as_what_it_is_now(
    migrating: tuple[str, Callable[[], None]],
) -> None:
    address, migrate = migrating
    async with opened(address) as gateway:
        before = gateway.catalogue.database
        await _graphs(gateway)
        migrate()
        await _graphs(gateway)  # SQLite's 3.1 lacks nothing that these need of 3.3
        await gateway.current.is_other_than(gateway.catalogue)
        after = await _graphs(gateway)
        assert gateway.catalogue.database.revision != before.revision
        async with opened(address) as fresh:
            assert after == await _graphs(fresh)
            assert gateway.catalogue.database == fresh.catalogue.database


async def test_many_operations_meet_a_migration_and_none_fails(
    migrating: tuple[str, Callable[[], None]],
) -> None:
    address, migrate = migrating
    async with opened(address) as gateway:
        await _graphs(gateway)
        migrate()
        found = await asyncio.gather(*(_graphs(gateway) for _ in range(8)))
    assert all(one == found[0] for one in found)


async def test_a_migration_that_no_statement_meets_is_seen_after_a_while(
    migrating: tuple[str, Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, migrate = migrating
    monkeypatch.setattr(current, "EVERY_S", 0.01)
    async with opened(address) as gateway:
        before = gateway.catalogue
        migrate()
        async with asyncio.timeout(20):
            while gateway.catalogue is before:
                assert not (await gateway.answer(DAGS)).errors
        assert gateway.catalogue.database.has("dag_bundle", "name")


async def test_a_database_that_is_no_airflows_any_more_gives_a_coded_error(
    migrating: tuple[str, Callable[[], None]], databases: Databases
) -> None:
    address, migrate = migrating
    async with opened(address) as gateway:
        databases.write(address, "ALTER TABLE dag RENAME TO dag_old")
        answer = await gateway.answer(DAGS)
        assert answer.data is None
        (error,) = answer.errors
        assert error["extensions"]["code"] == "DATABASE_ERROR"
        databases.write(address, "ALTER TABLE dag_old RENAME TO dag")
        assert not (await gateway.answer(DAGS)).errors
        migrate()
        await _graphs(gateway)


REWRITTEN = """
    CREATE TABLE dag_written_anew AS SELECT * FROM dag;
    DROP TABLE dag CASCADE;
    ALTER TABLE dag_written_anew RENAME TO dag;
    UPDATE alembic_version SET version_num = 'aaaaaaaaaaaa'
"""
UNSETTLED = """
    DROP TABLE alembic_version;
    CREATE VIEW alembic_version AS SELECT
    'at' || CAST(1e6 * extract(epoch FROM clock_timestamp()) AS bigint) AS version_num
"""


async def test_a_table_that_is_written_anew_while_it_is_waited_for_is_not_empty(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    async with opened(address) as gateway:
        right = (await gateway.answer(DAGS)).response
        migrating = await asyncpg.connect(address)
        await migrating.execute(f"BEGIN; {REWRITTEN}")
        answering = [asyncio.create_task(gateway.answer(DAGS)) for _ in range(3)]
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while await migrating.fetchval(waiting) < 3:  # noqa: ASYNC110  # no event crosses processes
            await asyncio.sleep(0.01)
        await migrating.execute("COMMIT")
        answers = await asyncio.gather(*answering)
        await migrating.close()
        assert [one.response for one in answers] == [right] * 3
        assert gateway.catalogue.database.revision == "aaaaaaaaaaaa"


async def test_a_database_that_is_migrated_again_and_again_gives_a_coded_error(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    databases.write(address, UNSETTLED)
    async with opened(address) as gateway:
        answer = await gateway.answer(DAGS)
        assert answer.data is None
        (error,) = answer.errors
        assert error["extensions"]["code"] == "DATABASE_ERROR"


async def test_a_revision_that_cannot_be_read_gives_a_coded_error_in_time(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    async with opened(address, bounds=Bounds(operation_s=0.5)) as gateway:
        right = (await gateway.answer(DAGS)).response
        restoring = await asyncpg.connect(address)
        await restoring.execute("BEGIN; LOCK TABLE alembic_version")
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(gateway.answer(DAGS) for _ in range(20)))
        await restoring.close()
        codes = {one["extensions"]["code"] for a in answers for one in a.errors}
        assert codes <= {"DATABASE_ERROR", "TIMEOUT"}
        assert all(answer.errors for answer in answers)
        assert (await gateway.answer(DAGS)).response == right
