"""The files that front ends generate from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import graphql
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from dagway.app import create_app
from dagway.identity.principal import Principal
from dagway.protocol import BadRequest
from dagway.published import MERGED, PATHS, Published
from dagway.settings import Settings
from schema.build import print_sdl
from tests.support.databases import Databases


@pytest.fixture
async def client(databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application."""
    app = create_app(Settings.from_env({}, databases.address("3.3.2-sqlite")))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway") as one,
    ):
        yield one


def sorted_sdl(introspection: Any) -> str:
    """What an introspection says, in an order of its own."""
    schema = graphql.build_client_schema(introspection)
    return graphql.print_schema(graphql.lexicographic_sort_schema(schema))


async def test_the_sdl_is_what_print_schema_prints(client: httpx.AsyncClient) -> None:
    response = await client.get("/schema.graphql")

    assert response.headers["content-type"] == "application/graphql; charset=utf-8"
    assert response.text == print_sdl()


async def test_the_introspection_is_what_a_client_would_be_answered(
    client: httpx.AsyncClient,
) -> None:
    query = graphql.get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )
    answer = await client.post("/graphql", json={"query": query})

    published = (await client.get("/introspection.json")).json()

    assert sorted_sdl(published) == sorted_sdl(answer.json()["data"])


async def test_possible_types_are_those_that_introspection_names(
    client: httpx.AsyncClient,
) -> None:
    query = "{ __schema { types { name possibleTypes { name } } } }"
    answer = await client.post("/graphql", json={"query": query})
    told = {
        type_["name"]: sorted(one["name"] for one in type_["possibleTypes"])
        for type_ in answer.json()["data"]["__schema"]["types"]
        if type_["possibleTypes"]
    }

    assert {"Node", "DagStructure"} <= told.keys()
    assert (await client.get("/possibleTypes.json")).json() == told


async def test_every_object_type_has_a_policy_that_follows_from_its_id(
    client: httpx.AsyncClient,
) -> None:
    query = "{ __schema { types { name kind fields { name } } } }"
    answer = await client.post("/graphql", json={"query": query})
    expected = {
        type_["name"]: ["id"] if "id" in {one["name"] for one in fields} else False
        for type_ in answer.json()["data"]["__schema"]["types"]
        if type_["kind"] == "OBJECT" and not type_["name"].startswith("__")
        for fields in [type_["fields"]]
    }
    del expected["Query"]

    policies = (await client.get("/typePolicies.json")).json()

    assert {name: policy["keyFields"] for name, policy in policies.items()} == expected
    assert {name for name in policies if policies[name].get("merge")} == set(MERGED)


@pytest.mark.parametrize("path", PATHS)
async def test_a_file_that_has_not_changed_is_not_sent_again(
    client: httpx.AsyncClient, path: str
) -> None:
    first = await client.get(path)
    tag = first.headers["etag"]

    same = await client.get(path, headers={"if-none-match": f'"old", W/{tag}'})
    other = await client.get(path, headers={"if-none-match": '"old"'})

    assert first.headers["cache-control"] == "private, no-cache"
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (other.status_code, other.content) == (200, first.content)


@dataclass
class Told:
    """An identity that knows one answer."""

    answer: Principal | BadRequest

    async def principal(self, request: Request) -> Principal:
        """That answer."""
        del request
        if isinstance(self.answer, BadRequest):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (Principal(introspects=False), 403, "INTROSPECTION_DISABLED"),
        (BadRequest(401, "UNAUTHENTICATED", "Who?"), 401, "UNAUTHENTICATED"),
    ],
)
async def test_who_may_not_read_the_schema_gets_no_file(
    path: str, answer: Principal | BadRequest, status: int, code: str
) -> None:
    app = Starlette(routes=Published(Told(answer)).routes)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gate") as one:
        response = await one.get(path)

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (status, code)
