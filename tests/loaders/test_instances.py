from typing import Any

from tests.support.gateways import Asking

OF_RUN = """query OfRun($group: ID, $first: Int!, $after: String) {
  dagRun(dagId: "fx_groups", runId: "run_1") {
    taskInstances(first: $first, after: $after, filter: {groupId: $group}) {
      totalCount pageInfo { hasNextPage endCursor } nodes { taskId }
    }
  }
}"""
OF_DAG = """query OfDag($group: ID) {
  taskInstances(
    filter: {dagId: {eq: "fx_groups"}, runId: {eq: "run_1"}, groupId: $group}
  ) { totalCount nodes { taskId } }
}"""
INNER = [
    "outer.inner_b.before",
    "outer.inner_b.deep.one",
    "outer.inner_b.deep.two",
]


def ids(page: dict[str, Any]) -> list[str]:
    return [node["taskId"] for node in page["nodes"]]


async def test_a_groups_instances_are_those_of_its_tasks_however_deep(
    ask: Asking,
) -> None:
    page = (await ask(OF_RUN, group="outer.inner_b", first=10))["dagRun"]

    assert ids(page["taskInstances"]) == INNER
    assert page["taskInstances"]["totalCount"] == 3


async def test_a_groups_instances_are_paged(ask: Asking) -> None:
    first = await ask(OF_RUN, group="outer.inner_b", first=2)
    info = first["dagRun"]["taskInstances"]["pageInfo"]
    assert info["hasNextPage"] is True

    rest = await ask(OF_RUN, group="outer.inner_b", first=2, after=info["endCursor"])
    page = rest["dagRun"]["taskInstances"]
    assert ids(page) == INNER[2:]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_a_group_is_found_without_its_run_too(ask: Asking) -> None:
    page = (await ask(OF_DAG, group="outer.inner_b"))["taskInstances"]

    assert ids(page) == INNER
    assert page["totalCount"] == 3


async def test_an_unknown_group_has_no_instances(ask: Asking) -> None:
    page = (await ask(OF_RUN, group="ghost", first=10))["dagRun"]["taskInstances"]

    assert (ids(page), page["totalCount"]) == ([], 0)
