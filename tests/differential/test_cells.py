"""Grid cells are as Airflow's API server folds them, and runs keep their structure."""

from typing import Any

from tests.differential.said import Item, Said, word
from tests.differential.test_graph import airflows_rows, as_grid_rows, nested
from tests.support.gateways import Asking

CELLS = """query Cells($dagId: ID!, $after: String) {
  dag(dagId: $dagId) { runs(first: 20, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      runId
      tasks { taskId isMapped }
      taskInstances(first: 1000) { nodes { taskId } }
      taskSummaries {
        kind taskId groupId state stateCounts { state count } instanceCount
        startDate endDate versionNumber hasNote
      }
    }
  } }
}"""
MIXED = """{ dagRun(dagId: "fx_versioned", runId: "mixed") {
  isStructureExact taskIdsWithoutDefinition
  versions { versionNumber }
  edges { sourceId targetId source { versionNumber } target { versionNumber } }
  graph {
    nodes { key parentKey kind label tooltip operatorName isMapped isSetup isTeardown
            task { taskId } group { groupId } }
  }
  taskInstances { nodes { taskId task { versionNumber } } }
  taskSummaries { taskId groupId state versionNumber }
} }"""
GROUP = """{ dagRun(dagId: "fx_groups", runId: "run_1") {
  taskSummaries(groupId: "outer.inner_b") { kind taskId groupId }
} }"""


async def runs(ask: Asking, dag_id: str) -> dict[str, Item]:
    """Our runs of a DAG by id."""
    found: dict[str, Item] = {}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        data = await ask(CELLS, dagId=dag_id, after=page["endCursor"])
        page = data["dag"]["runs"]["pageInfo"]
        found.update({run["runId"]: run for run in data["dag"]["runs"]["nodes"]})
    return found


def as_airflow_folds(cell: Item) -> Item:
    """One of our cells in Airflow's words."""
    counts = {
        (one["state"] or "none").lower(): one["count"] for one in cell["stateCounts"]
    }
    return {
        "state": cell["state"],
        "child_states": None if cell["kind"] == "TASK" else counts,
        "min_start_date": cell["startDate"],
        "max_end_date": cell["endDate"],
        "dag_version_number": cell["versionNumber"],
        "has_note": cell["hasNote"],
    }


def airflows(cell: Item, like: Item) -> Item:
    """What Airflow says of a cell, in the same form."""
    found = {key: cell[key] for key in like}
    found["state"] = word(found["state"])
    if found["child_states"] is None and like["child_states"]:
        # a task of a mapped group: Airflow does not count what it folds
        found["child_states"] = like["child_states"]
    if found["child_states"] == {"none": 1} and not like["child_states"]:
        # a mapped task without instances: Airflow counts one of no state
        found["child_states"] = {}
    return found


async def test_every_runs_cells_are_what_airflow_folds(ask: Asking, said: Said) -> None:
    seen = 0
    for path, answer in said.asked("/ui/grid/ti_summaries/").items():
        dag_id = path.partition("?")[0].rpartition("/")[2]
        ours = await runs(ask, dag_id)
        for run in answer:
            if (dag_id, run["run_id"]) == ("fx_versioned", "mixed"):
                continue  # its own test
            cells = {
                cell["taskId"] or cell["groupId"]: as_airflow_folds(cell)
                for cell in ours[run["run_id"]]["taskSummaries"]
            }
            theirs = {
                cell["task_id"]: airflows(cell, cells[cell["task_id"]])
                for cell in run["task_instances"]
            }
            assert cells == theirs, (dag_id, run["run_id"])
            seen += len(cells)
    assert seen > 700


async def test_a_run_of_two_versions_has_the_rows_that_airflows_grid_shows(
    ask: Asking, said: Said
) -> None:
    run = (await ask(MIXED))["dagRun"]

    rows = as_grid_rows(nested(run["graph"]["nodes"]))
    assert rows == list(
        airflows_rows(said.to("/ui/grid/structure/fx_versioned?limit=25"))
    )
    assert run["versions"] == [{"versionNumber": 1}, {"versionNumber": 2}]
    assert run["isStructureExact"] is True
    assert run["taskIdsWithoutDefinition"] == []


async def test_a_run_of_two_versions_has_the_edges_of_tasks_that_were_removed(
    ask: Asking,
) -> None:
    run = (await ask(MIXED))["dagRun"]

    removed = [
        (edge["sourceId"], edge["targetId"])
        for edge in run["edges"]
        if 1 in (edge["source"]["versionNumber"], edge["target"]["versionNumber"])
    ]
    assert removed == [
        ("gate", "removed_late"),
        ("removed_early", "gate"),
        ("removed_late", "finish"),
        ("work.a", "removed_early"),
        ("work.b", "removed_early"),
    ]


async def test_the_cells_of_a_run_of_two_versions_are_of_the_structure_of_both(
    ask: Asking, said: Said
) -> None:
    """Airflow folds them in the structure of the first instance's version."""
    run = (await ask(MIXED))["dagRun"]
    cells = {
        cell["taskId"] or cell["groupId"]: (cell["state"], cell["versionNumber"])
        for cell in run["taskSummaries"]
    }
    (answer,) = said.asked("/ui/grid/ti_summaries/fx_versioned").values()
    (theirs,) = (one["task_instances"] for one in answer if one["run_id"] == "mixed")
    like_airflows = {
        cell["task_id"]: (word(cell["state"]), cell["dag_version_number"])
        for cell in theirs
    }
    assert cells.pop("published") == ("SUCCESS", 2)
    assert like_airflows.pop("work") == ("SUCCESS", 1)
    assert cells.pop("work") == ("SUCCESS", 2)
    assert cells == like_airflows


async def test_an_instance_has_the_task_of_its_own_version(ask: Asking) -> None:
    run = (await ask(MIXED))["dagRun"]

    instances = run["taskInstances"]["nodes"]
    versions = {one["taskId"]: one["task"]["versionNumber"] for one in instances}
    assert versions == {
        "extract": 1,
        "finish": 1,
        "gate": 2,
        "published.publish": 2,
        "removed_early": 1,
        "removed_late": 1,
        "start": 1,
        "work.a": 1,
        "work.added": 2,
        "work.b": 1,
    }


async def test_the_cells_of_a_group_are_its_own_and_those_inside_it(
    ask: Asking,
) -> None:
    assert (await ask(GROUP))["dagRun"]["taskSummaries"] == [
        {"kind": "GROUP", "taskId": None, "groupId": "outer.inner_b"},
        {"kind": "TASK", "taskId": "outer.inner_b.before", "groupId": None},
        {"kind": "GROUP", "taskId": None, "groupId": "outer.inner_b.deep"},
        {"kind": "TASK", "taskId": "outer.inner_b.deep.one", "groupId": None},
        {"kind": "TASK", "taskId": "outer.inner_b.deep.two", "groupId": None},
    ]
