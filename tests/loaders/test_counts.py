"""Counts are in one order, whatever order their rows come in."""

from itertools import permutations

from loaders.counts import by_name


def test_no_state_is_before_the_empty_word() -> None:
    for states in permutations((None, "", "failed", "success")):
        assert sorted(states, key=by_name) == [None, "", "failed", "success"]
