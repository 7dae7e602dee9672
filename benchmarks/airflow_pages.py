"""Airflow 3.3.2's requests for a page, as its own web interface makes them.

Only those that carry the page's content are asked; the page makes some 20 more. Where
its interface has no such page, those of its public API, at most 100 things a request.
"""

from collections.abc import Iterable

from benchmarks.client import get

_MOST = 100
"""Things in one page of the public API."""


def _ids(runs: Iterable[int]) -> list[str]:
    return [f"run_{number:05}" for number in runs]


def dags(first: int) -> list[bytes]:
    """The list of DAGs, with tags and the last run of each."""
    return [get(f"/ui/dags?limit={first}&dag_runs_limit=1&order_by=dag_id")]


def grid(dag_id: str, runs: range) -> list[bytes]:
    """The grid view."""
    page = f"limit={len(runs)}&order_by=-run_after"
    named = "&".join(f"run_ids={run_id}" for run_id in _ids(runs))
    return [
        get(f"/ui/grid/runs/{dag_id}?{page}"),
        get(f"/ui/grid/structure/{dag_id}?{page}"),
        get(f"/ui/grid/ti_summaries/{dag_id}?{named}"),
    ]


def graph(dag_id: str, latest: int) -> list[bytes]:
    """The graph view: the structure, the newest run and its states."""
    (run_id,) = _ids([latest])
    return [
        get(f"/ui/structure/structure_data?dag_id={dag_id}"),
        get(f"/ui/grid/runs/{dag_id}?limit=1&order_by=-run_after"),
        get(f"/ui/grid/ti_summaries/{dag_id}?run_ids={run_id}"),
    ]


def instances(dag_id: str, runs: range, tasks: int) -> list[bytes]:
    """All instances of some runs, over the public API."""
    page = f"limit={len(runs)}&order_by=-run_after"
    return [
        get(f"/api/v2/dags/{dag_id}/dagRuns?{page}"),
        *(
            get(
                f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
                f"?limit={_MOST}&offset={offset}"
            )
            for run_id in _ids(runs)
            for offset in range(0, tasks, _MOST)
        ),
    ]
