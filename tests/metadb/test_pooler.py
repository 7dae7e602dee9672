"""A PgBouncer in transaction mode between the gateway and PostgreSQL."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dagway.check import check
from dagway.operation import opened
from dagway.settings import Settings
from metadb.aborted import OperationAborted
from metadb.engine import create_engine
from metadb.errors import Unreachable
from metadb.session import Bounds
from tests.support.databases import Databases
from tests.support.documents import CORE, core
from tests.support.poolers import pooled
from tests.test_read_only import variables

CLIENTS = 32
CONNECTIONS = 4
PARAMETERS = "default_transaction_read_only, search_path"


@pytest.fixture
def copy(databases: Databases) -> str:
    """The address of a copy that the test may write to."""
    return databases.copy("3.3.2-postgresql")


@pytest.fixture(params=["", PARAMETERS], ids=["refusing", "ignoring"])
def pooler(copy: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a pooler, that refuses a session's settings or drops them."""
    with pooled(copy, CONNECTIONS, ignoring=request.param) as address:
        yield address


def without_clock(data: Any) -> Any:
    """An answer but for the instants that it was computed at."""
    return {name: value for name, value in data.items() if name != "asOf"}


async def test_more_clients_than_connections_get_what_the_server_itself_answers(
    copy: str, pooler: str
) -> None:
    documents = {name: core(name) for name in CORE}
    async with opened(copy) as gateway:
        direct = {
            name: await gateway.answer(document, variables(document))
            for name, document in documents.items()
        }
    assert not any(answer.errors for answer in direct.values())

    async with opened(pooler, pool_size=CLIENTS) as gateway:

        async def client(number: int) -> None:
            for step in range(2 * len(CORE)):
                name = CORE[(number + step) % len(CORE)]
                answer = await gateway.answer(
                    documents[name], variables(documents[name])
                )
                assert answer.errors == []
                assert without_clock(answer.data) == without_clock(direct[name].data)

        async with asyncio.TaskGroup() as tasks:
            for number in range(CLIENTS):
                tasks.create_task(client(number))


async def test_a_statement_that_takes_too_long_is_stopped(pooler: str) -> None:
    async with opened(pooler, bounds=Bounds(statement_s=0.2)) as gateway:
        session = gateway.request().session
        with pytest.raises(OperationAborted) as caught:
            await session.fetch("SELECT pg_sleep(20)", ())
        await session.close()
        assert caught.value.code == "TIMEOUT"

        answer = await gateway.answer("{ dags { totalCount } }")
        assert answer.errors == []


async def test_an_operation_sees_one_snapshot_on_whichever_connection(
    copy: str, pooler: str, databases: Databases
) -> None:
    paused = "SELECT count(*) FROM dag WHERE is_paused"
    async with opened(pooler) as gateway:
        older = gateway.request().session
        before = (await older.fetch(paused, ()))[0][0]
        await asyncio.to_thread(
            databases.write, copy, "UPDATE dag SET is_paused = true"
        )

        newer = gateway.request().session
        assert (await newer.fetch(paused, ()))[0][0] > before
        assert (await older.fetch(paused, ()))[0][0] == before
        await older.close()
        await newer.close()


@pytest.mark.parametrize("sql", ["DELETE FROM dag", "CREATE TABLE mine (x integer)"])
async def test_nothing_can_be_written(pooler: str, sql: str) -> None:
    async with opened(pooler) as gateway:
        session = gateway.request().session
        with pytest.raises(OperationAborted) as caught:
            await session.fetch(sql, ())
        await session.close()
        assert "read-only" in str(caught.value.__cause__)
        async with gateway.engine.connect() as connection:
            with pytest.raises(DBAPIError, match="read-only"):
                await connection.execute(text(sql))


async def test_check_says_what_is_behind_it(pooler: str) -> None:
    report = await check(Settings.from_env({}, pooler))

    assert report.server.startswith("PostgreSQL ")
    assert report.database.min_version == "3.3.0"


async def test_settings_of_a_session_that_a_pooler_takes_away_are_named(
    pooler: str,
) -> None:
    engine = create_engine(f"{pooler}&options=-csearch_path%3Dairflow")
    with pytest.raises(Unreachable) as caught:
        async with engine.connect():
            pass
    await engine.dispose()
    assert "the address has search_path; set them for the role" in str(caught.value)
