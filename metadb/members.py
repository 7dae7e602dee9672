"""Members of a structure: read one by one, or by column."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


class Members(tuple[T, ...]):  # noqa: SLOT001  # the columns are kept in its dict
    """Members of one class, and the columns that were read of them."""

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
