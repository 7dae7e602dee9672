"""However much is asked for at once, an operation takes the same statements."""

from collections.abc import AsyncIterator

import pytest

from dagway.operation import opened
from tests.support.databases import Databases
from tests.support.documents import core
from tests.support.gateways import Asking
from tests.support.seed import dags

STATEMENTS = {
    "dag_list": 4,
    "graph": 4,
    "grid": 6,
    "grid_instances": 3,
    "run": 6,
}


@pytest.fixture(scope="session")
def seeded(databases: Databases) -> dict[str, str]:
    """A database of each backend with small DAGs, large ones, and many."""
    script = "\n".join(
        (
            dags(120, tasks=3, runs=2, prefix="many"),
            dags(1, tasks=10, runs=60, prefix="small"),
            dags(1, tasks=1_000, runs=2, prefix="large"),
        )
    )
    addresses = {}
    for backend in ("sqlite", "postgresql"):
        addresses[backend] = databases.copy(f"3.3.2-{backend}")
        databases.write(addresses[backend], script)
    return addresses


@pytest.fixture(params=["sqlite", "postgresql"])
async def ask(
    request: pytest.FixtureRequest, seeded: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks a gateway on one of them."""
    async with opened(seeded[request.param]) as gateway:
        yield Asking(gateway)


async def test_a_list_of_100_dags_takes_as_many_statements_as_one(ask: Asking) -> None:
    where = {"dagId": {"startsWith": "many"}}
    one = await ask(core("dag_list"), first=1, filter=where)
    assert len(one["dags"]["nodes"]) == 1
    assert ask.statements == STATEMENTS["dag_list"]

    many = await ask(core("dag_list"), first=100, filter=where)
    assert len(many["dags"]["nodes"]) == 100
    assert many["dags"]["totalCount"] == 120
    assert ask.statements == STATEMENTS["dag_list"]


async def test_a_graph_of_1000_tasks_takes_as_many_statements_as_one_of_10(
    ask: Asking,
) -> None:
    small = await ask(core("graph"), dagId="small_0000")
    assert len(small["dag"]["tasks"]) == 10
    assert len(small["dag"]["edges"]) == 9
    assert ask.statements == STATEMENTS["graph"]

    large = await ask(core("graph"), dagId="large_0000")
    assert len(large["dag"]["tasks"]) == 1_000
    assert len(large["dag"]["graph"]["nodes"]) == 1_000
    assert len(large["dag"]["latestRun"]["taskInstances"]["nodes"]) == 1_000
    assert ask.statements == STATEMENTS["graph"]


@pytest.mark.parametrize("document", ["grid", "grid_instances"])
async def test_a_grid_of_50_runs_takes_as_many_statements_as_one_run(
    ask: Asking, document: str
) -> None:
    one = await ask(core(document), dagId="small_0000", runs=1)
    assert len(one["dag"]["runs"]["nodes"]) == 1
    assert ask.statements == STATEMENTS[document]

    many = await ask(core(document), dagId="small_0000", runs=50)
    assert len(many["dag"]["runs"]["nodes"]) == 50
    assert ask.statements == STATEMENTS[document]

    wide = await ask(core(document), dagId="large_0000", runs=2)
    assert len(wide["dag"]["runs"]["nodes"]) == 2
    assert ask.statements == STATEMENTS[document]


async def test_a_run_of_1000_tasks_takes_as_many_statements_as_one_of_10(
    ask: Asking,
) -> None:
    for dag_id, tasks in (("small_0000", 10), ("large_0000", 1_000)):
        found = await ask(core("run"), dagId=dag_id, runId="r0001")
        assert found["dagRun"]["taskInstances"]["totalCount"] == tasks
        assert ask.statements == STATEMENTS["run"]


async def test_100_nodes_take_as_many_statements_as_one_of_each_type(
    ask: Asking,
) -> None:
    found = await ask(
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
    few = await ask(core("node"), ids=each[0])
    taken = ask.statements
    assert None not in few["nodes"]

    many = await ask(core("node"), ids=[i for ids in each for i in ids])
    assert len(many["nodes"]) == 100
    assert None not in many["nodes"]
    assert ask.statements == taken == 5
