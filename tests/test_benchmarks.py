"""What `python -m benchmarks` compares, on small databases: the answers, not clocks."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from benchmarks import sizes, tables
from benchmarks.__main__ import found, populated, started
from benchmarks.hand_written_graph import graph
from benchmarks.measure import SAME, answers
from benchmarks.pages import Page, all_pages
from benchmarks.populate import Shape, structure
from benchmarks.postgres import Postgres
from dagway.operation import encoded, opened
from tests.support.databases import BACKENDS, Databases
from tests.support.documents import core

OWN = ("dagway", *SAME)


def _small() -> list[Page]:
    """Pages that name no DAG but those of the small database."""
    names = {shape.name for shape in sizes.SMALL}
    others = {shape.name for shape in sizes.SHAPES} - names
    return [
        page
        for page in all_pages()
        if not any(name.encode() in page.asked["dagway"][0] for name in others)
    ]


@pytest.fixture(scope="module")
def small(databases: Databases) -> str:
    return populated(databases, sizes.SMALL)


async def test_the_limit_and_the_naive_form_answer_each_page_as_dagway_does(
    small: str,
) -> None:
    with started(small, OWN, None) as servers:
        for page in _small():
            said = await answers(page, servers)
            assert {one.same for one in said.values()} == {"bytes"}, page.key
            assert set(said) == set(page.asked) & set(OWN)


async def test_the_limits_graph_is_right_for_every_dag_of_airflows_own_database(
    databases: Databases,
) -> None:
    address = databases.address("3.3.2-postgresql")
    async with opened(address) as gateway, asyncpg.create_pool(address) as pool:
        rows = await pool.fetch(
            "SELECT dag_id FROM dag JOIN dag_version USING (dag_id)"
        )
        for dag_id in sorted({row["dag_id"] for row in rows}):
            answer = await gateway.answer(core("graph"), {"dagId": dag_id})
            assert await graph(pool, dag_id) == encoded(answer.outgoing), dag_id


def test_every_page_of_the_targets_is_among_them() -> None:
    assert {page.key for page in _small() if page.targets} == {
        page.key for page in all_pages() if page.targets
    }


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_database_has_what_its_shapes_say(backend: str, databases: Databases) -> None:
    shapes = (
        Shape("some", tasks=3, runs=4, dags=2),
        Shape("wide", tasks=1, runs=2, mapped=5, versions=3),
    )
    address = populated(databases, shapes, backend)
    counted = """
SELECT d.dag_id,
(SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id) AS runs,
(SELECT count(*) FROM task_instance t JOIN dag_run r ON r.dag_id = t.dag_id
AND r.run_id = t.run_id JOIN dag_version v ON v.id = t.dag_version_id
WHERE t.dag_id = d.dag_id) AS instances,
(SELECT count(*) FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id
WHERE s.dag_id = d.dag_id AND v.dag_id = d.dag_id) AS versions
FROM dag d WHERE d.dag_id IN ('some_0000', 'some_0001', 'wide') ORDER BY 1"""
    assert databases.read(address, counted) == [
        {"dag_id": "some_0000", "runs": 4, "instances": 12, "versions": 1},
        {"dag_id": "some_0001", "runs": 4, "instances": 12, "versions": 1},
        {"dag_id": "wide", "runs": 2, "instances": 10, "versions": 3},
    ]


def test_tasks_are_layers_each_before_two_of_the_next() -> None:
    dag: Any = structure("some", 25, mapped=False)["dag"]
    after = {
        one["__var"]["task_id"]: one["__var"]["downstream_task_ids"]
        for one in dag["tasks"]
    }
    assert after["task_00000"] == ["task_00010", "task_00011"]
    assert after["task_00009"] == ["task_00010", "task_00019"]
    assert after["task_00014"] == ["task_00024"]
    assert after["task_00020"] == []


def test_groups_have_whole_layers_and_follow_each_other() -> None:
    dag: Any = structure("some", 40, mapped=False, groups=2)["dag"]
    (_, first), (_, last) = dag["task_group"]["children"].values()
    assert first["downstream_group_ids"] == [last["_group_id"]] == ["group_01"]
    assert last["upstream_group_ids"] == [first["_group_id"]] == ["group_00"]
    assert [*first["children"], *last["children"]] == [
        f"task_{number:05}" for number in range(40)
    ]
    after = {
        one["__var"]["task_id"]: one["__var"]["downstream_task_ids"]
        for one in dag["tasks"]
    }
    assert {*map(tuple, [after[f"task_0001{at}"] for at in range(10)])} == {
        tuple(f"task_0002{at}" for at in range(10))
    }


async def test_what_a_page_took_fills_the_tables(
    small: str, databases: Databases
) -> None:
    page = next(page for page in all_pages() if page.key == "dags")
    page = replace(page, alone=1, each=1)
    postgres = Postgres(databases.server, small)
    with started(small, OWN, None) as servers:
        took = await found(page, servers, postgres, 1)

    assert took.answers["limit"].statements == 1
    assert took.answers["naive"].statements == 3
    assert set(took.taken) == {1, tables.MANY}
    for head, lines in (
        (tables.MEASURED, [*tables.measured(took)]),
        (tables.TARGETS, [*tables.targets(took)]),
        (tables.LINEAR, [tables.linear(took)]),
        (tables.NOISE, [*tables.noise(took)]),
        (tables.SQLITE, [tables.sqlite(took, took)]),
    ):
        assert lines
        assert {line.count("|") for line in lines} == {
            head.partition("\n")[0].count("|")
        }
