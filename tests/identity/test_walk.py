"""Whoever may see two DAGs finds no word of a third, wherever they look."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dagway.operation import opened
from metadb.session import Bounds
from metadb.visibility import Grant, Visibility
from tests.differential.every_field import documents
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.selections import everything as selected
from tests.support.words import told, words_of_others

PAIRS = (
    ("fx_trigger_parent", "fx_asset_one"),
    ("fx_external", "fx_asset_waiting"),
)
THEIR_ASSETS = {
    f"{before}{name}"
    for name in ("orders", "report", "unused", "nobody-makes-this")
    for before in ("fx_", "s3://fx-bucket/")
}
BY_CHANCE = {"list", "skipped"}
"""Words of others that stand in these DAGs' own files, in another sense."""
NAMES = (
    "2.7.3-sqlite",
    "2.11.2-postgresql",
    "2.11.2-to-3.3.2-postgresql",
    "3.1.8-sqlite",
    "3.3.2-postgresql",
    "3.3.2-sqlite",
)
pytestmark = pytest.mark.parametrize("name", NAMES)
of_pairs = pytest.mark.parametrize("own", PAIRS, ids="+".join)
_ID = re.compile(r"[A-Z]\w+/")


def only(*dag_ids: str) -> Visibility:
    return Visibility((Grant(dag_ids=dag_ids),))


@pytest.fixture
async def everything(name: str, databases: Databases) -> AsyncIterator[Asking]:
    bounds = Bounds(rows=10_000_000, structures=10_000)
    async with opened(databases.address(name), bounds=bounds) as gateway:
        yield Asking(gateway)


@pytest.fixture
def words(name: str, own: tuple[str, str], databases: Databases) -> frozenset[str]:
    """What is said of other DAGs only."""
    found = words_of_others(databases, databases.address(name), own)
    found -= THEIR_ASSETS | BY_CHANCE
    assert len(found) > 200
    return found


def walks(
    asking: Asking, own: tuple[str, str], databases: Databases, name: str
) -> dict[str, str]:
    """Documents that lead to every field: from lists, and from each DAG by name."""
    made = documents(asking.gateway.schema._schema)
    found = dict(made)
    for dag_id in own:
        rows = databases.read(
            databases.address(name),
            f"SELECT run_id, task_id FROM task_instance WHERE dag_id = '{dag_id}' "
            "ORDER BY run_id, task_id",
        )
        run_id, task_id = (
            (rows[0]["run_id"], rows[0]["task_id"]) if rows else ("none", "none")
        )
        tie = selected("DagDependency", 1)
        found[f"ties of {dag_id}"] = (
            f'{{ dag(dagId: "{dag_id}") {{ upstreamDependencies {tie} '
            f"downstreamDependencies {tie} }} }}"
        )
        for title, document in made.items():
            found[f"{title} of {dag_id}"] = (
                document.replace("fx_chain", dag_id)
                .replace('"run_1"', f'"{run_id}"')
                .replace('"step_1"', f'"{task_id}"')
                .replace("fx_chain/dated", f"{dag_id}/{run_id}")
            )
    return found


@of_pairs
async def test_no_word_of_a_third_dag_is_told(
    everything: Asking,
    own: tuple[str, str],
    words: frozenset[str],
    databases: Databases,
    name: str,
) -> None:
    made = walks(everything, own, databases, name)
    all_told: set[str] = set()
    ids: set[str] = set()
    for title, document in made.items():
        everything.visible = None
        unrestricted = await everything(document)
        all_told |= told(unrestricted, words, own)
        ids.update(ids_in(unrestricted))

        everything.visible = only(*own)
        assert told(await everything(document), words, own) == set(), title

    assert len(all_told) > len(words) / 4  # what is looked for would be found
    listed = sorted(ids)
    found = 0
    for start in range(0, len(listed), 100):
        some = listed[start : start + 100]
        data = await everything(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=some
        )
        assert told(data, words, own) == set()
        found += len([node for node in data["nodes"] if node is not None])
    assert 0 < found < len(listed) / 2


async def test_a_permission_costs_no_statement(everything: Asking) -> None:
    made = documents(everything.gateway.schema._schema)
    whole = Visibility((Grant(),))
    most = Visibility(whole.allow, (Grant(tags=("link", "asset")),))
    for type_name in ("Dag", "DagRun"):
        run = ', runId: "run_1"' if type_name == "DagRun" else ""
        field = type_name[0].lower() + type_name[1:]
        selection = selected(type_name, 2)
        made[field] = f'{{ {field}(dagId: "fx_chain"{run}) {selection} }}'
    for title, document in made.items():
        everything.visible = None
        unrestricted = await everything(document)
        statements = everything.statements
        everything.visible = whole
        await everything(document)
        assert everything.statements == statements, title
        if title in {"dag", "dagRun"}:
            everything.visible = most
            assert await everything(document) == unrestricted
            assert everything.statements == statements, title


def ids_in(answer: Any) -> set[str]:
    """The ids of nodes in an answer."""
    if isinstance(answer, list):
        return set().union(*map(ids_in, answer))
    if not isinstance(answer, dict):
        return set()
    own = answer.get("id")
    found = {own} if isinstance(own, str) and _ID.match(own) else set()
    return found.union(*map(ids_in, answer.values()))
