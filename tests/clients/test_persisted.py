"""Documents that are named, and not sent."""

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from dagway import persisted
from dagway.app import persisted_of
from dagway.errors import StartError
from dagway.limits import Limits
from dagway.persisted import Persisted, read_manifest
from dagway.settings import Settings
from tests.support.databases import Databases
from tests.support.http import PATH, client_of

TYPENAME = "query Typename { __typename }"
ANSWER = {"data": {"__typename": "Query"}}
GRAPHQL = "application/graphql-response+json"


def digest(text: str) -> str:
    """A document's hash."""
    return sha256(text.encode()).hexdigest()


def hashed(text: str, **more: Any) -> dict[str, Any]:
    """A request that names a document by its hash."""
    told = {"version": 1, "sha256Hash": digest(text)}
    return {"extensions": {"persistedQuery": told}, **more}


async def posted(client: httpx.AsyncClient, asked: dict[str, Any]) -> httpx.Response:
    """The answer to a POST."""
    return await client.post(PATH, json=asked)


async def got(client: httpx.AsyncClient, asked: dict[str, Any]) -> httpx.Response:
    """The answer to a GET."""
    spelt = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in asked.items()
    }
    return await client.get(PATH, params=spelt)


SENT = [posted, got]


def code(response: httpx.Response) -> tuple[int, str]:
    """The status of an answer, and the code of its only error."""
    (error,) = response.json()["errors"]
    return response.status_code, error["extensions"]["code"]


@pytest.fixture
async def client(databases: Databases) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint."""
    async with client_of(databases.address("3.3.2-sqlite"), Limits()) as client:
        yield client


@pytest.mark.parametrize("send", SENT)
async def test_a_document_is_kept_once_it_is_sent_with_its_hash(
    client: httpx.AsyncClient, send: Any
) -> None:
    first = await send(client, hashed(TYPENAME))
    second = await send(client, hashed(TYPENAME, query=TYPENAME))
    third = await send(client, hashed(TYPENAME))

    assert code(first) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert first.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert first.headers["cache-control"] == "no-store"
    assert second.json() == third.json() == ANSWER


async def test_a_hash_that_is_not_known_has_status_400_in_the_newer_form(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post(
        PATH, json=hashed(TYPENAME), headers={"accept": GRAPHQL}
    )

    assert code(response) == (400, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize("send", SENT)
async def test_another_documents_hash_is_refused_and_nothing_kept(
    client: httpx.AsyncClient, send: Any
) -> None:
    wrong = await send(client, hashed(TYPENAME, query="{ asOf }"))

    assert code(wrong) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
    assert code(await send(client, hashed(TYPENAME)))[1] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "text", ["{", "{ nothing }", "query($a: ID!) { dag(dagId: $a) { id } }"]
)
async def test_what_did_not_run_is_not_kept(
    client: httpx.AsyncClient, text: str
) -> None:
    await posted(client, hashed(text, query=text))

    response = await posted(client, hashed(text))

    assert code(response)[1] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "told",
    [None, 1, {}, {"version": 2, "sha256Hash": "a"}, {"version": 1, "sha256Hash": 1}],
)
@pytest.mark.parametrize("more", [{}, {"query": TYPENAME}])
async def test_a_persisted_query_of_another_form_is_refused(
    client: httpx.AsyncClient, told: Any, more: dict[str, str]
) -> None:
    asked = {"extensions": {"persistedQuery": told}, **more}

    assert code(await posted(client, asked)) == (400, "BAD_REQUEST")


async def test_the_oldest_go_when_there_are_too_many(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "MOST_KEPT", 2)
    texts = [f"query {name} {{ __typename }}" for name in "ABC"]
    for text in texts[:2]:
        await posted(client, hashed(text, query=text))
    await posted(client, hashed(texts[0]))  # B is the oldest now
    await posted(client, hashed(texts[2], query=texts[2]))

    known = [(await posted(client, hashed(text))).json() == ANSWER for text in texts]

    assert known == [True, False, True]


async def test_all_of_them_together_are_not_too_long(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "MOST_CHARACTERS", len(TYPENAME) + 10)
    other = "query Othername { __typename }"
    for text in (TYPENAME, other):
        await posted(client, hashed(text, query=text))

    assert (
        code(await posted(client, hashed(TYPENAME)))[1] == "PERSISTED_QUERY_NOT_FOUND"
    )
    assert (await posted(client, hashed(other))).json() == ANSWER


APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": "t1", "name": "Typename", "type": "query", "body": TYPENAME},
    ],
}


@pytest.mark.parametrize("manifest", [APOLLO, {"t1": TYPENAME}])
@pytest.mark.parametrize("only", [False, True])
async def test_trusted_documents_are_named_by_id_or_hash(
    databases: Databases, tmp_path: Path, manifest: Any, only: bool
) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    trusted = Persisted(read_manifest(str(path)), only=only)
    by_manifest = {"version": 1, "sha256Hash": "t1"}
    named = [
        {"documentId": "t1"},
        {"documentId": f"sha256:{digest(TYPENAME)}"},
        hashed(TYPENAME),
        {"extensions": {"persistedQuery": by_manifest}},
        {"query": TYPENAME},
    ]

    address = databases.address("3.3.2-sqlite")
    async with client_of(address, Limits(), persisted=trusted) as client:
        answers = [await send(client, one) for one in named for send in SENT]
        unknown = [await send(client, {"documentId": "t2"}) for send in SENT]
        other = [await send(client, {"query": "{ __typename }"}) for send in SENT]
        taught = hashed("{ __typename }", query="{ __typename }")
        kept = [await send(client, taught) for send in SENT]

    assert [answer.json() for answer in answers] == [ANSWER] * len(answers)
    assert {code(one) for one in unknown} == {(200, "DOCUMENT_NOT_FOUND")}
    for one in (*other, *kept):
        if only:
            assert code(one) == (403, "DOCUMENT_NOT_TRUSTED")
        else:
            assert one.json() == ANSWER


@pytest.mark.parametrize(
    "asked",
    [{"documentId": 1}, {"documentId": "t1", "query": TYPENAME}, {"documentId": None}],
)
async def test_a_document_id_is_a_string_and_alone(
    client: httpx.AsyncClient, asked: dict[str, Any]
) -> None:
    assert code(await posted(client, asked)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("{", "unexpected end"),
        ("[]", "it must be a JSON object"),
        ('{"a": 1}', "entry 1 has no id and text"),
        ('{"": "{ asOf }"}', "entry 1 has no id and text"),
        ('{"a": "{"}', "'a' is no GraphQL document: Syntax Error"),
        ('{"format": "other", "operations": []}', "its format must be"),
        (json.dumps({**APOLLO, "version": 2}), "its version 1"),
        (json.dumps({**APOLLO, "operations": [1]}), "entry 1 has no id and text"),
        (
            json.dumps(
                {
                    **APOLLO,
                    "operations": [
                        {"id": "a", "body": "{ asOf }"},
                        {"id": "a", "body": TYPENAME},
                    ],
                }
            ),
            "'a' stands for two documents",
        ),
    ],
)
def test_a_wrong_manifest_stops_the_start(
    tmp_path: Path, manifest: str, said: str
) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(manifest, encoding="utf-8")
    environ = {"DAGWAY_TRUSTED_DOCUMENTS": str(path)}
    with pytest.raises(StartError) as caught:
        persisted_of(Settings.from_env(environ, "sqlite:////a.db"))

    assert str(caught.value).startswith(
        f"DAGWAY_TRUSTED_DOCUMENTS: {path} cannot be used: "
    )
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "environ",
    [{"DAGWAY_TRUSTED_ONLY": "on"}, {"DAGWAY_TRUSTED_DOCUMENTS": "/nowhere.json"}],
)
def test_a_manifest_that_must_be_there_and_is_not_stops_the_start(
    environ: dict[str, str],
) -> None:
    with pytest.raises(StartError, match="DAGWAY_TRUSTED_DOCUMENTS"):
        persisted_of(Settings.from_env(environ, "sqlite:////a.db"))
