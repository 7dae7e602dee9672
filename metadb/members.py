"""Members of a structure: read one by one, or by column."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


class Members(tuple[T, ...]):  # noqa: SLOT001  # the columns are kept in its dict
    """Members of one class, and the columns that were read of them."""

    def column(self, name: str) -> Sequence[Any]:
        """An attribute of each; a class may have a way of its own to read many."""
        found: Sequence[Any] | None = self.__dict__.get(name)
        if found is None:
            found = self.__dict__[name] = self._read(name)
        return found

    def _read(self, name: str) -> Sequence[Any]:
        if not self:
            return []
        whole = getattr(getattr(type(self[0]), name), "column", None)
        found: Sequence[Any]
        found = list(map(attrgetter(name), self)) if whole is None else whole(self)
        return found
