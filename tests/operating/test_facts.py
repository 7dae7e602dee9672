"""What is told of operations: counts, lines in the log, reports in answers."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from dagway.app import create_app
from dagway.operating.facts import Facts
from dagway.operating.metrics import NAMED, Metrics
from dagway.operating.report import HEADER
from dagway.operation import encoded
from dagway.settings import Settings
from tests.support.databases import Databases

DAG = "query Dag($id: ID!) { dag(dagId: $id) { dagId } }"


@pytest.fixture
async def client(name: str, databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, started and stopped as a server does it."""
    environ = {"DAGWAY_MAX_DEPTH": "3", "DAGWAY_MAX_RESPONSE": "20000"}
    app = create_app(Settings.from_env(environ, databases.address(name)))
    async with app.router.lifespan_context(app), client_of(app) as one:
        yield one


def client_of(app: Starlette) -> httpx.AsyncClient:
    """Asks an application that is started."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")


async def counts(client: httpx.AsyncClient) -> dict[str, float]:
    """By name and labels, what is counted."""
    response = await client.get("/metrics")
    assert response.status_code == 200
    lines = [line for line in response.text.splitlines() if line[0] != "#"]
    return {name: float(value) for name, value in (one.rsplit(" ", 1) for one in lines)}


async def test_operations_are_counted_by_name_and_outcome(
    client: httpx.AsyncClient,
) -> None:
    asked = {"query": DAG, "variables": {"id": "fx_chain"}}
    size = len((await client.post("/graphql", json=asked)).content)
    size += len((await client.post("/graphql", json=asked)).content)
    deep = {"query": "query Deep { dags { nodes { runs { nodes { runId } } } } }"}
    size += len((await client.post("/graphql", json=deep)).content)
    wrong = {"query": "query Wrong { dags(first: -1) { totalCount } }"}
    size += len((await client.post("/graphql", json=wrong)).content)

    found = await counts(client)

    total = "dagway_operations_total"
    assert found[f'{total}{{operation="Dag",outcome="ok"}}'] == 2
    assert found[f'{total}{{operation="anonymous",outcome="refused"}}'] == 1
    assert found[f'{total}{{operation="other",outcome="errors"}}'] == 1
    assert found['dagway_operation_duration_seconds_count{operation="Dag"}'] == 2
    assert found['dagway_refused_total{code="DEPTH_LIMIT",limit="depth"}'] == 1
    assert found["dagway_sql_statements_total"] == 2
    assert found["dagway_sql_rows_total"] == 2
    assert found["dagway_sql_seconds_total"] > 0
    assert found["dagway_response_bytes_total"] == size
    assert found["dagway_fallbacks_total"] == 0
    assert found["dagway_operations_running"] == found["dagway_operations_waiting"] == 0


async def test_what_loads_nothing_is_answered_and_counted_every_time(
    client: httpx.AsyncClient,
) -> None:
    asked = {"query": "query Alive { a: __typename }"}
    for form in ("application/json", "application/graphql-response+json") * 2:
        response = await client.post("/graphql", json=asked, headers={"accept": form})
        assert response.content == b'{"data":{"a":"Query"}}'
        assert response.headers["content-type"].startswith(form)
    reported = await client.post("/graphql", json=asked, headers={HEADER: "cost, sql"})
    assert reported.json()["extensions"]["cost"]["rows"]["used"] == 0
    other = await client.post("/graphql", json={"query": "{ b: __typename }"})
    assert other.json() == {"data": {"b": "Query"}}

    found = await counts(client)
    assert found['dagway_operations_total{operation="Alive",outcome="ok"}'] == 5


async def test_a_page_is_no_operation(client: httpx.AsyncClient) -> None:
    await client.get("/graphql", headers={"accept": "text/html"})

    assert not [name for name in await counts(client) if "operations_total" in name]


def test_names_that_clients_invent_are_counted_together() -> None:
    metrics = Metrics()
    for at in range(NAMED * 3):
        metrics.begun()
        facts = Facts(name=f"n{at}")
        facts.told([])
        metrics.ended(facts)

    lines = [
        line
        for line in metrics.text().decode().splitlines()
        if line.startswith("dagway_operations_total")
    ]
    assert len(lines) == NAMED + 1
    assert f'{{operation="other",outcome="ok"}} {NAMED * 2}.0' in lines[-1]


async def test_an_operation_is_one_line_without_its_variables(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "dagway.operation"):
        asked = {"query": DAG, "variables": {"id": "fx_chain"}}
        response = await client.post("/graphql", json=asked)

    (record,) = (one for one in caplog.records if one.name == "dagway.operation")
    line = json.loads(record.getMessage())
    assert "fx_chain" not in record.getMessage()
    assert line["operation"] == "Dag"
    assert line["outcome"] == "ok"
    assert (line["statements"], line["rows"], line["nodes"]) == (1, 1, 1)
    assert line["bytes"] == len(response.content)
    assert line["ms"] >= line["sql_ms"] > 0
    assert line["principal"] is None


async def test_the_error_of_a_fault_carries_the_operations_id(
    databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    address = databases.copy("3.3.2-postgresql")
    app = create_app(Settings.from_env({}, address))
    async with app.router.lifespan_context(app), client_of(app) as client:
        databases.write(address, "ALTER TABLE dag RENAME TO gone")
        with caplog.at_level(logging.INFO, "dagway.operation"):
            asked = {"query": DAG, "variables": {"id": "a"}}
            response = await client.post("/graphql", json=asked)

    (error,) = response.json()["errors"]
    lines = [one for one in caplog.records if one.name == "dagway.operation"]
    line = json.loads(lines[-1].getMessage())
    assert error["extensions"]["errorId"] == line["id"]
    assert (line["outcome"], line["code"]) == ("failed", "DATABASE_ERROR")


async def test_nothing_is_reported_unasked(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ asOf }"})

    assert response.json().keys() == {"data"}


@pytest.mark.parametrize(
    ("header", "extensions", "parts"),
    [
        ("cost", {}, {"cost"}),
        ("sql, Cost", {}, {"cost", "sql"}),
        (None, {"report": ["sql"]}, {"sql"}),
        (None, {"report": "cost"}, {"cost"}),
        ("nothing", {"report": 5}, set()),
    ],
)
async def test_a_report_has_what_is_asked_for(
    client: httpx.AsyncClient,
    header: str | None,
    extensions: dict[str, Any],
    parts: set[str],
) -> None:
    response = await client.post(
        "/graphql",
        json={"query": "{ a: asOf }", "extensions": extensions},
        headers={} if header is None else {HEADER: header},
    )

    assert response.json().get("extensions", {}).keys() == parts


async def test_a_report_has_each_limit_with_what_was_used(
    client: httpx.AsyncClient,
) -> None:
    document = """
    query { one: dags(first: 2) @include(if: true) { nodes { dagId } } b: asOf }
    """
    response = await client.post(
        "/graphql", json={"query": document}, headers={HEADER: "cost,sql"}
    )

    found = response.json()["extensions"]
    used = {name: one["used"] for name, one in found["cost"].items()}
    assert used == {
        "body": len(response.request.content),
        "nodes": 2,
        "depth": 3,
        "introspectionDepth": 0,
        "aliases": 2,
        "directives": 1,
        "rootFields": 2,
        "tokens": 27,
        "fields": 4,
        "list": 0,
        "filterDepth": 0,
        "filterTests": 0,
        "page": 2,
        "instances": 0,
        "events": 0,
        "versions": 0,
        "lines": 0,
        "ids": 0,
        "rows": used["rows"],
        "structures": 0,
        "response": used["response"],
        "seconds": used["seconds"],
        "statementSeconds": used["statementSeconds"],
    }
    whole = response.json()
    del whole["extensions"]
    assert used["response"] == len(encoded(whole))
    assert used["seconds"] > used["statementSeconds"] > 0
    assert found["cost"]["depth"]["most"] == 3
    assert used["rows"] >= 2
    assert found["sql"]["count"] == 2
    assert found["sql"]["ms"] > 0
