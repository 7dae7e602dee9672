"""Which task comes directly before or after which, and what can be reached."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Pair = tuple[str, str]
"""An edge's two ends: source and target."""
Adjacency = Mapping[str, list[str]]
"""Tasks directly before or after each task, sorted; a task without any is missing."""


class Edges(NamedTuple):
    """Edges between tasks, in the forms in which they are asked for.

    Attributes:
        pairs: Sorted, each once.
        upstream: The tasks directly before each task.
        downstream: Those directly after it.
    """

    pairs: list[Pair]
    upstream: Adjacency
    downstream: Adjacency

    @classmethod
    def of(cls, downstream: Adjacency) -> "Edges":
        """Those that lead to the tasks after each task; the tasks are sorted."""
        pairs = [(one, other) for one, others in downstream.items() for other in others]
        return cls(pairs, before(pairs), downstream)


def after(pairs: Iterable[Pair]) -> Adjacency:
    """The tasks directly after each task; the pairs are sorted."""
    found: dict[str, list[str]] = {}
    for source, target in pairs:
        found.setdefault(source, []).append(target)
    return found


def before(pairs: Iterable[Pair]) -> Adjacency:
    """The tasks directly before each task; the pairs are sorted."""
    found: dict[str, list[str]] = {}
    for source, target in pairs:
        found.setdefault(target, []).append(source)
    return found


def reached(ways: Adjacency, start: Iterable[str], steps: int) -> set[str]:
    """What one to `steps` steps lead to, -1 for any number.

    A starting point is among them only if a step leads to it.
    """
    found: set[str] = set()
    edge = set(start)
    while edge and steps:
        edge = {other for one in edge for other in ways.get(one, ())} - found
        found |= edge
        steps -= 1
    return found
