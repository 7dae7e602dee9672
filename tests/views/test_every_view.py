"""Every view answers on every Airflow's database, with as few statements as on 3.3."""

from typing import Any

import pytest

from tests.support.databases import stored_names
from tests.support.documents import VIEWS, view
from tests.support.gateways import Asking

DAGS = (
    "fx_asset_any",
    "fx_asset_or_time",
    "fx_chain",
    "fx_deferred",
    "fx_external",
    "fx_gone",
    "fx_groups",
    "fx_human",
    "fx_mapped",
    "fx_retry",
    "fx_running",
    "fx_schedule_cron_berlin",
    "fx_subdag",
    "fx_subdag.section",
    "fx_versioned",
    "fx_xcom",
    "no such dag",
)
SHOWN = """query Shown($dagIds: [String!]!) {
  dags(first: 100, filter: { dagId: { in: $dagIds } }) {
    nodes {
      dagId
      runs(first: 2) { nodes { runId taskInstances(first: 3) {
        nodes { taskId mapIndex } } } }
    }
  }
}"""
TIMES = {
    "after": "2026-01-01T00:00:00Z",
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-02-01T00:00:00Z",
}
STATEMENTS = {
    "as_it_was": 11,
    "assets": 7,
    "calendar": 5,
    "code": 3,
    "dag_details": 11,
    "duration": 7,
    "fleet": 18,
    "gantt": 4,
    "landing_times": 5,
    "lineage": 12,
    "log": 3,
    "rendered": 2,
    "schedule": 3,
    "task": 6,
    "tries": 4,
    "xcom": 3,
}
"""Of a DAG that has what each view shows, on 3.3."""


def fewer(name: str) -> dict[str, int]:
    """Statements that a database spares: it lacks what they would read."""
    first = name.rpartition("-to-")[2]
    release = tuple(int(part) for part in first.split("-")[0].split(".")[:2])
    spared: dict[str, int] = {}
    if release < (3, 1):  # no tasks that read assets, no deadlines
        spared |= {"assets": 1, "landing_times": 1}
    if release < (3, 0):  # no versions, no backfills
        spared |= {"as_it_was": 3, "task": 1, "dag_details": 1}
    if release < (2, 10):  # no aliases
        spared |= {"lineage": 1}
    if name == "3.3.2-sqlite-compressed":  # nothing has happened to an asset
        spared |= {"assets": 1}
    if name.startswith("2.11.2-to-3"):  # those runs are older than versions
        spared |= {"as_it_was": 3, "task": 1}
    return spared


def asked_for(document: str, given: dict[str, Any]) -> dict[str, Any]:
    """Those variables that a document declares."""
    return {key: value for key, value in given.items() if f"${key}:" in document}


@pytest.mark.parametrize("name", stored_names())
@pytest.mark.parametrize("shown", VIEWS)
async def test_a_view_takes_as_many_statements_as_on_airflow_3_3(
    ask: Asking, name: str, shown: str
) -> None:
    given = {"dagId": "fx_chain", "runId": "with_conf", "taskId": "step_2", **TIMES}

    data = await ask(view(shown), asked_for(view(shown), given))

    assert all(value is not None for value in data.values())
    assert ask.statements == STATEMENTS[shown] - fewer(name).get(shown, 0)


@pytest.mark.parametrize("name", stored_names())
async def test_every_view_answers_without_an_error(ask: Asking, name: str) -> None:
    found = (await ask(SHOWN, dagIds=[*DAGS]))["dags"]["nodes"]
    asked = 0
    for shown in VIEWS:
        document = view(shown)
        for dag in [*found, {"dagId": "no such dag", "runs": {"nodes": []}}]:
            given = {"dagId": dag["dagId"], **TIMES}
            runs = dag["runs"]["nodes"] if "$runId:" in document else [{}]
            for run in runs:
                tasks = (
                    run["taskInstances"]["nodes"] if "$taskId:" in document else [{}]
                )
                for task in tasks:
                    variables = {**given, **task, "runId": run.get("runId")}
                    data = await ask(document, asked_for(document, variables))
                    if dag["dagId"] != "no such dag":
                        assert all(value is not None for value in data.values())
                    asked += 1
    assert asked > 200, name
