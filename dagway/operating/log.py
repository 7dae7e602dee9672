"""The log, on standard error: operations as they are, the rest with time and level.

While the gateway serves, a thread of its own writes it. Whoever reads standard error
may be slow, or stop: that must hold up no answer. So lines wait in memory, so many at
most, and more are dropped and counted.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread

from typing_extensions import override

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
WAITING = 10_000
"""Lines that may wait to be written."""
_WHOLE = 4_096
"""Bytes that a pipe takes whole, though other workers write to it too."""
_TOGETHER_S = 0.01
"""How long the thread waits for lines to come together: to wake it costs the others."""
_PATIENCE_S = 2.0
"""How long the end of the process waits for the last lines."""


def to_stderr(level: str) -> None:
    """Let all that is logged from a level of that name on go to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


@contextmanager
def written_apart(dropped: Callable[[], None]) -> Iterator[Callable[[bytes], None]]:
    """Have the log written by a thread of its own, until the block is left.

    What is given takes a line that is logged as it is.

    Args:
        dropped: Is called for each line that is lost, as too many wait.
    """
    root = logging.getLogger()
    handlers = root.handlers[:]
    lines = _Lines(dropped)
    root.handlers[:] = [_Handed(lines.put)]
    try:
        yield lines.put
    finally:
        if lines.ended():
            root.handlers[:] = handlers


class _Handed(logging.Handler):
    """Hands on what is logged, as lines."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(FORMAT))
        self._put = put

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._put(self.format(record).encode("utf-8", "backslashreplace"))


class _Lines:
    """Lines that wait, and the thread that writes them."""

    def __init__(self, dropped: Callable[[], None]) -> None:
        self._dropped = dropped
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._stream = sys.stderr.buffer
        self._thread = Thread(target=self._write, daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        """Take a line, or drop it if too many wait."""
        if self._waiting.qsize() < WAITING:
            self._waiting.put(line)
        else:
            self._dropped()

    def ended(self) -> bool:
        """Write what is left, if somebody reads it: whether that is done."""
        self._waiting.put(None)
        self._thread.join(_PATIENCE_S)
        return not self._thread.is_alive()

    def _write(self) -> None:
        for text in self._together():
            with suppress(OSError, ValueError):  # nobody reads it any more
                self._stream.write(text)
                self._stream.flush()

    def _together(self) -> Iterator[bytes]:
        """The lines until the last, as many at once as there are and a pipe takes."""
        text = b""
        while (line := self._waiting.get()) is not None:
            if len(text) + len(line) >= _WHOLE:
                yield text
                text = b""
            text += line + b"\n"
            if self._waiting.empty():
                yield text
                text = b""
                time.sleep(_TOGETHER_S)
        yield text
