"""Operations and statements that take too long."""

import asyncio

import pytest

from dagway.operation import Gateway, opened
from metadb.aborted import OperationAborted
from metadb.session import Bounds, Session
from tests.support.databases import Databases

SLOW = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 1000000000) SELECT count(*) FROM n"
    ),
    "postgresql": "SELECT 1 FROM pg_sleep(1000)",
}
PING = "SELECT 1"


def session(gateway: Gateway) -> Session:
    """A session of its own."""
    return Session(gateway.engine, gateway.catalogue, gateway.bounds)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_a_slow_statement_is_stopped_and_its_connection_is_good_again(
    databases: Databases, backend: str
) -> None:
    bounds = Bounds(statement_s=0.2)
    address = databases.address(f"3.3.2-{backend}")
    async with opened(address, pool_size=1, bounds=bounds) as gateway:
        slow = session(gateway)
        with pytest.raises(OperationAborted) as aborted:
            await slow.fetch(SLOW[backend], ())
        await slow.close()

        assert aborted.value.code == "TIMEOUT"
        again = session(gateway)
        assert [tuple(row) for row in await again.fetch(PING, ())] == [(1,)]
        await again.close()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_a_slow_operation_is_stopped_with_its_statement(
    databases: Databases, backend: str
) -> None:
    bounds = Bounds(operation_s=0.2)
    address = databases.address(f"3.3.2-{backend}")
    async with opened(address, pool_size=1, bounds=bounds) as gateway:
        blocking = session(gateway)
        holding = asyncio.create_task(blocking.fetch(SLOW[backend], ()))
        await asyncio.sleep(0.05)

        answer = await gateway.answer("{ dags(first: 1) { nodes { dagId } } }")

        assert answer.data is None
        assert [error["extensions"]["code"] for error in answer.errors] == ["TIMEOUT"]
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await blocking.close()
        after = await gateway.answer("{ dags(first: 1) { totalCount } }")
        assert after.errors == []
