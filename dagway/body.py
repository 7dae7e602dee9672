"""A request's body, which may be too large, or not come."""

import asyncio
from collections.abc import Awaitable, Mapping

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from dagway.limits import Limits
from dagway.once_waiting import once_waiting
from dagway.protection.limit import BODY, BODY_TIME
from dagway.protocol import BadRequest, Beyond

CLOSE = {"connection": "close"}
"""What an answer says after which nothing more is read."""


async def body_of(
    receive: Receive, headers: Mapping[bytes, bytes], limits: Limits
) -> bytearray:
    """A body, if it is not too large and does not take too long.

    Raises:
        BadRequest: if it is, or does.
        ClientDisconnect: if it never comes.
    """
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        message = "Content-Length must be a number of bytes."
        raise BadRequest(400, "BAD_REQUEST", message, CLOSE)
    _check(int(length), limits.body)

    async def in_time(reading: Awaitable[bytearray]) -> bytearray:
        seconds = limits.body_s
        try:
            async with asyncio.timeout(seconds):
                return await reading
        except TimeoutError:
            message = f"The body did not arrive within {seconds:g} seconds."
            raise Beyond(BODY_TIME, message, seconds, seconds, CLOSE) from None

    return await once_waiting(_read(receive, limits.body), in_time)


async def _read(receive: Receive, most: int) -> bytearray:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        _check(len(body), most)
        if not message.get("more_body", False):
            return body


def _check(size: int, most: int) -> None:
    """Hold that a body is not too large.

    Raises:
        Beyond: if it is.
    """
    if size > most:
        message = f"The body has more than {most:,} bytes."
        raise Beyond(BODY, message, size, most, CLOSE)
