"""Who a request is from."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request is from.

    Attributes:
        name: For logs; empty where nobody is told apart.
        by_cookie: Whether a cookie says so, which a browser sends by itself.
    """

    name: str = ""
    by_cookie: bool = False


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
        return Principal()
