"""An instant is spelled in one way, however it is asked for."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from dagway.__main__ import main
from dagway.endpoint import Endpoint
from dagway.operation import GatewayExecutor, StockExecutor, opened
from tests.support.databases import Databases

RUNS = """{ nodes { runId logicalDate startDate runAfter
  dag { lastParsedTime schedule { next(count: 2) } } } }"""
WINDOW = "query ($at: DateTime) { asOf dagRuns(filter: {runAfter: {lte: $at}}) @ }"
PLANNED = WINDOW.replace("@", RUNS)
NOT_PLANNED = PLANNED.replace("asOf", "asOf __schema { queryType { name } }")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
AT = ("2026-11-24T00:00:00Z", "2026-11-24T00:00:00+00:00", "2026-11-24T05:30:00+05:30")
_JSON = {"content-type": "application/json"}


@pytest.fixture
async def client(name: str, databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint for each execution."""
    async with opened(databases.address(name)) as gateway:
        routes = [
            Route(f"/{each.__name__}", Endpoint(gateway.executed_by(each)))
            for each in (GatewayExecutor, StockExecutor)
        ]
        transport = httpx.ASGITransport(Starlette(routes=routes))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gate"
        ) as found:
            yield found


def instants(runs: dict[str, Any]) -> list[str]:
    """All that are in an answer."""
    found: list[str | None] = []
    for run in runs["nodes"]:
        found += [run["logicalDate"], run["startDate"], run["runAfter"]]
        found += [run["dag"]["lastParsedTime"], *run["dag"]["schedule"]["next"]]
    return [one for one in found if one is not None]


async def test_every_request_over_http_gets_instants_in_utc_with_their_offset(
    client: httpx.AsyncClient,
) -> None:
    answers = []
    for path in ("/GatewayExecutor", "/StockExecutor"):
        for query in (PLANNED, NOT_PLANNED):
            for at in AT:
                body = {"query": query, "variables": {"at": at}}
                spelt = {"query": query, "variables": json.dumps(body["variables"])}
                answers.append(await client.post(path, json=body, headers=_JSON))
                answers.append(await client.get(path, params=spelt))

    data = [answer.json()["data"] for answer in answers]
    found = instants(data[0]["dagRuns"])
    assert len(found) > 50
    assert any("." in one for one in found)
    assert any("." not in one for one in found)
    for one in [*found, *(each["asOf"] for each in data)]:
        assert INSTANT.fullmatch(one), one
    assert all(each["dagRuns"]["nodes"] for each in data)
    for each in data[1:]:
        # what comes next is told from the clock
        assert _without_next(each) == _without_next(data[0])
        assert all(map(INSTANT.fullmatch, instants(each["dagRuns"])))


def _without_next(data: dict[str, Any]) -> Any:
    return [
        {**run, "dag": {**run["dag"], "schedule": None}}
        for run in data["dagRuns"]["nodes"]
    ]


def test_the_command_line_spells_them_likewise(
    name: str,
    databases: Databases,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "document"
    file.write_text(PLANNED, encoding="utf-8")
    address = databases.address(name)
    asked = ["query", "--db", address, "-f", str(file)]

    assert main([*asked, "--variables", json.dumps({"at": AT[0]})]) == 0

    data = json.loads(capsys.readouterr().out)["data"]
    found = [data["asOf"], *instants(data["dagRuns"])]
    assert len(found) > 50
    assert all(map(INSTANT.fullmatch, found))
