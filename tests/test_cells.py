"""Grid cells are the same whether none, some or most of a DAG's tasks are mapped.

How many are decides how instances are read.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from dagway.operation import opened
from metadb.visibility import Grant, Visibility
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.seed import (
    EPOCH,
    insert,
    instance,
    literal,
    new_id,
    run,
    serialized,
    version,
)

MAPPED = {"none": (), "some": ("both",), "most": ("both", "expanded")}
"""The tasks that are mapped, by the DAG's id."""
CELLS = """query ($dagId: ID!) { dag(dagId: $dagId) { runs { nodes {
  taskSummaries { kind taskId state stateCounts { state count } instanceCount
                  startDate endDate versionNumber hasNote }
} } } }"""
COUNTS = """query ($dagId: ID!) { dag(dagId: $dagId) { runs { nodes {
  taskSummaries { taskId stateCounts { state count } }
} } } }"""
ONE = [{"state": "FAILED", "count": 1}, {"state": "SUCCESS", "count": 2}]


def instances(dag_id: str, version_id: str) -> str:
    """Plain and mapped instances of tasks, of which `gone` is in no structure."""
    later = EPOCH + timedelta(hours=1)
    given: tuple[tuple[str, int, str], ...] = (
        ("plain", -1, "success"),
        ("both", -1, "success"),
        ("both", 0, "success"),
        ("both", 1, "failed"),
        ("expanded", 0, "failed"),
        ("expanded", 1, "success"),
        ("expanded", 2, "success"),
        ("gone", 7, "skipped"),
    )
    rows = [
        instance(
            dag_id,
            "r",
            task_id,
            version_id,
            map_index=map_index,
            state=state,
            end_date=later + timedelta(minutes=map_index),
        )
        for task_id, map_index, state in given
    ]
    note = {
        "ti_id": rows[4]["id"],
        "content": "x",
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }
    return insert("task_instance", rows) + insert("task_instance_note", [note])


def dag(dag_id: str, mapped: Sequence[str]) -> str:
    """A DAG of three tasks, some of them mapped, with a run of all kinds of rows."""
    data: Any = serialized(dag_id, {"plain": (), "both": (), "expanded": ()})
    for task in data["dag"]["tasks"]:
        if task["__var"]["task_id"] in mapped:
            task["__var"] |= {"_is_mapped": True, "partial_kwargs": {}}
    version_id = new_id()
    return "\n".join(
        (
            insert("dag", [{"dag_id": dag_id}]),
            version(dag_id, data, version_id=version_id),
            run(dag_id, "r", EPOCH),
            instances(dag_id, version_id),
        )
    )


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with these DAGs."""
    made = [dag(dag_id, mapped) for dag_id, mapped in MAPPED.items()]
    return databases.seeded("\n".join(made))


@pytest.fixture(params=["sqlite", "postgresql"])
async def ask(
    request: pytest.FixtureRequest, addresses: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks a gateway on one of them."""
    async with opened(addresses[request.param]) as gateway:
        yield Asking(gateway)


def cells(found: Any) -> dict[str, Any]:
    """The only run's, by task."""
    (only,) = found["dag"]["runs"]["nodes"]
    return {cell.pop("taskId"): cell for cell in only["taskSummaries"]}


@pytest.mark.parametrize("dag_id", MAPPED)
async def test_cells_count_plain_and_mapped_instances(ask: Asking, dag_id: str) -> None:
    found = cells(await ask(CELLS, dagId=dag_id))

    assert [*found] == ["both", "expanded", "plain", "gone"]
    for task_id in ("plain", "both", "expanded"):
        is_mapped = task_id in MAPPED[dag_id]
        assert found[task_id].pop("kind") == ("MAPPED_TASK" if is_mapped else "TASK")
        assert found[task_id].pop("stateCounts") == (ONE if is_mapped else [])
    shown = {
        "state": "FAILED",
        "instanceCount": 3,
        "startDate": "2026-01-01T00:00:00Z",
        "endDate": "2026-01-01T01:01:00Z",
        "versionNumber": 1,
        "hasNote": False,
    }
    assert found["both"] == shown
    assert found["expanded"] == {
        **shown,
        "endDate": "2026-01-01T01:02:00Z",
        "hasNote": True,
    }
    assert found["plain"] == {
        **shown,
        "state": "SUCCESS",
        "instanceCount": 1,
        "endDate": "2026-01-01T00:59:00Z",
    }
    assert found["gone"]["kind"] == "MAPPED_TASK"
    assert found["gone"]["stateCounts"] == [{"state": "SKIPPED", "count": 1}]


@pytest.mark.parametrize("dag_id", MAPPED)
async def test_cells_are_counted_without_dates_too(ask: Asking, dag_id: str) -> None:
    found = cells(await ask(COUNTS, dagId=dag_id))

    shown = {task_id: cell["stateCounts"] for task_id, cell in found.items()}
    assert shown == {
        **{task_id: ONE if task_id in MAPPED[dag_id] else [] for task_id in found},
        "gone": [{"state": "SKIPPED", "count": 1}],
    }


async def test_cells_take_as_many_statements_however_many_tasks_are_mapped(
    ask: Asking,
) -> None:
    taken = []
    for dag_id in MAPPED:
        await ask(CELLS, dagId=dag_id)
        taken.append(ask.statements)

    assert len(set(taken)) == 1


@pytest.mark.parametrize("dag_id", MAPPED)
async def test_cells_are_the_same_under_a_permission(ask: Asking, dag_id: str) -> None:
    free = await ask(CELLS, dagId=dag_id)
    ask.visible = Visibility(allow=(Grant(dag_ids=(dag_id,)),))

    assert await ask(CELLS, dagId=dag_id) == free


async def test_mapped_instances_at_the_ends_of_time_have_cells(
    databases: Databases,
) -> None:
    made = "".join(dag(dag_id, mapped) for dag_id, mapped in MAPPED.items())
    ends = "UPDATE task_instance SET start_date = '-infinity', end_date = 'infinity' "
    address = databases.copy("3.3.2-postgresql")
    databases.write(
        address,
        made + ends + f"WHERE dag_id IN ({', '.join(map(literal, MAPPED))});",
    )
    async with opened(address) as gateway:
        ask = Asking(gateway)
        for dag_id in MAPPED:
            for cell in cells(await ask(CELLS, dagId=dag_id)).values():
                assert (cell["startDate"], cell["endDate"]) == (None, None)
