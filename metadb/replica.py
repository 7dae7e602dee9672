"""A read replica: its connections, and what is known of how fresh it is."""

import asyncio
import logging
import time
from typing import cast

from sqlalchemy.pool import AsyncAdaptedQueuePool

from metadb.address import read_address
from metadb.engine import create_engine
from metadb.standing import PATIENCE_S, UNKNOWN, History, Standing, standing

log = logging.getLogger("metadb")

_SILENT = "does not answer"


class Replica:
    """A replica, and what is known of it.

    Attributes:
        name: Its address without password and parameters.
        engine: For operations.
        unfit: Why it cannot be used however fresh it is; None if it can.
        given: How many connections it has given.
    """

    def __init__(self, address: str, pool_size: int) -> None:
        self.name = read_address(address).shown
        self.engine = create_engine(address, pool_size=pool_size)
        self.unfit: str | None = "has not been looked at"
        self.given = 0
        self._looking = create_engine(address, pool_size=1)
        self._found: Standing | None = None
        self._position = 0
        self._as_of = UNKNOWN  # it has all that was committed then
        self._not_before = UNKNOWN  # positions noted earlier prove nothing

    @property
    def lag_s(self) -> float:
        """Seconds by which it is older than the primary at most."""
        return time.monotonic() - self._as_of

    @property
    def load(self) -> tuple[int, int]:
        """How much it has to do: connections in use, then all that it has given."""
        pool = cast("AsyncAdaptedQueuePool", self.engine.pool)
        return pool.checkedout(), self.given

    def is_within(self, bound_s: float) -> bool:
        """Whether it can be used, and is not older than that."""
        return self.unfit is None and self.lag_s <= bound_s

    @property
    def found(self) -> Standing | None:
        """What it said when it was last looked at; None if it said nothing."""
        return self._found

    async def look(self) -> None:
        """Ask it where it stands."""
        late = asyncio.get_running_loop().call_later(
            PATIENCE_S, self.doubt, TimeoutError()
        )  # to give up a connection may take longer
        try:
            self._found = await standing(self._looking, PATIENCE_S)
        except Exception as error:  # any driver's  # noqa: BLE001
            self.doubt(error)
        finally:
            late.cancel()

    def doubt(self, error: BaseException) -> None:
        """Leave it alone until it is looked at again."""
        self._found = None
        self._put(_SILENT, error)

    def judge(
        self, found: Standing, primary: Standing, asked_at: float, history: History
    ) -> None:
        """Take what it said, and what its primary said after that."""
        if self._found is None:  # it is in doubt since then
            return
        unfit = found.unfit(primary)
        if unfit is not None:
            self._as_of, self._not_before = UNKNOWN, asked_at
        else:
            self._credit(found.position, history.reached(found))
        self._put(unfit)

    def _credit(self, position: int, as_of: float) -> None:
        """Have it be as fresh as its position shows; one that went back began anew."""
        if position < self._position:
            self._as_of = UNKNOWN
        self._position = position
        if as_of >= self._not_before:
            self._as_of = max(self._as_of, as_of)

    def _put(self, unfit: str | None, error: BaseException | None = None) -> None:
        if unfit != self.unfit:
            level = logging.INFO if unfit is None else logging.WARNING
            said = unfit or "is read while it is fresh enough"
            log.log(level, "the replica %s %s%s", self.name, said, after_colon(error))
        self.unfit = unfit

    async def dispose(self) -> None:
        """Close its connections."""
        await self.engine.dispose()
        await self._looking.dispose()


def after_colon(error: BaseException | None) -> str:
    """What an error says, to be put after what it is about."""
    if error is None:
        return ""
    return f": {str(error) or type(error).__name__}".splitlines()[0]
