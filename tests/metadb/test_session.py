"""One operation's session: its bounds, and that its connection always comes back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dagway.operation import Gateway, opened
from metadb import engine
from metadb.aborted import OperationAborted
from metadb.session import Bounds, Session
from tests.support.databases import Databases
from tests.support.gateways import Asking

SLOW = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 30000000) SELECT count(*) FROM n"
    ),
    "postgresql": "SELECT CAST(pg_sleep(60) AS text)",
}
BUDGET = """{ runs: dagRuns(first: 100) { nodes { id } }
  dags(first: 100) { nodes { id tasks { id } latestRun { id } } } }"""


@pytest.fixture
async def gateway(name: str, databases: Databases) -> AsyncIterator[Gateway]:
    """A gateway with a single connection, so that one that is lost is missed."""
    async with opened(databases.address(name), pool_size=1) as found:
        yield found


def slow(gateway: Gateway) -> str:
    """A statement that takes longer than any test."""
    return SLOW[gateway.engine.dialect.name]


async def answers(gateway: Gateway) -> Any:
    """That its one connection is free, and in no transaction that anyone left."""
    before = await gateway.answer("{ asOf }")
    assert before.errors == []
    async with gateway.engine.connect() as connection:
        fairy = await connection.get_raw_connection()
        raw: Any = fairy.driver_connection
        in_transaction = getattr(raw, "is_in_transaction", lambda: raw.in_transaction)
        assert in_transaction() is False
    return before.data


async def test_a_statement_that_takes_too_long_ends_the_operation(
    databases: Databases,
) -> None:
    address = databases.address("3.3.2-postgresql")
    bounds = Bounds(statement_s=0.1)
    async with opened(address, pool_size=1, bounds=bounds) as gateway:
        session = gateway.request().session
        await session.fetch("SELECT 1", ())
        with pytest.raises(OperationAborted, match="longer than is allowed") as told:
            await session.fetch(slow(gateway), ())
        assert told.value.code == "TIMEOUT"
        assert told.value.is_fault is False
        await session.close()
        await answers(gateway)


async def test_a_timeout_is_the_whole_answer(databases: Databases) -> None:
    address = databases.copy("3.3.2-postgresql")
    databases.write(
        address,
        """CREATE FUNCTION slowly(text) RETURNS boolean LANGUAGE sql VOLATILE AS
             $$ SELECT pg_sleep(60) IS NOT NULL $$;
           ALTER TABLE dag_run RENAME TO dag_run_kept;
           CREATE VIEW dag_run AS SELECT * FROM dag_run_kept WHERE slowly(run_id)""",
    )
    bounds = Bounds(statement_s=0.1)
    async with opened(address, pool_size=1, bounds=bounds) as gateway:
        ask = Asking(gateway)
        errors = await ask.errors(
            "{ asOf dags(first: 1) { nodes { id } } dagRuns(first: 1) { nodes { id } }"
            ' dag(dagId: "x") { id } }'
        )
        assert [error["extensions"] for error in errors] == [
            {"code": "TIMEOUT", "limit": "statementSeconds"}
        ]
        assert ask.answer.data is None
        await answers(gateway)


async def test_a_failing_statement_ends_the_operation(gateway: Gateway) -> None:
    session = gateway.request().session
    with pytest.raises(OperationAborted, match="could not answer") as told:
        await session.fetch("SELECT no_such_column", ())
    assert told.value.code == "DATABASE_ERROR"
    assert told.value.is_fault is True
    await session.close()
    await answers(gateway)


async def test_a_cancelled_operation_gives_its_connection_back(
    gateway: Gateway,
) -> None:
    request = gateway.request()

    async def operation() -> None:
        try:
            await request.session.fetch(slow(gateway), ())
        finally:
            await request.session.close()

    task = asyncio.create_task(operation())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    await asyncio.wait_for(answers(gateway), 5)


async def test_wherever_an_operation_is_cancelled_its_connection_comes_back(
    gateway: Gateway,
) -> None:
    for ticks in range(20):  # while it is lent, while it begins, while it reads
        session = gateway.request().session
        running = asyncio.create_task(session.fetch("SELECT 1", ()))
        for _ in range(ticks):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        await session.close()
        await answers(gateway)


async def test_closing_stops_a_statement_that_another_task_waits_for(
    gateway: Gateway,
) -> None:
    """DataLoaders fetch in tasks of their own, which nobody cancels."""
    session = gateway.request().session
    running = asyncio.create_task(session.fetch(slow(gateway), ()))
    waiting = asyncio.create_task(session.fetch("SELECT 1", ()))
    await asyncio.sleep(0.2)

    await asyncio.wait_for(session.close(), 5)

    ended = await asyncio.gather(running, waiting, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError | OperationAborted)
    assert isinstance(ended[1], OperationAborted)
    (stopped,) = session.executed
    assert (stopped.rows, stopped.error) == (0, "CancelledError")
    await asyncio.wait_for(answers(gateway), 5)


async def test_a_closed_session_does_not_begin_again(gateway: Gateway) -> None:
    session = gateway.request().session
    await session.fetch("SELECT 1", ())
    await session.close()
    with pytest.raises(OperationAborted):
        await session.fetch("SELECT 1", ())
    await session.close()
    await answers(gateway)


async def test_statements_come_in_turn_on_one_snapshot(gateway: Gateway) -> None:
    session = gateway.request().session
    rows = await asyncio.gather(*(session.fetch(f"SELECT {i}", ()) for i in range(9)))
    assert [row[0][0] for row in rows] == [*range(9)]
    assert [done.sql for done in session.executed] == [f"SELECT {i}" for i in range(9)]
    assert [done.rows for done in session.executed] == [1] * 9
    await session.close()


async def test_rows_above_the_budget_end_the_operation(
    name: str, databases: Databases
) -> None:
    address = databases.address(name)
    for rows in range(1, 140, 12):
        async with opened(address, pool_size=1, bounds=Bounds(rows=rows)) as gateway:
            ask = Asking(gateway)
            errors = await ask.errors(BUDGET)
            (error,) = errors
            assert error["extensions"] == {"code": "NODE_LIMIT", "limit": "rows"}
            assert f"reads more than {rows:,} rows" in errors[0]["message"]
            assert "path" not in errors[0]
            assert ask.answer.data is None
            assert max(done.rows for done in ask.answer.executed) <= rows + 1
            await answers(gateway)


async def test_as_many_rows_as_the_budget_has_are_answered(
    name: str, databases: Databases
) -> None:
    address = databases.address(name)
    query = "{ dagRuns(first: 1000) { nodes { id } } }"
    async with opened(address) as gateway:
        runs = len((await Asking(gateway)(query))["dagRuns"]["nodes"])
    async with opened(address, bounds=Bounds(rows=runs)) as gateway:
        found = await Asking(gateway)(query)
        assert len(found["dagRuns"]["nodes"]) == runs
    async with opened(address, bounds=Bounds(rows=runs - 1)) as gateway:
        errors = await Asking(gateway).errors(query)
        assert errors[0]["extensions"] == {"code": "NODE_LIMIT", "limit": "rows"}


async def test_more_than_50_structures_end_the_operation(
    name: str, databases: Databases
) -> None:
    query = "query ($n: Int) { dags(first: $n) { nodes { tasks { id } } } }"
    async with opened(databases.address(name), pool_size=1) as gateway:
        ask = Asking(gateway)
        found = await ask(query, n=50)
        assert len(found["dags"]["nodes"]) == 50

        errors = await ask.errors(query, n=60)

        (error,) = errors
        assert error["extensions"] == {"code": "NODE_LIMIT", "limit": "structures"}
        assert "structures of more than 50 DAG versions" in errors[0]["message"]
        assert ask.answer.data is None
        await answers(gateway)


async def test_the_clock_is_read_once(gateway: Gateway) -> None:
    session: Session = gateway.request().session
    times = await asyncio.gather(*(session.now() for _ in range(5)))
    assert len(set(times)) == 1
    assert times[0].tzname() == "UTC"
    assert len(session.executed) == 1
    await session.close()


async def test_a_connection_that_does_not_come_free_in_time_ends_the_operation(
    name: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT_S", 0.1)
    async with opened(databases.address(name), pool_size=1) as gateway:
        first, second = gateway.request().session, gateway.request().session
        await first.fetch("SELECT 1", ())
        with pytest.raises(OperationAborted, match="No connection") as told:
            await second.fetch("SELECT 1", ())
        assert told.value.code == "TIMEOUT"
        await second.close()
        await first.close()
        await answers(gateway)
