"""What arguments may hold, said in a document or in its variables."""

from typing import Any

import pytest
from graphql import GraphQLError

from dagway.documents import Documents, Prepared, Refused
from dagway.limits import Limits
from schema.build import build_schema

SCHEMA = build_schema()._schema
DOCUMENTS = Documents(SCHEMA, Limits())
DAGS = "query ($v: DagFilter) { dags(filter: $v) { totalCount } }"
PAUSED = {"isPaused": True}


def answered(document: str, value: Any = None, **limits: int) -> Prepared | Refused:
    """A document that may run, or why it may not."""
    documents = Documents(SCHEMA, Limits(**limits)) if limits else DOCUMENTS
    try:
        return documents.prepared(document, {"v": value})
    except Refused as refused:
        return refused


def held(answer: Prepared | Refused, name: str) -> float:
    """How much of a limit is used by what may run."""
    assert isinstance(answer, Prepared), answer
    return answer.inputs[name][0]


def told(answer: Prepared | Refused) -> list[tuple[str, str]]:
    """The limit and the message of each error."""
    assert isinstance(answer, Refused), answer
    return [_told(error) for error in answer.errors]


def _told(error: GraphQLError) -> tuple[str, str]:
    extensions = error.extensions or {}
    assert extensions["code"] == "BAD_USER_INPUT"
    return extensions["limit"], error.message.rpartition(". DAGWAY_")[0]


@pytest.mark.parametrize(
    ("field", "name", "most"),
    [
        ("dags(first: %s) { totalCount }", "page", 1_000),
        ("dagRuns(last: %s) { totalCount }", "page", 1_000),
        ("importErrors(first: %s) { totalCount }", "page", 1_000),
        ("fleet { longestRunning(first: %s) { id } }", "page", 1_000),
        ('dag(dagId: "x") { runStats(runs: %s) { count } }', "page", 1_000),
        ('dag(dagId: "x") { schedule { next(count: %s) } }', "page", 1_000),
        (
            'taskInstances(first: %s, filter: {dagId: {eq: "x"}}) { totalCount }',
            "instances",
            10_000,
        ),
        ("eventLogs(first: %s) { totalCount }", "events", 200),
        ('dag(dagId: "x") { versions(first: %s) { totalCount } }', "versions", 50),
    ],
)
def test_each_list_has_its_own_largest_page(field: str, name: str, most: int) -> None:
    by_variable = f"query ($v: Int!) {{ {field % '$v'} }}"
    for found in (
        answered(f"{{ {field % most} }}"),
        answered(by_variable, most),
    ):
        assert held(found, name) == most
    for found in (
        answered(f"{{ {field % (most + 1)} }}"),
        answered(by_variable, most + 1),
    ):
        ((limit, message),) = told(found)
        assert limit == name
        assert f" asks for {most + 1:,}; at most {most:,} are allowed" in message


def test_what_is_left_out_is_held_to_the_limit_as_well() -> None:
    document = """query ($v: DateTime!) {
        dag(dagId: "x") { schedule { between(start: $v, end: $v) } } }"""

    said = told(answered(document, "2026-01-01T00:00:00Z", page=500))

    assert said == [("page", "limit asks for 1,000; at most 500 are allowed")]


@pytest.mark.parametrize(
    "field",
    [
        "dags(filter: {dagId: {in: $v}}) { totalCount }",
        "dags(filter: {not: {or: [{tagsAny: $v}]}}) { totalCount }",
        "dags(filter: {ownersAny: $v}) { totalCount }",
        'dag(dagId: "x") { tasks(filter: {operatorIn: $v}) { id } }',
        (
            'taskInstance(dagId: "a", runId: "b", taskId: "c") '
            "{ xcoms(keyIn: $v) { key } }"
        ),
        'taskInstances(filter: {dagId: {eq: "x"}, operatorIn: $v}) { totalCount }',
    ],
)
def test_a_list_has_at_most_1000_values(field: str) -> None:
    document = f"query ($v: [String!]) {{ {field} }}"
    within = answered(document, ["x"] * 1_000)

    assert held(within, "list") == 1_000
    ((limit, message),) = told(answered(document, ["x"] * 1_001))
    assert limit == "list"
    assert message.endswith(" has a list of 1,001 values; at most 1,000 are allowed")


def test_a_fragment_says_what_a_document_says() -> None:
    document = "{ ...F } fragment F on Query { dags(first: 1001) { totalCount } }"

    assert [limit for limit, _ in told(answered(document))] == ["page"]


@pytest.mark.parametrize(
    ("filter_", "depth", "tests"),
    [
        (None, 0, 0),
        ({}, 1, 1),
        ({"dagId": {}}, 1, 1),
        ({"dagId": None}, 1, 1),
        ({"dagId": {"eq": "a", "in": ["a", "b"], "contains": None}}, 1, 2),
        ({"isPaused": True, "not": PAUSED}, 2, 2),
        ({"and": [], "or": [PAUSED, {"not": {"or": [PAUSED, {}]}}]}, 4, 3),
        ({"or": [{"isPaused": True}] * 50}, 2, 50),
    ],
)
def test_depths_and_tests_of_a_filter_are_counted(
    filter_: Any, depth: int, tests: int
) -> None:
    found = answered(DAGS, filter_)

    assert held(found, "filterDepth") == depth
    assert held(found, "filterTests") == tests


@pytest.mark.parametrize(
    ("filter_", "said"),
    [
        ({"or": [PAUSED] * 51}, {("filterTests", "filter has 51 tests; at most 50")}),
        (
            {"and": [{"or": [PAUSED] * 26}] * 2},
            {("filterTests", "filter has 52 tests; at most 50")},
        ),
        (
            {"or": [{}] * 2_000},
            {
                ("filterTests", "filter has 2,000 tests; at most 50"),
                ("list", "filter has a list of 2,000 values; at most 1,000"),
            },
        ),
        (
            {"not": {"not": {"not": {"not": PAUSED}}}},
            {("filterDepth", "filter is 5 levels deep; at most 4")},
        ),
    ],
)
def test_a_filter_that_is_too_large_is_refused(
    filter_: Any, said: set[tuple[str, str]]
) -> None:
    found = told(answered(DAGS, filter_))

    assert {(limit, text.removesuffix(" are allowed")) for limit, text in found} == said


@pytest.mark.parametrize("depth", [100, 1_000, 3_000])
def test_a_filter_of_any_depth_is_refused(depth: int) -> None:
    filter_: dict[str, Any] = PAUSED
    for _ in range(depth):
        filter_ = {"not": filter_}

    found = answered(DAGS, filter_)

    assert isinstance(found, Refused)
    assert [(e.extensions or {})["code"] for e in found.errors] == ["BAD_USER_INPUT"]
    assert "deep" in found.errors[0].message


def test_a_variable_of_another_operation_may_be_anything() -> None:
    document = """query A($v: [String!]) { dags(filter: {tagsAny: $v}) { totalCount } }
        query B($v: Int) { ...B }
        query C($v: DagFilter) { dags(filter: $v) { totalCount } }
        fragment B on Query { dags(first: $v) { totalCount } }"""

    for name, value in (("A", ["x"]), ("B", 7), ("C", PAUSED)):
        found = DOCUMENTS.prepared(document, {"v": value}, name)
        assert held(found, "page") == (7 if name == "B" else 0)
