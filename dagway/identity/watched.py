"""Files that are read again once they change, without a restart."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from dagway.errors import StartError

log = logging.getLogger("dagway")
T = TypeVar("T")
_State = tuple[int, int, int]
SETTLED_S = 0.25
"""So long nobody may have written to a file: half of it may be right, and mean less."""


class Watched(Generic[T]):
    """What a file says now.

    A file that is gone, or wrong, leaves what it said before, and is logged once.
    """

    def __init__(self, path: str, parsed: Callable[[str], T]) -> None:
        """Read the file.

        Args:
            path: Of the file.
            parsed: What its text says; ValueError if that is wrong.

        Raises:
            StartError: if it cannot be read, or is wrong.
        """
        self._path = Path(path)
        self._parsed = parsed
        try:
            self._state: _State | None = self._seen()
            self._coming: _State | None = self._state
            self._since = time.monotonic()
            self._value = self._read()
        except (OSError, ValueError) as error:
            message = f"{path} cannot be used: {error}"
            raise StartError(message) from error

    def value(self) -> T:
        """What the file says."""
        state = self._now()
        if state != self._state and self._is_settled(state):
            self._take(state)
        return self._value

    def _take(self, state: _State | None) -> None:
        """Read the file, unless it is written to meanwhile: another time, then."""
        try:
            value = self._read()
        except (OSError, ValueError):
            if self._now() == state:
                self._state = state
                log.exception("%s is kept as it was before", self._path)
            return
        if self._now() == state:
            self._state, self._value = state, value

    def _is_settled(self, state: _State | None) -> bool:
        """Whether a file is written to its end, by its own time or since we look.

        An empty one is about to be written.
        """
        now = time.monotonic()
        if state != self._coming:
            self._coming, self._since = state, now
        if state is not None and state[1] == 0:
            return False
        age = 0.0 if state is None else time.time() - state[0] / 1e9
        return age >= SETTLED_S or now - self._since >= SETTLED_S

    def _now(self) -> _State | None:
        """The file's state; None if it is gone."""
        try:
            return self._seen()
        except OSError:
            return None

    def _seen(self) -> _State:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> T:
        return self._parsed(self._path.read_text(encoding="utf-8"))
