"""What a DAG's schedule is, from whatever of it the database holds.

Airflow 3 keeps a timetable: its class, and its fields in the structure. Airflow 2 has
either that or a plain `schedule_interval`. The `dag` row has a text beside it: from
Airflow 3 on what pages show, before that JSON; an upgraded database still has the old
texts until its DAGs are parsed again.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from croniter import croniter
from dateutil.relativedelta import relativedelta

from metadb.cron import LENGTH_MAXIMUM, PRESETS, Unknowable
from metadb.delta import delta_of
from metadb.serialized import Body, Serialized, bare, zone

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "NullTimetable": "NONE",
        "PartitionedAtRuntime": "NONE",
        "OnceTimetable": "ONCE",
        "ContinuousTimetable": "CONTINUOUS",
        "CronDataIntervalTimetable": "CRON",
        "CronTriggerTimetable": "CRON",
        "CronPartitionTimetable": "CRON",
        "MultipleCronTriggerTimetable": "CRON",
        "DeltaDataIntervalTimetable": "DELTA",
        "DeltaTriggerTimetable": "DELTA",
        "EventsTimetable": "EVENTS",
        "AssetTriggeredTimetable": "ASSET",
        "PartitionedAssetTimetable": "ASSET",
        "DatasetTriggeredTimetable": "ASSET",
        "AssetOrTimeSchedule": "ASSET_OR_TIME",
        "DatasetOrTimeSchedule": "ASSET_OR_TIME",
    }
)
"""What each of Airflow's own timetables is."""
_OWN = ("airflow.timetables.", "airflow.sdk.definitions.timetables.")
_SUMMARIES: tuple[tuple[re.Pattern[str], str, str | None], ...] = tuple(
    (re.compile(pattern, re.DOTALL), KINDS[name], name if is_its_own else None)
    for pattern, name, is_its_own in (
        ("@once", "OnceTimetable", True),
        ("@continuous", "ContinuousTimetable", True),
        ("Asset", "AssetTriggeredTimetable", True),
        ("Partitioned Asset", "PartitionedAssetTimetable", True),
        ("Dataset|Unresolved DatasetAlias", "DatasetTriggeredTimetable", True),
        ("Asset or .+", "AssetOrTimeSchedule", True),
        ("Dataset or .+", "DatasetOrTimeSchedule", True),
        (r"\d+ [Ee]vents", "EventsTimetable", True),
        (r"(-?\d+ days?, )?\d+:\d\d:\d\d(\.\d+)?", "DeltaTriggerTimetable", False),
        (r"relativedelta\(.*\)", "DeltaTriggerTimetable", False),
    )
)
"""What the summaries of Airflow's timetables look like, cron expressions apart."""


class Timetable(NamedTuple):
    """A schedule.

    Attributes:
        kind: NONE, ONCE, CONTINUOUS, CRON, DELTA, EVENTS, ASSET, ASSET_OR_TIME, CUSTOM
            or UNKNOWN.
        summary: As Airflow's pages say it; None where they say None.
        timetable_type: The class's name, with its module if it is not Airflow's.
        cron: The expressions, presets expanded.
        delta_seconds: Between runs, where the delta has a fixed length.
        relative_delta: The parts of a relativedelta.
        timezone: Of the cron expressions.

    Of ASSET_OR_TIME, the last four are those of the timetable inside.
    """

    kind: str
    summary: str | None
    timetable_type: str | None
    cron: tuple[str, ...] = ()
    delta_seconds: float | None = None
    relative_delta: Any = None  # JSON
    timezone: str | None = None


class _Delta(NamedTuple):
    """A time delta as stored: seconds, or the parts of a relativedelta."""

    stored: object


def described(
    source: Serialized | None, *, summary: str | None, timetable_type: str | None
) -> Timetable:
    """The schedule of a DAG; whatever is stored, nothing is raised.

    Args:
        source: The DAG's newest structure; without it, only what the row tells.
        summary: The row's text, of any Airflow.
        timetable_type: The row's class, or the one in the structure; None if neither
            is known.
    """
    interval, shown = _read(summary)
    path, fields, timezone = None, None, None
    if source is not None:
        path, fields = _opened(source.dag.get("timetable"))
        timezone = source.dag.get("timezone", "UTC")
        if fields is None and "schedule_interval" in source.dag:
            plain = source.dag["schedule_interval"]
            interval = (
                plain if plain is None or isinstance(plain, str) else _Delta(plain)
            )
    path = timetable_type or path
    kind, name = _of_class(path) if path else _of_interval(interval)
    if kind == "ASSET_OR_TIME" and fields is not None:
        fields = _opened(fields.get("timetable"))[1]
    if kind not in {"CRON", "DELTA", "ASSET_OR_TIME"}:
        return Timetable(kind, shown, name)
    if fields is None:
        fields = _fields(interval, timezone)
    return Timetable(kind, shown, name, *_ticks(fields))


def _opened(timetable: object) -> tuple[str | None, Body | None]:
    """A stored timetable's path and fields; None where there is none."""
    if not isinstance(timetable, dict):
        return None, None
    path, fields = timetable.get("__type"), timetable.get("__var")
    return (
        path if isinstance(path, str) else None,
        fields if isinstance(fields, dict) else {},
    )


def _of_class(path: str) -> tuple[str, str | None]:
    """Kind and type of a class by its path, or by its name if it is Airflow's."""
    module, _, name = path.rpartition(".")
    if not module or path.startswith(_OWN):
        return KINDS.get(name, "UNKNOWN"), name
    return "CUSTOM", path


def _of_interval(interval: object) -> tuple[str, str | None]:
    """Kind and type of a plain interval, or of a summary.

    Two of Airflow's timetables may have the same summary; then the type is None.
    """
    if isinstance(interval, _Delta):
        return "DELTA", "DeltaDataIntervalTimetable"
    if interval is None:
        return "NONE", "NullTimetable"
    text = str(interval)
    if text in PRESETS:
        return "CRON", "CronDataIntervalTimetable"
    for pattern, kind, name in _SUMMARIES:
        if pattern.fullmatch(text):
            return kind, name
    return ("CRON" if _crons(text) else "UNKNOWN"), None


def _fields(interval: object, timezone: object) -> Body:
    """A plain interval as the fields of the timetable that Airflow makes of it."""
    if isinstance(interval, _Delta):
        return {"delta": bare(interval.stored)}
    if not isinstance(interval, str):
        return {}
    return {"expressions": list(_crons(interval)), "timezone": timezone}


@lru_cache(1_000)
def _crons(text: str) -> tuple[str, ...]:
    """Cron expressions with commas between them; nothing if one is none."""
    if len(text) > LENGTH_MAXIMUM:
        return ()
    found = tuple(PRESETS.get(one, one) for one in text.split(", "))
    try:
        return found if all(map(croniter.is_valid, found)) else ()
    except (ValueError, TypeError, LookupError):
        return ()


def _ticks(
    fields: Body,
) -> tuple[tuple[str, ...], float | None, object, str | None]:
    """Expressions, seconds, parts and time zone of a timetable's fields."""
    stored = fields.get("expressions", [fields.get("expression")])
    expressions = stored if isinstance(stored, list) else []
    cron = tuple(PRESETS.get(one, one) for one in expressions if isinstance(one, str))
    delta = fields.get("delta")
    try:
        length = None if delta is None else delta_of(delta)
    except Unknowable:
        delta = length = None
    return (
        cron,
        length.total_seconds() if isinstance(length, timedelta) else None,
        delta if isinstance(delta, dict) else None,
        zone(bare(fields.get("timezone"))) if cron else None,
    )


def _read(text: str | None) -> tuple[object, str | None]:
    """The interval that a row's text stands for, and the text to show.

    The interval is None if there is none to run at, and empty if nothing is known.
    """
    interval: object = text or ""
    if text and (text[0] in '"{' or text == "null"):
        try:
            interval = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            interval = text
    if isinstance(interval, dict):
        return _length(interval) or (text, text)
    if isinstance(interval, str) and interval != "None":
        return interval, interval or None
    return None, None


def _length(stored: Body) -> tuple[_Delta, str] | None:
    """Airflow 2's time delta: `{"type": "timedelta", "attrs": {"days": 1, …}}`."""
    attributes = stored.get("attrs")
    if not isinstance(attributes, dict):
        return None
    parts = {name: value for name, value in attributes.items() if value}
    try:
        if stored.get("type") == "timedelta":
            length = timedelta(**parts)
            return _Delta(length.total_seconds()), str(length)
        if stored.get("type") == "relativedelta":
            return _Delta(parts), str(relativedelta(**parts))
    except (TypeError, ValueError, OverflowError):
        pass
    return None
