"""The pages: what is asked of each server, and which targets hold for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.airflow_pages import dags, graph, grid, instances
from benchmarks.client import get, post
from tests.support.documents import core

DAG_LIST = """{ dags(
  first: 100, filter: { dagId: { startsWith: "a_fleet_" } }, orderBy: { by: DAG_ID }
) { nodes {
  id dagId isPaused tags latestRun { id runId state startDate endDate }
} } }"""
VERSIONS = """query ($dagId: ID!) { dag(dagId: $dagId) { versions(first: 50) {
  nodes { versionNumber createdAt } } } }"""
_THEIR_DAGS = """{ allDags(first: 100, orderBy: DAG_ID_ASC) { nodes {
  id dagId isPaused dagTagsByDagId { nodes { name } }
  dagRunsByDagId(first: 1, orderBy: RUN_AFTER_DESC) { nodes {
    id runId state startDate endDate } }
} } }"""
_THEIR_GRID = """query ($dagId: String!, $runs: Int!) { dagByDagId(dagId: $dagId) {
  id dagId dagRunsByDagId(first: $runs, orderBy: RUN_AFTER_DESC) { nodes {
    id runId state logicalDate
    taskInstancesByDagIdAndRunId(first: 10000, orderBy: TASK_ID_ASC) {
      nodes { id taskId mapIndex state startDate endDate tryNumber }
      pageInfo { hasNextPage } } } }
} }"""


_NODES = 400_000
"""Instances that all runs together may have: DAGWAY_MAX_NODES is 500,000."""
_MOST_TASKS = 2_000
"""From so many on, Airflow's public API would be asked hundreds of times for a page."""
_MANY_INSTANCES = 7_500
"""Up to so many, many clients ask for them too."""


Targets = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked for.

    Attributes:
        key: What `--only` calls it.
        asked: The requests to each server that has it.
        alone: Times a round that one client asks.
        each: Times a round that each of many clients asks; 0 if they do not.
        targets: The most that dagway may take, as a multiple of a server's time; for
            one client, and for many.
    """

    key: str
    title: str
    asked: Mapping[str, Sequence[bytes]]
    alone: int
    each: int = 0
    targets: Mapping[str, Targets] = field(default_factory=dict)


def _instances(dag_id: str, runs: int, of: int, tasks: int, alone: int) -> Page:
    """The grid from instances: of a DAG's newest runs, the last of so many."""
    first = f"first: {min(10_000, _NODES // runs)}"
    document = core("grid_instances").replace("first: 10000", first)
    asked = post(document, {"dagId": dag_id, "runs": runs})
    targets: dict[tuple[int, int], dict[str, Targets]] = {
        (300, 25): {
            "limit": (1.4, 1.5),
            "naive": (1 / 8, None),
            "postgraphile": (1 / 1.2, None),
            "airflow": (1 / 10, None),
        },
        (300, 100): {
            "limit": (1.4, None),
            "naive": (1 / 8, None),
            "postgraphile": (1.0, None),
            "airflow": (1 / 8, None),
        },
    }
    servers = {
        "limit": [get(f"/grid/{dag_id}?runs={runs}")],
        "dagway": [asked],
        "naive": [asked],
        "postgraphile": [post(_THEIR_GRID, {"dagId": dag_id, "runs": runs})],
    }
    if tasks < _MOST_TASKS:
        servers["airflow"] = instances(dag_id, range(of - runs, of), tasks)
    return Page(
        f"instances-{tasks}x{runs}",
        f"grid from instances, {tasks:,} x {runs}",
        servers,
        alone,
        each=1 if tasks * runs <= _MANY_INSTANCES else 0,
        targets=targets.get((tasks, runs), {}),
    )


def _summaries(dag_id: str, runs: int, of: int, title: str, alone: int) -> Page:
    """The grid from summaries: of a DAG's newest runs, the last of so many."""
    asked = post(core("grid"), {"dagId": dag_id, "runs": runs})
    main = title == "300 x 25"
    targets: dict[str, Targets] = {
        "limit": (1.5, None),
        "naive": (1 / 8, None),
        "airflow": (1 / 10, None),
    }
    return Page(
        f"summaries-{dag_id}-{runs}",
        f"grid from summaries, {title}",
        {
            "limit": [get(f"/summaries/{dag_id}?runs={runs}")],
            "dagway": [asked],
            "structures": [asked],
            "naive": [asked],
            "airflow": grid(dag_id, range(of - runs, of)),
        },
        alone,
        each=1 if main else 0,
        targets=targets if main else {},
    )


def _graph(dag_id: str, latest: int, title: str, alone: int) -> Page:
    """The graph; the newest run has a number."""
    asked = post(core("graph"), {"dagId": dag_id})
    main = dag_id == "graph_1000"
    targets: dict[str, Targets] = {
        "limit": (1.5, None),
        "naive": (1 / 6, None),
        "airflow": (1 / 4, None),
    }
    return Page(
        f"graph-{dag_id}",
        f"graph, {title}",
        {
            "limit": [get(f"/graph/{dag_id}")],
            "dagway": [asked],
            "structures": [asked],
            "naive": [asked],
            "airflow": graph(dag_id, latest),
        },
        alone,
        each=2 if main else 0,
        targets=targets if main else {},
    )


def _without(page: Page, *servers: str) -> Page:
    """The page, of which these know nothing."""
    asked = {name: what for name, what in page.asked.items() if name not in servers}
    return replace(page, asked=asked)


def all_pages() -> list[Page]:
    """Those of `benchmarks.sizes.SHAPES`, the small ones first."""
    trivial = [post("{ __typename }", {})]
    versions = [post(VERSIONS, {"dagId": "versions"})]
    return [
        Page(
            "typename",
            "`{ __typename }`",
            {
                "limit": [get("/typename")],
                "dagway": trivial,
                "naive": trivial,
                "postgraphile": trivial,
            },
            100,
            20,
            {
                "limit": (1.5, 1.5),
                "naive": (1 / 4, None),
                "postgraphile": (1.0, None),
            },
        ),
        Page(
            "dags",
            "list of 100 DAGs of 3,200",
            {
                "limit": [get("/dags")],
                "dagway": [post(DAG_LIST, {})],
                "naive": [post(DAG_LIST, {})],
                "postgraphile": [post(_THEIR_DAGS, {})],
                "airflow": dags(100),
            },
            20,
            4,
            {
                "limit": (1.8, None),
                "naive": (1 / 6, None),
                "postgraphile": (1.0, 1 / 0.9),
                "airflow": (1 / 10, None),
            },
        ),
        _instances("grid_30", 25, 25, 30, 10),
        _instances("grid_300", 25, 100, 300, 3),
        _instances("grid_300", 100, 100, 300, 1),
        _instances("grid_2000", 28, 28, 2_000, 1),
        _instances("grid_5000", 10, 10, 5_000, 1),
        _summaries("grid_30", 25, 25, "30 x 25", 5),
        _summaries("grid_300", 25, 100, "300 x 25", 3),
        _summaries("grid_300", 100, 100, "300 x 100", 1),
        _summaries("grid_2000", 28, 28, "2,000 x 28", 1),
        _summaries("grid_5000", 10, 10, "5,000 x 10", 1),
        _summaries("long", 25, 8_000, "10 x 25 of 8,000 runs", 5),
        _summaries("mapped", 10, 10, "a task of 10,000 x 10", 2),
        _summaries("versions", 25, 25, "30 x 25 of the last of 6,000 versions", 5),
        _without(
            _summaries("grouped", 25, 25, "300 in 10 groups x 25", 3), "limit", "naive"
        ),
        _graph("graph_1000", 0, "1,000 tasks", 3),
        _graph("grid_5000", 9, "5,000 tasks", 1),
        _without(_graph("grouped", 24, "300 tasks in 10 groups", 3), "naive"),
        Page(
            "versions",
            "50 of 6,000 versions of one DAG",
            {
                "dagway": versions,
                "airflow": [get("/api/v2/dags/versions/dagVersions?limit=50")],
            },
            5,
        ),
    ]
