"""Runs are what Airflow's API server says they are."""

from datetime import datetime
from typing import Any

import pytest

from tests.differential.said import Item, Said, word
from tests.support.gateways import Asking

RUNS = """query Runs($after: String) {
  dagRuns(first: 60, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes {
      dagId runId runType state rawState logicalDate runAfter
      dataIntervalStart dataIntervalEnd queuedAt startDate endDate duration
      queuedDuration landingTime conf note
      triggeredBy triggeringUserName bundleVersion partitionKey partitionDate
      lastSchedulingDecision hasMissedDeadline
      dag { displayName }
      versions { id versionNumber createdAt bundleName bundleVersion }
    }
  }
}"""

IN_OUR_WORDS = {
    "dag_id": "dagId",
    "dag_run_id": "runId",
    "logical_date": "logicalDate",
    "run_after": "runAfter",
    "data_interval_start": "dataIntervalStart",
    "data_interval_end": "dataIntervalEnd",
    "queued_at": "queuedAt",
    "start_date": "startDate",
    "end_date": "endDate",
    "duration": "duration",
    "note": "note",
    "triggering_user_name": "triggeringUserName",
    "bundle_version": "bundleVersion",
    "partition_key": "partitionKey",
    "partition_date": "partitionDate",
    "last_scheduling_decision": "lastSchedulingDecision",
}


Runs = dict[tuple[str, str], Item]


async def every_run(ask: Asking) -> Runs:
    """Our runs by DAG and id, read page after page."""
    runs: Runs = {}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    total = 0
    while page["hasNextPage"]:
        found = (await ask(RUNS, after=page["endCursor"]))["dagRuns"]
        runs.update({(run["dagId"], run["runId"]): run for run in found["nodes"]})
        page, total = found["pageInfo"], found["totalCount"]
    assert len(runs) == total
    return runs


def version(ours: Item) -> Item:
    """One of our versions as Airflow's runs list it."""
    _, _, number, _ = ours["id"].split("/")
    return {
        "id": number,
        "version_number": ours["versionNumber"],
        "created_at": ours["createdAt"],
        "bundle_name": ours["bundleName"],
        "bundle_version": ours["bundleVersion"],
    }


def airflows_version(theirs: Item) -> Item:
    """A version of Airflow's answers, in the same form."""
    return {
        "id": theirs["id"].replace("-", ""),
        "version_number": theirs["version_number"],
        "created_at": theirs["created_at"],
        "bundle_name": theirs["bundle_name"],
        "bundle_version": theirs["bundle_version"],
    }


@pytest.fixture(scope="module")
def remembered() -> dict[str, Runs]:
    """What was read, by fixture: nothing changes it."""
    return {}


@pytest.fixture
async def ours(name: str, ask: Asking, remembered: dict[str, Runs]) -> Runs:
    if name not in remembered:
        remembered[name] = await every_run(ask)
    return remembered[name]


async def test_every_run_of_airflow_is_there_with_the_same_fields(
    ours: Runs, said: Said
) -> None:
    theirs = said.runs()
    assert ours.keys() == theirs.keys()
    for key, run in theirs.items():
        mine = ours[key]
        assert {field: mine[name] for field, name in IN_OUR_WORDS.items()} == {
            field: run[field] for field in IN_OUR_WORDS
        }, key
        assert mine["state"] == word(run["state"]), key
        assert mine["rawState"] == run["state"], key
        assert mine["runType"] == word(run["run_type"]), key
        assert mine["triggeredBy"] == word(run["triggered_by"]), key
        assert mine["dag"]["displayName"] == run["dag_display_name"], key


async def test_every_run_has_the_versions_that_airflow_says_it_ran(
    ours: Runs, said: Said
) -> None:
    several = 0
    for key, run in said.runs().items():
        theirs = [airflows_version(one) for one in run["dag_versions"]]
        assert [version(one) for one in ours[key]["versions"]] == theirs, key
        several += len(theirs) > 1
    assert several == 1  # fx_versioned's run `mixed`


async def test_every_conf_is_what_was_given_with_secrets_hidden(
    ours: Runs, said: Said
) -> None:
    for key, run in said.runs().items():
        conf = run["conf"]
        if key == ("fx_chain", "with_conf"):  # Airflow shows the password
            conf = {**conf, "password": "***"}
        assert ours[key]["conf"] == conf, key


async def test_the_grid_of_airflow_agrees_on_runs_that_have_ended(
    ours: Runs, said: Said
) -> None:
    for dag_id in said.dag_ids():
        for run in said.to(f"/ui/grid/runs/{dag_id}?limit=25"):
            mine = ours[dag_id, run["run_id"]]
            assert mine["hasMissedDeadline"] is run["has_missed_deadline"]
            assert (mine["note"] is not None) is run["has_note"]
            if "end_date" not in run:  # the grid counts on while a run runs
                assert mine["duration"] is None
            else:
                assert mine["duration"] == run["duration"]


async def test_waits_and_landing_times_are_differences_of_airflows_instants(
    ours: Runs, said: Said
) -> None:
    punctual = ("scheduled", "asset_triggered", "operator_triggered")
    for key, run in said.runs().items():
        waited = seconds(run["queued_at"], run["start_date"])
        assert ours[key]["queuedDuration"] == waited, key
        landed = seconds(run["run_after"], run["end_date"])
        expected = landed if run["run_type"] in punctual else None
        assert ours[key]["landingTime"] == expected, key


async def test_each_dags_newest_runs_are_airflows_latest_ones(
    ask: Asking, said: Said
) -> None:
    found = await ask(
        """{ dags(first: 100) { nodes { dagId activeRunCount
             latestRun { runId state runAfter }
             runs(first: 10) { nodes { runId state runAfter startDate endDate
                                       duration } } } } }"""
    )
    ours = {dag["dagId"]: dag for dag in found["dags"]["nodes"]}
    assert ours.keys() == {*said.dag_ids()}
    for dag_id, dag in ours.items():
        latest = said.to(f"/ui/dags/{dag_id}/latest_run")
        assert dag["latestRun"] == (
            latest
            and {
                "runId": latest["run_id"],
                "state": word(latest["state"]),
                "runAfter": latest["run_after"],
            }
        )
    listed = said.to("/ui/dags?limit=100")["dags"]
    assert len(listed) == sum(not dag["is_stale"] for dag in said.dags())
    for dag in listed:
        assert ours[dag["dag_id"]]["runs"]["nodes"] == [
            {
                "runId": run["run_id"],
                "state": word(run["state"]),
                "runAfter": run["run_after"],
                "startDate": run.get("start_date"),
                "endDate": run.get("end_date"),
                "duration": run["duration"] if "end_date" in run else None,
            }
            for run in dag["latest_dag_runs"]
        ], dag["dag_id"]


def seconds(start: str | None, end: str | None) -> float | None:
    """Seconds between two instants of Airflow's answers."""
    if start is None or end is None:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
