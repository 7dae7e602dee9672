"""Placeholder by the founder until the structure helper's timetable.py is there."""

from typing import Any, NamedTuple


class Timetable(NamedTuple):
    kind: str
    summary: str | None
    timetable_type: str | None
    cron: tuple[str, ...]
    delta_seconds: float | None
    relative_delta: Any
    timezone: str | None
    is_partitioned: bool


def described(
    source: Any, *, summary: str | None, timetable_type: str | None
) -> Timetable:
    return Timetable("UNKNOWN", summary, timetable_type, (), None, None, None, False)
