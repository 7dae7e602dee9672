"""Who is let in: so many requests at once, and none once the gateway is to end."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from dagway.protection.limit import OPERATIONS
from dagway.protocol import BadRequest, Beyond

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_AGAIN = {"retry-after": "1"}
_ELSEWHERE = {**_AGAIN, "connection": "close"}


class Door:
    """Lets requests in.

    Args:
        most: Operations at once.

    Attributes:
        inside: How many are in.
        is_closing: Whether the gateway is to end.
    """

    def __init__(self, most: int = 100) -> None:
        self.inside = 0
        self.is_closing = False
        self._most = most
        self._empty: asyncio.Event | None = None

    def enter(self) -> None:
        """Count one in; `leave` must follow."""
        self.inside += 1

    def check(self) -> None:
        """Do nothing if one that is in may stay.

        Raises:
            Beyond: if there are too many.
            BadRequest: if the gateway is to end.
        """
        if self.is_closing:
            message = "The gateway is shutting down; ask another one, or try again."
            raise BadRequest(503, "SHUTTING_DOWN", message, _ELSEWHERE)
        if self.inside > self._most:
            message = "Too many operations are running; try again soon."
            raise Beyond(OPERATIONS, message, self.inside, self._most, _AGAIN)

    def leave(self) -> None:
        """Count one out."""
        self.inside -= 1
        if self._empty is not None and not self.inside:
            self._empty.set()

    async def closed(self, seconds: float) -> None:
        """Let nobody in any more; wait for those inside, so many seconds at most."""
        self.is_closing = True
        self._empty = asyncio.Event()
        if self.inside:
            try:
                async with asyncio.timeout(seconds):
                    await self._empty.wait()
            except TimeoutError:
                return


@contextmanager
def closing_on_signals(door: Door, seconds: float) -> Iterator[None]:
    """Close the door before the server's own handling of a signal goes on.

    While the last operations run, the server still listens, so that new ones and
    probes of readiness are told; it stops listening as it handles the signal. The same
    signal again is handled at once; another one is not, as a worker is sent SIGTERM by
    its parent after the SIGINT of a terminal, which went to both.
    """
    loop = asyncio.get_running_loop()
    handlers: dict[int, Any] = {one: signal.getsignal(one) for one in _SIGNALS}
    seen: set[int] = set()
    closings: list[asyncio.Task[None]] = []

    async def close(number: int, frame: FrameType | None) -> None:
        await door.closed(seconds)
        handlers[number](number, frame)

    def begin(number: int, frame: FrameType | None) -> None:
        closings.append(loop.create_task(close(number, frame)))

    def handle(number: int, frame: FrameType | None) -> None:
        if number in seen:
            handlers[number](number, frame)
        elif not seen:
            loop.call_soon_threadsafe(begin, number, frame)
        seen.add(number)

    for one in _SIGNALS:
        signal.signal(one, handle)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
