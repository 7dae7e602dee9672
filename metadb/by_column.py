"""Rows that are held by column."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, overload

from typing_extensions import override

from metadb.dialect import Row


class ByColumn(Sequence[Row]):
    """Rows of columns of one length, made when they are read.

    Most readers want columns: to make rows only to take them apart again costs more
    than anything else that is done with them.
    """

    __slots__ = ("columns",)

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self.columns = columns

    @override
    def __len__(self) -> int:
        return len(self.columns[0])

    @override
    def __iter__(self) -> Iterator[Row]:
        return zip(*self.columns, strict=True)

    def joined(self, spans: Sequence[tuple[int, int]], *, turned: bool) -> "ByColumn":
        """Rows from one place to another, of several such, each as it is or turned."""
        step = -1 if turned else 1
        return ByColumn(
            [
                [*chain.from_iterable([column[a:b][::step] for a, b in spans])]
                for column in self.columns
            ]
        )

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> "ByColumn": ...

    @override
    def __getitem__(self, at: int | slice) -> "Row | ByColumn":
        if isinstance(at, slice):
            return ByColumn([column[at] for column in self.columns])
        return tuple([column[at] for column in self.columns])


def is_constant(column: Sequence[Any]) -> bool:
    """Whether all values are equal; there is at least one."""
    first = column[0]
    return bool(first == column[-1]) and column.count(first) == len(column)
