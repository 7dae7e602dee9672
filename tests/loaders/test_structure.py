import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dagway.operation import opened
from loaders.structure import Token, parsed
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.seed import chained, dags, insert, new_id, serialized, version

EVERYTHING = """{ dag(dagId: "many_0000") {
  docMd params { name } schedule { cron }
  tasks { id taskId upstream { taskId } group { groupId } params { name } }
  edges { source { taskId } target { taskId } }
  taskGroups { groupId }
  graph { nodes { task { taskId } } edges { sourceKey } }
  version { problem tasks { taskId } }
  latestRun {
    tasks { taskId } taskIdsWithoutDefinition
    taskSummaries { taskId state }
    taskInstances { nodes { task { taskId } } }
  }
} }"""
TASKS = "query Tasks($dagId: ID!) { dag(dagId: $dagId) { tasks { id taskId } } }"
NODE = "query Node($id: ID!) { node(id: $id) { ... on Task { taskId } } }"


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("", Token((), None, None)),
        ("v", Token(("v",), None, None)),
        ("v^", Token(("v",), None, None)),
        ("v~", Token(("v",), None, None)),
        ("v#h", Token(("v",), "h", None)),
        ("v#", Token(("v",), None, None)),
        ("w,v@d|r", Token(("w", "v"), None, ("d", "r"))),
        ("w@a@b|r|s#t", Token(("w",), None, ("a@b", "r|s#t"))),
        ("@d|r", Token((), None, ("d", "r"))),
    ],
)
def test_a_token_names_versions_a_hash_and_a_run(token: str, parts: Token) -> None:
    assert parsed(token) == parts


@pytest.fixture(params=["3.3.2-sqlite", "3.3.2-postgresql"])
async def seeded(
    request: pytest.FixtureRequest, databases: Databases
) -> AsyncIterator[tuple[Asking, str, Databases]]:
    """A database with some more DAGs, which may be written to."""
    address = databases.copy(request.param)
    databases.write(address, dags(60, tasks=3, runs=1))
    async with opened(address) as gateway:
        yield Asking(gateway), address, databases


Seeded = tuple[Asking, str, Databases]


async def test_fields_that_need_one_structure_read_it_once_for_each_kind_of_row(
    seeded: Seeded,
) -> None:
    ask, _, _ = seeded

    dag = (await ask(EVERYTHING))["dag"]

    assert [task["taskId"] for task in dag["tasks"]] == ["t0000", "t0001", "t0002"]
    reads = [one.sql for one in ask.answer.executed if "data_compressed" in one.sql]
    assert len(reads) == 4  # a DAG, a version, a run, an instance


async def test_a_tasks_id_leads_to_it_until_its_version_is_rewritten(
    seeded: Seeded,
) -> None:
    ask, address, databases = seeded
    task_id = (await ask(TASKS, dagId="many_0000"))["dag"]["tasks"][1]["id"]
    assert (await ask(NODE, id=task_id))["node"] == {"taskId": "t0001"}

    databases.write(
        address, "UPDATE serialized_dag SET dag_hash = 'x' WHERE dag_id = 'many_0000'"
    )

    assert (await ask(NODE, id=task_id))["node"] is None


async def test_a_compressed_structure_is_read_like_another(seeded: Seeded) -> None:
    ask, address, databases = seeded
    packed = zlib.compress(json.dumps(serialized("many_0000", chained(5))).encode())
    blob = "'\\x%s'" if address.startswith("postgresql") else "X'%s'"
    databases.write(
        address,
        "UPDATE serialized_dag SET data = 'null', data_compressed = "
        f"{blob % packed.hex()} WHERE dag_id = 'many_0000'",
    )

    tasks = (await ask(TASKS, dagId="many_0000"))["dag"]["tasks"]

    assert len(tasks) == 5


async def test_more_structures_than_are_allowed_end_the_operation(
    seeded: Seeded,
) -> None:
    ask, _, _ = seeded
    document = """query Many($first: Int!) {
      dags(first: $first, filter: {dagId: {startsWith: "many"}}) {
        nodes { tasks { taskId } }
      } }"""

    assert len((await ask(document, first=50))["dags"]["nodes"]) == 50
    (error,) = await ask.errors(document, first=51)

    assert error["extensions"] == {"code": "NODE_LIMIT", "limit": "structures"}
    assert error["message"] == (
        "The operation needs the structures of more than 50 DAG versions; "
        "ask for fewer DAGs at once. DAGWAY_STRUCTURE_BUDGET sets this limit."
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(None, "The database holds no structure.", id="NULL"),
        pytest.param(
            {"__version": 3, "dag": {"dag_id": "other", "tasks": []}},
            "The structure has no DAG odd.",
            id="another DAG's",
        ),
    ],
)
async def test_a_structure_that_cannot_be_read_is_empty_and_says_why(
    seeded: Seeded, data: dict[str, Any] | None, problem: str
) -> None:
    ask, address, databases = seeded
    version_id = new_id()
    row = {"id": new_id(), "dag_id": "odd", "data": data, "dag_hash": "h"}
    databases.write(
        address,
        insert("dag", [{"dag_id": "odd"}])
        + version("odd", None, version_id=version_id)
        + insert("serialized_dag", [{**row, "dag_version_id": version_id}]),
    )

    dag = (
        await ask(
            """{ dag(dagId: "odd") {
              tasks { taskId } graph { nodes { key } } version { problem }
            } }"""
        )
    )["dag"]

    assert dag == {
        "tasks": [],
        "graph": {"nodes": []},
        "version": {"problem": problem},
    }
