"""What is kept of documents is bounded by their size."""

import gc

import pytest
from graphql.language.ast import Token

from dagway.documents import KEPT, Documents, Ready, Refused
from dagway.limits import Limits
from dagway.operation import GatewayExecutor
from metadb.kept import Kept
from schema.build import build_schema
from tests.support.documents import core


@pytest.fixture
def documents() -> Documents:
    """Prepares operations as the gateway does."""
    schema = build_schema(GatewayExecutor, (Ready,))._schema
    return Documents(schema, Limits(), GatewayExecutor.planned)


def test_values_go_once_their_texts_are_too_long_together() -> None:
    kept: Kept[str, str] = Kept(10)
    made: list[str] = []

    def get(key: str, size: int) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return kept.get(key, make, size)

    assert [get("a", 4), get("b", 4), get("a", 4), get("c", 4)] == ["A", "B", "A", "C"]
    assert made == ["a", "b", "c"]
    get("a", 4)
    assert made == ["a", "b", "c"]
    get("b", 4)
    assert made == ["a", "b", "c", "b"]
    assert (len(kept), kept.size) == (2, 8)
    assert (kept.hits, kept.misses) == (2, 4)


def test_what_is_too_large_alone_is_not_kept_and_drives_nothing_out() -> None:
    kept: Kept[str, str] = Kept(10)
    kept.put("a", "A", 10)
    kept.put("huge", "HUGE", 11)
    assert kept.find("huge") is None
    assert kept.find("a") == "A"


def test_what_is_kept_again_counts_once() -> None:
    kept: Kept[str, str] = Kept(10)
    for size in (4, 6, 5):
        kept.put("a", "A", size)
        assert kept.size == size
    kept.put("a", "A", 11)
    assert (len(kept), kept.size) == (0, 0)


def test_an_operation_is_planned_once_for_the_same_variables(
    documents: Documents,
) -> None:
    text, variables = core("grid"), {"dagId": "some"}
    first = documents.prepared(text, variables)
    assert documents.prepared(text, dict(variables)) is first
    assert documents.prepared(text, {"dagId": "other"}) is not first


def test_a_refused_document_is_not_kept(documents: Documents) -> None:
    for _ in range(2):
        with pytest.raises(Refused):
            documents.prepared("{ nothing }")
    assert len(documents._documents) == 0


def test_many_long_documents_are_not_all_kept(documents: Documents) -> None:
    text = "{ dags(first: 1) { totalCount } }" + " " * 4_000
    for number in range(100):
        documents.prepared(f"query Q{number} {text}")
    assert len(documents._documents) <= KEPT // len(text)
    assert len(documents._operations) <= KEPT // len(text)


def test_the_tokens_of_a_document_go_with_it(documents: Documents) -> None:
    text = "{ dags(first: 1) { totalCount } }" + " " * 4_000

    def tokens_after(numbers: range) -> int:
        for number in numbers:
            documents.prepared(f"query Q{number} {text}")
            gc.collect(0)  # what validation leaves; what is kept has grown old by then
        return sum(type(one) is Token for one in gc.get_objects())

    before = tokens_after(range(100, 200))
    gc.disable()  # a look at all would find them, but comes late
    try:
        assert tokens_after(range(200, 300)) == before
    finally:
        gc.enable()
