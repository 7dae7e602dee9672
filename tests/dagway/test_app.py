"""The application over HTTP, as any client of GraphQL meets it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dagway.app import create_app
from dagway.settings import Settings
from metadb.errors import NotAirflow
from tests.support.databases import Databases
from tests.support.documents import core
from tests.support.http import app_client

DAG = "query Dag($id: ID!) { dag(dagId: $id) { dagId displayName } }"
TEXTS = {"dagId": "fx_texts", "displayName": "Texte & Größen 🚀"}


@pytest.fixture
async def client(databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, started and stopped as a server does it."""
    async with app_client(databases.address("3.3.2-sqlite")) as one:
        yield one


def codes(response: httpx.Response) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def test_a_query_is_posted_as_json(client: httpx.AsyncClient) -> None:
    asked = {"query": DAG, "variables": {"id": "fx_texts"}}
    response = await client.post("/graphql", json=asked)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.json() == {"data": {"dag": TEXTS}}
    assert "🚀" in response.text  # as it is, not escaped


async def test_a_query_may_be_got(client: httpx.AsyncClient) -> None:
    asked = {"query": DAG, "variables": json.dumps({"id": "fx_texts"})}
    response = await client.get("/graphql", params=asked)

    assert response.status_code == 200
    assert response.json() == {"data": {"dag": TEXTS}}


async def test_one_of_several_operations_is_chosen_by_name(
    client: httpx.AsyncClient,
) -> None:
    document = "query A { asOf } query B { dags(first: 0) { totalCount } }"
    response = await client.post(
        "/graphql", json={"query": document, "operationName": "B"}
    )

    assert response.json() == {"data": {"dags": {"totalCount": 68}}}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ dag(", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query Dag($id: ID!) { dag(dagId: $id) { dagId } }", "BAD_USER_INPUT"),
        ("{ dags(first: -1) { totalCount } }", "BAD_USER_INPUT"),
        ('{ dags(after: "no cursor") { totalCount } }', "BAD_CURSOR"),
    ],
)
async def test_what_a_client_did_wrong_is_told_as_json(
    client: httpx.AsyncClient, document: str, code: str
) -> None:
    response = await client.post("/graphql", json={"query": document})

    assert response.headers["content-type"].startswith("application/json")
    assert response.status_code == 200
    assert codes(response) == [code]


async def test_a_mistake_in_one_root_field_leaves_the_others(
    client: httpx.AsyncClient,
) -> None:
    document = '{ dags(first: -1) { totalCount } dag(dagId: "fx_chain") { dagId } }'
    response = await client.post("/graphql", json={"query": document})

    assert response.json()["data"] == {"dags": None, "dag": {"dagId": "fx_chain"}}
    (error,) = response.json()["errors"]
    assert error["path"] == ["dags"]
    assert error["message"] == "first is -1; 0 or more is allowed."


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"json": {"query": 5}}, 400),
        ({"json": {"query": "{ asOf }", "variables": []}}, 400),
        ({"content": b"asOf", "headers": {"content-type": "text/plain"}}, 415),
    ],
)
async def test_a_request_that_is_none_is_refused(
    client: httpx.AsyncClient, request_: dict[str, Any], status: int
) -> None:
    response = await client.post("/graphql", **request_)

    assert response.status_code == status


async def test_a_mutation_is_refused_however_it_comes(
    client: httpx.AsyncClient,
) -> None:
    document = "mutation { deleteDag }"
    posted = await client.post("/graphql", json={"query": document})
    got = await client.get("/graphql", params={"query": document})

    assert codes(posted) == codes(got) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_other_methods_and_paths_are_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/graphql")).status_code == 405
    assert (await client.get("/elsewhere")).status_code == 404


async def test_the_top_leads_to_the_api(client: httpx.AsyncClient) -> None:
    response = await client.get("/")

    assert response.status_code == 307
    assert response.headers["location"] == "/graphql"


async def test_a_browser_gets_a_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", headers={"accept": "text/html"})

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_the_grid_of_a_dag_is_one_answer(client: httpx.AsyncClient) -> None:
    asked = {"query": core("grid"), "variables": {"dagId": "fx_big300"}}
    response = await client.post("/graphql", json=asked)

    runs = response.json()["data"]["dag"]["runs"]["nodes"]
    assert [len(run["taskSummaries"]) for run in runs] == [300, 300]


async def test_a_database_that_is_not_airflows_does_not_start(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    empty = tmp_path_factory.mktemp("empty") / "other.db"
    empty.touch()
    app = create_app(Settings.from_env({}, f"sqlite:///{empty}"))

    with pytest.raises(NotAirflow):
        await app.router.lifespan_context(app).__aenter__()
