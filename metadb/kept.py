"""What was made of texts and may be wanted again, in a bounded part of memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, none of them None; those used longest ago go first.

    Counting values does not bound memory: what is made of a text is as large as the
    text, times something. So each value has a size.

    Args:
        most: The sizes of all kept values together, at most.

    Attributes:
        size: What they are.
        hits: How often a value was there.
        misses: How often it was not.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.size = self.hits = self.misses = 0
        self._found: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def find(self, key: K) -> V | None:
        """The value of a key, if it is kept."""
        found = self._found.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._found.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value, unless it alone is too large."""
        _, gone = self._found.pop(key, (None, 0))
        self.size -= gone
        if size > self._most:
            return
        self._found[key] = value, size
        self.size += size
        while self.size > self._most:
            _, (_, gone) = self._found.popitem(last=False)
            self.size -= gone

    def get(self, key: K, make: Callable[[], V], size: int) -> V:
        """The value of a key, made and kept if it is not there."""
        value = self.find(key)
        if value is None:
            value = make()
            self.put(key, value, size)
        return value

    def __len__(self) -> int:
        return len(self._found)
