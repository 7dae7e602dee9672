import pytest

from metadb.part import part_around
from tests.support.structures import group, leaves, structure, task

CHAIN = structure([task("a", "b"), task("b", "c"), task("c", "d"), task("d")])
SERVED = structure(
    [
        task("setup", "work", "teardown", is_setup=True),
        task("work", "teardown", "after"),
        task("teardown", is_teardown=True),
        task("after"),
        task("lone_setup", "after", is_setup=True),
    ]
)
SETUPS, TEARDOWNS = {"setup", "lone_setup"}, {"teardown"}


@pytest.mark.parametrize(
    ("upstream", "downstream", "kept"),
    [
        (0, 0, {"b"}),
        (1, 0, {"a", "b"}),
        (0, 1, {"b", "c"}),
        (0, 2, {"b", "c", "d"}),
        (-1, -1, {"a", "b", "c", "d"}),
    ],
)
def test_so_many_steps_before_and_after_a_task_are_kept(
    upstream: int, downstream: int, kept: set[str]
) -> None:
    assert part_around(CHAIN, (), (), "b", upstream, downstream) == kept


def test_a_root_is_taken_whole_and_an_unknown_one_gives_nothing() -> None:
    assert part_around(CHAIN, (), (), "B", -1, -1) == set()
    assert part_around(CHAIN, (), (), "", -1, -1) == set()


def test_a_groups_tasks_are_kept_however_deep() -> None:
    found = structure(
        [task("g.a"), task("g.h.b"), task("c")],
        {"g": group({**leaves("g.a"), "g.h": group(leaves("g.h.b"))}), **leaves("c")},
    )

    assert part_around(found, (), (), "g", 0, 0) == {"g.a", "g.h.b"}


def test_setups_that_a_task_needs_are_kept_with_their_teardowns() -> None:
    assert part_around(SERVED, SETUPS, TEARDOWNS, "work", 0, 0) == {
        "setup",
        "work",
        "teardown",
    }


def test_a_setup_without_a_teardown_serves_all_after_it() -> None:
    assert part_around(SERVED, SETUPS, TEARDOWNS, "after", 0, 0) == {
        "after",
        "lone_setup",
    }


def test_a_setup_brings_its_teardown() -> None:
    assert part_around(SERVED, SETUPS, TEARDOWNS, "setup", 0, 0) == {
        "setup",
        "teardown",
    }


def test_setups_upstream_bring_their_teardowns() -> None:
    assert part_around(SERVED, SETUPS, TEARDOWNS, "work", 1, 0) == {
        "setup",
        "work",
        "teardown",
    }
