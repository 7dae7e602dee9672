"""Which tasks a graph keeps if only the part around a task or group is drawn.

Airflow keeps the setups and teardowns that what remains needs (`DAG.partial_subset`,
which matches a root anywhere in an id where this takes it whole).
"""

from collections.abc import Collection
from typing import Protocol

from metadb.adjacency import Adjacency, Edges, reached
from metadb.group import Tree


class Connected(Protocol):
    """What a part is taken of; a `Structure`."""

    tree: Tree
    joined: Edges


def part_around(
    structure: Connected,
    setups: Collection[str],
    teardowns: Collection[str],
    root: str,
    upstream: int,
    downstream: int,
) -> set[str]:
    """The ids of the tasks to keep; none if the root is unknown.

    Args:
        structure: What the part is taken of.
        setups: The ids of its setup tasks.
        teardowns: The ids of its teardown tasks.
        root: A group's id, or a task's.
        upstream: How many steps before it to keep, -1 for all.
        downstream: How many steps after it to keep, -1 for all.
    """
    matched = _matched(structure.tree, root)
    _, ways_back, ways_on = structure.joined
    ending = {
        setup: {other for other in ways_on.get(setup, ()) if other in teardowns}
        for setup in setups
    }
    kept = set(matched)
    needy: set[str] = set()
    if downstream:
        later = reached(ways_on, matched, downstream)
        kept |= later
        needy |= later - matched
    if upstream:
        earlier = reached(ways_back, matched, upstream)
        kept |= earlier
        for setup in earlier.intersection(setups):
            kept |= ending[setup]
    else:
        needy |= matched
    if not downstream:
        for setup in matched.intersection(setups):
            kept |= ending[setup]
    needy -= {i for i in needy if i in setups or i in teardowns}
    return kept | _served(needy, ending, ways_back, ways_on)


def _matched(tree: Tree, root: str) -> set[str]:
    if root in tree.bodies:
        return {member for member, is_group in tree.walk(root) if not is_group}
    return {root} if root in tree.group_of else set()


def _served(
    needy: set[str],
    ending: dict[str, set[str]],
    ways_back: Adjacency,
    ways_on: Adjacency,
) -> set[str]:
    """Setups that tasks need, with their teardowns.

    A setup serves a task after it if one of its teardowns comes after the task, or if
    it has none.
    """
    found: set[str] = set()
    for setup, own in ending.items():
        served = needy & reached(ways_on, (setup,), -1)
        if served and own:
            served &= reached(ways_back, own, -1)
        if served:
            found.add(setup)
            found |= own
    return found
