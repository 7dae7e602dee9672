"""What is beyond a limit is told which it was, what sets it, and what is allowed."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from dagway.operating.report import HEADER
from dagway.profiles import DEFAULTS
from dagway.protection.inputs import is_held, limit_of
from dagway.protection.limit import LIMITS
from dagway.settings import Settings, variables
from schema.build import build_schema
from tests.support.databases import Databases
from tests.support.http import PATH, app_client

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
FORMS = ["application/json", "application/graphql-response+json"]
NESTED = {"not": {"not": {"not": {"not": {"isPaused": True}}}}}
FILTER = "query ($v: DagFilter) { dags(filter: $v) { totalCount } }"
ROWS = "taskInstances(first: 1000) { nodes { id } }"


def of(query: str, value: Any = None) -> dict[str, Any]:
    """A request for a document, with a value for its one variable."""
    return {"query": query} if value is None else {"query": query, "variables": value}


CASES = {
    "body": ({"MAX_BODY": "1024"}, of("#" * 1_024), None, 1_024),
    "characters": ({"MAX_TOKENS": "100"}, of("{ asOf }" + " " * 3_200), 3_208, 3_200),
    "tokens": ({"MAX_TOKENS": "100"}, of("{ " + "a " * 100 + "}"), 101, 100),
    "fields": (
        {"MAX_TOKENS": "100"},
        of(
            f"{{ pools {{ {'...F ' * 17} }} }} "
            "fragment F on Pool { id name slots openSlots queuedSlots description }"
        ),
        103,
        100,
    ),
    "repetitions": ({"MAX_TOKENS": "100"}, of("{ " + "asOf " * 23 + "}"), 529, 500),
    "depth": ({"MAX_DEPTH": "2"}, of("{ dags { nodes { id } } }"), 3, 2),
    "introspectionDepth": (
        {"MAX_INTROSPECTION_DEPTH": "2"},
        of("{ __schema { types { name } } }"),
        3,
        2,
    ),
    "aliases": ({"MAX_ALIASES": "1"}, of("{ a: asOf b: asOf }"), 2, 1),
    "directives": (
        {"MAX_DIRECTIVES": "0"},
        of("{ asOf @include(if: true) }"),
        1,
        0,
    ),
    "rootFields": ({"MAX_ROOT_FIELDS": "1"}, of("{ asOf airflow { id } }"), 2, 1),
    "list": (
        {"MAX_LIST": "2"},
        of(FILTER, {"v": {"or": [{"dagId": {"in": ["a", "b", "c"]}}]}}),
        3,
        2,
    ),
    "filterDepth": ({}, of(FILTER, {"v": NESTED}), 5, 4),
    "filterTests": (
        {"MAX_FILTER_TESTS": "2"},
        of(FILTER, {"v": {"isPaused": True, "not": {"dagId": {"in": []}, "or": [{}]}}}),
        3,
        2,
    ),
    "page": ({}, of("{ dags(first: 1001) { totalCount } }"), 1_001, 1_000),
    "instances": (
        {},
        of(
            'query ($v: Int) { dagRun(dagId: "a", runId: "b") '
            "{ taskInstances(first: $v) { totalCount } } }",
            {"v": 10_001},
        ),
        10_001,
        10_000,
    ),
    "events": ({}, of("{ eventLogs(first: 201) { nodes { id } } }"), 201, 200),
    "versions": (
        {},
        of('{ dag(dagId: "a") { versions(first: 51) { totalCount } } }'),
        51,
        50,
    ),
    "lines": (
        {},
        of(
            '{ taskInstance(dagId: "a", runId: "b", taskId: "c") '
            "{ log { page(first: 10001) { hasNextPage } } } }"
        ),
        10_001,
        10_000,
    ),
    "ids": ({"MAX_IDS": "1"}, of('{ nodes(ids: ["Dag/a", "Dag/b"]) { id } }'), 2, 1),
    "nodes": (
        {"MAX_NODES": "100"},
        of("{ dags(first: 101) { nodes { id } } }"),
        101,
        100,
    ),
    "structures": (
        {"STRUCTURE_BUDGET": "1"},
        of("{ dags(first: 2) { nodes { tasks { id } } } }"),
        2,
        1,
    ),
    "response": (
        {"MAX_RESPONSE": "1024"},
        of("{ dags(first: 50) { nodes { id dagId displayName } } }"),
        None,
        1_024,
    ),
    "batch": ({"MAX_BATCH": "1"}, [of("{ asOf }"), of("{ asOf }")], 2, 1),
}
"""By limit: the settings that are other than they are by default (without DAGWAY_),
what goes beyond it, how far (None if it depends), and what is allowed."""


@pytest.fixture
async def client(name: str, databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with the settings of a case."""
    environ = {f"DAGWAY_{key}": value for key, value in CASES[name][0].items()}
    async with app_client(databases.address("3.3.2-sqlite"), **environ) as one:
        yield one


def check(response: httpx.Response, name: str, used: float | None, most: float) -> None:
    """Assert that a response is the refusal of a limit."""
    limit = LIMITS[name]
    assert response.status_code == limit.status, response.text
    body = response.json()
    assert list(body) == ["errors", "extensions"]
    for error in body["errors"]:
        assert error["extensions"] == {"code": limit.code, "limit": name}
        assert error["message"].endswith(f" {limit.setting} sets this limit.")
    cost = body["extensions"]["cost"][name]
    assert cost["most"] == most
    assert cost["used"] == (cost["used"] if used is None else used)
    assert cost["used"] >= most


@pytest.mark.parametrize("accept", FORMS)
@pytest.mark.parametrize("name", CASES)
async def test_a_document_beyond_a_limit_is_refused_as_a_whole(
    client: httpx.AsyncClient, name: str, accept: str
) -> None:
    _, request, used, most = CASES[name]

    headers = {"accept": accept, HEADER: "cost"}
    response = await client.post(PATH, json=request, headers=headers)

    check(response, name, used, most)
    assert f"{most:,}" in response.json()["errors"][0]["message"]
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"


async def test_rows_are_counted_while_an_operation_runs(
    seeded_addresses: dict[str, str],
) -> None:
    query = """{ dags(first: 150) { nodes { runs(first: 2) { nodes {
        taskInstances(first: 1000) { nodes { id } } } } } } }"""
    for address in seeded_addresses.values():
        async with app_client(address, DAGWAY_ROW_BUDGET="1000") as client:
            response = await asked(client, query)

        check(response, "rows", None, 1_000)
        assert "1,000" in response.json()["errors"][0]["message"]


async def asked(client: httpx.AsyncClient, query: str) -> httpx.Response:
    """The answer to a document, with its cost."""
    return await client.post(PATH, json={"query": query}, headers={HEADER: "cost"})


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("seconds", "DAGWAY_OPERATION_TIMEOUT"),
        ("statementSeconds", "DAGWAY_STATEMENT_TIMEOUT"),
    ],
)
async def test_what_takes_too_long_is_stopped(
    databases: Databases, name: str, variable: str
) -> None:
    address = databases.copy("3.3.2-postgresql")
    connection = await asyncpg.connect(address)
    async with app_client(address, **{variable: "0.1"}) as client:
        await connection.execute("BEGIN; LOCK TABLE dag")
        response = await asked(client, "{ dags { nodes { id } } }")
    await connection.close()

    check(response, name, None, 0.1)


async def test_more_than_so_many_at_once_are_told_so(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    limits = {"DAGWAY_HEAVY_NODES": "1", "DAGWAY_HEAVY_WAIT": "0"}
    query = "{ dags { nodes { id } } }"
    async with app_client(address, DAGWAY_MAX_OPERATIONS="1") as client:
        many = await asyncio.gather(*(asked(client, query) for _ in range(3)))
    async with app_client(address, DAGWAY_POOL_SIZE="1", **limits) as client:
        heavy = await asyncio.gather(*(asked(client, query) for _ in range(3)))

    for answers, name in ((many, "operations"), (heavy, "heavyOperations")):
        refused = [one for one in answers if one.status_code != 200]
        assert refused
        for one in refused:
            check(one, name, None, 1)
            assert one.headers["retry-after"] == "1"


async def test_who_has_no_points_left_is_told_so(databases: Databases) -> None:
    limits = {"DAGWAY_RATE_POINTS": "1", "DAGWAY_RATE_BURST": "1"}
    async with app_client(databases.address("3.3.2-sqlite"), **limits) as client:
        await asked(client, "{ dags(first: 1000) { nodes { id } } }")
        response = await asked(client, "{ asOf }")

    check(response, "points", 1, 1)
    assert response.headers["retry-after"] == "1"


async def test_a_body_that_does_not_arrive_is_told_so(databases: Databases) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(10)

    address = databases.address("3.3.2-sqlite")
    headers = {"content-type": "application/json", HEADER: "cost"}
    async with app_client(address, DAGWAY_BODY_TIMEOUT="0.1") as client:
        response = await client.post(PATH, content=parts(), headers=headers)

    check(response, "bodySeconds", 0.1, 0.1)


async def test_a_query_string_has_a_largest_size(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    async with app_client(address, DAGWAY_MAX_BODY="1024") as client:
        response = await client.get(f"{PATH}?query=%7BasOf%7D{'%20' * 400}")

    (error,) = response.json()["errors"]
    assert response.status_code == 414
    assert error["extensions"] == {"code": "BODY_TOO_LARGE", "limit": "body"}


async def test_each_operation_of_a_batch_is_held_to_the_limits(
    databases: Databases,
) -> None:
    batch = [of("{ asOf }"), of("{ dags(first: 1001) { totalCount } }")]
    address = databases.address("3.3.2-sqlite")
    async with app_client(address, DAGWAY_MAX_BATCH="2") as client:
        response = await client.post(PATH, json=batch, headers={HEADER: "cost"})

    fine, refused = response.json()
    assert list(fine) == ["data", "extensions"]
    assert refused["errors"][0]["extensions"]["limit"] == "page"
    assert refused["extensions"]["cost"]["page"] == {"used": 1_001, "most": 1_000}


def test_every_argument_that_says_how_much_has_a_limit() -> None:
    sizing = {"first", "last", "limit", "count", "runs"}
    for type_ in build_schema()._schema.type_map.values():
        for name, field in getattr(type_, "fields", {}).items():
            for argument_name, argument in getattr(field, "args", {}).items():
                if type_.name.startswith("__"):
                    continue
                place = f"{type_.name}.{name}({argument_name})"
                is_sized = limit_of(argument) is not None
                assert is_sized == (argument_name in sizing | {"ids"}), place
                assert is_held(argument) or argument_name != "filter", place


def test_every_limit_is_documented() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| `(DAGWAY_\w+)` \| `(\w+)` \| (\d+) \|$",
        OPERATING.read_text(),
        re.MULTILINE,
    )

    assert rows == [
        (name, limit.setting, limit.code, str(limit.status))
        for name, limit in LIMITS.items()
    ]


def test_every_limit_is_a_setting_that_the_dev_profile_relaxes() -> None:
    settings = {one.name for one in variables().values()}
    relaxed = {limit.setting for limit in LIMITS.values()} - DEFAULTS["dev"].keys()

    assert {limit.setting for limit in LIMITS.values()} <= settings
    assert relaxed == {"DAGWAY_HEAVY_OPERATIONS", "DAGWAY_RATE_BURST"}
    assert Settings.from_env({}, "sqlite:////a").rate_points == 0  # nothing to relax
