"""What of an answer is sent together."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.server import ServerState

from dagway.operating.connections import Connection

GET = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"
HEAD = GET.replace(b"GET", b"HEAD")
POST = (
    b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 4\r\n"
    b"expect: 100-continue\r\n\r\nbody"
)
FIRST = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n"


class Socket(asyncio.Transport):
    """Keeps what is sent at once."""

    def __init__(self) -> None:
        super().__init__({"peername": ("here", 1), "sockname": ("here", 2)})
        self.sent: list[bytes] = []

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    @override
    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    @override
    def close(self) -> None:
        """Nothing is open."""

    @override
    def is_closing(self) -> bool:
        return False

    @override
    def resume_reading(self) -> None:
        """It never reads."""

    @override
    def pause_reading(self) -> None:
        """It never reads."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer in two parts."""
    if scope["method"] == "POST":
        await receive()
    length = (b"content-length", b"6")
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": b"one", "more_body": True})
    await send({"type": "http.response.body", "body": b"two"})


async def sent(received: bytes) -> list[bytes]:
    """What is sent for what is received on one connection."""
    config = uvicorn.Config(app, lifespan="off", access_log=False)
    state = ServerState()
    connection, transport = Connection(config, state, {}), Socket()
    connection.connection_made(transport)
    connection.data_received(received)
    while state.tasks:
        await asyncio.wait(state.tasks)
    connection.connection_lost(None)
    return transport.sent


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (GET, [FIRST + b"one", b"two"]),
        (GET * 2, [FIRST + b"one", b"two"] * 2),
        (HEAD, [FIRST]),
        (POST, [b"HTTP/1.1 100 Continue\r\n\r\n", FIRST, b"one", b"two"]),
    ],
)
async def test_a_head_is_sent_with_what_follows(
    received: bytes, expected: list[bytes]
) -> None:
    assert await sent(received) == expected
