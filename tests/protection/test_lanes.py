"""Operations beside each other: the heavy ones take turns."""

import asyncio

import pytest

from dagway.lanes import Lanes
from dagway.limits import Limits
from dagway.protocol import Beyond
from tests.support.databases import Databases
from tests.support.http import PATH, client_of

HEAVY = 100
LIMITS = Limits(heavy_nodes=HEAVY, heavy_operations=2, heavy_wait_s=0.1)
PATIENCE_S = 20


async def test_heavy_operations_beyond_the_few_wait_and_then_are_told() -> None:
    lanes = Lanes(LIMITS)
    async with lanes.turn(HEAVY), lanes.turn(HEAVY):
        with pytest.raises(Beyond):
            async with lanes.turn(HEAVY):
                pass
        async with lanes.turn(HEAVY - 1):
            pass

    async with lanes.turn(HEAVY), lanes.turn(HEAVY):
        pass


async def test_one_that_waits_has_its_turn_once_another_ends() -> None:
    lanes = Lanes(
        Limits(heavy_nodes=HEAVY, heavy_operations=1, heavy_wait_s=PATIENCE_S)
    )
    order = []

    async def operation(name: str) -> None:
        async with lanes.turn(HEAVY):
            order.append(f"{name} begins")
            await asyncio.sleep(0.01)
            order.append(f"{name} ends")

    await asyncio.gather(operation("first"), operation("second"))

    assert order == ["first begins", "first ends", "second begins", "second ends"]


async def test_a_busy_gateway_says_when_to_try_again_and_serves_small_ones(
    databases: Databases,
) -> None:
    limits = Limits(heavy_nodes=50, heavy_operations=1, heavy_wait_s=0)
    async with client_of(databases.address("3.3.2-sqlite"), limits) as client:
        heavy = {"query": "{ dags(first: 50) { nodes { id } } }"}
        small = {"query": "{ dags(first: 49) { nodes { id } } }"}

        one, two, light = await asyncio.gather(
            client.post(PATH, json=heavy),
            client.post(PATH, json=heavy),
            client.post(PATH, json=small),
        )
        again = await client.post(PATH, json=heavy)

    refused, answered = sorted((one, two), key=lambda each: -each.status_code)
    assert (refused.status_code, answered.status_code) == (429, 200)
    assert refused.headers["retry-after"] == "1"
    (error,) = refused.json()["errors"]
    assert error["extensions"] == {"code": "BUSY", "limit": "heavyOperations"}
    assert list(light.json()) == list(again.json()) == ["data"]
