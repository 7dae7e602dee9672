"""Orders are those of code points and instants, the same on both backends."""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from dagway.operation import opened
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.seed import EPOCH, insert, instance, one_dag, run

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = (
    "a",
    "B",
    "_",
    "-",
    "Z",
    "z",
    "ä",
    "Ä",
    "10",
    "9",
    "a b",
    "a-b",
    "aB",
    "é",
    "~",
)
"""en_US sorts these otherwise than their code points do."""


def script() -> str:
    """Words as ids and names, and instants that tie or are missing."""
    parts = []
    for number, word in enumerate(WORDS):
        name = WORDS[-number]
        parts.append(
            one_dag(f"o_{word}", tasks=1, runs=number % 3, dag_display_name=name)
        )
    parts.append(one_dag("order", tasks=1, runs=0))
    for number, word in enumerate(WORDS):
        start = None if number % 4 == 0 else EPOCH.replace(hour=number % 3)
        parts.append(
            run(
                "order",
                word,
                EPOCH,
                logical_date=None,
                start_date=start,
                end_date=start,
            )
        )
    parts.append(
        insert(
            "task_instance",
            [
                instance("order", "a", word, None, map_index=index)
                for word in WORDS
                for index in (10, 9, -1)
            ],
        )
    )
    return "\n".join(parts)


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with the same rows."""
    return databases.seeded(script())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(addresses: dict[str, str]) -> AsyncIterator[tuple[Asking, Asking]]:
    """Asks a gateway on SQLite, and one on PostgreSQL."""
    async with (
        opened(addresses["sqlite"]) as sqlite,
        opened(addresses["postgresql"]) as postgres,
    ):
        yield Asking(sqlite), Asking(postgres)


async def same(both: tuple[Asking, Asking], document: str) -> Any:
    """What both answer."""
    one, other = [await ask(document) for ask in both]
    assert one == other
    return one


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_texts_are_ordered_by_code_point(
    both: tuple[Asking, Asking], direction: str
) -> None:
    falling = direction == "DESC"
    found = await same(
        both,
        f"""{{
          ids: dags(first: 100, filter: {{dagId: {{startsWith: "o_"}}}},
            orderBy: {{by: DAG_ID, direction: {direction}}}) {{ nodes {{ dagId }} }}
          names: dags(first: 100, filter: {{dagId: {{startsWith: "o_"}}}}, orderBy:
            {{by: DISPLAY_NAME, direction: {direction}}})
            {{ nodes {{ displayName dagId }} }}
          dagRun(dagId: "order", runId: "a") {{ taskInstances(first: 100, orderBy:
            {{by: TASK_ID, direction: {direction}}})
            {{ nodes {{ taskId mapIndex }} }} }}
        }}""",
    )
    ids = [node["dagId"] for node in found["ids"]["nodes"]]
    assert ids == sorted((f"o_{word}" for word in WORDS), reverse=falling)
    names = [(n["displayName"], n["dagId"]) for n in found["names"]["nodes"]]
    assert names == sorted(names, reverse=falling)
    assert len(names) == len(WORDS)
    tasks = [
        (n["taskId"], n["mapIndex"]) for n in found["dagRun"]["taskInstances"]["nodes"]
    ]
    assert tasks == sorted(tasks, reverse=falling)
    assert len(tasks) == len(WORDS) * 3


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize(
    ("by", "field"),
    [
        ("START_DATE", "startDate"),
        ("END_DATE", "endDate"),
        ("LOGICAL_DATE", "logicalDate"),
        ("DURATION", "duration"),
        ("RUN_AFTER", "runAfter"),
    ],
)
async def test_runs_without_a_value_come_last_and_ties_as_they_were_made(
    both: tuple[Asking, Asking], by: str, field: str, direction: str
) -> None:
    found = await same(
        both,
        f"""{{ dag(dagId: "order") {{ runs(first: 100, orderBy:
          {{by: {by}, direction: {direction}}})
          {{ nodes {{ runId {field} }} }} }} }}""",
    )
    nodes = found["dag"]["runs"]["nodes"]
    assert len(nodes) == len(WORDS)
    falling = direction == "DESC"
    made = {word: number for number, word in enumerate(WORDS)}
    for one, two in pairwise((node[field], made[node["runId"]]) for node in nodes):
        if None in (one[0], two[0]):
            assert two[0] is None
            if one[0] is None:
                assert (one[1] > two[1]) is falling
        else:
            assert (one > two) is falling


async def test_runs_are_newest_first_and_dags_by_id_unless_told(
    both: tuple[Asking, Asking],
) -> None:
    found = await same(
        both,
        """{ dag(dagId: "order") { latestRun { runId } runs(first: 100) { nodes {
             runId } } } dags(first: 1000, filter: {dagId: {startsWith: "o_"}}) {
             nodes { dagId latestRun { runId } } } }""",
    )
    runs = [node["runId"] for node in found["dag"]["runs"]["nodes"]]
    assert runs == [*reversed(WORDS)]
    assert found["dag"]["latestRun"] == {"runId": WORDS[-1]}
    ids = [node["dagId"] for node in found["dags"]["nodes"]]
    assert ids == sorted(ids)
    newest = {n["dagId"]: n["latestRun"] for n in found["dags"]["nodes"]}
    for number, word in enumerate(WORDS):
        runs_made = number % 3
        expected = {"runId": f"r{runs_made - 1:04}"} if runs_made else None
        assert newest[f"o_{word}"] == expected


async def test_instances_of_all_runs_come_run_by_run(
    both: tuple[Asking, Asking],
) -> None:
    found = await same(
        both,
        """{ taskInstances(first: 1000, filter: {dagId: {in: ["order", "o_10", "o_9"]}})
             { nodes { dagRun { runAfter } runId taskId mapIndex } } }""",
    )
    nodes = found["taskInstances"]["nodes"]
    keys = [(n["dagRun"]["runAfter"], n["taskId"], n["mapIndex"]) for n in nodes]
    times = [key[0] for key in keys]
    assert times == sorted(times)
    assert len(nodes) > len(WORDS) * 3
    inside = [key[1:] for key, n in zip(keys, nodes, strict=True) if n["runId"] == "a"]
    assert inside == sorted(inside)


async def test_dags_by_their_newest_run_have_those_without_one_last(
    both: tuple[Asking, Asking],
) -> None:
    for direction, falling in (("ASC", False), ("DESC", True)):
        found = await same(
            both,
            f"""{{ dags(first: 100, filter: {{dagId: {{startsWith: "o_"}}}}, orderBy:
              {{by: LATEST_RUN, direction: {direction}}}) {{ nodes {{ dagId
              latestRun {{ runAfter }} }} }} }}""",
        )
        nodes = found["dags"]["nodes"]
        times = [n["latestRun"] and n["latestRun"]["runAfter"] for n in nodes]
        known = [time for time in times if time is not None]
        assert times == sorted(known, reverse=falling) + [None] * 5
