"""Members of a structure: read one by one, or by column."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Self, TypeVar, overload

from typing_extensions import override

T = TypeVar("T")


class Members(tuple[T, ...]):  # noqa: SLOT001  # the columns are kept in its dict
    """Members of one class, and the columns that were read of them."""

    @classmethod
    def of(cls, make: Callable[..., T], *columns: tuple[str, Sequence[Any]]) -> Self:
        """Members made of their attributes, which are columns of theirs from the start.

        Args:
            make: Takes one's attributes, in this order.
            columns: The attributes' names and values.
        """
        found = cls(map(make, *[values for _, values in columns]))
        found.__dict__.update(columns)
        return found

    def column(self, name: str) -> Sequence[Any]:
        """An attribute of each; a class may have a way of its own to read many."""
        if name not in self.__dict__ and self:
            self.__dict__.update(self._read(type(self[0]), name))
        found: Sequence[Any] = self.__dict__.get(name, ())
        return found

    def _read(self, kind: Any, name: str) -> dict[str, Sequence[Any]]:
        if issubclass(kind, tuple):  # named ones; all of their columns at once
            return dict(zip(kind._fields, zip(*self, strict=True), strict=True))
        whole = getattr(getattr(kind, name), "column", None)
        return {
            name: list(map(attrgetter(name), self)) if whole is None else whole(self)
        }


class ColumnMembers(Sequence[T]):
    """Members of a class of named tuples, made when they are read one by one."""

    def __init__(self, kind: type[T], *columns: Sequence[Any]) -> None:
        named: Any = kind
        self._make = kind
        self._columns: dict[str, Sequence[Any]]
        self._columns = dict(zip(named._fields, columns, strict=True))

    def column(self, name: str) -> Sequence[Any]:
        """An attribute of each."""
        return self._columns[name]

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, ColumnMembers) and self._columns == other._columns

    __hash__ = None  # type: ignore[assignment]  # as of lists

    @override
    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    @override
    def __iter__(self) -> Iterator[T]:
        return map(self._make, *self._columns.values())

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...

    @override
    def __getitem__(self, at: int | slice) -> "T | Sequence[T]":
        return tuple(self)[at]
