"""Files that are read again once they change, without a restart."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from dagway.errors import StartError

log = logging.getLogger("dagway")
T = TypeVar("T")


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
            self._state = self._seen()
            self._value = self._read()
        except (OSError, ValueError) as error:
            message = f"{path} cannot be used: {error}"
            raise StartError(message) from error

    def value(self) -> T:
        """What the file says."""
        try:
            state = self._seen()
        except OSError:
            state = None
        if state != self._state:
            self._state = state
            try:
                self._value = self._read()
            except (OSError, ValueError):
                log.exception("%s is kept as it was before", self._path)
        return self._value

    def _seen(self) -> tuple[int, int, int] | None:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> T:
        return self._parsed(self._path.read_text(encoding="utf-8"))
