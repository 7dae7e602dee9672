"""A client that does as little as it can: HTTP/1.1, one connection kept."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from dagway.__main__ import LOOPBACK

_WINDOW = 1 << 22
"""Bytes that are read before the server is held back."""


def get(path: str) -> bytes:
    """A request for a page, but for the end of its head."""
    return f"GET {path} HTTP/1.1\r\nhost: {LOOPBACK}\r\n".encode()


def post(document: str, variables: dict[str, Any]) -> bytes:
    """A request that a GraphQL document be answered."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {LOOPBACK}\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def borne(request: bytes, token: str) -> bytes:
    """A request with a token, if there is one, and with the end of its head."""
    if request.startswith(b"POST"):
        return request
    bearing = f"authorization: Bearer {token}\r\n" if token else ""
    return request + f"{bearing}\r\n".encode()


def _header(head: bytes, name: bytes) -> bytes:
    return head.partition(name + b":")[2].partition(b"\r\n")[0]


class Client:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer; a server that is busy is asked again when it says.

        Raises:
            RuntimeError: if its status is neither 200 nor 429.
        """
        while True:
            self._writer.write(request)
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = _header(head, b"content-length")
            if length:
                body = await self._reader.readexactly(int(length))
            else:
                body = b"".join([part async for part in self._chunks()])
            if head.startswith(b"http/1.1 200"):
                return body
            if not head.startswith(b"http/1.1 429"):
                raise RuntimeError(request[:300], body[:500])
            await asyncio.sleep(float(_header(head, b"retry-after") or 1))

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readexactly(2)

    async def time(self, requests: Sequence[bytes], times: int) -> list[float]:
        """Seconds that each of some pages took; its requests go one after another."""
        taken = []
        for _ in range(times):
            begin = time.perf_counter()
            for request in requests:
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
