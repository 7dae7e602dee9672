"""One operation's view of the database: one connection, one snapshot, one budget."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from metadb.aborted import OperationAborted, aborted
from metadb.column import Kind
from metadb.dialect import Dialect, Row
from metadb.ending import ended
from metadb.lent import Lender, Lent, lent
from metadb.source import Catalogue, Fitted, Source
from metadb.visibility import UNRESTRICTED, Visibility, opening


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one operation may cost.

    Attributes:
        rows: Rows that its statements may return, all together.
        structures: DAG structures that it may decode.
        statement_s: Seconds that one statement may take.
        operation_s: Seconds that it may take altogether.
    """

    rows: int = 300_000
    structures: int = 50
    statement_s: float = 8.0
    operation_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Executed:
    """A statement that ran: its text, what was bound, its rows, its seconds.

    Attributes:
        began: When, on the clock of `time.perf_counter`.
        error: The name of what it failed with; None if it did not.
    """

    sql: str
    values: tuple[object, ...]
    rows: int
    seconds: float
    began: float
    error: str | None = None


class Session:
    """Runs statements in turn on one read-only snapshot, begun at the first of them.

    Attributes:
        visible: Which DAGs may be seen; None for all.
        opening: How statements begin because of that.
        rows_left: What is left of the row budget.
        executed: Every statement that ran, in order, and the one that failed.
        is_restarted: Whether the operation was begun again.
        is_outdated: Whether, at its end, the database was not surely what it was.
        engine: Whose connection the snapshot is on, once it is begun.
    """

    def __init__(
        self,
        source: AsyncEngine | Lender,
        catalogue: Catalogue,
        bounds: Bounds,
        visible: Visibility | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.visible = visible
        self.opening = UNRESTRICTED if visible is None else opening(visible, catalogue)
        self.bounds = bounds
        self.rows_left = bounds.rows
        self.structures_left = bounds.structures
        self.executed: list[Executed] = []
        self.is_restarted = False
        self.is_outdated = False
        self.engine: AsyncEngine | None = None
        self._source = source
        self._lent: Lent | None = None
        self._raw: Any = None  # the driver's connection, once the snapshot is begun
        self._turn = asyncio.Lock()
        self._running: asyncio.Task[Any] | None = None
        self._closed = False
        self._now: datetime | None = None
        self._clock = asyncio.Lock()

    @property
    def dialect(self) -> Dialect:
        """The backend's dialect."""
        return self.catalogue.dialect

    def fitted(self, source: Source) -> Fitted:
        """A source, fitted to the database and to what may be seen of it."""
        if self.visible is None:
            return self.catalogue[source]
        return self.catalogue.permitted(source)

    async def fetch(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        """Rows of one statement, as the driver gives them.

        Raises:
            OperationAborted: if the database fails, is too slow, or the budget is
                used up. The snapshot is gone with the first, so nothing goes on.
        """
        async with self._turn:
            if self._closed:  # it waited for its turn while the operation ended
                code = "CANCELLED"
                raise OperationAborted(code, "The operation has ended.")
            began = time.perf_counter()
            self._running = asyncio.current_task()
            rows: Sequence[Row] = ()
            failure: str | None = None
            try:
                if self._raw is None:
                    await self._begin()
                rows = await self._rows(sql, values)
            except asyncio.CancelledError as error:
                failure = type(error).__name__
                if self._raw is not None and not self.dialect.laterally:
                    await self._raw.interrupt()  # a thread does not know of tasks
                raise
            except Exception as error:  # any driver's: the snapshot is lost
                failure = type(error).__name__
                raise aborted(error) from error
            finally:
                self._running = None
                seconds = time.perf_counter() - began
                self.executed.append(
                    Executed(sql, tuple(values), len(rows), seconds, began, failure)
                )
            self.spend(len(rows))
            return rows

    def spend(self, rows: int) -> None:
        """Take rows off the budget.

        Raises:
            OperationAborted: if it does not hold that many.
        """
        self.rows_left -= rows
        if self.rows_left < 0:
            code = "NODE_LIMIT"
            raise OperationAborted(
                code,
                f"The operation reads more than {self.bounds.rows:,} rows; "
                "ask for fewer items a page, or fewer lists in one operation.",
                limit="rows",
            )

    def restart(self) -> None:
        """Give back what was taken off the budget."""
        self.is_restarted = True
        self.rows_left = self.bounds.rows
        self.structures_left = self.bounds.structures

    def spend_structures(self, count: int) -> None:
        """Take decoded structures off the budget.

        Raises:
            OperationAborted: if it does not hold that many.
        """
        self.structures_left -= count
        if self.structures_left < 0:
            code = "NODE_LIMIT"
            raise OperationAborted(
                code,
                f"The operation needs the structures of more than "
                f"{self.bounds.structures} DAG versions; ask for fewer DAGs at once.",
                limit="structures",
            )

    async def now(self) -> datetime:
        """The database's clock, read once an operation."""
        async with self._clock:
            if self._now is None:
                now: Any = (await self.fetch(f"SELECT {self.dialect.now}", ()))[0][0]
                convert = self.dialect.convert(Kind.INSTANT)
                self._now = now if convert is None else convert(now)
        return self._now.astimezone(UTC)

    async def close(self) -> None:
        """End the snapshot and give the connection back.

        An operation may end while a statement of it runs, and others wait for their
        turn: the one is stopped, the others never begin.

        SQLAlchemy did not begin our transaction and would not end it: the next
        borrower would find itself in this snapshot.
        """
        self._closed = True
        if self._running is not None:
            self._running.cancel()
        async with self._turn:
            await self._give_back()

    async def _give_back(self) -> None:
        given, is_begun = self._lent, self._raw is not None
        self._lent = self._raw = None
        if given is None:
            return
        if not is_begun:  # nobody knows how far it came
            await _thrown_away(given)
            return
        try:
            await self._end(given)
        except Exception:  # noqa: BLE001  # any driver's: a lost connection has no snapshot
            await _thrown_away(given)
        except BaseException:
            await _thrown_away(given)
            raise
        else:
            given.give_back()

    async def _end(self, given: Lent) -> None:
        if self.dialect.laterally:
            revision = self.catalogue.database.revision
            self.is_outdated = not await ended(given.raw, given.known, revision)
        else:
            await given.raw.execute("ROLLBACK")

    async def _begin(self) -> None:
        self._lent = await lent(self._source)
        self.engine = self._lent.engine
        raw = self._lent.raw
        if self.dialect.laterally:
            limit = int(self.bounds.statement_s * 1000)
            await raw.execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                f"SET LOCAL jit = off; SET LOCAL statement_timeout = {limit}"
            )
        else:
            # a transaction has no snapshot yet, until it reads: the clock is no table
            await raw.executescript("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1")
        self._raw = raw

    async def _rows(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        rows: Sequence[Row]
        if self.dialect.laterally:
            rows = await self._raw.fetch(sql, *values)
        else:
            try:
                async with asyncio.timeout(self.bounds.statement_s):
                    rows = await _fetched(self._raw, sql, values)
            except TimeoutError:
                await self._raw.interrupt()  # a thread does not know of tasks
                raise
        return rows


async def _thrown_away(given: Lent) -> None:
    """Have the pool replace a connection; that it is lost may be why."""
    with suppress(Exception):
        await given.throw_away()


async def _fetched(raw: Any, sql: str, values: Sequence[object]) -> Sequence[Row]:
    """Rows from SQLite, which takes any bytes for text; sqlite3 fails on some."""
    rows: Sequence[Row]
    try:
        rows = await raw.execute_fetchall(sql, values)
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        raw.text_factory = lambda text: text.decode(errors="replace")
        rows = await raw.execute_fetchall(sql, values)
    return rows
