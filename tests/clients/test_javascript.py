"""Clients for JavaScript, as front ends use them, on a server of its own process."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.protocol import node
from tests.support.databases import Databases
from tests.support.servers import Server, served

HERE = Path(__file__).parent
TEXTS = {"dagId": "fx_texts", "displayName": "Texte & Größen 🚀"}


@pytest.fixture(scope="module")
def server(databases: Databases) -> Iterator[Server]:
    """A server as a user starts it."""
    with served(databases.address("3.3.2-sqlite"), DAGWAY_MAX_BATCH="3") as server:
        yield server


@pytest.fixture(scope="module")
def apollo(server: Server) -> Any:
    """What Apollo Client made of the server."""
    return json.loads(node.run("apollo.js", server.url, folder=HERE))


def test_apollos_cache_keeps_objects_by_our_ids(apollo: Any) -> None:
    found = apollo["normalised"]

    assert found["dag"]["id"] == "Dag/fx_texts"
    assert found["key"] == 'Dag:{"id":"Dag/fx_texts"}'
    assert found["kept"] == [found["key"]]
    assert found["again"] == found["dag"]


def test_apollos_cache_reads_fragments_on_an_interface(apollo: Any) -> None:
    assert apollo["normalised"]["tasks"] == 5


def test_apollos_cache_adds_up_what_queries_ask_of_an_object_without_id(
    apollo: Any,
) -> None:
    found = apollo["normalised"]

    assert found["schedule"] == ["__typename", "description", "kind"]
    assert found["keptSchedules"] == []


def test_pages_of_a_connection_become_one_list(server: Server, apollo: Any) -> None:
    at_once = server.ask("{ dags(first: 9) { nodes { dagId } } }")

    assert apollo["pages"]["counts"] == [3, 6, 9]
    assert apollo["pages"]["dagIds"] == [
        dag["dagId"] for dag in at_once["dags"]["nodes"]
    ]


@pytest.mark.parametrize(
    ("name", "method"), [("persistedByPost", "POST"), ("persistedByGet", "GET")]
)
def test_a_query_is_sent_once_and_then_named(
    apollo: Any, name: str, method: str
) -> None:
    named = {"method": method, "hasQuery": False}
    sent = {"method": "POST", "hasQuery": True}

    assert apollo[name] == [
        {"dagId": "fx_texts", "sent": [named, sent]},
        {"dagId": "fx_texts", "sent": [named]},
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [("whole", "GRAPHQL_VALIDATION_FAILED"), ("partial", "BAD_USER_INPUT")],
)
def test_errors_come_with_their_codes(apollo: Any, name: str, code: str) -> None:
    assert apollo[name] == {"isGraphQL": True, "codes": [code]}


@pytest.mark.parametrize("handler", ["deferred2022", "deferred2023"])
def test_what_is_to_be_deferred_comes_with_the_rest(apollo: Any, handler: str) -> None:
    found = apollo[handler]
    ((accept, content_type),) = found["answers"]

    assert found["states"] == [{"dataState": "complete", "dagId": "fx_texts"}]
    assert accept.startswith("multipart/mixed")
    assert content_type == "application/graphql-response+json; charset=utf-8"


def test_three_queries_are_one_request(apollo: Any) -> None:
    assert apollo["batched"] == {
        "bodies": [3],
        "dagIds": ["fx_texts", "fx_chain", None],
    }


def test_urql_and_graphql_request_are_answered(server: Server) -> None:
    found = json.loads(node.run("smoke.js", server.url, folder=HERE))

    assert found == {"urql": {**TEXTS, "__typename": "Dag"}, "request": TEXTS}
