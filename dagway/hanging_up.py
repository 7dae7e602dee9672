"""Work that is cancelled once its client has hung up."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

_UNWATCHED_S = 0.01


async def unless_gone(request: Request, work: Awaitable[Response]) -> Response:
    """What comes of some work; it is cancelled once the client has hung up.

    Nobody looks for that in the first moments: most work is done by then.

    Raises:
        ClientDisconnect: if it has.
    """
    watch = _Watch(request)
    try:
        return await work
    except asyncio.CancelledError:
        if not watch.is_gone:
            raise
        watch.working.uncancel()
        raise ClientDisconnect from None
    finally:
        watch.end()


class _Watch:
    """Cancels the task that began it once its client has hung up.

    Attributes:
        working: The task.
        is_gone: Whether the client has hung up, and it was cancelled.
    """

    def __init__(self, request: Request) -> None:
        self.working: asyncio.Task[Any] = _this_task()
        self.is_gone = False
        self._request = request
        self._looking: asyncio.Task[None] | None = None
        self._beginning = asyncio.get_running_loop().call_later(
            _UNWATCHED_S, self._look
        )

    def _look(self) -> None:
        self._looking = asyncio.create_task(self._gone())

    async def _gone(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self.working.cancel()

    def end(self) -> None:
        """Look no more."""
        self._beginning.cancel()
        if self._looking is not None:
            self._looking.cancel()


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        message = "a request is answered in a task"
        raise RuntimeError(message)
    return task
