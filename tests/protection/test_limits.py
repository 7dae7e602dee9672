"""Each limit: what is just within it runs, and what is just beyond it does not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from graphql import GraphQLError, get_introspection_query

from dagway.documents import Documents, Refused
from dagway.limits import Limits
from dagway.protection.limit import LIMITS
from schema.build import build_schema
from tests.support.databases import Databases
from tests.support.documents import CORE, VIEWS, core, view
from tests.support.http import PATH, client_of

FEW = Limits(
    tokens=30,
    depth=4,
    introspection_depth=3,
    aliases=2,
    directives=2,
    root_fields=2,
    nodes=100,
)
SEVEN = (
    "fragment F on Pool "
    "{ name slots id openSlots description queuedSlots includeDeferred }"
)
SCHEMA = build_schema()._schema


def prepared(document: str, limits: Limits, **variables: Any) -> int | GraphQLError:
    """How many objects a document leads to, or the first thing wrong with it."""
    try:
        return Documents(SCHEMA, limits).prepared(document, variables).nodes
    except Refused as refused:
        return refused.errors[0]


@pytest.mark.parametrize(
    ("within", "beyond", "name", "message"),
    [
        pytest.param(
            "{ pools { " + "name " * 6 + "} } " + "#\n" * 30,
            "{ pools { " + "name " * 6 + "} } " + "#\n" * 31,
            "tokens",
            "Syntax Error: Document contains more than 30 comments. Parsing aborted.",
            id="comments",
        ),
        pytest.param(
            "{ nodes(ids: [" + "1 " * 18 + "]) { id } }",
            "{ nodes(ids: [" + "1 " * 19 + "]) { id } }",
            "tokens",
            "Syntax Error: Document contains more than 30 tokens. Parsing aborted.",
            id="tokens",
        ),
        pytest.param(
            f"{{ pools {{ {'...F ' * 4} }} }} {SEVEN}",
            f"{{ pools {{ {'...F ' * 5} }} }} {SEVEN}",
            "fields",
            "The operation is 36 fields; at most 30 are allowed.",
            id="fields of fragments",
        ),
        pytest.param(
            "{ pools { " + "id " * 12 + "} }",
            "{ pools { " + "id " * 13 + "} }",
            "repetitions",
            "The document has 170 pairs of fields of one name; at most 150 are "
            "allowed.",
            id="repetitions",
        ),
        pytest.param(
            "{ asOf }" + " " * 952,
            "{ asOf }" + " " * 953,
            "characters",
            "The document has more than 960 characters.",
            id="characters",
        ),
        pytest.param(
            "{ fleet { by(dimension: TAG) { runStateCounts { count } } } }",
            "{ dags { nodes { latestRun { dag { id } } } } }",
            "depth",
            "The operation is 5 levels deep; at most 4 are allowed.",
            id="depth",
        ),
        pytest.param(
            "{ dags { ...F } } fragment F on DagConnection { nodes { dagId } }",
            "{ dags { nodes { ...F } } } fragment F on Dag { version { dag { id } } }",
            "depth",
            "The operation is 5 levels deep; at most 4 are allowed.",
            id="depth of fragments",
        ),
        pytest.param(
            "{ __schema { types { name } } }",
            "{ __schema { types { fields { name } } } }",
            "introspectionDepth",
            "The operation is 4 levels of introspection deep; at most 3 are allowed.",
            id="introspection",
        ),
        pytest.param(
            "{ pools { a: name b: slots c: __typename } }",
            "{ asOf pools { a: name b: slots c: id } }",
            "aliases",
            "The operation is 3 aliases long; at most 2 are allowed.",
            id="aliases",
        ),
        pytest.param(
            "{ pools { ...F ...F } } fragment F on Pool { a: name }",
            "{ pools { ...F ...F ...F } } fragment F on Pool { a: name }",
            "aliases",
            "The operation is 3 aliases long; at most 2 are allowed.",
            id="aliases of fragments",
        ),
        pytest.param(
            "{ ... @skip(if: true) { asOf @skip(if: true) } }",
            "{ ... @skip(if: true) { ...F ...F } } "
            "fragment F on Query { asOf @skip(if: true) }",
            "directives",
            "The operation is 3 directives; at most 2 are allowed.",
            id="directives",
        ),
        pytest.param(
            "{ asOf ...F } fragment F on Query { __typename }",
            "{ asOf ...F ...F } fragment F on Query { __typename }",
            "rootFields",
            "The operation is 3 root fields; at most 2 are allowed.",
            id="root fields",
        ),
        pytest.param(
            "{ dags(first: 50) { nodes { latestRun { id } } } }",
            "{ dags(first: 51) { nodes { latestRun { id } } } }",
            "nodes",
            "The operation may lead to 102 objects; at most 100 are allowed. "
            "Ask for fewer items a page.",
            id="nodes",
        ),
    ],
)
def test_a_limit_is_met_exactly(
    within: str, beyond: str, name: str, message: str
) -> None:
    runs = prepared(within, FEW)
    refused = prepared(beyond, FEW)

    assert isinstance(runs, int), runs
    assert isinstance(refused, GraphQLError), refused
    limit = LIMITS[name]
    assert refused.message == f"{message} {limit.setting} sets this limit."
    assert refused.extensions == {"code": limit.code, "limit": name}


@pytest.mark.parametrize("name", [*CORE, *VIEWS])
def test_every_document_of_ours_is_within_the_limits(name: str) -> None:
    document = core(name) if name in CORE else view(name)
    variables: dict[str, Any] = {
        "ids": ["Dag/a"] * 100,
        "runs": 25,
        **dict.fromkeys(("after", "start", "end"), "2026-01-01T00:00:00Z"),
        **dict.fromkeys(("dagId", "runId", "taskId"), "a"),
    }
    given = {key: value for key, value in variables.items() if f"${key}:" in document}

    assert isinstance(prepared(document, Limits(), **given), int)


def test_introspection_as_clients_do_it_is_within_the_limits() -> None:
    assert prepared(get_introspection_query(), Limits()) == 0


@pytest.fixture
async def client(
    databases: Databases, limits: Limits
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint with these limits."""
    async with client_of(databases.address("3.3.2-sqlite"), limits) as client:
        yield client


def refusal(response: httpx.Response) -> tuple[int, str]:
    """A response's status, and its error's code."""
    (error,) = response.json()["errors"]
    return response.status_code, error["extensions"]["code"]


@pytest.mark.parametrize("limits", [FEW])
@pytest.mark.parametrize(
    "accept", ["application/json", "application/graphql-response+json"]
)
async def test_an_operation_beyond_a_limit_has_status_400_in_either_form(
    client: httpx.AsyncClient, accept: str
) -> None:
    beyond = await client.post(
        PATH, json={"query": "{ asOf asOf asOf }"}, headers={"accept": accept}
    )

    assert refusal(beyond) == (400, "ROOT_FIELD_LIMIT")


@pytest.mark.parametrize("limits", [Limits(body=100)])
async def test_a_body_has_a_largest_size(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b'{"query": "{ asOf }"'
        yield b" " * 80 + b"}"

    headers = {"content-type": "application/json"}
    body = b'{"query": "{ asOf }"' + b" " * 79 + b"}"

    within = await client.post(PATH, content=body, headers=headers)
    told = await client.post(PATH, content=body + b" ", headers=headers)
    found = await client.post(PATH, content=parts(), headers=headers)
    asked = await client.get(f"{PATH}?query=%7BasOf%7D{'%20' * 30}")

    assert list(within.json()) == ["data"]
    assert refusal(told) == (413, "BODY_TOO_LARGE")
    assert refusal(found) == (413, "BODY_TOO_LARGE")
    assert refusal(asked) == (414, "BODY_TOO_LARGE")
    assert told.headers["connection"] == "close"


POOLS = "{ pools { name } }"


@pytest.mark.parametrize("limits", [Limits()])
async def test_an_answer_has_a_largest_size(
    client: httpx.AsyncClient, databases: Databases, limits: Limits
) -> None:
    answer = await client.post(PATH, json={"query": POOLS})
    size = len(answer.content)

    address = databases.address("3.3.2-sqlite")
    async with client_of(address, replace(limits, response=size)) as within:
        assert (await within.post(PATH, json={"query": POOLS})).json() == answer.json()
    async with client_of(address, replace(limits, response=size - 1)) as beyond:
        response = await beyond.post(PATH, json={"query": POOLS})
        assert refusal(response) == (400, "RESPONSE_TOO_LARGE")
