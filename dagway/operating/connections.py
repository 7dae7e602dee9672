"""Connections of clients that send or read too slowly, and how many there may be.

uvicorn closes a connection that is idle after an answer. It would keep, for as long as
the client likes, one that never sends a whole head, and an answer that is not read.
"""

import asyncio
import resource
from asyncio import TimerHandle

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dagway.operating.packets import Joining

MOST = 65_536
"""Files and connections that a process wants to have open, if it may."""


class Connection(HttpToolsProtocol):
    """Closes itself if its client is too slow.

    Attributes:
        head_s: Seconds in which the head of a request must come.
        late_s: Seconds in which it must once the server ends.
        answer_s: Seconds after which it is looked what of an answer was read.
        slowest: Bytes of it that must have been read by then, if there are as many.
    """

    head_s = 10.0
    late_s = 1.0
    answer_s = 10.0
    slowest = 100_000
    _heading: TimerHandle | None = None
    _is_in_head = False
    _sending: TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # likewise uvicorn
        super().connection_made(transport)
        self._heading = self.loop.call_later(self.head_s, transport.abort)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end_heading()
        self._end_watch()
        super().connection_lost(exc)

    @override
    def shutdown(self) -> None:
        """Let a request that is on its way come, so that it is refused, not lost."""
        if self._heading is None:
            super().shutdown()
        else:
            self.loop.call_later(self.late_s, super().shutdown)

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head and self._heading is None:  # most come whole, at once
            self._heading = self.loop.call_later(self.head_s, self.transport.abort)

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True

    @override
    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._end_heading()
        super().on_headers_complete()
        if not self.expect_100_continue and self.scope["method"] != "HEAD":
            self.cycle.transport = Joining(self.transport)  # type: ignore[assignment]  # writes are all that it asks for

    def _end_heading(self) -> None:
        if self._heading is not None:
            self._heading.cancel()
            self._heading = None

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch()

    @override
    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._end_watch()  # another answer may follow, so that more is left than before
        if self.transport.is_closing():
            self._watch()

    def _end_watch(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _watch(self) -> None:
        """Look from now on whether what is to be sent is read."""
        if self._sending is None:
            self._look_again(self.transport.get_write_buffer_size())

    def _look_again(self, left: int) -> None:
        self._sending = None
        if left:
            self._sending = self.loop.call_later(self.answer_s, self._look, left)

    def _look(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left > max(0, before - self.slowest):
            self.transport.abort()
        else:
            self._look_again(left)


def allow_many() -> None:
    """Let the process, and its workers, have as many connections as it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
