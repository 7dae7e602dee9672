"""What was made of texts and may be wanted again, in a bounded part of memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key; those used longest ago go first.

    Counting values does not bound memory: a parsed document takes some 150 bytes for
    each character of its text, and clients choose the text.

    Args:
        most: Characters of all kept values' texts.

    Attributes:
        hits: How often a value was there.
        misses: How often one was made.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.hits = self.misses = 0
        self._size = 0
        self._found: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K, make: Callable[[], V], size: int) -> V:
        """The value of a key, made of a text of that size if it is not kept."""
        found = self._found.get(key)
        if found is not None:
            self.hits += 1
            self._found.move_to_end(key)
            return found[0]
        self.misses += 1
        value = make()
        self._found[key] = value, size
        self._size += size
        while self._size > self._most:
            _, (_, gone) = self._found.popitem(last=False)
            self._size -= gone
        return value

    def __len__(self) -> int:
        return len(self._found)
