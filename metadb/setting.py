"""Settings: attributes that are functions of a task's values in effect."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

from metadb.members import Members
from metadb.serialized import bare

T = TypeVar("T")

_INTEGER = 2**31 - 1
"""GraphQL knows no larger one."""


class Valued(Protocol):
    """What has values in effect; a `Task`."""

    def value(self, key: str) -> Any:  # Any: JSON
        """The value in effect, out of its wrapping."""


class FirstText:
    """Of several values the first that is text, and not empty."""

    def __init__(self, otherwise: str | None = None) -> None:
        self._otherwise = otherwise

    def __call__(self, *values: object) -> Any:
        """Of one task."""
        for value in values:
            if value and isinstance(value, str):
                return value
        return self._otherwise

    def column(self, columns: Iterator[Sequence[Any]]) -> Sequence[Any]:
        """Of many, which mostly have all the same of the values."""
        first: Sequence[Any] = ()
        for first in columns:
            if first.count(None) == len(first):
                continue
            if set(map(type, first)) == {str} and "" not in first:
                return first
            return list(map(self, first, *columns))
        return [self._otherwise] * len(first)


def text(value: object) -> str | None:
    """A text; None if it is none."""
    return value if isinstance(value, str) else None


class _IsTrue:
    """Whether a value is true, and nothing else."""

    def __call__(self, value: object) -> bool:
        return value is True

    def column(self, columns: Iterator[Sequence[Any]]) -> Sequence[bool]:
        """Of many."""
        return [value is True for value in next(columns)]


is_true = _IsTrue()


def integer(otherwise: int) -> Callable[[object], int]:
    """What makes integers that GraphQL knows: the nearest, or this one of no number."""

    def of(value: object) -> int:
        number = value if isinstance(value, int | float) else otherwise
        return int(max(-_INTEGER, min(number, _INTEGER)))

    return of


def seconds(value: object) -> float | None:
    """Seconds; None if it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def backoff(value: object) -> float:
    """The multiplier; 0 is off, 2 where Airflow only knows on."""
    if isinstance(value, bool):
        return 2.0 if value else 0.0
    return float(value) if isinstance(value, int | float) else 0.0


def named_fields(value: object) -> tuple[str, ...]:
    """The names of fields in a list that may be wrapped."""
    found = bare(value)
    if not isinstance(found, list):
        return ()
    return tuple(field for field in found if isinstance(field, str))


class Setting(Generic[T]):
    """A function of a task's values in effect: an attribute of it, or many tasks'."""

    def __init__(self, of: Callable[..., T], *keys: str) -> None:
        self._of = of
        self._keys = keys

    @overload
    def __get__(self, task: None, owner: type) -> "Setting[T]": ...
    @overload
    def __get__(self, task: "Valued", owner: type) -> T: ...
    def __get__(self, task: "Valued | None", owner: type) -> "T | Setting[T]":
        """Its value; of the class itself, how to read it of many."""
        if task is None:
            return self
        return self._of(*map(task.value, self._keys))

    def column(self, tasks: Members[Any]) -> Sequence[T]:
        """Its value for each task."""
        inputs = (_values(tasks, key) for key in self._keys)
        whole = getattr(self._of, "column", None)
        found: Sequence[T]
        found = list(map(self._of, *inputs)) if whole is None else whole(inputs)
        return found


def _values(tasks: Members[Any], key: str) -> list[Any]:
    values, around = tasks.column("values"), tasks.column("around")
    if around.count(around[0]) == len(around):
        default = around[0].defaults.get(key)
        return [own.get(key, default) for own in values]
    return [
        own[key] if key in own else other.defaults.get(key)
        for own, other in zip(values, around, strict=True)
    ]
