"""Fragments that may come later, and do not."""

from typing import Any

import pytest

from tests.support.databases import Databases
from tests.support.http import app_client

PATH = "/graphql"
PLAIN = """
query Dag($late: Boolean! = true) {
  dag(dagId: "fx_chain") {
    dagId
    ...rest
    ... on Dag { displayName @include(if: $late) }
  }
}
fragment rest on Dag { tasks { taskId } }
"""
DEFERRED = (
    PLAIN.replace("...rest", '...rest @defer(label: "rest")')
    .replace("... on Dag", "... on Dag @ defer(if: $late)")
    .replace("@ defer", "@\n# here\ndefer")
)


@pytest.mark.parametrize("execution", ["breadth_first", "graphql_core"])
@pytest.mark.parametrize("late", [True, False])
async def test_a_deferred_fragment_is_answered_with_the_rest(
    databases: Databases, execution: str, late: bool
) -> None:
    address = databases.address("3.3.2-sqlite")
    accept = {"accept": "multipart/mixed;deferSpec=20220824, application/json;q=0.9"}

    async def asked(document: str) -> Any:
        body = {"query": document, "variables": {"late": late}}
        response = await client.post(PATH, json=body, headers=accept)
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        return response.json()

    async with app_client(address, DAGWAY_EXECUTION=execution) as client:
        plain = await asked(PLAIN)
        assert len(plain["data"]["dag"]) == (3 if late else 2)
        assert await asked(DEFERRED) == plain


@pytest.mark.parametrize(
    "document", ["{ asOf @defer }", "{ ... @defer(label: 5) { asOf } }"]
)
async def test_what_cannot_be_deferred_is_refused(
    databases: Databases, document: str
) -> None:
    async with app_client(databases.address("3.3.2-sqlite")) as client:
        response = await client.post(PATH, json={"query": document})

    codes = {one["extensions"]["code"] for one in response.json()["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


async def test_who_takes_only_parts_is_told_that_there_are_none(
    databases: Databases,
) -> None:
    async with app_client(databases.address("3.3.2-sqlite")) as client:
        response = await client.post(
            PATH, json={"query": DEFERRED}, headers={"accept": "multipart/mixed"}
        )

    assert response.status_code == 406
