"""Every document of ours is within the limits for a DAG of 5,000 tasks and 25 runs.

The limits are the defaults, but for those of time: a test may be slow.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from benchmarks.populate import Shape, script
from dagway.operating.report import HEADER
from tests.support.databases import Databases
from tests.support.http import PATH, app_client

FOLDER = Path(__file__).parents[2] / "documents"
DOCUMENTS = sorted(
    str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.glob("*/*.graphql")
)
BIG = Shape("big", tasks=5_000, runs=25)
AT = "2026-01-02T00:00:00Z"
GIVEN = {
    "dagId": "big",
    "taskId": "task_00042",
    "ids": ["Dag/big"] * 100,
    "after": AT,
    "start": AT,
    "end": AT,
}
NEWEST = '{ dag(dagId: "big") { runs(first: 1) { nodes { runId } } } }'
ROWS = {
    "core/grid": 25 * 5_000,
    "core/grid_instances": 25 * 5_000,
    "views/duration": 2 * 25 * 5_000,
    "views/tries": 2 * 25 * 5_000,
    "views/gantt": 5_000,
}
"""Rows that some of them read, at least."""
PATIENT = {"DAGWAY_OPERATION_TIMEOUT": "600", "DAGWAY_STATEMENT_TIMEOUT": "600"}


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with that DAG."""
    found = {name: databases.copy(f"3.3.2-{name}") for name in ("sqlite", "postgresql")}
    for address in found.values():
        databases.write(address, script([BIG], address))
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
async def client(
    request: pytest.FixtureRequest, addresses: dict[str, str]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with the default limits."""
    async with app_client(addresses[request.param], **PATIENT) as one:
        yield one


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_is_answered_within_the_limits(
    client: httpx.AsyncClient, name: str
) -> None:
    text = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    newest = await client.post(PATH, json={"query": NEWEST})
    (run,) = newest.json()["data"]["dag"]["runs"]["nodes"]
    given = {**GIVEN, "runId": run["runId"]}
    variables = {
        name: given[name]
        for name, type_ in re.findall(r"\$(\w+): (\w+!|\[ID!\]!)", text)
        if name in given and type_ != "String"
    }

    response = await client.post(
        PATH,
        json={"query": text, "variables": variables},
        headers={HEADER: "cost"},
    )

    found = response.json()
    assert response.status_code == 200, found["errors"]
    assert "errors" not in found
    cost = found["extensions"]["cost"]
    assert {name for name, one in cost.items() if one["used"] > one["most"]} == set()
    if name in ROWS:
        assert cost["rows"]["used"] >= ROWS[name]
