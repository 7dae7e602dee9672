"""Who a request is from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.requests import Request

from metadb.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request is from.

    Attributes:
        name: For logs; empty where nobody is told apart.
        by_cookie: Whether a cookie says so, which a browser sends by itself.
        claims: What a token says of them; None where an API key, or nothing, does.
        visible: Which DAGs they may see; None for all.
        introspects: Whether they may read the schema.
    """

    name: str = ""
    by_cookie: bool = False
    claims: Mapping[str, Any] | None = field(default=None, repr=False)
    visible: Visibility | None = None
    introspects: bool = True


NOBODY = Principal()
"""Nobody in particular."""


class Identity(Protocol):
    """Tells who a request is from."""

    async def principal(self, request: Request) -> Principal:
        """Who it is from.

        Raises:
            BadRequest: if that is not to be found out.
        """


class Anybody:
    """Identity that is off: everybody may ask."""

    async def principal(self, request: Request) -> Principal:
        """Nobody in particular."""
        del request
        return NOBODY
