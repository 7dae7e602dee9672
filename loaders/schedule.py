"""When DAGs run: what their schedules answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loaders.relation import Relation, Rows, Shape, Wanted
from loaders.request import Request
from loaders.tables import counts
from metadb.cron import Unknowable
from metadb.run_times import Anchors, run_times
from metadb.serialized import Serialized
from metadb.sources.schedule import SCHEDULE
from metadb.statement import Key, Order, Query, rows_per_key
from metadb.ticks import Listed, RunTimes
from metadb.timetable import described

KEY = ("dag_id", "structure", "schedule_type", "schedule_summary")
ANSWER = frozenset({"answer"})
TICK_COST = 10
"""A run time takes as long to find as so many rows to read."""
_FACTS = ("now", "is_paused", "is_stale", *Anchors._fields)


@dataclass(frozen=True, slots=True)
class Following:
    """The first run time after an instant."""

    after: datetime


@dataclass(frozen=True, slots=True)
class Previous:
    """The last run time before an instant."""

    before: datetime


@dataclass(frozen=True, slots=True)
class Between:
    """The first run times from one instant to another."""

    start: datetime
    end: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class Next:
    """The first run times after now."""

    count: int


@dataclass(frozen=True, slots=True)
class Why:
    """Why nobody can tell."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A DAG's schedule in this operation.

    Attributes:
        times: None where the database does not tell them.
        why_unknowable: Why it does not.
        now: By the database's clock.
        makes_runs: Whether the scheduler makes runs: neither paused nor stale.
    """

    times: RunTimes | None
    why_unknowable: str | None
    now: datetime
    makes_runs: bool

    def answer(self, asked: object) -> Any:  # Any: of the type that is asked for
        """What the schedule says; None where it says nothing."""
        if isinstance(asked, Why):
            return self.why_unknowable
        times = self.times
        if times is None:
            return None
        match asked:
            case Following(after):
                return times.following(after)
            case Previous(before):
                return times.previous(before)
            case Between(start, end, limit):
                return times.between(start, end, limit)
            case Next(count):
                return times.next(count, self.now)
        message = f"A schedule is not asked {asked!r}."
        raise TypeError(message)


async def answers(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """What each DAG's schedule says to what is asked."""
    del wanted
    rows = []
    for at, scheduled in enumerate(await scheduled_of(request, keys), 1):
        found = scheduled.answer(args)
        rows.append((at, found))
        request.session.spend(
            TICK_COST * (len(found) if isinstance(found, list) else 1)
        )
        await asyncio.sleep(0)  # others' operations go on between DAGs
    return Rows(rows, [1] * len(keys))


async def scheduled_of(request: Request, keys: Sequence[Key]) -> list[Scheduled]:
    """The schedules, read once an operation, whatever is asked of them.

    The keys' columns are `KEY`.
    """
    loader = request.loader(_SCHEDULED, None, Wanted(("scheduled",)), "Scheduled")
    return [row.scheduled for row in await loader.load_many(list(keys))]


async def _scheduled(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    del args, wanted
    session = request.session
    sources = await request.structures.sources(session, [key[1] for key in keys])
    dag_ids = [(key[0],) for key in keys]
    query = Query(SCHEDULE, ("dag_id",), dag_ids, _FACTS, Order(SCHEDULE.tie))
    rows: list[tuple[int, Scheduled]] = []
    for at, now, paused, stale, *anchors in await rows_per_key(session, query):
        source, problem = sources[at - 1]
        times, why = None, None
        try:
            times = _times(source, problem, keys[at - 1], Anchors(*anchors))
        except Unknowable as error:
            why = str(error)
        rows.append((at, Scheduled(times, why, now, not (paused or stale))))
    return Rows(rows, counts(rows, len(keys)))


def _times(
    source: Serialized | None, problem: str | None, key: Key, anchors: Anchors
) -> RunTimes:
    """The run times, from the structure; without one, only that there are none."""
    if source is not None:
        return run_times(source, anchors)
    _, _, timetable_type, summary = key
    known = described(None, summary=summary, timetable_type=timetable_type or None)
    if known.kind == "NONE":
        return RunTimes(Listed())
    raise Unknowable(problem or "The database holds no structure of this DAG.")


_SCHEDULED = Relation("scheduled", Shape.ONE, _scheduled, KEY, frozenset({"scheduled"}))
