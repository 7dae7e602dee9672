"""A client that does as little as it can: HTTP/1.1, one connection kept."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from dagway.__main__ import LOOPBACK

_WINDOW = 1 << 22
"""Bytes that are read before the server is held back."""


def get(path: str) -> bytes:
    """A request for a page."""
    return f"GET {path} HTTP/1.1\r\nhost: {LOOPBACK}\r\n\r\n".encode()


def post(document: str, variables: dict[str, Any]) -> bytes:
    """A request that a GraphQL document be answered."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {LOOPBACK}\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Client:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer.

        Raises:
            RuntimeError: if its status is not 200.
        """
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(body[:500])
        return body

    async def time(self, request: bytes, times: int) -> list[float]:
        """Seconds that each of some requests took, one after another."""
        taken = []
        for _ in range(times):
            begin = time.perf_counter()
            await self.ask(request)
            taken.append(time.perf_counter() - begin)
        return taken


@asynccontextmanager
async def connected(port: int, number: int) -> AsyncIterator[list[Client]]:
    """So many clients of a server."""
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(number):
            streams = await asyncio.open_connection(LOOPBACK, port, limit=_WINDOW)
            stack.callback(streams[1].close)
            clients.append(Client(*streams))
        yield clients
