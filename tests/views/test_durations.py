"""How long things take is what plain Python makes of the rows of each Airflow."""

from collections import defaultdict
from datetime import UTC, datetime
from statistics import fmean, quantiles
from typing import Any

import pytest

from tests.support.databases import stored_names
from tests.support.gateways import Asking
from tests.views.conftest import Read

pytestmark = pytest.mark.parametrize("name", stored_names())

STATS = """fragment all on DurationStats {
  count mean min max p50 p95 queuedP50 queuedP95 landingP50 landingP95
}
"""
OF_DAGS = (
    STATS
    + """query Stats($runs: Int!) {
  dags(first: 1000) { nodes { dagId runStats(runs: $runs) { ...all } } }
}"""
)
OF_TASKS = (
    STATS
    + """query Stats($runs: Int!, $dagId: ID!) {
  dag(dagId: $dagId) { tasks { taskId stats(runs: $runs) { ...all } } }
}"""
)
NOT_PUNCTUAL = {"manual", "backfill", "asset_materialization"}
Row = dict[str, Any]


def instant(value: str | None) -> datetime | None:
    """A stored instant."""
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one instant to another."""
    return None if start is None or end is None else (end - start).total_seconds()


def run_after(run: Row) -> datetime | None:
    """When a run may start; Airflow 2 does not say so itself."""
    if "run_after" in run:
        return instant(run["run_after"])
    return instant(run["data_interval_end"] or run["execution_date"])


def share(values: list[float], at: int) -> float | None:
    """A percentile of 20ths, interpolated linearly."""
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=20, method="inclusive")[at - 1]


def statistics(rows: list[tuple[float | None, float | None, float | None]]) -> Row:
    """Of (duration, wait, landing time): what is to be answered."""
    durations, waits, landings = (
        [value for value in column if value is not None]
        for column in (zip(*rows, strict=True) if rows else ([], [], []))
    )
    waits = [value for value in waits if value >= 0]
    return {
        "count": len(durations),
        "mean": fmean(durations) if durations else None,
        "min": min(durations, default=None),
        "max": max(durations, default=None),
        "p50": share(durations, 10),
        "p95": share(durations, 19),
        "queuedP50": share(waits, 10),
        "queuedP95": share(waits, 19),
        "landingP50": share(landings, 10),
        "landingP95": share(landings, 19),
    }


def newest(runs: list[Row], size: int) -> dict[str, list[Row]]:
    """Each DAG's newest runs that have ended."""
    found: dict[str, list[Row]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: (run_after(run), run["id"]), reverse=True):
        if run["end_date"] is not None and len(found[run["dag_id"]]) < size:
            found[run["dag_id"]].append(run)
    return found


def landing(run: Row, end: str | None) -> float | None:
    """A landing time, where it is a promise."""
    return (
        None
        if run["run_type"] in NOT_PUNCTUAL
        else between(run_after(run), instant(end))
    )


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_statistics_of_runs(ask: Asking, read: Read, size: int) -> None:
    windows = newest(read("SELECT * FROM dag_run"), size)

    found = (await ask(OF_DAGS, runs=size))["dags"]["nodes"]

    for dag in found:
        rows = [
            (
                between(instant(run["start_date"]), instant(run["end_date"])),
                between(instant(run["queued_at"]), instant(run["start_date"])),
                landing(run, run["end_date"]),
            )
            for run in windows[dag["dagId"]]
        ]
        assert dag["runStats"] == pytest.approx(statistics(rows)), dag["dagId"]
    counts = {dag["runStats"]["count"] for dag in found}
    assert max(counts) <= size
    assert {0, 1} <= counts


@pytest.mark.parametrize("dag_id", ["fx_mapped", "fx_external", "fx_fails"])
async def test_statistics_of_tasks(ask: Asking, read: Read, dag_id: str) -> None:
    runs = newest(read("SELECT * FROM dag_run"), 5)[dag_id]
    rows: dict[str, list[tuple[float | None, float | None, float | None]]]
    rows = defaultdict(list)
    for run in runs:
        for one in read(
            "SELECT task_id, duration, queued_dttm, start_date, end_date FROM "
            f"task_instance WHERE dag_id = '{dag_id}' AND run_id = '{run['run_id']}'"
        ):
            if one["end_date"] is not None:
                waited = between(
                    instant(one["queued_dttm"]), instant(one["start_date"])
                )
                landed = landing(run, one["end_date"])
                rows[one["task_id"]].append((one["duration"], waited, landed))

    found = (await ask(OF_TASKS, runs=5, dagId=dag_id))["dag"]["tasks"]

    for task in found:
        expected = statistics(rows[task["taskId"]])
        assert task["stats"] == pytest.approx(expected), task["taskId"]
