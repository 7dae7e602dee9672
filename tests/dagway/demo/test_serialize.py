import json
import lzma
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from dagway.demo.dags import dags
from dagway.demo.declared import Dag
from dagway.demo.layout import Layout
from dagway.demo.serialize import serialized
from metadb.serialized import decoded
from metadb.structure import Structure
from tests.dagway.demo.conftest import NOW
from tests.support.databases import FIXTURES

VERSIONS = [
    pytest.param(dag, Layout(structure), id=f"{dag.dag_id}-{number}")
    for dag in dags()
    for number, structure in enumerate(dag.structures, 1)
]


@pytest.fixture(scope="session")
def airflows() -> list[dict[str, Any]]:
    """What Airflow 3.3 itself wrote for the DAGs of the fixture."""
    packed = (FIXTURES / "3.3.2-sqlite.sqlite.xz").read_bytes()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(lzma.decompress(packed))
        found = connection.execute("SELECT data FROM serialized_dag").fetchall()
    return [json.loads(text) for (text,) in found]


def structure_of(dag: Dag, layout: Layout) -> Structure:
    text = json.dumps(serialized(dag, layout, NOW, ()))
    return Structure.of(decoded(text), name="v", version_number=1)


@pytest.mark.parametrize(("dag", "layout"), VERSIONS)
def test_what_was_declared_is_decoded(dag: Dag, layout: Layout) -> None:
    structure = structure_of(dag, layout)

    assert structure.tasks.keys() == layout.tasks.keys()
    assert structure.groups.keys() == layout.groups.keys()
    assert structure.joined.pairs == sorted(
        (source, target)
        for source, after in layout.downstream.items()
        for target in after
    )
    for task_id, declared in layout.tasks.items():
        task = structure.tasks[task_id]
        assert (task.group_id,) == (layout.around[task_id] or (None,))[-1:]
        assert task.trigger_rule == declared.trigger_rule
        assert task.retries == declared.retries
        assert task.retry_delay == declared.retry_delay.total_seconds()
        assert task.owner == (declared.owner or dag.owner)
        assert (task.is_setup, task.is_teardown) == (
            declared.is_setup,
            declared.is_teardown,
        )
        assert task.is_mapped == (layout.over(task_id) is not None)
    for group_id, group in layout.groups.items():
        assert structure.groups[group_id].tooltip == group.tooltip
        assert structure.groups[group_id].label == (group.display_name or group.name)
        assert structure.groups[group_id].is_mapped == (group.over is not None)


@pytest.mark.parametrize(("dag", "layout"), VERSIONS)
def test_the_keys_are_those_that_airflow_writes(
    dag: Dag, layout: Layout, airflows: list[dict[str, Any]]
) -> None:
    mine = serialized(dag, layout, NOW, ())

    assert mine.keys() - {"client_defaults"} == airflows[0].keys()
    known = set().union(*(one["dag"].keys() for one in airflows))
    always = set.intersection(*(set(one["dag"]) for one in airflows))
    assert always <= mine["dag"].keys() <= known
    groups = [set(group) for one in airflows for group in all_groups(one["dag"])]
    for group in all_groups(mine["dag"]):
        assert set.intersection(*groups) <= group.keys() <= set().union(*groups)
    keys = set().union(
        *(task["__var"].keys() for one in airflows for task in one["dag"]["tasks"])
    )
    keys.add("queue")  # no task of the fixture sets it
    for task in mine["dag"]["tasks"]:
        body = task["__var"]
        assert body.keys() - set(body["template_fields"]) <= keys


def all_groups(dag: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    pending = [dag["task_group"]]
    while pending:
        group = pending.pop()
        yield group
        pending += [
            body for kind, body in group["children"].values() if kind != "operator"
        ]


def test_joins_stand_where_edges_meet_groups_and_say_what_edges_say() -> None:
    (month_close,) = [dag for dag in dags() if dag.dag_id == "month_close"]
    drawn = structure_of(month_close, Layout(month_close.structures[0])).graph(
        None, 0, 0
    )

    labels = {(e.source_key, e.target_key): e.label for e in drawn.edges if e.label}
    assert labels == {
        ("start", "ledgers.upstream_join_id"): "first working day",
        ("statements.downstream_join_id", "approve"): "ready to be read",
    }
    kinds = {node.key: node.kind for node in drawn.nodes}
    assert kinds["ledgers.receivables.upstream_join_id"] == "JOIN"
    assert kinds["ledgers.receivables"] == "GROUP"
    assert kinds["ledgers.receivables.collect"] == "TASK"
