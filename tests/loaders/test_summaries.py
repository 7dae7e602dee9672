from datetime import UTC, datetime
from typing import Any

import pytest

from loaders.summaries import RANK, Cell, Cells, Sheet, by_run, cells_of
from metadb.by_column import ByColumn
from metadb.sources.task_instance import MAPPED, PLAIN
from metadb.structure import Structure
from tests.support.structures import group, leaves, structure, task

ALL = Cells(None, None)
ONE, TWO, THREE = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))


def part(
    task_id: str,
    state: str | None,
    number: int,
    *rest: Any,
    is_mapped: bool = False,
) -> Cell:
    """Some instances of one task, in one state, as they are read."""
    read = (1, task_id, state, number, *rest, *[None] * (4 - len(rest)))
    kind = MAPPED if is_mapped else PLAIN
    return Cell._make((*read, kind, None, (), None))


def folded(
    found: Structure, instances: dict[str, list[Cell]], args: Cells = ALL
) -> dict[str, Cell]:
    """The cells by id; groups in angle brackets."""
    rows = [(*cell[:9],) for parts in instances.values() for cell in parts]
    sheet = Sheet(ByColumn([*zip(*rows, strict=True)] or [()] * 9))
    (read,) = by_run(sheet, 1)
    cells = [sheet[number] for number in cells_of(sheet, found, read, args)]
    return {cell.task_id or f"<{cell.group_id}>": cell for cell in cells}


def grouped(**states: str | None) -> Cell:
    """The cell of a group of tasks, one instance each."""
    found = structure([task(i) for i in states], {"g": group(leaves(*states))})
    return folded(found, {i: [part(i, state, 1)] for i, state in states.items()})["<g>"]


def mapped(task_id: str) -> dict[str, Any]:
    return task(task_id, _is_mapped=True, partial_kwargs={})


def test_a_task_shows_its_instance_and_leaves_its_counts_empty() -> None:
    cell = folded(
        structure([task("a")]), {"a": [part("a", "success", 1, ONE, TWO, 3, 1)]}
    )["a"]

    assert cell[:-1] == (1, "a", "success", 1, ONE, TWO, 3, True, "TASK", None, ())


def test_a_task_without_instances_is_there_too() -> None:
    cell = folded(structure([task("a")]), {})["a"]

    assert cell == (1, "a", None, 0, None, None, None, False, "TASK", None, (), ())


def test_mapped_instances_are_folded_into_counts() -> None:
    instances = [
        part("m", "success", 7, TWO, THREE, 1, None, is_mapped=True),
        part("m", "failed", 2, ONE, TWO, 2, 1, is_mapped=True),
        part("m", None, 1, is_mapped=True),
    ]

    cell = folded(structure([mapped("m")]), {"m": instances})["m"]

    assert cell.kind == "MAPPED_TASK"
    assert cell.state == "failed"
    assert cell.counts == (("failed", 2), (None, 1), ("success", 7))
    assert cell.instance_count == 10
    assert (cell.start_date, cell.end_date) == (ONE, THREE)
    assert (cell.version_number, cell.has_note) == (2, True)


def test_a_mapped_task_that_is_not_expanded_yet_has_one_instance() -> None:
    cell = folded(structure([mapped("m")]), {"m": [part("m", "scheduled", 1)]})["m"]

    assert (cell.kind, cell.state, cell.counts) == (
        "MAPPED_TASK",
        "scheduled",
        (("scheduled", 1),),
    )


def test_a_task_of_a_mapped_group_is_folded_too() -> None:
    found = structure([task("a")], {"g": group(leaves("a"), is_mapped=True)})

    cells = folded(found, {"a": [part("a", "success", 3, is_mapped=True)]})

    assert cells["a"].kind == "MAPPED_TASK"
    assert cells["a"].counts == (("success", 3),)
    assert cells["<g>"].counts == (("success", 3),)


def test_a_mapped_task_without_instances_keeps_its_group_from_looking_finished() -> (
    None
):
    children = {"g": group({"g.h": group(leaves("m")), **leaves("a")})}
    cells = folded(
        structure([mapped("m"), task("a")], children), {"a": [part("a", "success", 1)]}
    )

    assert (cells["m"].state, cells["m"].counts, cells["m"].instance_count) == (
        None,
        (),
        0,
    )
    assert (cells["<g.h>"].state, cells["<g.h>"].counts) == (None, ())
    assert (cells["<g>"].state, cells["<g>"].counts) == (None, (("success", 1),))


def test_a_plain_task_without_instances_does_not_count_in_its_group() -> None:
    children = {"g": group(leaves("a", "b"))}
    cells = folded(
        structure([task("a"), task("b")], children), {"a": [part("a", "success", 1)]}
    )

    assert cells["<g>"].state == "success"


def test_a_group_counts_all_instances_inside_it_once() -> None:
    children = {"g": group({"g.h": group(leaves("m")), **leaves("a", "b")})}
    instances = {
        "m": [
            part("m", "success", 2, TWO, TWO, 2, None, is_mapped=True),
            part("m", "running", 1, THREE, None, 4, None, is_mapped=True),
        ],
        "a": [part("a", "success", 1, ONE, THREE, 3, 1)],
        "b": [part("b", "skipped", 1)],
    }
    cells = folded(structure([mapped("m"), task("a"), task("b")], children), instances)

    assert cells["<g>"][:-1] == (
        1,
        None,
        "running",
        5,
        ONE,
        THREE,
        4,
        True,
        "GROUP",
        "g",
        (("running", 1), ("success", 3), ("skipped", 1)),
    )
    assert cells["<g.h>"].counts == (("running", 1), ("success", 2))


def test_an_empty_group_has_no_state() -> None:
    cell = folded(structure([task("a")], {"g": group(), **leaves("a")}), {})["<g>"]

    assert (cell.state, cell.counts, cell.instance_count) == (None, (), 0)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (one, other)
        for number, one in enumerate(RANK)
        for other in list(RANK)[number + 1 :]
    ],
)
def test_the_state_that_counts_most_is_shown(
    stronger: str | None, weaker: str | None
) -> None:
    assert grouped(a=weaker, b=stronger).state == stronger


def test_the_order_of_states_is_airflows() -> None:
    assert list(RANK) == [
        "failed",
        "upstream_failed",
        "up_for_retry",
        "up_for_reschedule",
        "running",
        "restarting",
        "shutdown",
        "deferred",
        "awaiting_input",
        "queued",
        "scheduled",
        "",
        None,
        "success",
        "skipped",
        "removed",
    ]


def test_a_word_that_is_not_known_counts_more_than_success() -> None:
    assert grouped(a="success", b="zzz", c="aaa").state == "aaa"
    assert grouped(a="scheduled", b="zzz").state == "scheduled"


def test_cells_are_in_display_order_and_unknown_tasks_last() -> None:
    found = structure(
        [task("b"), task("g.a", "b")], {**leaves("b"), "g": group(leaves("g.a"))}
    )
    instances = {
        "z": [part("z", "success", 3, is_mapped=True)],
        "y": [part("y", "removed", 1)],
        "b": [part("b", "success", 1)],
    }

    cells = folded(found, instances)

    assert list(cells) == ["<g>", "g.a", "b", "y", "z"]
    assert (cells["y"].kind, cells["y"].state) == ("TASK", "removed")
    assert (cells["z"].kind, cells["z"].counts) == ("MAPPED_TASK", (("success", 3),))


def test_of_a_group_and_a_task_with_one_id_the_group_is_shown() -> None:
    inside = structure([task("x.a")], {"x": group(leaves("x.a"))})
    instances = {"x": [part("x", "failed", 1)], "x.a": [part("x.a", "success", 1)]}

    assert list(folded(inside, instances)) == ["<x>", "x.a"]

    both = structure([task("x"), task("x.a")], {"x": group(leaves("x", "x.a"))})
    assert list(folded(both, instances)) == ["<x>", "x.a"]


def test_cells_may_be_those_of_a_group_or_of_some_tasks() -> None:
    found = structure(
        [task("a"), task("g.b"), task("g.h.c")],
        {
            "g": group({"g.h": group(leaves("g.h.c")), **leaves("g.b")}),
            **leaves("a"),
        },
    )
    lost = {"lost": [part("lost", "success", 1)]}

    assert list(folded(found, lost, Cells(None, "g"))) == [
        "<g>",
        "g.b",
        "<g.h>",
        "g.h.c",
    ]
    assert list(folded(found, lost, Cells(None, "ghost"))) == []
    assert list(folded(found, lost, Cells(frozenset({"g.b", "lost"}), None))) == [
        "g.b",
        "lost",
    ]
    assert list(folded(found, lost, Cells(frozenset({"a", "g.b"}), "g"))) == ["g.b"]
