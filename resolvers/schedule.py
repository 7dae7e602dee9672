"""Relations from a DAG to what its schedule answers."""

from collections.abc import Callable, Hashable
from datetime import datetime

from loaders import schedule
from loaders.errors import BadInput
from loaders.relation import Relation, Shape
from resolvers.sizes import Count


def _following(after: datetime) -> schedule.Following:
    return schedule.Following(after)


def _previous(before: datetime) -> schedule.Previous:
    return schedule.Previous(before)


def _between(start: datetime, end: datetime, limit: Count = 1_000) -> schedule.Between:
    if limit < 0:
        message = f"limit is {limit}; 0 or more is allowed."
        raise BadInput(message)
    return schedule.Between(start, end, limit)


def _next(count: Count = 5) -> schedule.Next:
    if count < 1:
        message = f"count is {count}; 1 or more is allowed."
        raise BadInput(message)
    return schedule.Next(count)


def _answer(name: str, args: Callable[..., Hashable]) -> Relation:
    return Relation(
        name, Shape.ONE, schedule.answers, schedule.KEY, schedule.ANSWER, args
    )


FOLLOWING = _answer("following", _following)
PREVIOUS = _answer("previous", _previous)
BETWEEN = _answer("between", _between)
NEXT = _answer("next", _next)
UNKNOWABLE = _answer("unknowable", schedule.Why)
