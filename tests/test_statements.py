"""However much is asked for at once, an operation takes the same statements."""

import pytest

from tests.support.documents import core
from tests.support.gateways import Asking

STATEMENTS = {
    "dag_list": 4,
    "graph": 4,
    "grid": 6,
    "grid_instances": 3,
    "run": 6,
}


async def test_a_list_of_100_dags_takes_as_many_statements_as_one(
    seeded: Asking,
) -> None:
    where = {"dagId": {"startsWith": "many"}}
    one = await seeded(core("dag_list"), first=1, filter=where)
    assert len(one["dags"]["nodes"]) == 1
    assert seeded.statements == STATEMENTS["dag_list"]

    many = await seeded(core("dag_list"), first=100, filter=where)
    assert len(many["dags"]["nodes"]) == 100
    assert many["dags"]["totalCount"] == 120
    assert seeded.statements == STATEMENTS["dag_list"]


async def test_a_graph_of_1000_tasks_takes_as_many_statements_as_one_of_10(
    seeded: Asking,
) -> None:
    small = await seeded(core("graph"), dagId="small_0000")
    assert len(small["dag"]["tasks"]) == 10
    assert len(small["dag"]["edges"]) == 9
    assert seeded.statements == STATEMENTS["graph"]

    large = await seeded(core("graph"), dagId="large_0000")
    assert len(large["dag"]["tasks"]) == 1_000
    assert len(large["dag"]["graph"]["nodes"]) == 1_000
    assert len(large["dag"]["latestRun"]["taskInstances"]["nodes"]) == 1_000
    assert seeded.statements == STATEMENTS["graph"]


@pytest.mark.parametrize("document", ["grid", "grid_instances"])
async def test_a_grid_of_50_runs_takes_as_many_statements_as_one_run(
    seeded: Asking, document: str
) -> None:
    one = await seeded(core(document), dagId="small_0000", runs=1)
    assert len(one["dag"]["runs"]["nodes"]) == 1
    assert seeded.statements == STATEMENTS[document]

    many = await seeded(core(document), dagId="small_0000", runs=50)
    assert len(many["dag"]["runs"]["nodes"]) == 50
    assert seeded.statements == STATEMENTS[document]

    wide = await seeded(core(document), dagId="large_0000", runs=2)
    assert len(wide["dag"]["runs"]["nodes"]) == 2
    assert seeded.statements == STATEMENTS[document]


async def test_a_run_of_1000_tasks_takes_as_many_statements_as_one_of_10(
    seeded: Asking,
) -> None:
    for dag_id, tasks in (("small_0000", 10), ("large_0000", 1_000)):
        found = await seeded(core("run"), dagId=dag_id, runId="r0001")
        assert found["dagRun"]["taskInstances"]["totalCount"] == tasks
        assert seeded.statements == STATEMENTS["run"]


async def test_100_nodes_take_as_many_statements_as_one_of_each_type(
    seeded: Asking,
) -> None:
    found = await seeded(
        """{ dags(first: 20, filter: {dagId: {startsWith: "many"}}) { nodes { id
             version { id } tasks { id } taskGroups { id }
             runs(first: 1) { nodes { id taskInstances(first: 1) { nodes { id } } } }
        } } }"""
    )
    each = [
        [
            dag["id"],
            dag["version"]["id"],
            dag["tasks"][0]["id"],
            dag["runs"]["nodes"][0]["id"],
            dag["runs"]["nodes"][0]["taskInstances"]["nodes"][0]["id"],
        ]
        for dag in found["dags"]["nodes"]
    ]
    few = await seeded(core("node"), ids=each[0])
    taken = seeded.statements
    assert None not in few["nodes"]

    many = await seeded(core("node"), ids=[i for ids in each for i in ids])
    assert len(many["nodes"]) == 100
    assert None not in many["nodes"]
    assert seeded.statements == taken == 5
