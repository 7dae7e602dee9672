"""PostgreSQL ends connections while operations use them."""

import asyncio

import pytest

from dagway.operation import Gateway, opened
from loaders.request import Request
from metadb.aborted import OperationAborted
from tests.support.databases import Databases

DAGS = "{ dags(first: 5) { nodes { dagId } } }"


def _end_connections(databases: Databases) -> None:
    databases.server.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'dagway'"
    )


async def _begun(gateway: Gateway) -> Request:
    """An operation that has read something."""
    request = gateway.request()
    await request.session.fetch("SELECT 1", ())
    return request


async def test_a_connection_that_is_lost_in_an_operation_ends_only_that(
    databases: Databases,
) -> None:
    async with opened(databases.copy("3.3.2-postgresql")) as gateway:
        right = (await gateway.answer(DAGS)).response
        request = await _begun(gateway)
        _end_connections(databases)
        with pytest.raises(OperationAborted) as raised:
            await request.session.fetch("SELECT 1", ())
        await request.session.close()
        assert raised.value.code == "DATABASE_ERROR"
        assert (await gateway.answer(DAGS)).response == right


async def test_a_connection_that_is_lost_after_the_last_statement_harms_no_answer(
    databases: Databases,
) -> None:
    async with opened(databases.copy("3.3.2-postgresql")) as gateway:
        request = await _begun(gateway)
        _end_connections(databases)
        await request.session.close()
        assert not (await gateway.answer(DAGS)).errors


async def test_connections_that_are_ended_under_load_leave_answers_right_or_coded(
    databases: Databases,
) -> None:
    async with opened(databases.copy("3.3.2-postgresql")) as gateway:
        right = (await gateway.answer(DAGS)).response
        stop = asyncio.Event()
        codes: set[str] = set()

        async def ask() -> None:
            while not stop.is_set():
                answer = await gateway.answer(DAGS)
                codes.update(e["extensions"]["code"] for e in answer.errors)
                assert answer.errors or answer.response == right

        asking = [asyncio.create_task(ask()) for _ in range(16)]
        for _ in range(10):
            await asyncio.to_thread(_end_connections, databases)
        stop.set()
        await asyncio.gather(*asking)
        assert codes <= {"DATABASE_ERROR"}
        assert (await gateway.answer(DAGS)).response == right


async def test_a_connection_that_is_lost_is_a_line_in_the_log(
    databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(databases.copy("3.3.2-postgresql"), pool_size=1) as gateway:
        codes: list[str] = []
        while not codes:
            asking = asyncio.create_task(gateway.answer(DAGS))
            await asyncio.to_thread(_end_connections, databases)
            answer = await asking
            codes = [error["extensions"]["errorId"] for error in answer.errors]
    (record,) = [one for one in caplog.records if one.name == "dagway"]
    assert record.exc_info is None
    assert codes[0] in record.getMessage()
