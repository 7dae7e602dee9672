"""Who may not read the schema is told no name of it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from typing_extensions import override

from dagway.identity.principal import Anybody, Principal
from dagway.limits import Limits
from tests.support.databases import Databases
from tests.support.http import PATH, client_of


class Curious(Anybody):
    """Somebody who may, or may not, read the schema."""

    introspects = False

    @override
    async def principal(self, request: Request) -> Principal:
        return Principal("curious", introspects=self.introspects)


@pytest.fixture
async def client(databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    address = databases.address("3.3.2-sqlite")
    async with client_of(address, Limits(), Curious()) as found:
        yield found


async def asked(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    response = await client.post(PATH, json={"query": query, "variables": variables})
    return response.json()


INTROSPECTION = (
    "{ __schema { types { name } } }",
    '{ __type(name: "Dag") { name } }',
    "{ ... on Query { ...all } } fragment all on Query { x: __schema { __typename } }",
)


@pytest.mark.parametrize("query", INTROSPECTION)
async def test_introspection_is_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    refused = await asked(client, query)
    assert "data" not in refused
    (error,) = refused["errors"]
    assert error["extensions"]["code"] == "INTROSPECTION_DISABLED"
    assert error["message"].endswith("is not allowed with this key or token.")

    monkeypatch.setattr(Curious, "introspects", True)
    assert "errors" not in await asked(client, query)


async def test_what_only_looks_like_introspection_is_answered(
    client: httpx.AsyncClient,
) -> None:
    query = '{ __typename dags(filter: {dagId: {eq: "__schema"}}) { totalCount } }'
    found = await asked(client, query)
    assert found == {"data": {"__typename": "Query", "dags": {"totalCount": 0}}}


MISSPELT = (
    "{ dagz { totalCount } }",
    "{ dags(fist: 1) { totalCount } }",
    "{ dags(orderBy: {by: DAG_IDS}) { totalCount } }",
    "{ dags(filter: {dagIds: null}) { totalCount } }",
    "{ node(id: 1) { dagId } }",
    "query ($x: DagFilterr) { dags(filter: $x) { totalCount } }",
    "query ($o: DagOrder) { dags(orderBy: $o) { totalCount } }",
)


@pytest.mark.parametrize("query", MISSPELT)
async def test_no_name_is_suggested(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    variables = {"o": {"by": "DAG_IDS"}} if "$o" in query else {}
    errors = (await asked(client, query, **variables))["errors"]
    assert errors
    assert not [one for one in errors if "DAG_ID," in one["message"]]
    assert not [one for one in errors if "Did you mean" in one["message"]]

    monkeypatch.setattr(Curious, "introspects", True)
    whole = (await asked(client, query, **variables))["errors"]
    for more, less in zip(whole, errors, strict=True):
        assert len(more["message"]) > len(less["message"])
        assert more["message"].startswith(less["message"].partition(" Found")[0])
