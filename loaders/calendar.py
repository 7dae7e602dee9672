"""Runs of DAGs by the day or the hour of their date, made and still to be made."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice

from loaders.counts import by_name
from loaders.relation import Rows, Wanted
from loaders.request import Request
from loaders.schedule import Scheduled, scheduled_of
from metadb.condition import Compared
from metadb.dialect import Row
from metadb.sources.schedule import DATED_RUN, SCHEDULE
from metadb.statement import Grouped, Key, Order, Query, rows_per_key

COLUMNS = ("start", "state", "is_planned", "count")
PLANNED_MAXIMUM = 100_000
"""How many runs to come are counted: a year of runs every five minutes."""
_PLANNED_COST = 0.5  # rows that cost as much as finding a run time
_AT_ONCE = 1_000  # run times between which other operations go on
_MOMENT = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(minutes=15)

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a calendar is divided.

    Attributes:
        by_hour: By hour, not by day.
        zone: Whose days and hours they are.
        window: From an instant on, until another; None for the current year, or
            month by hour.
    """

    by_hour: bool
    zone: tzinfo
    window: Window | None

    def start_of(self, instant: datetime) -> datetime:
        """The start of the day or the hour that an instant is in.

        A day begins when midnight is past, or first comes. An hour that comes twice
        is two.
        """
        local = instant.astimezone(self.zone).replace(minute=0, second=0, microsecond=0)
        if not self.by_hour:
            local = local.replace(hour=0, fold=0)
        return local.astimezone(UTC)

    def current(self, now: datetime) -> Window:
        """The year that an instant is in, or the month by hour."""
        first = now.astimezone(self.zone).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0, fold=0
        )
        if self.by_hour:
            month = first.month % 12 + 1
            until = first.replace(year=first.year + first.month // 12, month=month)
        else:
            first = first.replace(month=1)
            until = first.replace(year=first.year + 1)
        return first.astimezone(UTC), until.astimezone(UTC)


async def buckets(
    request: Request, keys: Sequence[Key], args: Asked, wanted: Wanted
) -> Rows:
    """Each DAG's runs, by start and state; those to come last, of a single DAG only.

    The keys' columns are those of `loaders.schedule`.
    """
    scheduled = await scheduled_of(request, keys) if len(keys) == 1 else None
    window = args.window
    if window is None:
        now = scheduled[0].now if scheduled else await request.once(_now)
        window = args.current(now)
    found = await _made(request, keys, args, window)
    if scheduled:
        planned = await _planned(request, keys[0], scheduled[0], args, window)
        found[0] += planned
    pick = [COLUMNS.index(name) for name in wanted.columns]
    rows: list[Row] = []
    for at, counted in enumerate(found, 1):
        each = sorted(counted.items(), key=lambda item: _order(item[0]))
        full = [(*bucket, count) for bucket, count in each]
        rows += [(at, *[bucket[i] for i in pick]) for bucket in full]
    return Rows(rows, [len(counted) for counted in found])


Bucket = tuple[datetime, str | None, bool]
"""Start, state, and whether it is of runs still to be made."""


def _order(bucket: Bucket) -> tuple[datetime, bool, tuple[bool, str]]:
    start, state, is_planned = bucket
    return start, is_planned, by_name(state)


async def _now(request: Request) -> datetime:
    return await request.session.now()


async def _made(
    request: Request, keys: Sequence[Key], args: Asked, window: Window
) -> list[Counter[Bucket]]:
    """Runs of each DAG that there are.

    The database counts by the quarter of an hour: no zone's clock differs from UTC by
    less, and SQLite knows no zones.
    """
    since, until = window
    grouped = Grouped(
        DATED_RUN,
        ("dag_id",),
        [key[:1] for key in keys],
        ("quarter", "state"),
        (("count", None),),
        where=(Compared("date", ">=", since), Compared("date", "<", until)),
    )
    found: list[Counter[Bucket]] = [Counter() for _ in keys]
    for at, quarter, state, count in await rows_per_key(request.session, grouped):
        start = args.start_of(_EPOCH + quarter * _QUARTER)
        found[at - 1][start, state, False] += count
    return found


async def _planned(
    request: Request, key: Key, scheduled: Scheduled, args: Asked, window: Window
) -> Counter[Bucket]:
    """Runs that the schedule will make after now, and after all that there are."""
    found: Counter[Bucket] = Counter()
    times = scheduled.times
    if times is None or not scheduled.makes_runs:
        return found
    columns = ("newest_run_time",)
    query = Query(SCHEDULE, ("dag_id",), [key[:1]], columns, Order(SCHEDULE.tie))
    ((_, newest),) = await rows_per_key(request.session, query)
    since, until = window
    after = max(scheduled.now, newest or scheduled.now, times.reached(since) - _MOMENT)
    number = 0
    for number, tick in enumerate(islice(times.planned(after), PLANNED_MAXIMUM), 1):
        date = times.dated(tick)
        if date >= until:
            break
        if date >= since:
            found[args.start_of(date), None, True] += 1
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    request.session.spend(int(number * _PLANNED_COST))
    return found
