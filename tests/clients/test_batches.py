"""Several operations in one request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from typing_extensions import override

from dagway.endpoint import Endpoint
from dagway.limits import Limits
from dagway.operating.facts import Facts, Observers
from dagway.operating.rates import Rates
from dagway.operation import opened
from dagway.protocol import GRAPHQL
from tests.support.databases import Databases
from tests.support.http import PATH

LIMITS = Limits(batch=4)
TYPENAME = {"query": "{ __typename }"}


class Noted(Observers):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[Facts] = []
        self.running = 0

    @override
    def begun(self) -> None:
        self.running += 1

    @override
    def ended(self, facts: Facts) -> None:
        self.running -= 1
        self.facts.append(facts)


@asynccontextmanager
async def client_of(
    address: str,
    limits: Limits = LIMITS,
    observer: Noted | None = None,
    rates: Rates | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(address, limits=limits) as gateway:
        endpoint = Endpoint(gateway, limits, observer=observer, rates=rates)
        transport = httpx.ASGITransport(Starlette(routes=[Route(PATH, endpoint)]))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gateway"
        ) as client:
            yield client


def refused(response: httpx.Response, status: int = 400) -> str:
    """The code of what was refused as a whole."""
    assert response.status_code == status
    (error,) = response.json()["errors"]
    found: str = error["extensions"]["code"]
    return found


def dags(first: int) -> dict[str, Any]:
    document = "query Dags($first: Int!) { dags(first: $first) { nodes { dagId } } }"
    return {"query": document, "variables": {"first": first}}


async def test_answers_are_in_the_order_of_the_operations(
    name: str, databases: Databases
) -> None:
    observer = Noted()
    wrong = {"query": "{ nothing }"}
    asked = [dags(2), wrong, TYPENAME, dags(1)]
    async with client_of(databases.address(name), observer=observer) as client:
        alone = [(await client.post(PATH, json=one)).json() for one in asked]
        del observer.facts[:]
        together = await client.post(PATH, json=asked, headers={"accept": GRAPHQL})

    assert together.status_code == 200
    assert together.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert together.json() == alone
    *parts, whole = observer.facts
    assert [one.outcome for one in parts] == ["ok", "errors", "ok", "ok"]
    assert [one.name for one in parts] == ["Dags", None, None, "Dags"]
    assert [bool(one.executed) for one in parts] == [True, False, False, True]
    assert (whole.outcome, observer.running) == ("", 0)


@pytest.mark.parametrize(
    ("most", "asked", "expected"),
    [
        (0, [TYPENAME], "BAD_REQUEST"),
        (4, [], "BAD_REQUEST"),
        (4, [TYPENAME, 1], "BAD_REQUEST"),
        (4, [TYPENAME, [TYPENAME]], "BAD_REQUEST"),
        (4, [TYPENAME] * 5, "BATCH_LIMIT"),
    ],
)
async def test_a_list_that_is_not_allowed_is_refused(
    databases: Databases, most: int, asked: list[Any], expected: str
) -> None:
    limits = replace(LIMITS, batch=most)
    async with client_of(databases.address("3.3.2-sqlite"), limits) as client:
        response = await client.post(PATH, json=asked)

    assert refused(response) == expected


async def test_who_sends_a_list_where_none_is_allowed_is_told_so(
    databases: Databases,
) -> None:
    address = databases.address("3.3.2-sqlite")
    async with client_of(address, Limits()) as client:
        response = await client.post(PATH, json=[TYPENAME])

    said = "The body must be a JSON object: one operation; batching is off."
    assert response.json()["errors"][0]["message"] == said


async def test_an_operation_that_is_no_request_leaves_the_others(
    databases: Databases,
) -> None:
    bad = {"query": "{ asOf }", "extensions": {"persistedQuery": {"version": 2}}}
    async with client_of(databases.address("3.3.2-sqlite")) as client:
        response = await client.post(PATH, json=[TYPENAME, bad])

    typename, refused_one = response.json()
    assert typename == {"data": {"__typename": "Query"}}
    (error,) = refused_one["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}


async def test_limits_hold_for_all_operations_together(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    most = len(httpx.Request("POST", "http://a", json=[dags(100)] * 2).content)
    limits = Limits(batch=4, nodes=400, response=2_000, body=most)
    async with client_of(address, limits) as client:
        alone = [await client.post(PATH, json=[dags(n)]) for n in (250, 40)]
        nodes = await client.post(PATH, json=[dags(250), dags(250)])
        size = await client.post(PATH, json=[dags(40), dags(40)])
        body = await client.post(PATH, json=[dags(9)] * 3)

    assert refused(nodes) == "NODE_LIMIT"
    assert [one.status_code for one in alone] == [200, 200]
    assert refused(size) == "RESPONSE_TOO_LARGE"
    assert refused(body, 413) == "BODY_TOO_LARGE"


async def test_points_are_charged_for_all_operations_together(
    databases: Databases,
) -> None:
    rates = Rates(1e-9, 5, clock=lambda: 0.0)
    address = databases.address("3.3.2-sqlite")
    async with client_of(address, LIMITS, rates=rates) as client:
        first = await client.post(PATH, json=[dags(150), dags(150)])
        second = await client.post(PATH, json=[dags(150), dags(150)])

    assert first.status_code == 200
    assert refused(second, 429) == "RATE_LIMITED"


async def test_operations_that_are_heavy_together_wait_for_their_turn(
    databases: Databases,
) -> None:
    limits = Limits(batch=4, heavy_nodes=150, heavy_operations=0, heavy_wait_s=0)
    async with client_of(databases.address("3.3.2-sqlite"), limits) as client:
        one = await client.post(PATH, json=[dags(80)])
        two = await client.post(PATH, json=[dags(80)] * 2)

    assert one.status_code == 200
    assert refused(two, 429) == "BUSY"
