"""Ask one Airflow when runs fall, and keep what it says.

    env-of-3.3.2/bin/python make_schedules.py

Writes `fixtures/schedules-VERSION.json.xz`. Every schedule goes the way that the
scheduler's does: a DAG with it is serialized, and what is read back is asked. Nothing
is written by hand, so a test may compare with it. The file holds, all in seconds since
1970:

- `instants`: by time zone, the instants that were asked about: around every change
  of the clock, and others.
- `crons`: the DAG's fields as serialized, its zone, and of each instant, less the
  instant: `following` and `previous` (the timetable's own next and previous tick),
  `aligned` (the first tick from the instant on: the instant itself if that is what
  comes next a microsecond before it, else what the timetable aligns it to: that alone
  overlooks ticks before a change of the clock); null where it found none.
- `deltas`: the fields, an anchor, the ticks before it and after it.
- `runs`: the fields, and the run times that the public `next_dagrun_info` gives one
  after the other with catchup, until there are no more or 40.
"""

from __future__ import annotations

import datetime as dt
import json
import lzma
import os
import pathlib
import random
import tempfile
import zoneinfo

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"

import airflow  # noqa: E402
import pendulum  # noqa: E402
from airflow.timetables.base import DataInterval, TimeRestriction  # noqa: E402
from airflow.timetables.events import EventsTimetable  # noqa: E402
from airflow.timetables.interval import (  # noqa: E402
    CronDataIntervalTimetable,
    DeltaDataIntervalTimetable,
)
from airflow.timetables.trigger import (  # noqa: E402
    CronTriggerTimetable,
    DeltaTriggerTimetable,
)
from dateutil.relativedelta import relativedelta  # noqa: E402

FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
IS_3 = airflow.__version__.startswith("3.")
if IS_3:
    from airflow.sdk import DAG
    from airflow.serialization.serialized_objects import DagSerialization as Serializer
    from airflow.timetables.trigger import (
        CronPartitionTimetable,
        MultipleCronTriggerTimetable,
    )
else:
    from airflow.models.dag import DAG
    from airflow.serialization.serialized_objects import SerializedDAG as Serializer

UTC = dt.timezone.utc
KEYS = ("timetable", "schedule_interval", "timezone", "start_date", "end_date")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
]
YEARS = {"Pacific/Apia": (2009, 2012), "America/Sao_Paulo": (2017, 2019)}
EVERYWHERE = [
    "@daily",
    "@hourly",
    "@quarterly",
    "30 2 * * *",
    "0,30 1-3 * * *",
    "*/10 0-2 * * *",
    "15 * * * *",
    "*/20 * * * 1",
    "30 6 * * 1-5",
    "0 0 13 * 5",
    "59 23 L * *",
    "0 */2 * * *",
]
ODD = [
    "@weekly",
    "@monthly",
    "@yearly",
    "* * * * *",
    "*/7 * * * *",
    "0 3 * * SUN",
    "0 3 * * 7",
    "0 3 * JAN,Jul mon#1",
    "0 3 * * 5#5",
    "0 3 * * L5",
    "0 3 15W * *",
    "0 3 1,15,L * *",
    "0 3 29 2 *",
    "0 3 31 * *",
    "0 3 31 4,6 *",
    "0 3 31 2 *",
    "5-50/15 8-18/3 */10 3-9/2 *",
    "0 22-2 * * fri-mon",
    "0 0 1-7 * 1",
    "*/5 4 ? * ?",
    "59/15 * * * *",
    "0 12 * * * 30",
    "0 12 * * * */20",
    "0 12 1 * * 0 2026-2027",
    "0 0 1 1 * 0 2030",
]


def serialized(schedule, **options):
    """Return a DAG's stored fields, and the timetable that is read back from them."""
    options = {"start_date": dt.datetime(2026, 1, 1, tzinfo=UTC), **options}
    data = Serializer.to_dict(DAG("asked", schedule=schedule, **options))
    fields = {key: data["dag"][key] for key in KEYS if key in data["dag"]}
    fields = json.loads(json.dumps(fields))  # reading it back changes it
    return fields, Serializer.from_dict(data).timetable


def seconds(instant):
    """Return an instant as a number, an integer if it is one."""
    if instant is None:
        return None
    found = instant.timestamp()
    return int(found) if found == int(found) else round(found, 6)


def instants(zone):
    """Return the instants to ask about in a zone."""
    tz = zoneinfo.ZoneInfo(zone)
    first, last = YEARS.get(zone, (2025, 2027))
    hour = dt.timedelta(hours=1)
    at, end = dt.datetime(first, 1, 1, tzinfo=UTC), dt.datetime(last, 12, 1, tzinfo=UTC)
    chance = random.Random(zone)
    span = int((end - at).total_seconds())
    found = [
        at + dt.timedelta(seconds=chance.randrange(span), microseconds=micro)
        for micro in [0] * 20 + [1, 250_000, 999_999]
    ]
    found += [
        at + dt.timedelta(hours=chance.randrange(span // 3600)) for _ in range(20)
    ]
    days = [chance.randrange(span // 86400) for _ in range(10)]
    found += [
        (at + dt.timedelta(days=day)).replace(tzinfo=tz).astimezone(UTC) for day in days
    ]
    while at < end:
        if at.astimezone(tz).utcoffset() != (at + hour).astimezone(tz).utcoffset():
            for quarter in range(-16, 21):
                found.append(at + hour + quarter * hour / 4)
            found.append(at + hour - dt.timedelta(seconds=1))
            found.append(at + hour + dt.timedelta(minutes=7, seconds=7))
            found += [at + hour + day * dt.timedelta(days=1) for day in (-7, -2, -1, 1)]
        at += hour
    return sorted(set(found))


def asked(call, instant):
    """Return what a timetable answers, less the instant; None if it fails to."""
    try:
        found = call(pendulum.instance(instant))
    except Exception:
        return None
    return round(seconds(found) - seconds(instant), 6)


def aligned(timetable):
    """Return a function to the first tick from an instant on."""

    def call(instant):
        found = timetable._get_next(instant - dt.timedelta(microseconds=1))
        return found if found == instant else timetable._align_to_next(instant)

    return call


def of_cron(schedule, zone, at, **options):
    """Return a cron's answers to instants."""
    fields, timetable = serialized(schedule, **options)
    each = getattr(timetable, "_timetables", [timetable])

    def every(calls, choose):
        answers = [[asked(call, instant) for call in calls] for instant in at]
        return [None if None in found else choose(found) for found in answers]

    return {
        "fields": fields,
        "zone": zone,
        "following": every([one._get_next for one in each], min),
        "previous": every([one._get_prev for one in each], max),
        "aligned": every([aligned(one) for one in each], min),
    }


def crons(at):
    """Return the answers of all crons."""
    found = []
    for zone in ZONES:
        tz = pendulum.timezone(zone)
        start = dt.datetime(2026, 1, 1, tzinfo=tz)
        for number, cron in enumerate(EVERYWHERE + (ODD if zone == "UTC" else [])):
            timetables = [
                (cron, {"start_date": start}),
                (CronDataIntervalTimetable(cron, timezone=tz), {}),
                (CronTriggerTimetable(cron, timezone=tz), {}),
            ]
            schedule, options = timetables[number % 3]
            found.append(of_cron(schedule, zone, at[zone], **options))
    offset = pendulum.timezone(20_700)
    at["UTC+5:45"] = at["Asia/Kathmandu"]
    timetable = CronTriggerTimetable("0 0 * * *", timezone=offset)
    found.append(of_cron(timetable, "UTC+5:45", at["UTC+5:45"]))
    for zone in ZONES if IS_3 else ():
        several = ("10 8 * * *", "20 9 * * 1", "*/30 2 * * *", "0 */3 * * *")
        timetable = MultipleCronTriggerTimetable(*several, timezone=zone)
        found.append(of_cron(timetable, zone, at[zone]))
        timetable = CronPartitionTimetable("30 2 * * *", timezone=zone, run_offset=-1)
        found.append(of_cron(timetable, zone, at[zone]))
    return found


def deltas():
    """Return the ticks before and after an anchor, of all deltas."""
    each = [
        dt.timedelta(hours=6),
        dt.timedelta(seconds=90),
        dt.timedelta(days=1, microseconds=1),
        relativedelta(months=1),
        relativedelta(years=1),
        relativedelta(months=1, day=31),
        relativedelta(months=3, days=-1),
        relativedelta(days=2, hours=5),
        relativedelta(weeks=2),
        relativedelta(days=1, weekday=2),
        relativedelta(months=1, leapdays=1),
    ]
    anchors = [
        dt.datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
        dt.datetime(2024, 2, 29, tzinfo=UTC),
        dt.datetime(2026, 3, 29, 0, 59, 59, 500_000, tzinfo=UTC),
    ]
    found = []
    for number, delta in enumerate(each):
        for kind in (None, DeltaDataIntervalTimetable, DeltaTriggerTimetable):
            fields, timetable = serialized(delta if kind is None else kind(delta))
            anchor = anchors[number % len(anchors)]
            ticks = {}
            for name in ("_get_prev", "_get_next"):
                at, line = pendulum.instance(anchor), []
                for _ in range(40):
                    at = getattr(timetable, name)(at)
                    line.append(seconds(at))
                ticks[name] = line
            found.append(
                {
                    "fields": fields,
                    "anchor": seconds(anchor),
                    "before": ticks["_get_prev"],
                    "after": ticks["_get_next"],
                }
            )
    return found


def runs():
    """Return the run times that follow on each other, of schedules of every kind."""
    berlin = pendulum.timezone("Europe/Berlin")
    day = dt.timedelta(days=1)
    start = dt.datetime(2026, 3, 27, tzinfo=berlin)
    autumn = dt.datetime(2026, 10, 24, 12, tzinfo=berlin)
    dates = [pendulum.datetime(2026, 11, d, 12, tz=berlin) for d in (9, 5, 9, 20)]
    each = [
        (None, {}),
        ("@once", {}),
        ("@once", {"end_date": start - day}),
        (EventsTimetable(dates), {}),
        (EventsTimetable(dates, description="Days"), {"end_date": dates[0]}),
        (day, {}),
        (day, {"end_date": start + 5 * day}),
        (relativedelta(months=1), {"end_date": start + 200 * day}),
        (DeltaTriggerTimetable(day / 4), {"end_date": start + day}),
        (DeltaTriggerTimetable(relativedelta(months=1)), {}),
        ("@daily", {"end_date": start + 5 * day}),
        ("@hourly", {"start_date": autumn}),
    ]
    for cron in ("30 2 * * *", "0 3 * * *", "*/30 3-5 * * *", "10 * * * *"):
        for first in (start, autumn):
            for kind in (CronDataIntervalTimetable, CronTriggerTimetable):
                timetable = kind(cron, timezone=berlin)
                each.append((timetable, {"start_date": first}))
                options = {"start_date": first, "end_date": first + 3 * day}
                each.append((timetable, options))
    if IS_3:
        several = ("30 2 * * *", "45 * * * *", "0 0 * * 1")
        timetable = MultipleCronTriggerTimetable(*several, timezone=berlin)
        each += [(timetable, {"start_date": first}) for first in (start, autumn)]
    found = []
    for schedule, options in each:
        fields, timetable = serialized(schedule, **{"start_date": start, **options})
        end = options.get("end_date")
        restriction = TimeRestriction(
            pendulum.instance(options.get("start_date", start)).in_timezone("UTC"),
            None if end is None else pendulum.instance(end).in_timezone("UTC"),
            catchup=True,
        )
        line, last = [], None
        while len(line) < 40:
            info = timetable.next_dagrun_info(
                last_automated_data_interval=last, restriction=restriction
            )
            if info is None:
                break
            line.append(seconds(info.run_after))
            last = DataInterval(info.data_interval.start, info.data_interval.end)
        found.append({"fields": fields, "runs": line})
    return found


def main():
    """Write the file."""
    at = {zone: instants(zone) for zone in ZONES}
    of_crons = crons(at)
    found = {
        "instants": {zone: [seconds(i) for i in each] for zone, each in at.items()},
        "crons": of_crons,
        "deltas": deltas(),
        "runs": runs(),
    }
    target = FIXTURES / f"schedules-{airflow.__version__}.json.xz"
    text = json.dumps(found, separators=(",", ":"))
    target.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    answers = sum(len(c[k]) for c in of_crons for k in ("following", "previous"))
    print(
        target.name, target.stat().st_size, len(of_crons), "crons", answers, "answers"
    )


if __name__ == "__main__":
    main()
