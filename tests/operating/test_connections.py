"""Clients that send or read too slowly lose their connections, others do not."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dagway.operating.connections import Connection
from tests.support.servers import PATIENCE_S

HEAD = b"GET / HTTP/1.1\r\nhost: here\r\n"
SMALL, LARGE = 4096, 8_000_000
"""Bytes that the system's buffers take, and more than those of a connection."""


class Impatient(Connection):
    """The same in less time."""

    head_s = 0.2
    answer_s = 0.2


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with as many bytes as the path says."""
    size = int(Request(scope).url.path[1:] or "1")
    await Response(b"x" * size)(scope, receive, send)


@asynccontextmanager
async def serving(
    seconds: int = 1,
    buffer: int | None = None,
    http: type[Connection] = Impatient,
) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    """A server, and its port.

    Args:
        seconds: How long it keeps an idle connection.
        buffer: Bytes that the system takes of an answer; None for as many as usual.
        http: What its connections are.
    """
    config = uvicorn.Config(
        app,
        http=http,
        lifespan="off",
        log_level="error",
        timeout_keep_alive=seconds,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if buffer is not None:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        running = asyncio.create_task(server._serve([listening]))
        await until(lambda: server.started)
        try:
            yield server, listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


async def until(is_so: Callable[[], bool]) -> None:
    """Return once it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110  # uvicorn tells nobody
            await asyncio.sleep(0.01)


def slow(port: int, sent: bytes) -> socket.socket:
    """A client that has sent something, and reads nothing."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    client.connect(("127.0.0.1", port))
    client.sendall(sent)
    return client


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b"\r\n" + HEAD])
async def test_a_head_that_does_not_come_is_not_waited_for(sent: bytes) -> None:
    async with serving(seconds=60) as (server, port):
        with slow(port, sent):
            await until(lambda: bool(server.server_state.connections))
            await until(lambda: not server.server_state.connections)


@pytest.mark.parametrize("more", [b"", b"connection: close\r\n"])
@pytest.mark.parametrize("size", [LARGE, 60_000])
async def test_an_answer_that_is_not_read_is_not_kept(size: int, more: bytes) -> None:
    head = HEAD.replace(b"/ ", f"/{size} ".encode()) + more
    async with serving(buffer=SMALL) as (server, port):
        with slow(port, head + b"\r\n"):
            await until(lambda: bool(server.server_state.connections))
            await until(lambda: not server.server_state.connections)


async def test_answers_that_are_read_come_one_after_another() -> None:
    head = HEAD.replace(b"/ ", f"/{LARGE} ".encode()) + b"\r\n"
    async with serving() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(head)
            await reader.readuntil(b"\r\n\r\n")
            for _ in range(20):  # longer than may pass without progress
                await reader.readexactly(LARGE // 20)
                await asyncio.sleep(0.02)
        writer.close()


async def test_what_is_closed_leaves_no_descriptor() -> None:
    async with serving(seconds=60) as (server, port):
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        clients = [slow(port, HEAD) for _ in range(50)]
        await until(lambda: len(server.server_state.connections) == 50)
        await until(lambda: not server.server_state.connections)
        for client in clients:
            client.close()
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


async def test_a_request_that_was_on_its_way_as_the_server_ended_is_answered() -> None:
    async with serving(http=Connection) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: bool(server.server_state.connections))
        server.should_exit = True
        await until(lambda: not any(one.is_serving() for one in server.servers))
        await asyncio.sleep(0.1)  # connections are told of it now
        writer.write(HEAD + b"connection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_server_that_ends_does_not_wait_for_heads_for_long() -> None:
    async with serving(http=Connection) as (server, port):
        with slow(port, b""):
            await until(lambda: bool(server.server_state.connections))
            server.should_exit = True
            await until(lambda: not server.server_state.connections)
