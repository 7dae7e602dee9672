"""The times at which schedules start runs, counted back from now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import NamedTuple, Protocol

from metadb.cron import Cron, zone_of


class Window(NamedTuple):
    """A scheduled run's data interval; it may run from its end on."""

    start: datetime
    end: datetime


class Rhythm(Protocol):
    """When a schedule starts runs."""

    def windows(self, now: datetime, count: int) -> list[Window]:
        """The newest runs that may have started by now, oldest first."""
        ...

    def following(self, now: datetime) -> Window | None:
        """The next run."""
        ...


class Silence:
    """Never."""

    def windows(self, now: datetime, count: int) -> list[Window]:
        """None."""
        del now, count
        return []

    def following(self, now: datetime) -> Window | None:
        """None."""
        del now
        return None


@dataclass(frozen=True, slots=True)
class CronRhythm:
    """At the instants of a cron expression, maybe for the time since the last."""

    expression: str
    timezone: str
    has_intervals: bool

    def windows(self, now: datetime, count: int) -> list[Window]:
        """The newest, oldest first."""
        return list(islice(self._paired(self._back_from(now)), count))[::-1]

    def _back_from(self, now: datetime) -> Iterator[datetime]:
        cron = self._cron()
        tick = cron.previous(now + timedelta(microseconds=1))
        while tick is not None:
            yield tick
            tick = cron.previous(tick)

    def _cron(self) -> Cron:
        return Cron(self.expression, zone_of(self.timezone))

    def _paired(self, ticks: Iterator[datetime]) -> Iterator[Window]:
        if self.has_intervals:
            return (Window(start, end) for end, start in pairwise(ticks))
        return (Window(tick, tick) for tick in ticks)

    def following(self, now: datetime) -> Window | None:
        """The next; None if there is none in 50 years."""
        tick = self._cron().following(now)
        if tick is None:
            return None
        return Window(next(self._back_from(now)) if self.has_intervals else tick, tick)


@dataclass(frozen=True, slots=True)
class DeltaRhythm:
    """Again and again after some time; the last time was `phase` ago."""

    delta: timedelta
    phase: timedelta

    def windows(self, now: datetime, count: int) -> list[Window]:
        """The newest, oldest first."""
        ticks = (now - self.phase - number * self.delta for number in range(count))
        return [Window(tick, tick) for tick in ticks][::-1]

    def following(self, now: datetime) -> Window:
        """The next."""
        tick = now - self.phase + self.delta
        return Window(tick, tick)


@dataclass(frozen=True, slots=True)
class OneTime:
    """At the midnight before so long ago."""

    ago: timedelta

    def windows(self, now: datetime, count: int) -> list[Window]:
        """The only one."""
        del count
        start = (now - self.ago).replace(hour=0, minute=0, second=0, microsecond=0)
        return [Window(start, start)]

    def following(self, now: datetime) -> Window | None:
        """None."""
        del now
        return None
