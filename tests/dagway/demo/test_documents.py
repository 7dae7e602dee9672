import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dagway import demo
from dagway.demo.dags import dags
from dagway.operation import opened
from tests.support.documents import core
from tests.support.gateways import Asking


@pytest.fixture
async def ask(demo_file: Path) -> AsyncIterator[Asking]:
    async with opened(f"sqlite:///{demo_file}") as gateway:
        yield Asking(gateway)


async def test_the_dag_list_shows_all_of_them(ask: Asking) -> None:
    found = await ask(core("dag_list"))

    assert found["dags"]["totalCount"] == 19
    kinds = {dag["schedule"]["kind"] for dag in found["dags"]["nodes"]}
    assert kinds == {
        *("ASSET", "ASSET_OR_TIME", "CONTINUOUS", "CRON", "DELTA", "NONE", "ONCE")
    }
    assert [d["dagId"] for d in found["dags"]["nodes"] if d["isPaused"]] == [
        "erasure_requests"
    ]
    assert [d["dagId"] for d in found["dags"]["nodes"] if d["hasImportErrors"]] == [
        "payouts"
    ]


@pytest.mark.parametrize("dag_id", [dag.dag_id for dag in dags()])
async def test_every_core_document_is_answered_for_every_dag(
    ask: Asking, dag_id: str
) -> None:
    graph = await ask(core("graph"), dagId=dag_id)
    assert graph["dag"]["tasks"]
    assert graph["dag"]["latestRun"]["taskInstances"]["nodes"]

    grid = await ask(core("grid"), dagId=dag_id)
    runs = grid["dag"]["runs"]["nodes"]
    assert len(runs) == 25
    assert all(run["taskSummaries"] for run in runs)

    cells = await ask(core("grid_instances"), dagId=dag_id)
    assert len(cells["dag"]["runs"]["nodes"]) == 25

    run = await ask(core("run"), dagId=dag_id, runId=runs[0]["runId"])
    instances = [edge["node"] for edge in run["dagRun"]["taskInstances"]["edges"]]
    assert all(
        instance["task"]["taskId"] == instance["taskId"] for instance in instances
    )

    ids = [graph["dag"]["id"], runs[0]["id"], instances[0]["id"]]
    nodes = await ask(core("node"), ids=ids)
    assert [node["id"] for node in nodes["nodes"]] == ids


@pytest.mark.parametrize("name", ["graph", "grid", "grid_instances"])
async def test_a_document_looks_instances_up_and_does_not_go_through_all(
    ask: Asking, database: sqlite3.Connection, name: str
) -> None:
    await ask(core(name), dagId="catalogue_crawl")

    plans = [
        step["detail"]
        for one in ask.answer.executed
        for step in database.execute(
            f"EXPLAIN QUERY PLAN {one.sql}", tuple(one.values or ())
        )
    ]
    of_instances = [step for step in plans if re.search(r"\bt USING\b", step)]
    assert any(step.startswith("SEARCH t") for step in of_instances)
    assert [step for step in of_instances if step.startswith("SCAN")] == []


async def test_the_query_for_newcomers_is_answered(ask: Asking) -> None:
    found = await ask(demo.EXAMPLE, demo.VARIABLES)

    assert found["dag"]["tasks"][0] == {
        "taskId": "list_shops",
        "triggerRule": "ALL_SUCCESS",
        "downstreamTaskIds": ["per_shop.download"],
    }
    assert found["dag"]["runs"]["nodes"][0]["state"] == "RUNNING"


def test_newcomers_get_a_command_for_the_shell() -> None:
    command = demo.example("http://127.0.0.1:8000/graphql")

    assert command.startswith("  curl -s http://127.0.0.1:8000/graphql -H ")
    assert '"variables": {"dagId": "orders_ingest"}' in command
