"""Read replicas: hands out connections to servers that are fresh enough.

To a session this is one database: it asks for a connection, and all its statements go
to the server that this is of. Decision 0016 says how fresh is told.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from metadb.address import read_address
from metadb.engine import create_engine
from metadb.errors import UnusableDatabase
from metadb.lent import Lent, lent
from metadb.replica import Replica, after_colon
from metadb.standing import PATIENCE_S, History, standing

log = logging.getLogger("metadb")

_EVERY_S = 1.0
_LOOKS = 5  # within the bound, at least
_TOLD_S = 600.0  # of lag, at least


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server at the moment.

    Attributes:
        name: Its address without password and parameters.
        engine: Whose connections are its.
        is_replica: Whether it is in the list of replicas.
        lag_s: Seconds by which it is older than the primary at most; None if that is
            not known.
        unused: Why operations do not go there; None if they do.
    """

    name: str
    engine: AsyncEngine
    is_replica: bool
    lag_s: float | None
    unused: str | None


class Replicas:
    """A primary with its replicas, connected to like one database.

    Args:
        primary: For operations that no replica is fresh enough for.
        address: Of the primary.
        addresses: Of the replicas, one server each.
        bound_s: Seconds by which a replica may be older than the primary.
        pool_size: How many connections there are to each at most.

    Raises:
        BadAddress: if an address cannot be read.
    """

    def __init__(
        self,
        primary: AsyncEngine,
        address: str,
        addresses: Sequence[str],
        *,
        bound_s: float,
        pool_size: int,
    ) -> None:
        self._primary = primary
        self._name = read_address(address).shown
        self._looking = create_engine(address, pool_size=1)
        self._replicas = [Replica(one, pool_size) for one in addresses]
        self._bound_s = bound_s
        self._every_s = min(_EVERY_S, bound_s / _LOOKS)
        self._history = History(int(max(bound_s, _TOLD_S) / self._every_s) + 1)
        self._is_silent = False

    async def lent(self) -> Lent:
        """A connection to a replica that is fresh enough, else to the primary.

        Raises:
            UnusableDatabase: if there is none to be had.
        """
        fresh = [one for one in self._replicas if one.is_within(self._bound_s)]
        for one in sorted(fresh, key=lambda each: each.load):
            found = await self._lent(one)
            if found is not None:
                return found
        return await lent(self._primary)

    async def _lent(self, one: Replica) -> Lent | None:
        """A connection to a replica; None if it gives none while it is fresh enough."""
        try:
            found = await lent(one.engine)
        except (UnusableDatabase, SQLAlchemyError, OSError) as error:
            one.doubt(error)
            return None
        if not one.is_within(self._bound_s):  # the pool may have let it wait
            found.give_back()
            return None
        one.given += 1
        return found

    def failed(self, engine: AsyncEngine | None, error: BaseException) -> bool:
        """Note that a server failed an operation; whether that was a replica."""
        for one in self._replicas:
            if one.engine is engine:
                cause = error.__cause__ or error
                log.warning(
                    "an operation goes to the primary after the replica %s failed%s",
                    one.name,
                    after_colon(cause),
                )
                return True
        return False

    @property
    def has_fresh(self) -> bool:
        """Whether a replica is fresh enough."""
        return any(one.is_within(self._bound_s) for one in self._replicas)

    @property
    def servers(self) -> list[ServerState]:
        """All servers, the primary first."""
        return [
            ServerState(self._name, self._primary, False, 0.0, None),
            *map(self._state, self._replicas),
        ]

    def _state(self, one: Replica) -> ServerState:
        lag_s = one.lag_s
        unused = one.unfit
        if unused is None and not lag_s <= self._bound_s:
            unused = "lags"
        known = None if lag_s == float("inf") else lag_s
        return ServerState(one.name, one.engine, True, known, unused)

    async def keep(self) -> None:
        """Look at all servers again and again, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for one in self._replicas:
                tasks.create_task(self._keep_looking(one))
            while True:
                await self._look()
                await asyncio.sleep(self._every_s)

    async def _keep_looking(self, one: Replica) -> None:
        while True:
            await one.look()
            await asyncio.sleep(self._every_s)

    async def _look(self) -> None:
        """Ask the primary where it stands, and judge what replicas said before."""
        seen = [(one, one.found) for one in self._replicas]
        asked_at = time.monotonic()
        try:
            primary = await standing(self._looking, PATIENCE_S)
        except Exception as error:  # any driver's  # noqa: BLE001
            if not self._is_silent:
                log.warning("how far replicas lag cannot be told%s", after_colon(error))
            self._is_silent = True
            return
        self._is_silent = False
        self._history.note(asked_at, primary)
        for one, found in seen:
            if found is not None:
                one.judge(found, primary, asked_at, self._history)

    async def dispose(self) -> None:
        """Close the connections to replicas, and those for looking."""
        await self._looking.dispose()
        for one in self._replicas:
            await one.dispose()


@asynccontextmanager
async def replicated(
    primary: AsyncEngine,
    address: str,
    addresses: Sequence[str],
    *,
    bound_s: float,
    pool_size: int,
) -> AsyncIterator[Replicas | None]:
    """A primary with its replicas, looked at until the block is left; None without any.

    Raises:
        BadAddress: if an address cannot be read.
    """
    if not addresses:
        yield None
        return
    found = Replicas(primary, address, addresses, bound_s=bound_s, pool_size=pool_size)
    keeping = asyncio.create_task(found.keep())
    try:
        yield found
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        await found.dispose()
