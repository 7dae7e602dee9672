"""Which task comes directly before or after which, and what can be reached."""

from collections.abc import Iterable, Mapping

Pair = tuple[str, str]
"""An edge's two ends: source and target."""
Adjacency = Mapping[str, list[str]]
"""Tasks directly before or after each task, sorted; a task without any is missing."""


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
