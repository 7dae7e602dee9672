"""Which pages of other origins may ask from a browser."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from dagway.operating.report import HEADER as REPORT

_HEADERS = (
    "apollo-require-preflight",
    "authorization",
    "content-type",
    "x-apollo-operation-name",
    REPORT,
)


def cors(origins: Sequence[str]) -> list[Middleware]:
    """What tells browsers so; nothing where no other origin may.

    Cookies are not taken from elsewhere: a page has to send a key by itself.
    """
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=list(_HEADERS),
            expose_headers=["etag", "retry-after"],
        )
    ]
