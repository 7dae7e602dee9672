"""Requests that are made to do harm: each gets an answer with a code, and cheaply."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest
from graphql import parse

from dagway.limits import Limits
from tests.support.databases import Databases
from tests.support.http import PATH, client_of

GRAPHQL = "application/graphql-response+json"
HONEST = "{ " + " ".join(f"field{at}" for at in range(1_900)) + " }"
PARSES = 10  # 50 ms for a machine that parses such a document in 12 ms are 4
TRIES = 10  # the first pays for what is made once, and the machine may be busy

DAG = 'dag(dagId: "x")'


def bomb(levels: int, fields: str) -> str:
    """Fragments that double at each level."""
    parts = [f"query {{ {DAG} {{ ...F0 }} }}"]
    parts += [
        f"fragment F{i} on Dag {{ {fields.replace('@', f'...F{i + 1}')} }}"
        for i in range(levels)
    ]
    return " ".join([*parts, f"fragment F{levels} on Dag {{ id }}"])


def chain(length: int, last: str) -> str:
    """Fragments of which each has nothing but the next."""
    parts = [f"query {{ {DAG} {{ ...F0 }} }}"]
    parts += [f"fragment F{i} on Dag {{ ...F{i + 1} }}" for i in range(length)]
    return " ".join([*parts, f"fragment F{length} on Dag {{ {last} }}"])


def nested(field: str, levels: int) -> str:
    """A field in itself."""
    return f"{field} {{ " * levels + "__typename" + " }" * levels


DOCUMENTS = {
    "aliases": (
        "{ " + " ".join(f"a{i}: asOf" for i in range(600)) + " }",
        "ALIAS_LIMIT",
    ),
    "more aliases than tokens": (
        "{ " + " ".join(f"a{i}: asOf" for i in range(3_000)) + " }",
        "TOKEN_LIMIT",
    ),
    "aliases in a fragment": (
        "{ " + "...F " * 20 + "} fragment F on Query { a: asOf }",
        "ALIAS_LIMIT",
    ),
    "a bomb of aliases": (
        bomb(14, "a: parentDag { @ } b: parentDag { @ }"),
        "DEPTH_LIMIT",
    ),
    "a flat bomb": (bomb(60, "@ @"), "TOKEN_LIMIT"),
    "a bomb without aliases": (
        bomb(11, "parentDag { @ } subDags { @ } latestRun { dag { @ } }"),
        "DEPTH_LIMIT",
    ),
    "a bomb within the depth": (
        bomb(10, "parentDag { @ } ... on Dag { subDags { @ } subDags { id } }"),
        "TOKEN_LIMIT",
    ),
    "a chain of fragments": (chain(240, "id"), "DEPTH_LIMIT"),
    "a chain of fragments that ends in its beginning": (
        chain(90, "...F0"),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "a fragment in itself": (
        f"{{ {DAG} {{ ...F }} }} fragment F on Dag {{ parentDag {{ ...F }} }}",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "fragments in each other": (
        (
            f"{{ {DAG} {{ ...F }} }} fragment F on Dag {{ ...G }} "
            "fragment G on Dag { ...F ...F }"
        ),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "depth": (f"{{ {DAG} {{ {nested('parentDag', 20)} }} }}", "DEPTH_LIMIT"),
    "depth beyond a parser's": (
        f"{{ {DAG} {{ {nested('parentDag', 600)} }} }}",
        "GRAPHQL_PARSE_FAILED",
    ),
    "depth of inline fragments": (
        f"{{ {DAG} {{ {nested('... on Dag', 150)} }} }}",
        "DEPTH_LIMIT",
    ),
    "depth of lists": (
        "{ nodes(ids: " + "[" * 900 + "]" * 900 + ") { id } }",
        "GRAPHQL_PARSE_FAILED",
    ),
    "depth of lists within the parser's": (
        "{ nodes(ids: " + "[" * 150 + "]" * 150 + ") { id } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "depth of a filter": (
        "{ dags(filter: " + "{not: " * 60 + "{}" + "}" * 60 + ") { totalCount } }",
        "BAD_USER_INPUT",
    ),
    "depth of introspection": (
        "{ __schema { types { " + nested("ofType", 20) + " } } }",
        "DEPTH_LIMIT",
    ),
    "recursion of introspection": (
        (
            "{ __schema { types { fields { type { fields { type { fields { type "
            "{ fields { name } } } } } } } } } }"
        ),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "introspection many times": (
        "{ " + "__schema { types { name fields { name } } } " * 22 + "}",
        "ROOT_FIELD_LIMIT",
    ),
    "directives": (f"{{ asOf {'@skip(if: false) ' * 250}}}", "DIRECTIVE_LIMIT"),
    "10,000 directives": (f"{{ asOf {'@a ' * 10_000}}}", "TOKEN_LIMIT"),
    "directives in a fragment": (
        "{ " + "...F " * 18 + "} fragment F on Query { asOf @a @b @c }",
        "DIRECTIVE_LIMIT",
    ),
    "the same field": ("{ " + "asOf " * 1_990 + "}", "TOKEN_LIMIT"),
    "the same field further down": (
        f"{{ {DAG} {{ {'id ' * 1_980} }} }}",
        "TOKEN_LIMIT",
    ),
    "the same field with arguments": (
        f"{{ {DAG} {{ {'run(runId: 1) { id } ' * 210} }} }}",
        "TOKEN_LIMIT",
    ),
    "many fields that do not merge": (
        f"{{ {DAG} {{ "
        + " ".join(f'run(runId: "{i}") {{ id }}' for i in range(210))
        + " } }",
        "TOKEN_LIMIT",
    ),
    "fields that do not merge": (
        f"{{ {DAG} {{ "
        + " ".join(f'run(runId: "{i}") {{ id }}' for i in range(70))
        + " } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "fields in each other that do not merge": (
        f"{{ {DAG} {{ "
        + " ".join(f"parentDag {{ {'tags ' * 8} }}" for i in range(10))
        + " } }",
        None,
    ),
    "fragments of the same field": (
        f"{{ {DAG} {{ "
        + " ".join(f"...F{i}" for i in range(70))
        + " } } "
        + " ".join(
            f"fragment F{i} on Dag {{ run(runId: {i}) {{ id }} }}" for i in range(70)
        ),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "unknown fields": (
        "{ " + " ".join(f"nothing{i}" for i in range(20)) + " }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "unknown fields further down": (
        f"{{ {DAG} {{ " + " ".join(f"taskInstanc{i}" for i in range(1_900)) + " } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "unknown arguments": (
        "{ dags(" + " ".join(f"frst{i}: 1" for i in range(650)) + ") { totalCount } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "unknown fragments": (
        "{ " + " ".join(f"...F{i}" for i in range(900)) + " }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "unused fragments": (
        "{ asOf } " + " ".join(f"fragment F{i} on Dag {{ id }}" for i in range(90)),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "variables": (
        "query(" + " ".join(f"$v{i}: Int" for i in range(490)) + ") { asOf }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "operations": (
        " ".join(f"query Q{i} {{ asOf }}" for i in range(90)),
        "BAD_USER_INPUT",
    ),
    "a long name": ("{ " + "a" * 60_000 + " }", "GRAPHQL_VALIDATION_FAILED"),
    "a long string": (f'{{ dag(dagId: "{"x" * 60_000}") {{ id }} }}', None),
    "a long block string": (
        '{ dag(dagId: """' + "x \n" * 20_000 + '""") { id } }',
        None,
    ),
    "a longer string": (f'{{ dag(dagId: "{"x" * 200_000}") {{ id }} }}', "TOKEN_LIMIT"),
    "a string without an end": (
        '{ dag(dagId: "' + "x" * 60_000,
        "GRAPHQL_PARSE_FAILED",
    ),
    "a huge integer": (
        "{ dags(first: " + "9" * 5_000 + ") { totalCount } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "a large integer": (
        "{ dags(first: 2147483647) { totalCount } }",
        "BAD_USER_INPUT",
    ),
    "a huge float": (
        "{ dagRuns(filter: {duration: {gt: 1e999}}) { totalCount } }",
        None,
    ),
    "a huge id": ("{ dag(dagId: " + "9" * 5_000 + ") { id } }", None),
    "spaces": (" " * 60_000 + "{ asOf }", None),
    "commas": ("{" + "," * 200_000 + " asOf }", "TOKEN_LIMIT"),
    "comments": ("#a\n" * 20_000 + "{ asOf }", "TOKEN_LIMIT"),
    "braces": ("{" * 50_000, "GRAPHQL_PARSE_FAILED"),
    "pages in pages": (
        "{ dags(first: 1000) { nodes { runs(first: 1000) { nodes { id } } } } }",
        "NODE_LIMIT",
    ),
    "pages in pages of fragments": (
        (
            "{ dags(first: 1000) { ...P } } "
            "fragment P on DagConnection { nodes { ...D } } "
            "fragment D on Dag { runs(first: 1000) { edges { node { id } } } }"
        ),
        "NODE_LIMIT",
    ),
    "NUL in a document": ("{ asOf \x00 }", "GRAPHQL_PARSE_FAILED"),
    "NUL in a string": ('{ dag(dagId: "\\u0000") { id } }', None),
    "half of a pair": ('{ dag(dagId: "\\uD800") { id } }', "GRAPHQL_PARSE_FAILED"),
    "a byte order mark": ("\ufeff{ asOf }", None),
}


@pytest.fixture(params=["3.3.2-sqlite", "3.3.2-postgresql"])
async def client(
    request: pytest.FixtureRequest, databases: Databases
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint."""
    async with client_of(databases.address(request.param), Limits()) as client:
        await client.post(PATH, json={"query": "{ asOf }"})
        yield client


def code(response: httpx.Response) -> str | None:
    """The code of a response's first error; None without an error."""
    errors = response.json().get("errors") or [{"extensions": {"code": None}}]
    found: str | None = errors[0]["extensions"]["code"]
    return found


@pytest.fixture(scope="module")
def affordable() -> float:
    """CPU seconds: some times what it takes to parse a long, honest document."""

    def parsing() -> float:
        began = time.process_time()
        parse(HONEST)
        return time.process_time() - began

    return PARSES * min(parsing() for _ in range(TRIES))


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_hostile_document_has_an_answer_and_costs_little(
    client: httpx.AsyncClient, affordable: float, name: str
) -> None:
    document, expected = DOCUMENTS[name]
    request = {"query": document}
    response = httpx.Response(500)

    spent = affordable
    for _ in range(TRIES):
        began = time.process_time()
        response = await client.post(PATH, json=request, headers={"accept": GRAPHQL})
        spent = min(spent, time.process_time() - began)
        if spent < affordable:
            break

    assert code(response) == expected
    ran = expected in {None, "BAD_USER_INPUT"} and "data" in response.json()
    assert response.status_code == (200 if ran else 400)
    assert len(response.content) < 20_000
    assert spent < affordable


BODIES = {
    "10 MB of braces": (b"{" * 10_000_000, 413, "BODY_TOO_LARGE"),
    "lists in lists": (b"[" * 200_000, 400, "BAD_REQUEST"),
    "objects in objects": (b'{"a":' * 40_000, 400, "BAD_REQUEST"),
    "variables in variables": (
        b'{"query": "{ asOf }", "variables": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
        400,
        "BAD_REQUEST",
    ),
    "invalid UTF-8": (b'{"query": "{ \xc3\x28 }"}', 400, "BAD_REQUEST"),
    "half of a pair": (b'{"query": "{ \\ud800 }"}', 400, "BAD_REQUEST"),
    "NUL": (b"\x00" * 1_000, 400, "BAD_REQUEST"),
    "a huge number": (b"9" * 200_000, 400, "BAD_REQUEST"),
    "a huge integer for an integer": (
        (
            b'{"query": "query($n: Int) { dags(first: $n) { totalCount } }", '
            b'"variables": {"n": ' + b"9" * 100 + b"}}"
        ),
        400,
        "BAD_USER_INPUT",
    ),
    "a list for an integer": (
        (
            b'{"query": "query($n: Int) { dags(first: $n) { totalCount } }", '
            b'"variables": {"n": [' + b"1," * 100_000 + b"1]}}"
        ),
        400,
        "BAD_USER_INPUT",
    ),
    "many ids": (
        (
            b'{"query": "query($n: [ID!]!) { nodes(ids: $n) { id } }", '
            b'"variables": {"n": [' + b"1," * 100_000 + b"1]}}"
        ),
        400,
        "BAD_USER_INPUT",
    ),
    "NUL in a variable": (
        (
            b'{"query": "query($n: ID!) { dag(dagId: $n) { id } }", '
            b'"variables": {"n": "\\u0000"}}'
        ),
        200,
        None,
    ),
    "keys twice": (
        b'{"query": "{", "query": "{ asOf }", "query": "{ __typename }"}',
        200,
        None,
    ),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_hostile_body_has_an_answer(
    client: httpx.AsyncClient, name: str
) -> None:
    body, status, expected = BODIES[name]
    headers = {"content-type": "application/json", "accept": GRAPHQL}

    response = await client.post(PATH, content=body, headers=headers)

    assert (response.status_code, code(response)) == (status, expected)
    assert len(response.content) < 20_000


async def test_a_hostile_query_string_has_an_answer(client: httpx.AsyncClient) -> None:
    response = await client.get(f"{PATH}?query=%7B%ff%fe%00%7D")

    assert (response.status_code, code(response)) == (200, "GRAPHQL_PARSE_FAILED")
