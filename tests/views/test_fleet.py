"""Counts over the fleet are what plain SQL counts in each Airflow's database."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.databases import stored_names
from tests.support.gateways import Asking
from tests.views.conftest import Read

FLEET = """query Fleet($since: DateTime, $until: DateTime, $filter: DagFilter) {
  fleet(since: $since, until: $until, filter: $filter) {
    dagCount activeCount pausedCount staleCount importErrorCount
    runStateCounts { state count }
    taskInstanceStateCounts { state count }
    unfinishedTaskInstanceCounts { state count }
    failing(first: 1000) { nodes { dagId } }
    longestRunning(first: 1000) { dagId runId }
    byTag: by(dimension: TAG) { key dagCount runStateCounts { state count } }
    byOwner: by(dimension: OWNER) { key dagCount runStateCounts { state count } }
    byBundle: by(dimension: BUNDLE) { key dagCount runStateCounts { state count } }
  }
}"""
UNFINISHED = {
    "scheduled",
    "queued",
    "running",
    "restarting",
    "up_for_retry",
    "up_for_reschedule",
    "deferred",
    "awaiting_input",
}
Row = dict[str, Any]


def counted(pairs: list[Row]) -> dict[str | None, int]:
    """Counts by Airflow's own word."""
    return {pair["state"] and pair["state"].lower(): pair["count"] for pair in pairs}


def run_after(run: Row) -> datetime:
    """When a run may start; Airflow 2 does not say so itself."""
    text = run.get("run_after") or run["data_interval_end"] or run["execution_date"]
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Stored:
    """All DAGs and runs of a database."""

    def __init__(self, read: Read) -> None:
        self.dags = {row["dag_id"]: row for row in read("SELECT * FROM dag")}
        self.runs = read("SELECT * FROM dag_run")
        self.tags = read("SELECT name, dag_id FROM dag_tag")
        self.instances = read("SELECT dag_id, run_id, state FROM task_instance")

    def is_stale(self, dag: Row) -> bool:
        """Whether Airflow no longer finds a DAG, in each version's words."""
        return bool(dag["is_stale"] if "is_stale" in dag else not dag["is_active"])

    def names(self, dimension: str, dag: Row) -> set[str]:
        """What groups a DAG is in."""
        if dimension == "byTag":
            return {tag["name"] for tag in self.tags if tag["dag_id"] == dag["dag_id"]}
        if dimension == "byOwner":
            return {name.strip() for name in dag["owners"].split(",")}
        return {dag["bundle_name"]} if dag.get("bundle_name") else set()


@pytest.mark.parametrize("name", stored_names())
async def test_every_count_is_that_of_plain_sql(ask: Asking, read: Read) -> None:
    stored = Stored(read)
    newest = max(map(run_after, stored.runs))
    window = (newest - timedelta(days=7), newest)
    inside = [r for r in stored.runs if window[0] <= run_after(r) <= window[1]]
    ids = {(run["dag_id"], run["run_id"]) for run in inside}

    found = (
        await ask(FLEET, since=window[0].isoformat(), until=window[1].isoformat())
    )["fleet"]

    dags = stored.dags.values()
    stale = [dag for dag in dags if stored.is_stale(dag)]
    paused = [dag for dag in dags if dag["is_paused"] and dag not in stale]
    assert found["dagCount"] == len(dags)
    assert found["staleCount"] == len(stale)
    assert found["pausedCount"] == len(paused)
    assert found["activeCount"] == len(dags) - len(stale) - len(paused)
    assert found["importErrorCount"] == len(read("SELECT id FROM import_error"))
    assert counted(found["runStateCounts"]) == Counter(run["state"] for run in inside)
    assert counted(found["taskInstanceStateCounts"]) == Counter(
        one["state"]
        for one in stored.instances
        if (one["dag_id"], one["run_id"]) in ids
    )
    assert counted(found["unfinishedTaskInstanceCounts"]) == Counter(
        one["state"] for one in stored.instances if one["state"] in UNFINISHED
    )
    last: dict[str, Row] = {}
    for run in sorted(stored.runs, key=lambda run: (run_after(run), run["id"])):
        last[run["dag_id"]] = run
    assert [dag["dagId"] for dag in found["failing"]["nodes"]] == sorted(
        dag_id
        for dag_id, run in last.items()
        if run["state"] == "failed" and dag_id in stored.dags
    )
    running = [r for r in stored.runs if r["state"] == "running" and r["start_date"]]
    assert found["longestRunning"] == [
        {"dagId": run["dag_id"], "runId": run["run_id"]}
        for run in sorted(running, key=lambda run: (run["start_date"], run["id"]))
    ]
    for dimension in ("byTag", "byOwner", "byBundle"):
        groups: dict[str, set[str]] = defaultdict(set)
        for dag in dags:
            for group in stored.names(dimension, dag):
                groups[group].add(dag["dag_id"])
        assert [group["key"] for group in found[dimension]] == sorted(groups)
        for group in found[dimension]:
            members = groups[group["key"]]
            assert group["dagCount"] == len(members)
            assert counted(group["runStateCounts"]) == Counter(
                run["state"] for run in inside if run["dag_id"] in members
            )


async def test_both_ends_of_the_window_are_in_it(ask: Asking, read: Read) -> None:
    (run,) = read(
        "SELECT * FROM dag_run WHERE dag_id = 'fx_retry' AND run_id = 'run_1'"
    )
    at = run_after(run)
    tick = timedelta(microseconds=1)

    async def runs(since: datetime, until: datetime) -> int:
        found = await ask(
            """query ($since: DateTime, $until: DateTime) {
                 fleet(since: $since, until: $until,
                       filter: { dagId: { eq: "fx_retry" } }) {
                   runStateCounts { count } taskInstanceStateCounts { count } } }""",
            since=since.isoformat(),
            until=until.isoformat(),
        )
        assert bool(found["fleet"]["taskInstanceStateCounts"]) == bool(
            found["fleet"]["runStateCounts"]
        )
        return sum(each["count"] for each in found["fleet"]["runStateCounts"])

    assert await runs(at, at) == 1
    assert await runs(at - tick, at - tick) == 0
    assert await runs(at + tick, at + tick) == 0
    assert await runs(at, at + tick) == await runs(at - tick, at) == 1


INSTANCES = """query ($since: DateTime, $until: DateTime) {
  fleet(since: $since, until: $until) { taskInstanceStateCounts { count } }
}"""


async def test_instances_are_counted_for_7_days_and_no_longer(ask: Asking) -> None:
    week = {"since": "2026-11-18T00:00:00Z", "until": "2026-11-25T00:00:00Z"}
    longer = {**week, "until": "2026-11-25T00:00:00.000001Z"}

    assert (await ask(INSTANCES, week))["fleet"]["taskInstanceStateCounts"]
    (error,) = await ask.errors(INSTANCES, **longer)

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith(
        "taskInstanceStateCounts counts a window of at most 7 days"
    )


@pytest.mark.parametrize(
    ("since", "until", "counted"),
    [
        (None, None, False),
        ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", True),
        (None, "2026-11-24T00:00:00Z", True),
        ("2999-01-01T00:00:00Z", None, False),
    ],
)
async def test_a_window_is_a_day_long_unless_said_otherwise(
    ask: Asking, since: str | None, until: str | None, *, counted: bool
) -> None:
    found = await ask(INSTANCES, since=since, until=until)

    # the fixture's runs are of 2026-11-23, more than a day ago
    assert bool(found["fleet"]["taskInstanceStateCounts"]) == counted


async def test_a_window_that_ends_before_it_begins_is_refused(ask: Asking) -> None:
    (error,) = await ask.errors(
        INSTANCES, since="2026-11-25T00:00:00Z", until="2026-11-24T00:00:00Z"
    )

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == (
        "until is before since; the window runs from since to until."
    )


async def test_longest_running_has_no_fewer_than_none(ask: Asking) -> None:
    (error,) = await ask.errors("{ fleet { longestRunning(first: -1) { id } } }")

    assert error["message"] == "first is -1; 0 or more is allowed."


@pytest.mark.parametrize("name", stored_names())
async def test_a_filter_by_the_newest_run_counts_as_naming_those_dags_does(
    ask: Asking,
) -> None:
    states = ["SUCCESS", "FAILED", "RUNNING"]
    listed = await ask(
        """query ($states: [DagRunState!]) {
          dags(first: 1000, filter: {latestRunStateIn: $states}) { nodes { dagId } }
        }""",
        states=states,
    )
    dag_ids = [dag["dagId"] for dag in listed["dags"]["nodes"]]
    window = {"since": "2026-11-20T00:00:00Z", "until": "2026-11-26T00:00:00Z"}

    by_run = await ask(FLEET, **window, filter={"latestRunStateIn": states})
    by_name = await ask(FLEET, **window, filter={"dagId": {"in": dag_ids}})

    assert dag_ids
    assert by_run == by_name
