"""Where PostgreSQL servers stand: how much of a primary's log a replica has replayed.

No clocks are compared. The primary is asked for its position in the log again and
again; a replica that has replayed one of these positions has all that was committed
when that was asked for. So has one where every transaction is finished that was then:
while nothing is committed, the log may end in half a record, which none can replay.
This holds on a primary where nothing happens, and for a replica that is cut off.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

UNKNOWN = float("-inf")
"""The instant up to which a server is known to have everything, if none is known."""

# A commit can be seen once the log is flushed up to it.
_STANDING = text("""
SELECT pg_is_in_recovery(), (
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
  ELSE pg_current_wal_flush_lsn() END - '0/0'
)::bigint,
CASE WHEN pg_is_in_recovery() THEN txid_snapshot_xmin(txid_current_snapshot())
ELSE txid_snapshot_xmax(txid_current_snapshot()) END,
(SELECT system_identifier FROM pg_control_system()),
(SELECT timeline_id FROM pg_control_checkpoint()),
(SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = current_database()),
'alembic_version'::regclass::oid::bigint,
(SELECT string_agg(version_num, ',' ORDER BY version_num) FROM alembic_version)
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server says of itself.

    Attributes:
        is_replica: Whether it replays another's log.
        position: Bytes of the log that it has replayed, or flushed if it is no replica.
        transaction: The number below which all are finished; if it is no replica, that
            below which all are that are finished.
        identity: What a replica shares with its primary, and with no other server: the
            system's number, the timeline, the numbers of database and table.
        revision: Of the schema.
    """

    is_replica: bool
    position: int
    transaction: int
    identity: tuple[int, ...]
    revision: str | None

    def unfit(self, primary: "Standing") -> str | None:
        """Why it cannot stand in for a primary that was asked later; None if it can."""
        if primary.is_replica:
            return "the database's own server is a replica"
        if not self.is_replica:
            return "is no replica"
        if self.identity != primary.identity:
            return "is a replica of another database, or from before a failover"
        if self.position > primary.position:
            return "is ahead of the database's own server"
        if self.revision != primary.revision:
            return "has another schema revision"
        return None


async def standing(engine: AsyncEngine, patience_s: float) -> Standing:
    """Where a server stands; one statement.

    Raises:
        Exception: of any kind, if it does not say so in that time.
    """
    async with asyncio.timeout(patience_s), engine.connect() as connection:
        found = (await connection.execute(_STANDING)).one()
    is_replica, position, transaction, *identity, revision = found
    return Standing(is_replica, position or 0, transaction, tuple(identity), revision)


class History:
    """Where a primary stood, and when.

    Args:
        length: How many are kept, the newest.
    """

    def __init__(self, length: int) -> None:
        self._identity: tuple[int, ...] = ()
        self._noted: deque[tuple[float, int, int]] = deque(maxlen=length)

    def note(self, asked_at: float, found: Standing) -> None:
        """Take what a primary said, asked at an instant of `time.monotonic`."""
        if found.identity != self._identity:
            self._noted.clear()
            self._identity = found.identity
        stood = (found.position, found.transaction)
        if self._noted and self._noted[-1][1:] == stood:
            self._noted.pop()
        self._noted.append((asked_at, *stood))

    def reached(self, replica: Standing) -> float:
        """The instant up to which a replica has everything."""
        for at, position, transaction in reversed(self._noted):
            if position <= replica.position or transaction <= replica.transaction:
                return at
        return UNKNOWN
