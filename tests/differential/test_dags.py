"""DAGs are what Airflow's API server says they are."""

from collections import Counter
from typing import Any

import pytest

from tests.differential.said import Item, Said, word
from tests.support.gateways import Asking

DAGS = """query Dags($after: String) {
  dags(first: 40, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes {
      dagId displayName description docMd isPaused isStale owners
      ownerLinks { owner link } tags fileloc relativeFileloc bundleName bundleVersion
      timezone startDate endDate catchup maxActiveRuns maxActiveTasks
      maxConsecutiveFailedDagRuns dagRunTimeout defaultArgs
      params { name value description schema } lastParsedTime lastParseDuration
      hasImportErrors activeRunCount runStateCounts { state count }
      schedule { summary description isPartitioned assetExpression }
      nextRun { logicalDate dataIntervalStart dataIntervalEnd runAfter }
      version { versionNumber }
    }
  }
}"""


def seconds(text: str | None) -> float | None:
    """Airflow writes a length of time as ISO 8601 has it."""
    if text is None:
        return None
    units = {"D": 86400, "H": 3600, "M": 60, "S": 1}
    total, digits = 0.0, ""
    for sign in text.removeprefix("P").replace("T", ""):
        if sign in units:
            total, digits = total + units[sign] * float(digits), ""
        else:
            digits += sign
    return total


def as_airflow_lists(dag: Item) -> Item:
    """One of our DAGs as Airflow's list has it."""
    schedule, following = dag["schedule"], dag["nextRun"] or {}
    return {
        "dag_id": dag["dagId"],
        "dag_display_name": dag["displayName"],
        "description": dag["description"],
        "is_paused": dag["isPaused"],
        "is_stale": dag["isStale"],
        "owners": dag["owners"],
        "tags": dag["tags"],
        "fileloc": dag["fileloc"],
        "relative_fileloc": dag["relativeFileloc"],
        "bundle_name": dag["bundleName"],
        "bundle_version": dag["bundleVersion"],
        "max_active_runs": dag["maxActiveRuns"],
        "max_active_tasks": dag["maxActiveTasks"],
        "max_consecutive_failed_dag_runs": dag["maxConsecutiveFailedDagRuns"],
        "last_parsed_time": dag["lastParsedTime"],
        "last_parse_duration": dag["lastParseDuration"],
        "has_import_errors": dag["hasImportErrors"],
        "timetable_summary": schedule["summary"],
        "timetable_description": schedule["description"],
        "timetable_partitioned": schedule["isPartitioned"],
        "next_dagrun_logical_date": following.get("logicalDate"),
        "next_dagrun_data_interval_start": following.get("dataIntervalStart"),
        "next_dagrun_data_interval_end": following.get("dataIntervalEnd"),
        "next_dagrun_run_after": following.get("runAfter"),
    }


def as_airflow_details(dag: Item) -> Item:
    """One of our DAGs as Airflow's details have it."""
    return {
        "doc_md": dag["docMd"],
        "timezone": dag["timezone"],
        "start_date": dag["startDate"],
        "end_date": dag["endDate"],
        "catchup": dag["catchup"],
        "dag_run_timeout": dag["dagRunTimeout"],
        "owner_links": {each["owner"]: each["link"] for each in dag["ownerLinks"]},
        "asset_expression": dag["schedule"]["assetExpression"],
        "latest_dag_version": (dag["version"] or {}).get("versionNumber"),
        "active_runs_count": dag["activeRunCount"],
    }


def airflows(answer: Item, like: Item) -> Item:
    """What Airflow says of those fields, in the same form."""
    found: Item = {key: answer[key] for key in like}
    for key, value in found.items():
        match key:
            case "tags":
                found[key] = sorted(tag["name"] for tag in value)
            case "latest_dag_version":
                found[key] = (value or {}).get("version_number")
            case "dag_run_timeout":
                found[key] = seconds(value)
            case _:
                found[key] = value
    return found


async def every_dag(ask: Asking) -> dict[str, Item]:
    """Our DAGs by id."""
    dags: dict[str, Item] = {}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    total = 0
    while page["hasNextPage"]:
        found = (await ask(DAGS, after=page["endCursor"]))["dags"]
        dags.update({dag["dagId"]: dag for dag in found["nodes"]})
        page, total = found["pageInfo"], found["totalCount"]
    assert len(dags) == total
    return dags


@pytest.fixture(scope="module")
def remembered() -> dict[str, dict[str, Item]]:
    """What was read, by fixture: nothing changes it."""
    return {}


@pytest.fixture
async def ours(
    name: str, ask: Asking, remembered: dict[str, dict[str, Item]]
) -> dict[str, Item]:
    if name not in remembered:
        remembered[name] = await every_dag(ask)
    return remembered[name]


async def test_every_dag_that_airflow_lists_has_the_same_fields(
    ours: dict[str, Item], said: Said
) -> None:
    theirs = {dag["dag_id"]: dag for dag in said.dags()}
    assert list(ours) == sorted(theirs)
    for dag_id, dag in ours.items():
        listed = as_airflow_lists(dag)
        assert listed == airflows(theirs[dag_id], listed), dag_id


async def test_every_dag_has_the_details_that_airflow_says(
    ours: dict[str, Item], said: Said
) -> None:
    for dag_id, dag in ours.items():
        details = as_airflow_details(dag)
        theirs = airflows(said.to(f"/api/v2/dags/{dag_id}/details"), details)
        if dag_id == "fx_schedule_cron_berlin":
            # Airflow stores the zone, and its details forget it on the way
            assert theirs["timezone"] == "UTC"
            theirs["timezone"] = "Europe/Berlin"
        assert details == theirs, dag_id


async def test_params_are_airflows_with_secrets_hidden(
    ours: dict[str, Item], said: Said
) -> None:
    for dag_id, dag in ours.items():
        theirs = said.to(f"/api/v2/dags/{dag_id}/details")["params"]
        mine = {param["name"]: param for param in dag["params"]}
        assert mine.keys() == theirs.keys()
        for name, param in mine.items():
            hidden = (dag_id, name) == ("fx_params", "password")  # Airflow shows it
            assert param["value"] == ("***" if hidden else theirs[name]["value"])
            assert param["description"] == theirs[name]["description"]
            assert (param["schema"] or {}) == theirs[name]["schema"]


async def test_runs_are_counted_by_state_as_airflow_has_them(
    ours: dict[str, Item], said: Said
) -> None:
    states = Counter(
        (dag_id, word(run["state"])) for (dag_id, _), run in said.runs().items()
    )
    counted = {
        (dag_id, each["state"]): each["count"]
        for dag_id, dag in ours.items()
        for each in dag["runStateCounts"]
    }
    assert counted == states
