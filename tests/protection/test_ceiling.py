"""How many objects an operation leads to, told before it runs."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, is_list_type, parse
from graphql import get_nullable_type as nullable

from dagway.ceiling import SIZES, Ceiling
from schema.build import build_schema
from tests.support.documents import core, view

SCHEMA = build_schema()._schema
TASKS = 5_000


def count(
    document: str,
    sizes: dict[tuple[str, str], int] | None = None,
    **variables: Any,
) -> int:
    """The ceiling of a document's first operation."""
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return Ceiling(SCHEMA, parsed, variables, sizes or SIZES).of(operation)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ asOf __typename }", 0),
        ('{ dag(dagId: "a") { id } }', 1),
        ("{ dags(first: 7) { nodes { id } } }", 7),
        ("{ dags(first: 7) { edges { cursor node { id } } } }", 7),
        ("{ dags(first: 7) { totalCount } }", 0),
        ("{ dags(first: 7) { pageInfo { endCursor } } }", 1),
        ("{ dags { nodes { id } } }", 50),
        ("{ dagRuns(last: 7) { nodes { id } } }", 7),
        ("{ dags(first: 7) { nodes { runs(first: 3) { nodes { id } } } } }", 7 + 21),
        ("{ dags(first: -7) { nodes { id } } }", 0),
        ("{ dags(first: 2000000000) { nodes { id } } }", 2_000_000_000),
        ("query($n: Int) { dags(first: $n) { nodes { id } } }", 9),
        ("{ dags(first: 7) { ...P } } fragment P on DagConnection { nodes { id } }", 7),
        ('{ dag(dagId: "a") { tasks { id } } }', 301),
        ('{ dag(dagId: "a") { tasks { upstream { id } } } }', 1 + 300 + 900),
        ('{ dag(dagId: "a") { task(taskId: "b") { upstream(depth: 9) { id } } } }', 29),
        ('{ dag(dagId: "a") { edges { source { id } } } }', 601),
        ('{ dag(dagId: "a") { graph { nodes { key } edges { label } } } }', 602),
        ('{ dag(dagId: "a") { calendar { count } } }', 733),
        ('{ dag(dagId: "a") { runStateCounts { count } } }', 1),
        ('{ node(id: "a") { ... on DagStructure { tasks { id } } } }', 301),
        ('{ nodes(ids: ["a", "b"]) { id } }', 2),
        ("query($n: [ID!]!) { nodes(ids: $ids) { id } }", 3),
        ("{ pools { id } }", 3),
        ("{ pools @skip(if: true) { id } }", 0),
        ("query($no: Boolean!) { pools @include(if: $no) { id } }", 0),
        ("{ __schema { types { name } } }", 0),
    ],
)
def test_objects_are_parents_times_what_a_list_holds(
    document: str, expected: int
) -> None:
    assert count(document, n=9, no=False, ids=["a", "b", "c"]) == expected


def test_a_field_with_instances_of_many_runs_counts_them() -> None:
    document = '{ dag(dagId: "a") { tasks { instances(runs: 10) { id } } } }'

    assert count(document) == 1 + 300 + 3_000


def test_a_log_has_as_many_lines_as_are_asked_for() -> None:
    document = (
        '{ taskInstance(dagId: "a", runId: "b", taskId: "c") '
        "{ log { page(first: 200) { lines { message } } } } }"
    )

    assert count(document) == 2 + 200


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("graph", 1 + TASKS * 2 + TASKS * 3 + TASKS * 2 + 1 + 2 * TASKS + 1 + 10_001),
        ("grid", 1 + TASKS * 2 + TASKS * 2 + 25 * (1 + TASKS) + 1),
        ("grid_instances", 1 + 25 * (1 + 10_000 + 1)),
    ],
)
def test_the_large_views_of_a_dag_of_5000_tasks_are_below_the_ceiling(
    name: str, expected: int
) -> None:
    sizes = {where: max(size, TASKS) for where, size in SIZES.items()}

    found = count(core(name), sizes, runs=25)

    assert found == expected
    assert found < 500_000


@pytest.mark.parametrize("name", ["as_it_was", "duration", "gantt", "tries"])
def test_the_views_of_instances_of_5000_tasks_are_below_the_ceiling(name: str) -> None:
    sizes = {where: max(size, TASKS) for where, size in SIZES.items()}

    assert count(view(name), runs=25) < count(view(name), sizes, runs=25) < 500_000


def test_every_size_is_that_of_a_list_of_objects() -> None:
    for type_name, field in SIZES:
        type_: Any = SCHEMA.get_type(type_name)
        assert is_list_type(nullable(type_.fields[field].type)), (type_name, field)
