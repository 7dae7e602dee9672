"""The ticks of a cron expression in a time zone, where Airflow has them.

An expression is matched on the wall clock. A time that comes twice, because the clock
is set back, means its second coming; a time that is skipped means the same one, moved
on by what was skipped. An expression for every hour counts real time from the last
tick instead, so that both comings of an hour have theirs.
"""

import re
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadDateError, croniter

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
LENGTH_MAXIMUM = 4_000
"""Characters of an expression; one that lists every value of 7 fields has 1,300."""
_DAY = 86_400
_MOMENT = timedelta(microseconds=1)
_RANDOM = re.compile(r"(?:^|\s)r(?:[(/\s]|$)", re.IGNORECASE)


class Unknowable(Exception):
    """When runs fall cannot be told; the message says why, for people."""


def zone_of(name: object) -> tzinfo:
    """A time zone by its name, or by its offset in seconds.

    Raises:
        Unknowable: if there is none such.
    """
    if isinstance(name, int | float) and -_DAY < name < _DAY:
        return timezone(timedelta(seconds=name))
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"The time zone {name!r:.100} is not known here."
        raise Unknowable(message) from error


class Cron:
    """The ticks of one expression.

    Raises:
        Unknowable: if it is no cron expression, draws lots, or never matches.
    """

    def __init__(self, expression: object, zone: tzinfo) -> None:
        text = PRESETS.get(str(expression), str(expression))
        if len(text) > LENGTH_MAXIMUM:
            message = f"Its cron expression has {len(text)} characters."
            raise Unknowable(message)
        if _RANDOM.search(text):
            message = f"The cron expression {text!r} draws lots."
            raise Unknowable(message)
        try:
            self._cron = croniter(text)
        except (ValueError, TypeError, LookupError) as error:
            message = f"{text!r:.100} is no cron expression."
            raise Unknowable(message) from error
        self._zone = zone
        self._counts_real_time = self._cron.expanded[1] == ["*"]
        self._day: date | None = None
        now = datetime.now(UTC)
        if self.following(now) is None and self.previous(now) is None:
            message = f"The cron expression {text!r} matches no time within 50 years."
            raise Unknowable(message)

    def following(self, after: datetime) -> datetime | None:
        """The first tick after an instant; None if 50 years have none."""
        local = self._local(after)
        return self._instant(self._next_match(local), after, local)

    def previous(self, before: datetime) -> datetime | None:
        """The last tick before an instant; None if 50 years have none."""
        local = self._local(before)
        tick = self._last_match(local)
        instant = self._instant(tick, before, local)
        while instant is not None and instant >= before:
            # an earlier time of the wall clock, which can mean a later instant
            tick = self._last_match(tick)
            instant = self._instant(tick, before, local)
        return instant

    def aligned(self, start: datetime) -> datetime | None:
        """The first tick from an instant on; the instant itself if either side says."""
        if self.following(start - _MOMENT) == start:
            return start
        following = self.following(start)
        if following is not None and self.previous(following) == start:
            return start
        return following

    def _local(self, instant: datetime) -> datetime | None:
        """The wall clock at an instant; None at the calendar's end."""
        try:
            return instant.astimezone(self._zone).replace(tzinfo=None)
        except OverflowError:
            return None

    @cached_property
    def _times(self) -> list[time]:
        """When on its days the expression matches, in order; never none."""
        minutes, hours, *rest = self._cron.expanded
        seconds = _all(rest[3], 60) if rest[3:] else [0]
        return [
            time(hour, minute, second)
            for hour in _all(hours, 24)
            for minute in _all(minutes, 60)
            for second in seconds
        ]

    def _next_match(self, local: datetime | None) -> datetime | None:
        """The first match on the wall clock after a time of it."""
        if local is not None and local.date() == self._day:
            i = bisect_right(self._times, local.time())
            if i < len(self._times):
                return datetime.combine(local, self._times[i])
        return self._matched(local, self._cron.get_next)

    def _last_match(self, local: datetime | None) -> datetime | None:
        """The last match on the wall clock before a time of it."""
        if local is not None and local.date() == self._day:
            i = bisect_left(self._times, local.time())
            if i > 0:
                return datetime.combine(local, self._times[i - 1])
        return self._matched(local, self._cron.get_prev)

    def _matched(self, local: datetime | None, step: Any) -> datetime | None:
        """The wall clock's next match in a direction; its day is kept.

        All times of a day that has one match: 2 μs instead of croniter's 40.
        """
        if local is None:
            return None
        try:
            found: datetime = step(datetime, start_time=local)
        except (CroniterBadDateError, ValueError, OverflowError):
            return None
        self._day = found.date()
        return found

    def _instant(
        self, tick: datetime | None, origin: datetime, local: datetime | None
    ) -> datetime | None:
        """The instant of a match, which was found from an origin."""
        if tick is None or local is None:
            return None
        try:
            if self._counts_real_time:
                return origin.astimezone(UTC) + (tick - local)
            return later_reading(tick, self._zone)
        except OverflowError:
            return None


def _all(field: list[Any], count: int) -> list[int]:
    return [*range(count)] if field == ["*"] else field


def later_reading(local: datetime, zone: tzinfo) -> datetime:
    """The instant of a time of the wall clock; the later one that it can mean.

    Of a time that comes twice that is its second coming, of one that is skipped the
    reading with the offset before the clock was set forward.
    """
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
