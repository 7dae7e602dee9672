"""Whatever has an id is found again by it, as what it is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from dagway.operation import opened
from metadb.session import Bounds
from tests.support.databases import Databases, stored_names
from tests.support.gateways import Asking
from tests.support.selections import everything

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_ID = """{
  dags(first: 40) { nodes { id __typename
    version { id __typename } versions { nodes { id __typename } }
    tasks { id __typename version { id __typename } } taskGroups { id __typename }
    runs(first: 3) { nodes { id __typename tasks { id __typename }
      taskGroups { id __typename } created: createdVersion { id __typename }
      taskInstances(first: 5) { nodes { id __typename task { id __typename }
        tries { id __typename } } } tries { id __typename } } }
  } }
  dagRuns(first: 5, filter: {runTypeIn: [BACKFILL]}) { nodes {
    backfill { id __typename } } }
  pools { id __typename }
  eventLogs(first: 20) { nodes { id __typename } }
  importErrors { nodes { id __typename } }
}"""


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["3.3.2-sqlite", "3.3.2-postgresql"]
)
async def ask(
    request: pytest.FixtureRequest, databases: Databases
) -> AsyncIterator[Asking]:
    """Asks one gateway on each backend, for all tests here."""
    async with opened(databases.address(request.param)) as gateway:
        yield Asking(gateway)


def nodes_in(found: Any) -> dict[str, str]:
    """Every id in an answer, and its type."""
    if isinstance(found, list):
        return {k: v for each in found for k, v in nodes_in(each).items()}
    if not isinstance(found, dict):
        return {}
    own = {found["id"]: found["__typename"]} if "id" in found else {}
    return own | nodes_in([*found.values()])


async def test_every_id_names_what_it_came_from(ask: Asking) -> None:
    named = nodes_in(await ask(EVERY_ID))
    assert set(named.values()) >= {
        "Dag",
        "DagVersion",
        "DagRun",
        "TaskInstance",
        "TaskInstanceTry",
        "Task",
        "TaskGroup",
        "Backfill",
        "EventLog",
        "ImportError",
        "Pool",
    }
    ids = [*named]
    for start in range(0, len(ids), 45):  # at most 50 structures an operation
        some = ids[start : start + 45]
        found = await ask(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=some
        )
        assert found["nodes"] == [{"id": i, "__typename": named[i]} for i in some]


async def test_node_and_nodes_answer_alike(ask: Asking) -> None:
    found = await ask("{ dagRuns(first: 1) { nodes { id runId dag { id } } } }")
    run = found["dagRuns"]["nodes"][0]
    again = await ask(
        """query ($run: ID!, $dag: ID!) {
          node(id: $run) { id ... on DagRun { runId state } }
          nodes(ids: [$dag, $run, "Dag/nobody", $run]) {
            __typename id ... on DagRun { runId state } ... on Dag { isPaused } } }""",
        run=run["id"],
        dag=run["dag"]["id"],
    )
    assert again["node"]["runId"] == run["runId"]
    dag, one, nobody, two = again["nodes"]
    assert dag["__typename"] == "Dag"
    assert dag["isPaused"] in {True, False}
    assert nobody is None
    assert one == two == {"__typename": "DagRun", **again["node"]}


async def test_what_has_a_structure_has_it_as_a_node(ask: Asking) -> None:
    found = await ask(
        """{ dags(first: 1, filter: {latestRunStateIn: [SUCCESS]}) { nodes { id
             tasks { id } version { id } latestRun { id } } } }"""
    )
    dag = found["dags"]["nodes"][0]
    assert dag["tasks"]
    ids = [dag["id"], dag["version"]["id"], dag["latestRun"]["id"]]
    again = await ask(
        """query ($ids: [ID!]!) { nodes(ids: $ids) {
             ... on DagStructure { tasks { id } edges { label } } } }""",
        ids=ids,
    )
    assert [node["tasks"] for node in again["nodes"]] == [dag["tasks"]] * 3


@pytest.mark.parametrize("name", stored_names())
async def test_everything_of_every_airflow_is_answered_and_found_again(
    databases: Databases, name: str
) -> None:
    bounds = Bounds(structures=10_000)
    async with opened(databases.address(name), bounds=bounds) as gateway:
        asking = Asking(gateway)
        await asking(
            f"""{{ dags(first: 100) {{ nodes {everything("Dag", 1)} }}
              dagRuns(first: 200) {{ nodes {everything("DagRun", 1)} }}
              taskInstances(first: 3000, filter: {{runAfter:
                {{gte: "2000-01-01T00:00:00Z"}}}}) {{
                nodes {everything("TaskInstance", 1)} }} }}"""
        )
        named = nodes_in(await asking(EVERY_ID))
        assert len(named) > 200
        ids = [*named]
        for start in range(0, len(ids), 100):
            some = ids[start : start + 100]
            found = await asking(
                "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=some
            )
            assert found["nodes"] == [{"id": i, "__typename": named[i]} for i in some]
