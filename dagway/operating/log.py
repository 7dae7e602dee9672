"""The log, on standard error: operations as they are, the rest with time and level.

While the gateway serves, a thread of its own writes it. Whoever reads standard error
may be slow, or stop: that must hold up no answer. So lines wait in memory, so many at
most, and more are dropped and counted.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from typing import Any

from typing_extensions import override

from dagway.operating.journal import LOGGER

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
WAITING = 10_000
"""Lines that may wait to be written."""
_TOGETHER_S = 0.01
"""How long the thread waits for lines to come together: to wake it costs the others."""
_PATIENCE_S = 2.0
"""How long the end of the process waits for the last lines."""


class _Format(logging.Formatter):
    """Says of an operation's line nothing more."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        if record.name == LOGGER:
            return str(record.msg)
        return super().format(record)


def to_stderr(level: str, *, operations: bool) -> None:
    """Let all that is logged from a level on go to standard error.

    Args:
        level: Its name.
        operations: Whether operations are logged, whatever the level.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Format(FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger(LOGGER).setLevel(logging.INFO if operations else logging.ERROR)


@contextmanager
def written_apart(dropped: Callable[[], None]) -> Iterator[None]:
    """Have the log written by a thread of its own, until the block is left.

    Args:
        dropped: Is called for each line that is lost, as too many wait.
    """
    root = logging.getLogger()
    handlers = root.handlers[:]
    queue: SimpleQueue[Any] = SimpleQueue()
    writer = _Writer(queue, *handlers)
    writer.start()
    root.handlers[:] = [_Queued(queue, dropped)]
    try:
        yield
    finally:
        if writer.ended():
            root.handlers[:] = handlers


class _Queued(QueueHandler):
    """Takes lines."""

    def __init__(self, queue: SimpleQueue[Any], dropped: Callable[[], None]) -> None:
        super().__init__(queue)
        self._lines = queue
        self._dropped = dropped

    @override
    def prepare(self, record: logging.LogRecord) -> Any:
        """A traceback is made text here: it would keep all that its frames hold."""
        return super().prepare(record) if record.args or record.exc_info else record

    @override
    def enqueue(self, record: logging.LogRecord) -> None:
        if self._lines.qsize() < WAITING:
            self._lines.put_nowait(record)
        else:
            self._dropped()


class _Writer(QueueListener):
    """Writes them."""

    def __init__(self, queue: SimpleQueue[Any], *handlers: logging.Handler) -> None:
        super().__init__(queue, *handlers)
        self._lines = queue

    @override
    def dequeue(self, block: bool) -> logging.LogRecord:
        if self._lines.empty():
            time.sleep(_TOGETHER_S)
        return super().dequeue(block)

    def ended(self) -> bool:
        """Write what is left, if somebody reads it: whether that is done."""
        thread, self._thread = self._thread, None
        self.enqueue_sentinel()
        if thread is not None:
            thread.join(_PATIENCE_S)
        return thread is None or not thread.is_alive()
