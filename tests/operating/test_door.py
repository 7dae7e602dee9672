"""Who is let in, and what becomes of operations that do not end well."""

import asyncio
import json

import asyncpg
import pytest

from dagway.endpoint import Endpoint
from dagway.limits import Limits
from dagway.operating.door import Door
from dagway.operating.facts import Facts
from dagway.operating.metrics import Metrics
from dagway.operation import opened
from dagway.protocol import BadRequest
from tests.protection.test_slow_clients import Client, part
from tests.support.databases import Databases

PATIENCE_S = 20.0


def counted(metrics: Metrics, name: str) -> str:
    """What is counted under a name with its labels."""
    lines = metrics.text().decode().splitlines()
    (line,) = (one for one in lines if one.startswith(f"{name} "))
    return line.rpartition(" ")[2]


def asking(document: str) -> Client:
    """A client that has sent all of a document."""
    return Client([part(json.dumps({"query": document}).encode(), more=False)])


def test_more_than_so_many_at_once_are_told_to_come_again() -> None:
    door = Door(1)
    door.enter()
    door.check()
    door.enter()

    with pytest.raises(BadRequest) as caught:
        door.check()

    assert (caught.value.status, caught.value.code) == (429, "BUSY")
    assert caught.value.headers == {"retry-after": "1"}
    door.leave()
    door.check()


async def test_a_door_closes_once_nobody_is_inside() -> None:
    door = Door()
    door.enter()
    closing = asyncio.create_task(door.closed(PATIENCE_S))
    await asyncio.sleep(0)

    with pytest.raises(BadRequest) as caught:
        door.check()
    assert caught.value.code == "SHUTTING_DOWN"
    assert not closing.done()
    door.leave()
    await closing


async def test_who_waits_and_who_hangs_up_is_counted(databases: Databases) -> None:
    address = databases.copy("3.3.2-postgresql")
    limits = Limits(heavy_nodes=1, heavy_operations=1, heavy_wait_s=PATIENCE_S)
    metrics = Metrics()
    connection = await asyncpg.connect(address)
    async with opened(address, limits=limits) as gateway:
        endpoint = Endpoint(gateway, limits, observer=metrics)
        await connection.execute("BEGIN; LOCK TABLE dag")
        clients = [asking('{ dag(dagId: "a") { dagId } }') for _ in range(2)]
        tasks = [asyncio.create_task(one.ask(endpoint)) for one in clients]
        async with asyncio.timeout(PATIENCE_S):
            while counted(metrics, "dagway_operations_waiting") != "1.0":  # noqa: ASYNC110  # a gauge has no event
                await asyncio.sleep(0.01)
        assert counted(metrics, "dagway_operations_running") == "2.0"
        for one in clients:
            one.hung_up.set()
        await asyncio.gather(*tasks)
    await connection.close()

    cancelled = 'dagway_operations_total{operation="anonymous",outcome="cancelled"}'
    assert counted(metrics, cancelled) == "2.0"
    assert counted(metrics, "dagway_operations_waiting") == "0.0"
    assert counted(metrics, "dagway_operations_running") == "0.0"


async def test_what_is_begun_again_is_counted(databases: Databases) -> None:
    metrics = Metrics()
    async with opened(databases.address("3.3.2-sqlite")) as gateway:
        request = gateway.request()
        request.session.restart()
        facts = Facts(session=request.session)
        facts.told([])
        metrics.begun()
        metrics.ended(facts)

    assert counted(metrics, "dagway_fallbacks_total") == "1.0"
