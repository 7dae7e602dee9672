"""A connection of a pool, lent to one operation.

SQLAlchemy takes a greenlet for whatever may have to wait: some 40 us each between two
statements, and a page fault for its stack of frames. But an idle connection is there
at once, and to give one back is to put it aside: who borrows it ends the transaction,
so that the pool resets nothing (see `metadb.engine`).
"""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn


@dataclass(frozen=True, slots=True)
class Lent:
    """A connection that must be given back, or thrown away.

    Attributes:
        engine: Whose pool it is of.
    """

    engine: AsyncEngine
    _proxy: PoolProxiedConnection

    @property
    def raw(self) -> Any:
        """The driver's connection: asyncpg's or aiosqlite's."""
        return self._proxy.driver_connection

    @property
    def known(self) -> dict[Any, Any]:
        """What is known of it, as long as it lasts."""
        return self._proxy.info

    def give_back(self) -> None:
        """Put it aside for the next one, who finds it as it is."""
        self._proxy.close()

    async def throw_away(self) -> None:
        """Have the pool replace it."""
        await greenlet_spawn(self._proxy.invalidate)


class Lender(Protocol):
    """What chooses one of several engines."""

    async def lent(self) -> Lent:
        """A connection of one of them."""


async def lent(source: AsyncEngine | Lender) -> Lent:
    """A connection; waits for one if there must be.

    Raises:
        UnusableDatabase: if there is none to be had.
    """
    if not isinstance(source, AsyncEngine):
        return await source.lent()
    try:
        found = source.sync_engine.raw_connection()
    except MissingGreenlet:  # none is idle
        found = await source.raw_connection()
    return Lent(source, found)
