"""What is kept of structures changes no answer, and is bounded."""

import gc
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from dagway.operation import Gateway, opened
from loaders.kept_structures import MIB, TEXT, KeptStructures, decoded, rows_of
from loaders.structure import (
    EDGE_COLUMNS,
    GRAPH_EDGE_COLUMNS,
    GRAPH_NODE_COLUMNS,
    TASK_COLUMNS,
)
from metadb.kept import Kept
from metadb.session import Bounds
from metadb.statement import rows_per_key
from metadb.structure import Structure
from metadb.visibility import Grant, Visibility
from tests.support import seed
from tests.support.databases import Databases
from tests.support.documents import core
from tests.support.gateways import Asking
from tests.support.http import app_client
from tests.test_grants import timeless
from tests.test_read_only import DOCUMENTS, variables

VERSIONS = [
    *("2.7.3-sqlite", "2.10.5-postgresql", "2.11.2-to-3.3.2-postgresql"),
    *("3.0.6-postgresql", "3.1.8-sqlite", "3.3.2-postgresql"),
    "3.3.2-sqlite-compressed",
]
LISTED = "{ dags(first: 1000) { nodes { dagId } } }"
TASKS = "query ($dagId: ID!) { dag(dagId: $dagId) { tasks { id taskId } } }"
MANY = """query Many($first: Int!, $after: String) {
  dags(first: $first, after: $after, filter: {dagId: {startsWith: "many"}}) {
    nodes { tasks { taskId } } pageInfo { endCursor } } }"""
SMALL, LARGE = {"dagId": "small_0000"}, {"dagId": "large_0000"}


@asynccontextmanager
async def both(
    address: str, size: int = 64 * MIB, bounds: Bounds | None = None
) -> AsyncIterator[tuple[Asking, Asking]]:
    """Asks a gateway that keeps nothing, and one that keeps structures."""
    async with opened(address, bounds=bounds) as gateway:
        keeping = replace(gateway, structures=KeptStructures(size))
        yield Asking(gateway), Asking(keeping)


@pytest.fixture
async def asking(
    name: str, databases: Databases
) -> AsyncIterator[tuple[Asking, Asking]]:
    """The same on a fixture, which is not written to."""
    async with both(databases.address(name)) as two:
        yield two


@pytest.fixture(params=["sqlite", "postgresql"])
async def keeping(
    request: pytest.FixtureRequest, seeded_addresses: dict[str, str]
) -> AsyncIterator[tuple[Asking, Asking]]:
    """The same on a database with small DAGs, large ones, and many."""
    async with both(seeded_addresses[request.param]) as two:
        yield two


def kept_by(ask: Asking) -> KeptStructures:
    assert ask.gateway.structures is not None
    return ask.gateway.structures


def texts(ask: Asking) -> int:
    """How many statements of the last answer fetched structures' texts."""
    return sum("data_compressed" in one.sql for one in ask.answer.executed)


@pytest.mark.parametrize("name", VERSIONS)
async def test_every_document_answers_as_it_does_without(
    asking: tuple[Asking, Asking],
) -> None:
    plain, keeping = asking
    for document in DOCUMENTS.values():
        given = variables(document)
        expected = timeless(await plain(document, given))
        for _ in range(3):
            assert timeless(await keeping(document, given)) == expected
    for dag in (await plain(LISTED))["dags"]["nodes"]:
        expected = await plain(core("graph"), dag)
        for _ in range(2):
            assert await keeping(core("graph"), dag) == expected
        assert texts(keeping) == 0
    await assert_as_stored(keeping.gateway, kept_by(keeping))


async def assert_as_stored(gateway: Gateway, kept: KeptStructures) -> None:
    """Whoever read them has left structures as the database has them."""
    found = {key[2]: one for key, (one, _) in kept._kept._found.items()}
    assert len(found) > 40
    session = gateway.request().session
    rows = await rows_per_key(session, rows_of([*found], TEXT))
    await session.close()
    fresh = {row[2]: decoded(row[1:]) for row in rows}
    for version, (structure, source) in found.items():
        assert source == fresh[version].source
        own = fresh[version].structure
        assert structure.members == own.members
        assert structure.tree == own.tree
        assert structure.graph(None, 0, 0) == own.graph(None, 0, 0)
        assert structure.edges == own.edges
        tasks, stored = structure.all_tasks, own.all_tasks
        remembered = {name: [*column] for name, column in vars(tasks).items()}
        assert remembered == {name: [*stored.column(name)] for name in remembered}


def changed(data: str, *more: str) -> str:
    """SQL that writes the structure of fx_chain over, as Airflow does."""
    renamed = f"replace(CAST(data AS text), 'step_2', {data})"
    return (
        f"UPDATE serialized_dag SET data = {renamed}{', '.join(('', *more))} "
        "WHERE dag_id = 'fx_chain'"
    )


@pytest.mark.parametrize(
    "name", ["2.7.3-sqlite", "2.10.5-postgresql", "3.1.8-sqlite", "3.3.2-postgresql"]
)
async def test_a_structure_that_is_written_over_is_the_new_one(
    name: str, databases: Databases
) -> None:
    address = databases.copy(name)
    kind = "json" if name.startswith("2") else "jsonb"
    at = "last_updated = '2030-01-01 00:00:00.00000%d'"
    async with both(address) as (plain, keeping):
        first = await keeping(TASKS, dagId="fx_chain")
        for number, more in enumerate(
            (
                ("dag_hash = '0123456789abcdef0123456789abcdef'",),
                ("dag_hash = 'f123456789abcdef0123456789abcdef'", at % 1),
                (at % 2,),  # with the hash that it had
            )
        ):
            script = changed(f"'step_{number}_2'", *more)
            script = script.replace("'step_2'", f"'{_names(first)[1]}'")
            if name.endswith("postgresql"):
                script = script.replace("data = replace(", "data = CAST(replace(")
                script = script.replace(f"_{number}_2')", f"_{number}_2') AS {kind})")
            databases.write(address, script)
            again = await keeping(TASKS, dagId="fx_chain")
            assert texts(keeping) == 1
            assert _names(again) == [
                f"step_{number}_2" if at == 1 else task_id
                for at, task_id in enumerate(_names(first))
            ]
            assert again == await plain(TASKS, dagId="fx_chain")
            assert await keeping(TASKS, dagId="fx_chain") == again
            assert texts(keeping) == 0
            first = again


def _names(found: Any) -> list[str]:
    return [task["taskId"] for task in found["dag"]["tasks"]]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_a_new_version_is_another_and_runs_still_show_the_old_one(
    backend: str, databases: Databases
) -> None:
    address = databases.seeded(seed.dags(1, tasks=3, runs=1))[backend]
    document = """{ dag(dagId: "many_0000") { tasks { taskId }
      latestRun { tasks { taskId } taskSummaries { taskId state } } } }"""
    async with both(address) as (plain, keeping):
        assert await keeping(document) == await plain(document)
        databases.write(
            address,
            seed.version(
                "many_0000",
                seed.serialized("many_0000", {"t0000": ["new"], "new": []}),
                number=2,
            ),
        )
        for _ in range(2):
            found = await keeping(document)
            assert found == await plain(document)
            assert _names(found) == ["t0000", "new"]
            assert len(found["dag"]["latestRun"]["tasks"]) == 3


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_a_migration_may_write_texts_anew_and_nothing_else(
    backend: str, databases: Databases
) -> None:
    address = databases.seeded(seed.dags(1, tasks=3, runs=1))[backend]
    data = seed.literal(seed.serialized("many_0000", {"migrated": []}))
    async with both(address) as (_, keeping):
        assert len(_names(await keeping(TASKS, dagId="many_0000"))) == 3
        databases.write(
            address,
            "UPDATE alembic_version SET version_num = 'a-later-one';"
            f"UPDATE serialized_dag SET data = {data} WHERE dag_id = 'many_0000'",
        )
        await keeping.gateway.current.look()
        assert _names(await keeping(TASKS, dagId="many_0000")) == ["migrated"]


@pytest.mark.parametrize(
    ("document", "more", "statements"),
    [("graph", {}, 4), ("grid", {"runs": 2}, 6), ("run", {"runId": "r0001"}, 6)],
)
async def test_texts_are_one_statement_more_and_then_none(
    keeping: tuple[Asking, Asking],
    document: str,
    more: dict[str, Any],
    statements: int,
) -> None:
    plain, ask = keeping
    for dag in (SMALL, LARGE):
        expected = timeless(await plain(core(document), {**dag, **more}))
        assert plain.statements == statements
        for read in (1, 0, 0):
            found = await ask(core(document), {**dag, **more})
            assert timeless(found) == expected
            assert texts(ask) == read
            assert ask.statements == statements + read


async def test_texts_of_many_are_one_statement_whatever_is_kept(
    keeping: tuple[Asking, Asking],
) -> None:
    plain, ask = keeping
    for first, read in ((1, 1), (2, 1), (40, 1), (40, 0), (1, 0)):
        assert await ask(MANY, first=first) == await plain(MANY, first=first)
        assert texts(ask) == read
        assert ask.statements == plain.statements + read
    kept = kept_by(ask)
    assert (kept.hits, kept.misses) == (1 + 2 + 40 + 1, 40)


async def test_the_budget_of_structures_refuses_what_it_refuses_without(
    keeping: tuple[Asking, Asking],
) -> None:
    plain, ask = keeping
    page = (await ask(MANY, first=50))["dags"]["pageInfo"]
    await ask(MANY, first=20, after=page["endCursor"])
    assert len(kept_by(ask)._kept) == 70
    expected = await plain.errors(MANY, first=51)
    assert expected[0]["extensions"] == {"code": "NODE_LIMIT", "limit": "structures"}
    assert await ask.errors(MANY, first=51) == expected


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_the_budget_of_rows_refuses_what_it_refuses_without(
    backend: str, seeded_addresses: dict[str, str]
) -> None:
    async def refused(ask: Asking) -> bool:
        return bool(await ask.errors(MANY, first=10))

    address, rows = seeded_addresses[backend], 0
    is_refused = True
    while is_refused:
        rows += 1
        async with both(address, bounds=Bounds(rows=rows)) as (plain, keeping):
            is_refused = await refused(plain)
            cold, warm = await refused(keeping), await refused(keeping)
            assert (cold, warm) == (is_refused, is_refused)
    assert rows > 30


@pytest.mark.parametrize("size", [0, 40_000, 200_000])
async def test_no_more_is_kept_than_is_allowed(
    size: int, seeded_addresses: dict[str, str]
) -> None:
    async with both(seeded_addresses["sqlite"], size) as (plain, keeping):
        for first in (40, 7, 40):
            assert await keeping(MANY, first=first) == await plain(MANY, first=first)
            assert kept_by(keeping).size <= size
        for given in (LARGE, SMALL):
            assert await keeping(TASKS, given) == await plain(TASKS, given)
        kept = kept_by(keeping)
    assert (kept.hits > 0) is (len(kept._kept) > 0) is (size > 0)


async def test_what_is_kept_is_seen_by_those_who_may_see_it(
    asking: tuple[Asking, Asking],
) -> None:
    plain, keeping = asking
    document = """query ($dagId: ID!) { dag(dagId: $dagId) {
      tasks { id taskId templateFieldValues } graph { nodes { key } } } }"""
    node = "query ($id: ID!) { node(id: $id) { ... on Task { taskId } } }"
    given = {"dagId": "fx_trigger_parent"}
    some = Visibility((Grant(dag_ids=("fx_trigger_parent",)),))
    others = Visibility((Grant(),), (Grant(dag_ids=("fx_trigger_parent",)),))
    whole = await plain(document, given)
    for visible in (None, some, others, None, others, some):
        plain.visible = keeping.visible = visible
        found = await keeping(document, given)
        assert found == await plain(document, given)
        by_id = await keeping(node, id=whole["dag"]["tasks"][0]["id"])
        if visible is others:
            assert found["dag"] is None
            assert by_id["node"] is None
        else:
            fields = found["dag"]["tasks"][0]["templateFieldValues"]
            hidden = "fx_trigger_child" if visible is None else "***"
            assert fields["trigger_dag_id"] == hidden
            assert by_id["node"] == {"taskId": "start_child"}
    assert kept_by(keeping).misses == 1


@pytest.mark.parametrize("name", ["2.9.3-sqlite", "3.3.2-sqlite"])
@pytest.mark.parametrize("lacking", ["dag_hash = ''", "last_updated = 'once'"])
async def test_what_has_no_hash_or_no_instant_is_not_kept(
    name: str, lacking: str, databases: Databases
) -> None:
    address = databases.copy(name)
    databases.write(address, f"UPDATE serialized_dag SET {lacking}")
    async with both(address) as (plain, keeping):
        for _ in range(2):
            found = await keeping(TASKS, dagId="fx_chain")
            assert found == await plain(TASKS, dagId="fx_chain")
            assert texts(keeping) == 1
        assert kept_by(keeping).size == 0


@pytest.mark.parametrize("name", ["2.9.3-sqlite", "3.3.2-postgresql"])
async def test_a_structure_that_cannot_be_read_is_kept_with_its_problem(
    name: str, databases: Databases
) -> None:
    address = databases.copy(name)
    databases.write(
        address, "UPDATE serialized_dag SET data = '[5]' WHERE dag_id = 'fx_chain'"
    )
    document = """{ dag(dagId: "fx_chain") { docMd tasks { taskId }
      version { problem } } }"""
    async with both(address) as (plain, keeping):
        expected = await plain(document)
        assert "not an object" in expected["dag"]["version"]["problem"]
        for _ in range(2):
            assert await keeping(document) == expected
        assert texts(keeping) == 0


@pytest.mark.parametrize("name", ["2.7.3-sqlite", "3.3.2-sqlite"])
async def test_structures_take_no_more_than_their_sizes(asking: Any) -> None:
    plain, keeping = asking
    listed = (await plain(LISTED))["dags"]["nodes"]
    for dag in listed:
        await keeping(core("graph"), dag)
    versions = [key[2] for key in kept_by(keeping)._kept._found]
    session = plain.gateway.request().session
    rows = await rows_per_key(session, rows_of(versions, TEXT))
    await session.close()
    dense = {f"t{at}": [f"t{to}" for to in range(at + 1, 150)] for at in range(150)}
    text = seed.literal(seed.serialized("dense", dense))[1:-1]
    kept: Kept[int, Any] = Kept(64 * MIB)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for at, row in enumerate((*rows, (0, "dense", "v", 1, "h", text, None))):
            one = decoded(row[1:])
            assert read_whole(one.structure) > 0
            kept.put(at, one, one.size)
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(kept) == len(rows) + 1 > 40
    assert kept.size / 3 < taken < kept.size


def read_whole(structure: Structure) -> int:
    """Read all that there is; how many columns that were."""
    graph = structure.graph(None, 0, 0)
    columns = [
        members.column(name)
        for members, names in (
            (structure.all_tasks, TASK_COLUMNS),
            (structure.edges, EDGE_COLUMNS),
            (graph.nodes, GRAPH_NODE_COLUMNS),
            (graph.edges, GRAPH_EDGE_COLUMNS),
        )
        for name in names - {"count", "index"}
    ]
    return len(columns)


async def test_hits_misses_and_bytes_are_counted(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    asked = {"query": TASKS, "variables": {"dagId": "fx_chain"}}
    async with app_client(address, DAGWAY_STRUCTURE_CACHE="1") as client:
        for _ in range(3):
            answer = await client.post("/graphql", json=asked)
            assert len(answer.json()["data"]["dag"]["tasks"]) > 2
        found = await client.get("/metrics")
    async with app_client(address) as client:
        await client.post("/graphql", json=asked)
        without = await client.get("/metrics")
    lines = dict(
        line.split() for line in found.text.splitlines() if "structure" in line[:20]
    )
    assert float(lines["dagway_structure_cache_hits_total"]) == 2
    assert float(lines["dagway_structure_cache_misses_total"]) == 1
    assert 10_000 < float(lines["dagway_structure_cache_bytes"]) < MIB
    assert "structure_cache" not in without.text
