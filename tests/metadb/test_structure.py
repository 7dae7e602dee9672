from typing import Any

import pytest

from metadb.serialized import Serialized, Undecodable
from metadb.structure import Structure
from tests.support.structures import group, leaves, structure, task


def ids(found: Structure) -> list[str]:
    return list(found.tasks)


def test_edges_are_by_source_and_target_with_the_label_of_that_very_pair() -> None:
    found = structure(
        [
            task("b", "c", "a", is_setup=True),
            task("a"),
            task("c", "a", is_teardown=True),
        ],
        edge_info={
            "b": {"a": {"label": "yes"}, "c": {"label": ""}},
            "c": {"a": {"label": 5}, "x": None},
            "a": [],
        },
    )

    assert [(e.source_id, e.target_id, e.label) for e in found.edges] == [
        ("b", "a", "yes"),
        ("b", "c", None),
        ("c", "a", None),
    ]
    assert [e.is_setup_teardown for e in found.edges] == [False, True, False]
    assert {e.source_structure for e in found.edges} == {"v#hash"}


def test_an_edge_with_an_end_that_is_missing_is_dropped() -> None:
    found = structure([task("a", "ghost", "b"), task("b")])

    assert found.joined.pairs == [("a", "b")]


def test_an_edge_that_is_there_twice_is_once() -> None:
    found = structure([task("a", downstream_task_ids=["b", "b", 5, None]), task("b")])

    assert found.joined.pairs == [("a", "b")]


def test_of_two_tasks_with_one_id_the_last_counts() -> None:
    found = structure([task("a", owner="one"), task("a", owner="two")])

    assert [t.owner for t in found.tasks.values()] == ["two"]


def test_neighbours_are_in_display_order_and_never_the_task_itself() -> None:
    found = structure(
        [task("z", "a"), task("a", "b", "a"), task("b", "z"), task("k", "a")]
    )

    assert [t.task_id for t in found.neighbours("a", 1, upstream=True)] == ["k", "z"]
    assert [t.task_id for t in found.neighbours("a", -1, upstream=False)] == ["b", "z"]
    assert found.neighbours("a", 0, upstream=True) == []


def test_tasks_in_a_group_are_all_however_deep() -> None:
    children = {
        "g": group({**leaves("g.b"), "g.a": group(leaves("g.a.x"))}),
        **leaves("c"),
    }
    found = structure([task("g.b"), task("g.a.x"), task("c")], children)

    assert [t.task_id for t in found.tasks_in("g")] == ["g.a.x", "g.b"]
    assert found.tasks_in("c") == found.tasks_in("ghost") == []


def test_ids_without_a_definition_are_told() -> None:
    found = structure([task("a")])

    assert found.without_definition(["z", "a", "b", "z"]) == ["b", "z"]


@pytest.mark.parametrize(
    ("dag", "message"),
    [
        pytest.param({"tasks": None}, "tasks are missing or null", id="no tasks"),
        pytest.param({"tasks": {}}, "tasks are of type dict", id="object"),
        pytest.param({"tasks": ["a"]}, "A task is of type str", id="text"),
        pytest.param({"tasks": [{}]}, "A task_id is missing", id="no id"),
        pytest.param({"tasks": [{"task_id": 1}]}, "A task_id is of type int", id="id"),
        pytest.param(
            {"tasks": [{"task_id": "a", "downstream_task_ids": 1}]},
            "downstream_task_ids of a are not a list",
            id="edges",
        ),
        pytest.param({"task_group": []}, "The task group is of type list", id="group"),
    ],
)
def test_what_airflow_never_writes_is_undecodable(
    dag: dict[str, Any], message: str
) -> None:
    found = Serialized(3, {"dag_id": "d", "tasks": [], "task_group": None, **dag}, {})

    with pytest.raises(Undecodable, match=message):
        Structure.of(found, name="v#hash", version_number=1)


def old() -> Structure:
    """a, then two that the new version lacks, one in a group, then b."""
    return structure(
        [
            task("a", "gone", "g.gone"),
            task("gone", "b"),
            task("g.gone", "b", "g.kept"),
            task("g.kept"),
            task("b"),
        ],
        {**leaves("a", "gone", "b"), "g": group(leaves("g.gone", "g.kept"))},
        name="old#1",
        edge_info={"a": {"gone": {"label": "was"}}},
    )


def new() -> Structure:
    return structure(
        [task("a", "b"), task("b", "new"), task("g.kept"), task("new")],
        {**leaves("a", "b", "new"), "g": group(leaves("g.kept"))},
        name="new#2",
        number=2,
    )


def test_tasks_that_a_run_still_has_are_appended_to_their_groups() -> None:
    merged = Structure.merged(
        "m", [new(), old()], {"a": "old#1", "gone": "old#1", "g.gone": "old#1"}
    )

    assert ids(merged) == ["a", "b", "g.kept", "g.gone", "new", "gone"]
    assert merged.groups["g"].task_ids == ("g.kept", "g.gone")
    assert merged.groups["g"].structure == "m"
    assert {i: t.structure for i, t in merged.tasks.items()} == {
        "a": "new#2",
        "b": "new#2",
        "new": "new#2",
        "gone": "old#1",
        "g.kept": "new#2",
        "g.gone": "old#1",
    }


def test_appended_tasks_come_with_their_edges() -> None:
    merged = Structure.merged("m", [new(), old()], {"gone": "old#1", "g.gone": "old#1"})

    edges = {(e.source_id, e.target_id): e for e in merged.edges}
    assert list(edges) == [
        ("a", "b"),
        ("a", "g.gone"),
        ("a", "gone"),
        ("b", "new"),
        ("g.gone", "b"),
        ("g.gone", "g.kept"),
        ("gone", "b"),
    ]
    assert edges["a", "gone"].label == "was"
    assert edges["a", "gone"].source_structure == "new#2"
    assert edges["a", "gone"].target_structure == "old#1"


def test_a_run_that_the_newest_version_has_whole_is_that_version() -> None:
    newest = new()

    assert Structure.merged("m", [newest, old()], {"a": "old#1"}) is newest


def test_a_task_that_did_not_run_stays_gone() -> None:
    merged = Structure.merged("m", [new(), old()], {"gone": "old#1"})

    assert "g.gone" not in merged.tasks
    assert merged.groups["g"].structure == "new#2"


def test_a_task_of_a_version_that_lacks_it_is_taken_from_the_newest_that_has_it() -> (
    None
):
    merged = Structure.merged("m", [new(), old()], {"gone": "new#2", "ghost": "old#1"})

    assert merged.tasks["gone"].structure == "old#1"
    assert "ghost" not in merged.tasks


def test_a_group_that_the_newest_lacks_comes_with_its_task() -> None:
    older = structure(
        [task("g.h.x"), task("g.y")],
        {"g": group({"g.h": group(leaves("g.h.x")), **leaves("g.y")})},
        name="old#1",
    )
    newer = structure([task("a")], name="new#2")

    merged = Structure.merged("m", [newer, older], {"g.h.x": "old#1"})

    assert merged.tree.walk() == [
        ("a", False),
        ("g", True),
        ("g.h", True),
        ("g.h.x", False),
    ]
    assert merged.groups["g"].child_ids == ("g.h",)
    assert merged.groups["g.h"].parent_id == "g"


def test_a_task_that_became_a_group_is_not_lost() -> None:
    older = structure([task("x")], name="old#1")
    newer = structure([task("x.y")], {"x": group(leaves("x.y"))}, name="new#2")

    merged = Structure.merged("m", [newer, older], {"x": "old#1", "x.y": "new#2"})

    assert ids(merged) == ["x.y", "x"]
    assert list(merged.groups) == ["x"]


def test_merging_leaves_the_versions_as_they_were() -> None:
    newest, before = new(), new().tree.walk()

    Structure.merged("m", [newest, old()], {"gone": "old#1", "g.gone": "old#1"})

    assert newest.tree.walk() == before
    assert newest.groups["g"].structure == "new#2"


def test_no_versions_give_an_empty_structure() -> None:
    found = Structure.merged("m", [], {"a": "x"})

    assert (found.name, ids(found), found.problem) == ("m", [], None)


def test_a_version_that_cannot_be_read_keeps_its_problem_in_the_union() -> None:
    broken = Structure.empty("new#2", problem="It is not JSON.")

    merged = Structure.merged("m", [broken, old()], {"gone": "old#1"})

    assert ids(merged) == ["gone"]
    assert merged.problem == "It is not JSON."
