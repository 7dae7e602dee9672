"""Each view takes the same statements, however much it shows."""

from typing import Any

import pytest

from tests.support.documents import view
from tests.support.gateways import Asking

SMALL = {"dagId": "small_0000", "runId": "r0001"}
LARGE = {"dagId": "large_0000", "runId": "r0001"}


async def taken(ask: Asking, name: str, variables: dict[str, Any]) -> tuple[Any, int]:
    """A view's data and the statements that it took."""
    return await ask(view(name), variables), ask.statements


@pytest.mark.parametrize(
    ("name", "statements"),
    [("gantt", 4), ("as_it_was", 10)],
)
async def test_a_run_of_1000_tasks_takes_as_many_as_one_of_10(
    seeded: Asking, name: str, statements: int
) -> None:
    small, few = await taken(seeded, name, SMALL)
    large, many = await taken(seeded, name, LARGE)

    counted = "tries" if name == "gantt" else "tasks"
    assert len(large["dagRun"][counted]) == 100 * len(small["dagRun"][counted])
    assert few == many == statements


@pytest.mark.parametrize(
    ("name", "statements"),
    [("duration", 7), ("landing_times", 5), ("tries", 4)],
)
async def test_50_runs_take_as_many_as_one(
    seeded: Asking, name: str, statements: int
) -> None:
    one, few = await taken(seeded, name, {"dagId": "small_0000", "runs": 1})
    fifty, many = await taken(seeded, name, {"dagId": "small_0000", "runs": 50})
    _, wide = await taken(seeded, name, {"dagId": "large_0000", "runs": 2})

    assert len(one["dag"]["runs"]["nodes"]) == 1
    assert len(fifty["dag"]["runs"]["nodes"]) == 50
    assert few == many == wide == statements


async def test_tries_of_one_instance_or_of_many_take_one_statement(
    seeded: Asking,
) -> None:
    document = """query ($first: Int) { dagRun(dagId: "small_0000", runId: "r0001") {
        taskInstances(first: $first) { nodes { tries { id tryNumber } } } } }"""
    one = await seeded(document, first=1)
    few = seeded.statements
    ten = await seeded(document, first=10)

    nodes = ten["dagRun"]["taskInstances"]["nodes"]
    assert one["dagRun"]["taskInstances"]["nodes"] == nodes[:1]
    assert [[t["tryNumber"] for t in node["tries"]] for node in nodes] == [[1, 2]] * 10
    assert few == seeded.statements == 3


async def test_60_assets_take_as_many_as_20(seeded: Asking) -> None:
    some, few = await taken(seeded, "assets", {"first": 20})
    many, more = await taken(seeded, "assets", {"first": 60})

    assert len(some["assets"]["nodes"]) == 20
    assert len(many["assets"]["nodes"]) > 40
    assert few == more == 7


async def test_lineage_through_40_assets_takes_as_many_as_through_one(
    seeded: Asking,
) -> None:
    one, few = await taken(seeded, "lineage", {"dagId": "many_0001"})
    many, more = await taken(seeded, "lineage", {"dagId": "many_0002"})

    assert [d["dagId"] for d in one["dag"]["upstreamDependencies"]] == ["many_0000"]
    assert len(many["dag"]["upstreamDependencies"]) == 40
    assert {d["taskId"] for d in many["dag"]["upstreamDependencies"]} == {"t0000"}
    assert few == more


async def test_50_xcoms_take_as_many_as_one(seeded: Asking) -> None:
    given = {"dagId": "small_0000", "runId": "r0000"}
    one, few = await taken(seeded, "xcom", {**given, "taskId": "t0000"})
    many, more = await taken(seeded, "xcom", {**given, "taskId": "t0001"})

    assert [x["value"] for x in one["taskInstance"]["xcoms"]] == [0]
    assert [x["value"] for x in many["taskInstance"]["xcoms"]] == list(range(50))
    assert few == more == 3


async def test_a_fleet_of_120_dags_takes_as_many_as_one_of_one(seeded: Asking) -> None:
    document = view("fleet").replace(
        "fleet(since: $since, until: $until)",
        "fleet(since: $since, until: $until, filter: $filter)",
    )
    document = document.replace(
        "$until: DateTime)", "$until: DateTime, $filter: DagFilter)"
    )
    window = {"since": "2026-01-01T00:00:00Z", "until": "2026-01-05T00:00:00Z"}

    one = await seeded(document, **window, filter={"dagId": {"eq": "many_0000"}})
    few = seeded.statements
    many = await seeded(document, **window, filter={"dagId": {"startsWith": "many"}})

    assert one["fleet"]["runStateCounts"] == [{"state": "SUCCESS", "count": 2}]
    assert many["fleet"]["dagCount"] == 120
    assert many["fleet"]["runStateCounts"] == [{"state": "SUCCESS", "count": 240}]
    assert many["fleet"]["taskInstanceStateCounts"] == [
        {"state": "SUCCESS", "count": 720}
    ]
    assert few == seeded.statements == 17


@pytest.mark.parametrize(
    ("name", "statements"),
    [("code", 3), ("dag_details", 10)],
)
async def test_a_dag_of_1000_tasks_takes_as_many_as_one_of_10(
    seeded: Asking, name: str, statements: int
) -> None:
    _, few = await taken(seeded, name, SMALL)
    _, many = await taken(seeded, name, LARGE)

    assert few == many == statements


@pytest.mark.parametrize(
    ("name", "statements"),
    [("rendered", 2), ("task", 6), ("log", 3)],
)
async def test_an_instance_takes_as_many_among_1000_as_among_10(
    seeded: Asking, name: str, statements: int
) -> None:
    _, few = await taken(seeded, name, {**SMALL, "taskId": "t0001"})
    _, many = await taken(seeded, name, {**LARGE, "taskId": "t0001"})

    assert few == many == statements
