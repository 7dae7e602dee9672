"""When a DAG's runs fall: its schedule as serialized, and what anchors it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from metadb.cron import Cron, Unknowable, zone_of
from metadb.delta import Delta, Fixed, Stepped, delta_of, moved
from metadb.serialized import Serialized, Undecodable, bare, bodies, instant
from metadb.ticks import Listed, RunTimes, Ticks, Union, known

AIRFLOWS_OWN = ("airflow.timetables.", "airflow.sdk.definitions.timetables.")
OFFSET_MAXIMUM = 1_000
"""Ticks that a partition may be away from its run."""
CRONS_MAXIMUM = 100
"""Cron expressions of one timetable."""
Fields = Mapping[str, Any]  # Any: JSON that is not yet known to be what it should


class Anchors(NamedTuple):
    """What a DAG's rows tell of its schedule.

    Attributes:
        run_time: Of the next run, else of the newest scheduled one.
        has_scheduled_run: Whether the schedule ever made a run.
    """

    run_time: datetime | None = None
    has_scheduled_run: bool = False


def run_times(source: Serialized, anchors: Anchors) -> RunTimes:
    """The run times of a DAG.

    Raises:
        Unknowable: if the database does not tell them.
    """
    schedule = _Schedule(source, anchors)
    timetable = source.dag.get("timetable")
    if isinstance(timetable, Mapping):
        return schedule.of_timetable(timetable)
    return schedule.of_interval(source.dag.get("schedule_interval"))


class _Schedule:
    """One DAG's schedule, while its timetables are read.

    Attributes:
        start: Before this no run is made.
        end: No run that is made bears a later date.
    """

    def __init__(self, source: Serialized, anchors: Anchors) -> None:
        self.anchors = anchors
        self.zone = bare(source.dag.get("timezone", "UTC"))
        self.start, self.end = span(source)

    def of_interval(self, interval: object) -> RunTimes:
        """Airflow 2's plain schedule: a preset, a cron expression or a delta."""
        match interval:
            case None:
                return self.never({})
            case "@once":
                return self.once({})
            case "@continuous":
                return self.continuous({})
            case "Dataset":
                return self.assets({})
            case str():
                return self.intervals(Cron(interval, zone_of(self.zone)))
            case _:
                return self.delta_intervals({"delta": bare(interval)})

    def of_timetable(self, timetable: Fields) -> RunTimes:
        """A timetable, by its class."""
        path, fields = str(timetable.get("__type")), timetable.get("__var")
        if not path.startswith(AIRFLOWS_OWN) or not isinstance(fields, Mapping):
            message = f"Only the code of {path:.250} knows when its runs fall."
            raise Unknowable(message)
        known_one = _TIMETABLES.get(path.rpartition(".")[2])
        if known_one is None:
            message = f"This gateway does not know the timetable {path:.250}."
            raise Unknowable(message)
        return known_one(self, fields)

    def never(self, fields: Fields) -> RunTimes:
        """No runs."""
        del fields
        return RunTimes(Listed())

    def continuous(self, fields: Fields) -> RunTimes:
        """Runs one after the other."""
        del fields
        message = "It runs again whenever its last run has ended."
        raise Unknowable(message)

    def assets(self, fields: Fields) -> RunTimes:
        """Runs when something happens to assets."""
        del fields
        message = "It runs when assets that it waits for are updated."
        raise Unknowable(message)

    def assets_or_time(self, fields: Fields) -> RunTimes:
        """The runs of the timetable inside; those of the assets nobody knows."""
        timetable = fields.get("timetable")
        timetable = timetable if isinstance(timetable, Mapping) else {}
        if isinstance(timetable.get("__var"), Mapping) and (
            "timetable" in timetable["__var"]
        ):
            message = "Its timetable holds one that holds another."
            raise Unknowable(message)
        return self.of_timetable(timetable)

    def events(self, fields: Fields) -> RunTimes:
        """Runs at the instants of a list."""
        dates = fields.get("event_dates")
        try:
            found = [datetime.fromisoformat(date) for date in dates or ()]
            ticks = [date.astimezone(UTC) for date in found]
        except (TypeError, ValueError, OverflowError) as error:
            message = "Its list of dates cannot be read."
            raise Unknowable(message) from error
        return RunTimes(Listed(ticks), last=self.end)

    def once(self, fields: Fields) -> RunTimes:
        """A run at the start date, unless there has been one."""
        del fields
        if self.anchors.has_scheduled_run:
            return RunTimes(Listed())
        if self.start is None:
            message = "It runs once, as soon as it can: it has no start date."
            raise Unknowable(message)
        return RunTimes(Listed([self.start]), last=self.end)

    def cron_intervals(self, fields: Fields) -> RunTimes:
        """Runs at the ends of the intervals between a cron's ticks."""
        return self.intervals(_cron(fields))

    def delta_intervals(self, fields: Fields) -> RunTimes:
        """Runs at the ends of intervals that are as long as a delta."""
        delta = delta_of(fields.get("delta"))
        return self.intervals(self.steps(delta, from_start=delta))

    def intervals(self, ticks: Ticks) -> RunTimes:
        """Runs at the ends of the intervals between ticks; they bear the starts."""
        last = None if self.end is None else ticks.following(self.end)
        return RunTimes(ticks, lambda tick: ticks.previous(tick) or tick, last=last)

    def cron_triggers(self, fields: Fields) -> RunTimes:
        """Runs at a cron's ticks."""
        return self.triggers(_cron(fields), fields)

    def crons_triggers(self, fields: Fields) -> RunTimes:
        """Runs at the ticks of several crons."""
        expressions = fields.get("expressions")
        if not isinstance(expressions, list) or not expressions:
            message = "It has no cron expression."
            raise Unknowable(message)
        if len(expressions) > CRONS_MAXIMUM:
            message = f"It has {len(expressions)} cron expressions."
            raise Unknowable(message)
        zone = zone_of(fields.get("timezone"))
        return self.triggers(Union([Cron(one, zone) for one in expressions]), fields)

    def delta_triggers(self, fields: Fields) -> RunTimes:
        """Runs that are a delta apart."""
        return self.triggers(self.steps(delta_of(fields.get("delta"))), fields)

    def triggers(self, ticks: Ticks, fields: Fields) -> RunTimes:
        """Runs at ticks; they bear the start of an interval that ends there."""
        interval = delta_of(fields.get("interval", 0))
        return RunTimes(
            ticks, lambda tick: moved(tick, -interval) or tick, last=self.end
        )

    def partitions(self, fields: Fields) -> RunTimes:
        """Runs at a cron's ticks; they bear the date of one so many ticks away."""
        ticks = _cron(fields)
        stored = fields.get("run_offset")
        offset = stored if isinstance(stored, int) else 0
        offset = max(-OFFSET_MAXIMUM, min(offset, OFFSET_MAXIMUM))

        def away(tick: datetime, steps: int) -> datetime:
            step = ticks.following if steps > 0 else ticks.previous
            for _ in range(abs(steps)):
                tick = step(tick) or tick
            return tick

        return RunTimes(
            ticks,
            lambda tick: away(tick, offset),
            lambda date: away(date, min(-offset, 0)),
            self.end,
        )

    def steps(self, delta: Delta, from_start: Delta = timedelta()) -> Ticks:
        """Ticks that are a delta apart, from the one that is known."""
        anchor = self.anchors.run_time
        if anchor is None and self.start is not None:
            anchor = moved(self.start, from_start)
        if anchor is None:
            message = (
                "Its run times are counted from the one before: it has had no "
                "scheduled run, and has no start date."
            )
            raise Unknowable(message)
        if isinstance(delta, timedelta):
            return Fixed(anchor, delta)
        return Stepped(anchor, delta)


def span(source: Serialized) -> tuple[datetime | None, datetime | None]:
    """From when to when a DAG runs: as it says itself, else as its tasks do."""
    start = instant(bare(source.dag.get("start_date")))
    end = instant(bare(source.dag.get("end_date")))
    try:
        tasks = bodies(source.dag)
    except Undecodable:
        return start, end
    if start is None:
        start = min(known(_date(task, "start_date") for task in tasks), default=None)
    if end is None:
        ends = [_date(task, "end_date") for task in tasks]
        end = None if None in ends else max(known(ends), default=None)
    return start, end


def _date(task: Fields, name: str) -> datetime | None:
    """A date of a task; a mapped one has it beside what it is mapped over."""
    partial = task.get("partial_kwargs")
    inside = partial.get(name) if isinstance(partial, Mapping) else None
    return instant(bare(task.get(name, inside)))


def _cron(fields: Fields) -> Cron:
    return Cron(fields.get("expression"), zone_of(fields.get("timezone")))


_TIMETABLES: Mapping[str, Callable[[_Schedule, Fields], RunTimes]] = MappingProxyType(
    {
        "NullTimetable": _Schedule.never,
        "PartitionedAtRuntime": _Schedule.never,
        "OnceTimetable": _Schedule.once,
        "ContinuousTimetable": _Schedule.continuous,
        "EventsTimetable": _Schedule.events,
        "CronDataIntervalTimetable": _Schedule.cron_intervals,
        "CronTriggerTimetable": _Schedule.cron_triggers,
        "CronPartitionTimetable": _Schedule.partitions,
        "MultipleCronTriggerTimetable": _Schedule.crons_triggers,
        "DeltaDataIntervalTimetable": _Schedule.delta_intervals,
        "DeltaTriggerTimetable": _Schedule.delta_triggers,
        "AssetTriggeredTimetable": _Schedule.assets,
        "PartitionedAssetTimetable": _Schedule.assets,
        "DatasetTriggeredTimetable": _Schedule.assets,
        "AssetOrTimeSchedule": _Schedule.assets_or_time,
        "DatasetOrTimeSchedule": _Schedule.assets_or_time,
    }
)
