"""An answer of the endpoint, as it is sent."""

from collections.abc import Mapping
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.responses import Response

_HEADERS = {
    "cache-control": "no-store",
    "vary": "accept",
    "x-content-type-options": "nosniff",
}


class Reply(Response):
    """Content in one of GraphQL's media types.

    Args:
        form: The media type.
        more: What it says besides.
    """

    def __init__(
        self,
        content: bytes,
        form: str,
        status: int,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.status_code, self.body, self.background = status, content, None
        length = (b"content-length", b"%d" % len(content))
        self.raw_headers = [length, *_headers(form)]
        if more:
            self.headers.update(more)


@lru_cache
def _headers(form: str) -> list[tuple[bytes, bytes]]:
    """What every answer of a form says, as ASGI has it."""
    return Headers({**_HEADERS, "content-type": f"{form}; charset=utf-8"}).raw
