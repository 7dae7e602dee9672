"""Instants that a cron expression names."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_DAY = timedelta(days=1)
_YEARS = 366 * 5


class Cron:
    """A cron expression of five fields of numbers, `*`, ranges, steps and lists."""

    def __init__(self, expression: str, zone: str) -> None:
        fields = expression.split()
        parsed = [
            _numbers(text, *limits)
            for text, limits in zip(fields, _RANGES, strict=True)
        ]
        self._minutes, self._hours, self._days, self._months, weekdays = parsed
        self._weekdays = {number % 7 for number in weekdays}
        self._is_either = "*" not in (fields[2], fields[4])
        self._zone = ZoneInfo(zone)

    def before(self, instant: datetime) -> Iterator[datetime]:
        """Its instants, newest first, from one at most as late as this."""
        day = instant.astimezone(self._zone).date()
        for number in range(_YEARS):
            for found in reversed(self._on(day - number * _DAY)):
                if found <= instant:
                    yield found

    def after(self, instant: datetime) -> datetime:
        """The first of its instants that is later than this."""
        day = instant.astimezone(self._zone).date()
        return next(
            found
            for number in range(_YEARS)
            for found in self._on(day + number * _DAY)
            if found > instant
        )

    def _on(self, day: date) -> list[datetime]:
        if day.month not in self._months:
            return []
        by_day = day.day in self._days
        by_weekday = day.isoweekday() % 7 in self._weekdays
        if not (by_day or by_weekday if self._is_either else by_day and by_weekday):
            return []
        return [
            datetime.combine(day, time(hour, minute, tzinfo=self._zone)).astimezone(UTC)
            for hour in sorted(self._hours)
            for minute in sorted(self._minutes)
        ]


def _numbers(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        bounds = (low, high) if span == "*" else (int(first), int(last or first))
        found.update(range(bounds[0], bounds[1] + 1, int(step or 1)))
    return found
