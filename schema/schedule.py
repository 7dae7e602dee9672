"""When a DAG runs."""

from datetime import datetime

import strawberry

from resolvers import derive, details, schedule
from resolvers.scalars import JSONValue
from resolvers.states import SCHEDULE_KINDS, ScheduleKind
from schema.fields import column, derived, via


@strawberry.type(
    description=(
        "When a DAG runs, from what the database holds, without the DAG file. "
        "All instants are run times (runAfter)."
    )
)
class Schedule:
    """A schedule; embedded in its DAG."""

    kind: ScheduleKind = via(
        details.SCHEDULE,
        ("kind",),
        None,
        "Of what sort it is.",
        SCHEDULE_KINDS,
        ScheduleKind.UNKNOWN,
    )
    summary: str | None = via(
        details.SCHEDULE, ("summary",), None, "As Airflow's own pages say it."
    )
    description: str | None = column(
        "timetable_description", "In words, where Airflow has them."
    )
    timetable_type: str | None = via(
        details.SCHEDULE, ("timetable_type",), None, "The class of its timetable."
    )
    cron: list[str] = via(
        details.SCHEDULE,
        ("cron",),
        derive.listed,
        "Its cron expressions, presets expanded; empty if it has none.",
    )
    delta_seconds: float | None = via(
        details.SCHEDULE,
        ("delta_seconds",),
        None,
        "Seconds between runs, where the delta has a fixed length.",
    )
    relative_delta: JSONValue | None = via(
        details.SCHEDULE,
        ("relative_delta",),
        None,
        "The parts of a relativedelta, months and years among them.",
    )
    timezone: str | None = via(
        details.SCHEDULE, ("timezone",), None, "The time zone that its cron is in."
    )
    is_partitioned: bool = column(
        "timetable_partitioned",
        "Whether its runs are for partitions of assets (from Airflow 3.2 on).",
    )
    asset_expression: JSONValue | None = derived(
        ("asset_expression",),
        derive.decoded,
        "The assets that it waits for, with `any` and `all`, as Airflow keeps it.",
    )
    following: datetime | None = via(
        schedule.FOLLOWING,
        ("answer",),
        None,
        "The first run time strictly after an instant. A start date, catchup or a "
        "pause does not restrict it.",
    )
    previous: datetime | None = via(
        schedule.PREVIOUS,
        ("answer",),
        None,
        "The last run time strictly before an instant, whether there was a run or not.",
    )
    between: list[datetime] = via(
        schedule.BETWEEN,
        ("answer",),
        derive.listed,
        "The first run times from start to end, both included; at most `limit`, which "
        "is at most 1,000.",
    )
    next: list[datetime] = via(
        schedule.NEXT,
        ("answer",),
        derive.listed,
        "The next run times, counted from now; none for which the end date is past. "
        "`count` is from 1 to 1,000.",
    )
    unknowable: str | None = via(
        schedule.UNKNOWABLE,
        ("answer",),
        None,
        "Why following, previous, between and next cannot answer, and are null or "
        "empty; null where they can.",
    )


@strawberry.type(
    description=(
        "The next run as the scheduler stored it; it is not created while the DAG is "
        "paused."
    )
)
class NextRun:
    """A run to come; embedded in its DAG."""

    logical_date: datetime | None = column("next_dagrun", "Its logical date.")
    data_interval_start: datetime | None = column(
        "next_dagrun_data_interval_start", "Where the data that it is for begin."
    )
    data_interval_end: datetime | None = column(
        "next_dagrun_data_interval_end", "Where the data that it is for end."
    )
    run_after: datetime = column(
        "next_dagrun_create_after", "The earliest instant at which it is made."
    )
    partition_key: str | None = column(
        "next_dagrun_partition_key", "The partition that it is for."
    )
    partition_date: datetime | None = column(
        "next_dagrun_partition_date", "The partition's date."
    )
