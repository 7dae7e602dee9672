"""What requests may be, and which form their answers have."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dagway.limits import Limits
from tests.support.databases import Databases
from tests.support.http import PATH, client_of

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
TWO = "query A { __typename } query B { asOf }"
TYPENAME = {"data": {"__typename": "Query"}}


@pytest.fixture
async def client(databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint."""
    async with client_of(databases.address("3.3.2-sqlite"), Limits()) as client:
        yield client


def code(response: httpx.Response) -> Any:
    """The code of a response's only error, which is all that it has."""
    assert response.headers["content-type"].endswith("json; charset=utf-8")
    (error,) = response.json()["errors"]
    assert list(response.json()) == ["errors"]
    assert error["message"]
    return error["extensions"]["code"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9, */*;q=0.1", GRAPHQL),
        (f"{GRAPHQL.upper()};charset=utf-8", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"multipart/mixed, {JSON}", JSON),
        ("text/html, */*;q=0.8", JSON),
    ],
)
async def test_the_answer_has_the_form_that_is_liked_best(
    client: httpx.AsyncClient, accept: str, form: str
) -> None:
    response = await client.post(
        PATH, json={"query": "{ __typename }"}, headers={"accept": accept}
    )

    assert response.headers["content-type"] == f"{form}; charset=utf-8"
    assert response.headers["vary"] == "accept"
    assert (response.status_code, response.json()) == (200, TYPENAME)


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0", "image/*, */*;q=zero"])
async def test_a_form_that_there_is_not_is_not_acceptable(
    client: httpx.AsyncClient, accept: str
) -> None:
    response = await client.post(
        PATH, json={"query": "{ __typename }"}, headers={"accept": accept}
    )

    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "mutation { __typename }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription { a }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($a: ID!) { dag(dagId: $a) { id } }"}, "BAD_USER_INPUT"),
        ({"query": TWO}, "BAD_USER_INPUT"),
        ({"query": TWO, "operationName": "C"}, "BAD_USER_INPUT"),
        ({"query": "{ asOf }", "operationName": "C"}, "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 400)])
async def test_what_cannot_run_has_a_code_and_no_data(
    client: httpx.AsyncClient,
    accept: str,
    status: int,
    asked: dict[str, str],
    expected: str,
) -> None:
    response = await client.post(PATH, json=asked, headers={"accept": accept})

    assert (response.status_code, code(response)) == (status, expected)


async def test_a_mistake_that_is_met_while_running_leaves_the_rest_an_answer(
    client: httpx.AsyncClient,
) -> None:
    document = '{ __typename node(id: "nothing") { id } }'

    response = await client.post(
        PATH, json={"query": document}, headers={"accept": GRAPHQL}
    )

    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query", "node": None}
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"3",
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "extensions": true}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "\xff"}',
        '{"query": "{ __typename }"}'.encode("utf-16"),
    ],
)
async def test_a_body_that_is_no_request_is_told_so(
    client: httpx.AsyncClient, body: bytes
) -> None:
    response = await client.post(PATH, content=body, headers={"content-type": JSON})

    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/graphql"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": f"{JSON}; charset=iso-8859-1"},
        {"content-type": JSON, "content-encoding": "gzip"},
    ],
)
async def test_a_body_of_another_kind_is_not_read(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.post(PATH, content=b"{}", headers=headers)

    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["accept-post"] == JSON


@pytest.mark.parametrize(
    "content_type",
    [JSON, f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"', "Application/JSON"],
)
async def test_json_in_utf_8_is_taken_however_it_is_called(
    client: httpx.AsyncClient, content_type: str
) -> None:
    response = await client.post(
        PATH,
        content='{"query": "{ __type(name: \\"Ü🏃\\") { name } }"}'.encode(),
        headers={"content-type": content_type},
    )

    assert response.json() == {"data": {"__type": None}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_told_which_there_are(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, PATH)

    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "GET, POST"


async def test_a_get_has_everything_in_its_query_string(
    client: httpx.AsyncClient,
) -> None:
    document = (
        "query A($name: String!) { __type(name: $name) { name } } query B { asOf }"
    )

    response = await client.get(
        PATH,
        params={
            "query": document,
            "operationName": "A",
            "variables": '{"name": "Dag"}',
            "extensions": "",
        },
    )

    assert (response.status_code, response.json()) == (
        200,
        {"data": {"__type": {"name": "Dag"}}},
    )


@pytest.mark.parametrize(
    ("params", "status", "expected"),
    [
        ({}, 400, "BAD_REQUEST"),
        ({"query": "{ asOf }", "variables": "{"}, 400, "BAD_REQUEST"),
        ({"query": "{ asOf }", "variables": "[]"}, 400, "BAD_REQUEST"),
        ({"query": "mutation { a }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_get_that_is_no_query_is_told_so(
    client: httpx.AsyncClient, params: dict[str, str], status: int, expected: str
) -> None:
    response = await client.get(PATH, params=params, headers={"accept": GRAPHQL})

    assert (response.status_code, code(response)) == (status, expected)


async def test_a_browser_gets_a_page_unless_it_asks_a_query(
    client: httpx.AsyncClient,
) -> None:
    accept = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    page = await client.get(PATH, headers=accept)
    answer = await client.get(PATH, params={"query": "{ __typename }"}, headers=accept)

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.json() == TYPENAME
