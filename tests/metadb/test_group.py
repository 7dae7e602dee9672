from typing import Any

import pytest

from metadb.serialized import DEPTH_MAXIMUM, Undecodable
from metadb.structure import Structure
from tests.support.structures import group, leaves, structure, task


def order(found: Structure) -> list[str]:
    """Everything in display order, groups in angle brackets."""
    return [f"<{name}>" if is_group else name for name, is_group in found.tree.walk()]


def test_a_groups_id_is_its_key_and_its_label_the_short_id() -> None:
    inner = group(
        leaves("outer.inner.a"),
        _group_id="inner",
        tooltip="Over it",
        doc_md="Docs",
        ui_color="blue",
        ui_fgcolor="#000",
    )
    outer = group({"outer.inner": inner}, _group_id="outer", group_display_name="Außen")
    found = structure([task("outer.inner.a")], {"outer": outer})

    assert [
        (g.group_id, g.label, g.tooltip, g.doc_md, g.ui_color, g.ui_fgcolor)
        for g in found.groups.values()
    ] == [
        ("outer", "Außen", None, None, None, None),
        ("outer.inner", "inner", "Over it", "Docs", "blue", "#000"),
    ]
    assert [g.parent_id for g in found.groups.values()] == [None, "outer"]


def test_a_group_in_a_mapped_group_is_mapped_too() -> None:
    deep = {"m.in": group(leaves("m.in.a"), _group_id="in")}
    children = {
        "m": group(deep, _group_id="m", is_mapped=True),
        "n": group(leaves("n.b"), _group_id="n"),
    }
    found = structure([task("m.in.a"), task("n.b")], children)

    assert {g.group_id: g.is_mapped for g in found.groups.values()} == {
        "m": True,
        "m.in": True,
        "n": False,
    }
    assert [t.is_mapped for t in found.tasks.values()] == [True, False]
    assert not any(t.is_mapped_itself for t in found.tasks.values())


def test_members_come_after_what_they_wait_for() -> None:
    tasks = [task("a", "g.x"), task("z", "a"), task("g.x", "g.b"), task("g.b")]
    found = structure(tasks, {**leaves("a", "z"), "g": group(leaves("g.x", "g.b"))})

    assert order(found) == ["z", "a", "<g>", "g.x", "g.b"]
    assert found.groups["g"].child_ids == ("g.x", "g.b")


@pytest.mark.parametrize(("version", "first"), [(1, "b"), (2, "a"), (3, "a")])
def test_members_that_wait_for_nothing_are_in_stored_order_or_from_airflow_3_on_by_id(
    version: int, first: str
) -> None:
    found = structure([task("b"), task("a")], version=version)

    assert next(iter(found.tasks)) == first


def test_a_group_waits_for_what_was_drawn_to_it_as_a_whole() -> None:
    children = {
        "first": group({}, upstream_group_ids=["z"], upstream_task_ids=["y"]),
        "z": group(leaves("z.a")),
        **leaves("y"),
    }
    found = structure([task("z.a"), task("y")], children)

    assert order(found) == ["y", "<z>", "z.a", "<first>"]


def test_a_group_does_not_wait_for_what_comes_into_its_middle() -> None:
    """Only tasks with none before them in the group count, as in Airflow 3.3."""
    tasks = [task("a.one", "a.two"), task("a.two"), task("z", "a.two")]
    found = structure(tasks, {"a": group(leaves("a.one", "a.two")), **leaves("z")})

    assert order(found) == ["<a>", "a.one", "a.two", "z"]


def test_tasks_in_a_circle_are_all_there() -> None:
    found = structure([task("a", "b"), task("b", "a", "b")])

    assert order(found) == ["a", "b"]
    assert found.joined.pairs == [("a", "b"), ("b", "a"), ("b", "b")]


def test_a_task_in_no_group_is_at_the_end_of_the_top() -> None:
    found = structure([task("lost"), task("b")], leaves("b"))

    assert order(found) == ["b", "lost"]


def test_a_member_that_is_no_task_is_left_out_and_one_that_is_there_twice_is_once() -> (
    None
):
    children = {**leaves("a", "ghost"), "g": group(leaves("a")), "h": group()}
    found = structure([task("a")], children)

    assert order(found) == ["a", "<g>", "<h>"]


def test_a_group_that_is_there_twice_is_once() -> None:
    children = {"g": group({"g": group(leaves("a"))})}
    found = structure([task("a")], children)

    assert order(found) == ["<g>", "a"]


def test_a_group_and_a_task_may_share_an_id() -> None:
    found = structure([task("x", "x.y"), task("x.y")], {"x": group(leaves("x", "x.y"))})

    assert order(found) == ["<x>", "x", "x.y"]
    assert found.groups["x"].task_ids == ("x", "x.y")


def nested(depth: int) -> list[Any]:
    found = group()
    for number in range(depth):
        found = group({f"g{number}": found})
    return found


@pytest.mark.parametrize(
    ("children", "message"),
    [
        pytest.param({"a": "operator"}, "not a pair", id="text"),
        pytest.param({"a": ["operator"]}, "not a pair", id="one"),
        pytest.param({"g": ["taskgroup", "g"]}, "A group is of type str", id="body"),
        pytest.param(
            {"g": ["taskgroup", {}]}, "children is missing or null", id="no children"
        ),
        pytest.param(
            {"g": nested(DEPTH_MAXIMUM + 1)}, "more than 100 deep", id="too deep"
        ),
    ],
)
def test_groups_that_airflow_never_writes_are_refused(
    children: dict[str, Any], message: str
) -> None:
    with pytest.raises(Undecodable, match=message):
        structure([task("a")], children)


def test_a_structure_without_groups_has_its_tasks_at_the_top() -> None:
    found = structure([task("b"), task("a")], task_group=None)

    assert order(found) == ["b", "a"]
