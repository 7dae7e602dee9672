"""Lets few heavy operations run at once, so that small ones find room."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from dagway.limits import Limits
from dagway.operating.facts import Observer, Observers
from dagway.protection.limit import HEAVY
from dagway.protocol import Beyond

_AGAIN = {"retry-after": "1"}
_AT_ONCE = nullcontext(0.0)


class Lanes:
    """Heavy operations take turns, first come, first served; others just run."""

    def __init__(self, limits: Limits, observer: Observer | None = None) -> None:
        self._limits = limits
        self._observer = observer or Observers()
        self._heavy = asyncio.Semaphore(limits.heavy_operations)

    def turn(self, nodes: int) -> AbstractAsyncContextManager[float]:
        """The turn of an operation that leads to so many objects.

        What is given is the seconds that it waited.

        Raises (as it is entered):
            Beyond: if it does not come in time.
        """
        return _AT_ONCE if nodes < self._limits.heavy_nodes else self._heavily()

    @asynccontextmanager
    async def _heavily(self) -> AsyncIterator[float]:
        began = time.perf_counter()
        self._observer.waiting(1)
        try:
            async with asyncio.timeout(self._limits.heavy_wait_s):
                await self._heavy.acquire()
        except TimeoutError:
            most = self._limits.heavy_operations
            message = "Too many heavy operations are running; try again soon."
            raise Beyond(HEAVY, message, most + 1, most, _AGAIN) from None
        finally:
            self._observer.waiting(-1)
        try:
            yield time.perf_counter() - began
        finally:
            self._heavy.release()
