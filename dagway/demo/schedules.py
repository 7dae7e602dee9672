"""When the sample DAGs run, as Airflow 3.3 serializes and describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dagway.demo.assets import Condition
from dagway.demo.rhythm import CronRhythm, DeltaRhythm, OneTime, Rhythm, Silence, Window

Json = Any  # Any: JSON

__all__ = ["Schedule", "Window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What starts a DAG's runs.

    Attributes:
        path: The timetable's import path.
        summary: As `dag.timetable_summary` has it.
        description: As `dag.timetable_description` has it.
        body: The timetable's own fields, serialized.
        rhythm: The times at which it starts runs.
        condition: The assets it waits for.
        is_continuous: Whether the next run starts when the last has ended.
    """

    path: str
    summary: str
    description: str
    body: Mapping[str, Json] = field(default_factory=dict)
    rhythm: Rhythm = field(default_factory=Silence)
    condition: Condition | None = None
    is_periodic: bool = False
    is_continuous: bool = False

    @property
    def name(self) -> str:
        """The timetable's class."""
        return self.path.rpartition(".")[2]

    def serialized(self) -> dict[str, Json]:
        """As a serialized DAG holds it."""
        return {"__type": self.path, "__var": dict(self.body)}


def never() -> Schedule:
    """Only when somebody or something starts it."""
    return Schedule(
        path="airflow.timetables.simple.NullTimetable",
        summary="None",
        description="Never, external triggers only",
    )


def cron(expression: str, description: str, timezone: str = "UTC") -> Schedule:
    """At the instants of a cron expression; intervals are empty."""
    return Schedule(
        path="airflow.timetables.trigger.CronTriggerTimetable",
        summary=expression,
        description=description,
        body={
            "expression": expression,
            "timezone": timezone,
            "interval": 0.0,
            "run_immediately": False,
        },
        rhythm=CronRhythm(expression, timezone, has_intervals=False),
        is_periodic=True,
    )


def cron_interval(expression: str, description: str, timezone: str = "UTC") -> Schedule:
    """At the instants of a cron expression, for the time since the one before."""
    return Schedule(
        path="airflow.timetables.interval.CronDataIntervalTimetable",
        summary=expression,
        description=description,
        body={"expression": expression, "timezone": timezone},
        rhythm=CronRhythm(expression, timezone, has_intervals=True),
        is_periodic=True,
    )


def every(delta: timedelta, phase: timedelta) -> Schedule:
    """Again and again after some time; the last time was `phase` ago."""
    return Schedule(
        path="airflow.timetables.trigger.DeltaTriggerTimetable",
        summary=str(delta),
        description="",
        body={"delta": delta.total_seconds(), "interval": 0.0},
        rhythm=DeltaRhythm(delta, phase),
        is_periodic=True,
    )


def once(ago: timedelta) -> Schedule:
    """At the midnight before so long ago."""
    return Schedule(
        path="airflow.timetables.simple.OnceTimetable",
        summary="@once",
        description="Once, as soon as possible",
        rhythm=OneTime(ago),
    )


def continuous() -> Schedule:
    """Whenever the run before has ended."""
    return Schedule(
        path="airflow.timetables.simple.ContinuousTimetable",
        summary="@continuous",
        description="As frequently as possible, but only one run at a time.",
        is_continuous=True,
    )


def on_assets(wanted: Condition) -> Schedule:
    """Whenever these assets were written."""
    return Schedule(
        path="airflow.timetables.simple.AssetTriggeredTimetable",
        summary="Asset",
        description="Triggered by assets",
        body={"asset_condition": wanted.serialized()},
        condition=wanted,
    )


def on_assets_or_time(wanted: Condition, time: Schedule) -> Schedule:
    """Whenever these assets were written, and at the times of another schedule."""
    return Schedule(
        path="airflow.timetables.assets.AssetOrTimeSchedule",
        summary=f"Asset or {time.summary}",
        description=f"Triggered by assets or {time.description}",
        body={"asset_condition": wanted.serialized(), "timetable": time.serialized()},
        rhythm=time.rhythm,
        condition=wanted,
        is_periodic=True,
    )
