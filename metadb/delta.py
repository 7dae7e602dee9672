"""The ticks of a fixed distance, or of a calendar's, from an anchor."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta, weekday

from metadb.cron import Unknowable

STEPS_MAXIMUM = 6_000
"""How many steps are taken from the anchor, either way: 500 years of months."""
_FIXED = {"days", "hours", "minutes", "seconds", "microseconds"}
_PARTS = _FIXED | {
    *("years", "months", "leapdays", "weekday"),
    *("year", "month", "day", "hour", "minute", "second", "microsecond"),
}

Delta = Any  # a timedelta, or a relativedelta, of which dateutil declares no types


def delta_of(stored: object) -> Delta:
    """A distance from its seconds, or from the parts of a relativedelta.

    Parts that all have a fixed length make a timedelta.

    Raises:
        Unknowable: if it is neither.
    """
    try:
        if isinstance(stored, int | float):
            return timedelta(seconds=stored)
        if isinstance(stored, Mapping) and stored and _are_parts(stored):
            if stored.keys() <= _FIXED:
                return timedelta(**stored)
            parts = dict(stored)
            if "weekday" in parts:
                parts["weekday"] = weekday(*parts["weekday"])
            return relativedelta(**parts)
    except (ValueError, TypeError, OverflowError) as error:
        message = f"{stored!r:.100} is no time delta."
        raise Unknowable(message) from error
    message = f"{stored!r:.100} is no time delta."
    raise Unknowable(message)


def _are_parts(stored: Mapping[str, Any]) -> bool:
    """Whether a relativedelta could have been stored so."""
    weekdays = stored.get("weekday", [0])
    numbers = [value for name, value in stored.items() if name != "weekday"]
    return (
        stored.keys() <= _PARTS
        and isinstance(weekdays, list)
        and bool(weekdays)
        and weekdays[0] in range(7)
        and all(type(value) in {int, float} for value in [*weekdays, *numbers])
    )


def moved(tick: datetime, delta: Delta) -> datetime | None:
    """An instant that is a delta away; None if the calendar does not go so far."""
    try:
        found: datetime = tick + delta
    except (ValueError, OverflowError):
        return None
    return found


class Fixed:
    """Ticks at the anchor and all whole multiples of a timedelta from it.

    Raises:
        Unknowable: if the delta leads nowhere.
    """

    def __init__(self, anchor: datetime, delta: timedelta) -> None:
        if delta <= timedelta():
            message = f"Its time delta is {delta.total_seconds()} seconds."
            raise Unknowable(message)
        self._anchor = anchor
        self._delta = delta

    def following(self, after: datetime) -> datetime | None:
        """The first tick after an instant."""
        return self._at((after - self._anchor) // self._delta + 1)

    def previous(self, before: datetime) -> datetime | None:
        """The last tick before an instant."""
        return self._at(-((self._anchor - before) // self._delta) - 1)

    def aligned(self, start: datetime) -> datetime | None:
        """The first tick from an instant on."""
        return self._at(-((self._anchor - start) // self._delta))

    def _at(self, number: int) -> datetime | None:
        try:
            return self._anchor + number * self._delta
        except OverflowError:
            return None


class Stepped:
    """Ticks found step by step from the anchor, each from the one before.

    31 January and a month lead to 28 February, and from there to 28 March.

    Raises:
        Unknowable: if the first steps lead nowhere.
    """

    def __init__(self, anchor: datetime, delta: relativedelta) -> None:
        self._delta = delta
        self._ticks = [anchor]
        self._before = 0
        if self._covering(anchor)[-1] == anchor:
            message = f"{delta!r} does not lead from one run to a later one."
            raise Unknowable(message)

    def following(self, after: datetime) -> datetime | None:
        """The first tick after an instant; None if it is too many steps away."""
        ticks = self._covering(after)
        return next(iter(ticks[bisect_right(ticks, after) :]), None)

    def previous(self, before: datetime) -> datetime | None:
        """The last tick before an instant; None if it is too many steps away."""
        ticks = self._covering(before)
        return next(reversed(ticks[: bisect_left(ticks, before)]), None)

    def aligned(self, start: datetime) -> datetime | None:
        """The first tick from an instant on; None if it is too many steps away."""
        ticks = self._covering(start)
        return next(iter(ticks[bisect_left(ticks, start) :]), None)

    def _covering(self, instant: datetime) -> list[datetime]:
        """The ticks, from before an instant to after it; none if that is too far."""
        reached = self._reach_back(instant) and self._reach_on(instant)
        return self._ticks if reached else []

    def _reach_back(self, instant: datetime) -> bool:
        """Step back until an instant is behind; whether the steps sufficed."""
        earlier = [self._ticks[0]]
        while earlier[-1] >= instant and self._before < STEPS_MAXIMUM:
            tick = moved(earlier[-1], -self._delta)
            if tick is None or tick >= earlier[-1]:
                break
            self._before += 1
            earlier.append(tick)
        self._ticks[:1] = reversed(earlier)
        return self._before < STEPS_MAXIMUM or earlier[-1] < instant

    def _reach_on(self, instant: datetime) -> bool:
        """Step on until an instant is behind; whether the steps sufficed."""
        most = self._before + STEPS_MAXIMUM
        while self._ticks[-1] <= instant and len(self._ticks) <= most:
            tick = moved(self._ticks[-1], self._delta)
            if tick is None or tick <= self._ticks[-1]:
                break
            self._ticks.append(tick)
        return len(self._ticks) <= most or instant < self._ticks[-1]
