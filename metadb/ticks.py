"""Ticks, of whatever kind, and the run times that a schedule makes of them.

A run time is when the scheduler may make a run; the date that the run bears can be
another.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Protocol

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""Before this no list of run times begins."""


class Ticks(Protocol):
    """Instants on a line, found in order from wherever one looks."""

    def following(self, after: datetime) -> datetime | None:
        """The first tick after an instant."""

    def previous(self, before: datetime) -> datetime | None:
        """The last tick before an instant."""

    def aligned(self, start: datetime) -> datetime | None:
        """The first tick from an instant on."""


class Listed:
    """Ticks that are given one by one."""

    def __init__(self, ticks: Iterable[datetime] = ()) -> None:
        self._ticks = sorted(set(ticks))

    def following(self, after: datetime) -> datetime | None:
        """The first tick after an instant."""
        return next((tick for tick in self._ticks if tick > after), None)

    def previous(self, before: datetime) -> datetime | None:
        """The last tick before an instant."""
        return next((tick for tick in reversed(self._ticks) if tick < before), None)

    def aligned(self, start: datetime) -> datetime | None:
        """The first tick from an instant on."""
        return next((tick for tick in self._ticks if tick >= start), None)


class Union:
    """The ticks of several lines, those that fall together once."""

    def __init__(self, lines: Sequence[Ticks]) -> None:
        self._lines = lines

    def following(self, after: datetime) -> datetime | None:
        """The first tick after an instant."""
        return min(known(line.following(after) for line in self._lines), default=None)

    def previous(self, before: datetime) -> datetime | None:
        """The last tick before an instant."""
        return max(known(line.previous(before) for line in self._lines), default=None)

    def aligned(self, start: datetime) -> datetime | None:
        """The first tick from an instant on."""
        return min(known(line.aligned(start) for line in self._lines), default=None)


def known(ticks: Iterable[datetime | None]) -> Iterator[datetime]:
    """Those ticks that there are."""
    return (tick for tick in ticks if tick is not None)


@dataclass(frozen=True, slots=True)
class RunTimes:
    """A schedule's run times.

    Attributes:
        ticks: All of them; a start date, catchup or pause does not bound them.
        dated: A run time to the date that the run bears.
        reached: A date to an instant before which no run has it, or a later one.
        last: After this no run is made any more; None for never.
    """

    ticks: Ticks
    dated: Callable[[datetime], datetime] = lambda tick: tick
    reached: Callable[[datetime], datetime] = lambda date: date
    last: datetime | None = None

    def following(self, after: datetime) -> datetime | None:
        """The first run time after an instant."""
        return self.ticks.following(after)

    def previous(self, before: datetime) -> datetime | None:
        """The last run time before an instant."""
        return self.ticks.previous(before)

    def between(self, start: datetime, end: datetime, limit: int) -> list[datetime]:
        """The first run times from one instant to another, both included."""
        ticks = _from(self.ticks, self.ticks.aligned(max(start, EARLIEST)))
        return [*islice(takewhile(lambda tick: tick <= end, ticks), limit)]

    def next(self, count: int, now: datetime) -> list[datetime]:
        """The first run times after now at which runs will be made."""
        return [*islice(self.planned(now), count)]

    def planned(self, after: datetime) -> Iterator[datetime]:
        """The run times after an instant at which runs will be made."""
        ticks = _from(self.ticks, self.ticks.following(after))
        last = self.last
        return ticks if last is None else takewhile(lambda tick: tick <= last, ticks)


def _from(ticks: Ticks, first: datetime | None) -> Iterator[datetime]:
    tick = first
    while tick is not None:
        yield tick
        tick = ticks.following(tick)
