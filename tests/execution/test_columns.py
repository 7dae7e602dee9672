"""Columns of answers become objects."""

from dagway.operation import encoded
from execution.columns import objects
from execution.levels import plain

MANY = 1_000


def test_objects_are_written_alike_before_and_after_their_class_is_made() -> None:
    columns = [[*range(MANY)], [f"t{at}" for at in range(MANY)]]
    few = [column[:3] for column in columns]
    names = ["class", "__typename"]

    before = objects(names, few, 3)
    after = objects(names, columns, MANY)[:3]

    assert isinstance(before[0], dict)
    assert not isinstance(after[0], dict)
    assert encoded({"data": before}) == encoded({"data": after})
    assert plain({"data": after}) == {"data": before}


def test_names_of_which_few_objects_were_made_have_no_class() -> None:
    made = [objects([f"only_here_{at}"], [[at]], 1) for at in range(MANY)]

    assert {type(one) for (one,) in made} == {dict}


def test_objects_may_have_no_members() -> None:
    assert objects([], [], 2) == [{}, {}]


def test_halves_of_surrogate_pairs_are_written_from_either_form() -> None:
    half = "\ud800"
    after = objects(["of_halves"], [[half] * MANY], MANY)

    assert encoded({"data": after[0]}) == b'{"data": {"of_halves": "\\ud800"}}'
