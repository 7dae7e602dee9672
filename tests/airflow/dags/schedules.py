"""Airflow dags, one for each kind of schedule."""

from __future__ import annotations

import datetime as dt

import pendulum
from _compat import AIRFLOW, EmptyOperator, dag
from airflow.timetables.events import EventsTimetable
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable
from dateutil.relativedelta import relativedelta

BERLIN = pendulum.timezone("Europe/Berlin")

SCHEDULES: dict[str, dict[str, object]] = {
    "none": {"schedule": None},
    "once": {"schedule": "@once"},
    "continuous": {
        "schedule": "@continuous",
        "max_active_runs": 1,
        "is_paused_upon_creation": True,
    },
    "hourly": {"schedule": "@hourly", "is_paused_upon_creation": True},
    "daily": {
        "schedule": "@daily",
        "start_date": dt.datetime(2026, 10, 1, tzinfo=dt.timezone.utc),
        "catchup": True,
        "end_date": dt.datetime(2026, 11, 4, tzinfo=dt.timezone.utc),
    },
    "weekly": {"schedule": "@weekly"},
    "monthly": {"schedule": "@monthly"},
    "yearly": {"schedule": "@yearly", "is_paused_upon_creation": True},
    "cron": {"schedule": "*/20 8-18 * * 1-5", "is_paused_upon_creation": True},
    "cron_berlin": {
        "schedule": "30 6 * * 1-5",
        "start_date": pendulum.datetime(2026, 10, 23, tz=BERLIN),
        "end_date": pendulum.datetime(2026, 10, 28, tz=BERLIN),
        "catchup": True,
    },
    "cron_trigger": {
        "schedule": CronTriggerTimetable(
            "0 3 * * *", timezone="UTC", interval=dt.timedelta(hours=1)
        )
    },
    "cron_interval": {
        "schedule": CronDataIntervalTimetable("15 2 * * *", timezone=BERLIN)
    },
    "timedelta": {"schedule": dt.timedelta(hours=6)},
    "timedelta_small": {
        "schedule": dt.timedelta(seconds=90),
        "is_paused_upon_creation": True,
    },
    "relativedelta": {"schedule": relativedelta(months=1)},
    "events": {
        "schedule": EventsTimetable(
            event_dates=[
                pendulum.datetime(2026, 11, 5, tz="UTC"),
                pendulum.datetime(2026, 11, 9, 12, tz="UTC"),
            ],
            description="Two days of November",
        )
    },
}

if AIRFLOW >= (3, 0):
    from airflow.timetables.interval import DeltaDataIntervalTimetable
    from airflow.timetables.trigger import (
        DeltaTriggerTimetable,
        MultipleCronTriggerTimetable,
    )

    SCHEDULES |= {
        "crons": {
            "schedule": MultipleCronTriggerTimetable(
                "10 8 * * *", "20 9 * * 1", timezone="Europe/Berlin"
            )
        },
        "delta_interval": {
            "schedule": DeltaDataIntervalTimetable(dt.timedelta(hours=12))
        },
        "delta_trigger": {
            "schedule": DeltaTriggerTimetable(
                dt.timedelta(hours=12), interval=dt.timedelta(hours=2)
            ),
            "is_paused_upon_creation": True,
        },
    }

for name, arguments in SCHEDULES.items():
    with dag(f"fx_schedule_{name}", tags=["schedule"], **arguments):
        EmptyOperator(task_id="tick")
