"""Run times are those that Airflow's own timetables give.

`tests/airflow/make_schedules.py` asked them, and says what the files hold.
"""

import json
import lzma
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from metadb.cron import Cron, Unknowable
from metadb.delta import delta_of
from metadb.run_times import Anchors, run_times, span
from metadb.serialized import Serialized
from metadb.ticks import RunTimes
from tests.support.databases import FIXTURES

VERSIONS = ["2.11.2", "3.3.2"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATER = timedelta(microseconds=1)
NOTHING = Anchors()


@pytest.fixture(scope="module", params=VERSIONS)
def golden(request: pytest.FixtureRequest) -> Any:
    """What one Airflow said."""
    packed = (FIXTURES / f"schedules-{request.param}.json.xz").read_bytes()
    return json.loads(lzma.decompress(packed))


def at(seconds: float) -> datetime:
    return EPOCH + timedelta(microseconds=round(seconds * 1_000_000))


def schedule(fields: dict[str, Any], anchors: Anchors = NOTHING) -> RunTimes:
    return run_times(Serialized(1, {"tasks": [], **fields}, {}), anchors)


def asked(
    call: Callable[[datetime], datetime | None], instants: Iterable[float]
) -> list[float | None]:
    """Answers, less the instants."""
    found = [(call(at(instant)), at(instant)) for instant in instants]
    return [
        None if answer is None else (answer - instant).total_seconds()
        for answer, instant in found
    ]


def test_the_golden_file_holds_thousands_of_answers_around_changes_of_the_clock(
    golden: Any,
) -> None:
    answers = sum(len(cron["following"]) for cron in golden["crons"])
    assert answers > 20_000
    assert len(golden["instants"]["Australia/Lord_Howe"]) > 300


def test_following_and_aligned_ticks_of_crons_are_airflows(golden: Any) -> None:
    """Airflow cannot align to the first tick that an expression with a year has."""
    fires = 0
    for cron in golden["crons"]:
        instants = golden["instants"][cron["zone"]]
        try:
            times = schedule(cron["fields"])
        except Unknowable:
            assert {*cron["following"], *cron["previous"]} == {None}
            continue
        fires += 1
        assert asked(times.following, instants) == cron["following"], cron["fields"]
        both = zip(cron["aligned"], cron["following"], strict=True)
        aligned = [tick if known is None else known for known, tick in both]
        assert asked(times.ticks.aligned, instants) == aligned, cron["fields"]
    assert fires == len(golden["crons"]) - 2


def test_previous_ticks_of_crons_are_airflows_where_those_are_earlier(
    golden: Any,
) -> None:
    """Around a change of the clock Airflow's own can be a later instant."""
    for cron in golden["crons"]:
        instants = golden["instants"][cron["zone"]]
        if {*cron["previous"]} == {None} == {*cron["following"]}:
            continue
        ours = asked(schedule(cron["fields"]).previous, instants)
        for mine, theirs in zip(ours, cron["previous"], strict=True):
            if theirs is None or theirs < 0:
                assert mine == theirs, cron["fields"]
            else:
                assert mine is not None
                assert mine < 0


def test_deltas_step_from_their_anchor_as_airflow_does(golden: Any) -> None:
    for delta in golden["deltas"]:
        times = schedule(delta["fields"], Anchors(at(delta["anchor"])))
        anchor = float(delta["anchor"])
        before = [*takewhile(anchor.__gt__, delta["before"])]
        ticks = [*reversed(before), anchor, *delta["after"]]
        for one, two in pairwise(map(at, ticks)):
            assert times.following(one) == two, delta["fields"]
            assert times.previous(two) == one, delta["fields"]
            assert times.following(two - LATER) == two
            assert times.previous(one + LATER) == one
        found = times.between(at(ticks[0]), at(ticks[-1]), 1_000)
        assert found == [*map(at, ticks)], delta["fields"]


def test_chains_of_run_times_are_those_of_airflows_scheduler(golden: Any) -> None:
    for asked_one in golden["runs"]:
        fields, runs = asked_one["fields"], [*map(at, asked_one["runs"])]
        times = schedule(fields)
        start = at(fields["start_date"])
        if not runs:
            assert times.next(40, start - LATER) == []
            continue
        assert times.next(len(runs), runs[0] - LATER) == runs, fields
        if len(runs) < 40:
            assert times.next(1, runs[-1]) == [], fields


def berlin(cron: str) -> Cron:
    return Cron(cron, ZoneInfo("Europe/Berlin"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def test_a_skipped_time_and_one_that_comes_twice_have_one_tick_each() -> None:
    cron = berlin("30 2 * * *")
    assert cron.following(utc("03-28 12:00")) == utc("03-29 01:30")
    assert cron.previous(utc("03-29 12:00")) == utc("03-29 01:30")
    assert cron.previous(utc("03-29 01:10")) == utc("03-28 01:30")
    assert cron.following(utc("10-24 12:00")) == utc("10-25 01:30")
    assert cron.previous(utc("10-25 12:00")) == utc("10-25 01:30")
    assert cron.previous(utc("10-25 01:30")) == utc("10-24 00:30")
    assert cron.previous(utc("10-25 00:45")) == utc("10-24 00:30")


def test_an_hourly_tick_comes_in_both_hours_that_the_clock_shows_twice() -> None:
    cron = berlin("15 * * * *")
    assert cron.following(utc("10-24 23:20")) == utc("10-25 00:15")
    assert cron.following(utc("10-25 00:15")) == utc("10-25 01:15")
    assert cron.previous(utc("10-25 01:15")) == utc("10-25 00:15")


def test_between_includes_both_ends_and_stops_at_its_limit() -> None:
    times = RunTimes(berlin("0 0 * * *"))
    start, end = utc("03-28 23:00"), utc("03-31 22:00")
    days = [utc(d) for d in ("03-28 23:00", "03-29 22:00", "03-30 22:00")]
    assert times.between(start, end, 1_000) == [*days, end]
    assert times.between(start, end, 2) == days[:2]
    assert times.between(start, end, 0) == []
    assert times.between(end, start, 1_000) == []
    assert times.between(datetime.min.replace(tzinfo=UTC), end, 1) == [
        datetime(1899, 12, 31, 23, tzinfo=UTC) + timedelta(days=1)
    ]


def test_a_run_in_an_interval_may_bear_the_end_date_and_runs_after_it() -> None:
    fields = {"end_date": utc("03-03 00:00").timestamp(), "timezone": "UTC"}
    interval = schedule({**fields, "schedule_interval": "@daily"})
    assert interval.next(9, utc("03-02 12:00")) == [utc("03-03"), utc("03-04")]
    assert interval.dated(utc("03-04")) == utc("03-03")
    trigger = {
        "__type": "airflow.timetables.trigger.CronTriggerTimetable",
        "__var": {"expression": "@daily", "timezone": "UTC", "interval": 3600.0},
    }
    triggered = schedule({**fields, "timetable": trigger})
    assert triggered.next(9, utc("03-02 12:00")) == [utc("03-03")]
    assert triggered.dated(utc("03-03")) == utc("03-02 23:00")


def test_what_the_tasks_say_of_their_dates_bounds_a_dag_that_says_nothing() -> None:
    tasks = [
        {"__var": {"start_date": 10.0, "end_date": 50.0}},
        {"partial_kwargs": {"start_date": {"__type": "datetime", "__var": 20.0}}},
    ]
    assert span(Serialized(1, {"tasks": tasks}, {})) == (at(10), None)
    assert span(Serialized(1, {"tasks": tasks[:1]}, {})) == (at(10), at(50))
    fields = {"tasks": tasks, "start_date": 30.0, "end_date": 40.0}
    assert span(Serialized(1, fields, {})) == (at(30), at(40))


def test_once_runs_at_the_start_date_unless_it_has_run() -> None:
    fields = {"schedule_interval": "@once", "start_date": 60.0}
    assert schedule(fields).between(at(0), at(60), 9) == [at(60)]
    assert schedule(fields).following(at(60)) is None
    ran = schedule(fields, Anchors(has_scheduled_run=True))
    assert ran.between(at(0), at(60), 9) == []


def test_a_delta_counts_from_the_run_that_is_known_else_from_the_start() -> None:
    fields = {"schedule_interval": {"__type": "timedelta", "__var": 60.0}}
    assert schedule(fields, Anchors(at(7))).following(at(0)) == at(7)
    begun = {**fields, "start_date": 5.0}
    assert schedule(begun).between(at(0), at(70), 9) == [at(5), at(65)]
    with pytest.raises(Unknowable, match="no start date"):
        schedule(fields)


def timetable(name: str, **fields: Any) -> dict[str, Any]:
    return {"timetable": {"__type": f"airflow.timetables.{name}", "__var": fields}}


CRON_TRIGGER = "trigger.CronTriggerTimetable"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (timetable("simple.ContinuousTimetable"), "whenever its last run has ended"),
        ({"schedule_interval": "@continuous"}, "whenever its last run has ended"),
        (timetable("simple.AssetTriggeredTimetable"), "assets that it waits for"),
        (timetable("simple.DatasetTriggeredTimetable"), "assets that it waits for"),
        ({"schedule_interval": "Dataset"}, "assets that it waits for"),
        ({"schedule_interval": "@once"}, "no start date"),
        ({"timetable": {"__type": "lab.EveryOther", "__var": {}}}, "lab.EveryOther"),
        ({"timetable": {"__type": None, "__var": None}}, "Only the code of None"),
        (timetable("future.NewTimetable"), "does not know the timetable"),
        (timetable("assets.AssetOrTimeSchedule"), "Only the code of None"),
        (
            timetable(
                "assets.AssetOrTimeSchedule",
                **timetable("assets.AssetOrTimeSchedule", timetable={}),
            ),
            "holds one that holds another",
        ),
        (timetable("events.EventsTimetable", event_dates=[1]), "dates cannot be read"),
        (timetable("trigger.MultipleCronTriggerTimetable"), "no cron expression"),
        (timetable(CRON_TRIGGER, expression="x", timezone="UTC"), "'x' is no cron"),
        (timetable(CRON_TRIGGER, expression=None, timezone="UTC"), "no cron"),
        (timetable(CRON_TRIGGER, expression="* * * * *"), "time zone None"),
        (
            timetable(CRON_TRIGGER, expression="* * * * *", timezone="../x"),
            "time zone '../x' is not known",
        ),
        (
            timetable(CRON_TRIGGER, expression="0 0 31 2 *", timezone="UTC"),
            "matches no time within 50 years",
        ),
        (
            timetable(CRON_TRIGGER, expression="R R * * *", timezone="UTC"),
            "draws lots",
        ),
        (
            timetable(CRON_TRIGGER, expression="1," * 3_000, timezone="UTC"),
            "has 6000 characters",
        ),
        ({"schedule_interval": 0.0, "start_date": 1.0}, "time delta is 0.0 seconds"),
        ({"schedule_interval": {"__var": {"month": 2}}, "start_date": 1.0}, "lead"),
        (
            {"schedule_interval": {"__var": {"x": 2}}, "start_date": 1.0},
            "no time delta",
        ),
        ({"schedule_interval": 1e300, "start_date": 1.0}, "no time delta"),
    ],
)
def test_what_nobody_can_know_says_why(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(Unknowable, match=re.escape(why)):
        schedule(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"schedule_interval": None},
        timetable("simple.NullTimetable"),
        timetable("simple.PartitionedAtRuntime"),
        timetable("events.EventsTimetable", event_dates=[]),
    ],
)
def test_a_schedule_of_no_runs_is_known_to_be_empty(fields: dict[str, Any]) -> None:
    times = schedule(fields)
    assert times.following(at(0)) is None
    assert times.previous(at(0)) is None
    assert times.between(at(0), at(1e9), 1_000) == times.next(5, at(0)) == []


def test_assets_or_time_has_the_ticks_of_the_timetable_inside() -> None:
    inner = timetable(CRON_TRIGGER, expression="0 * * * *", timezone="UTC")
    for name in ("assets.AssetOrTimeSchedule", "datasets.DatasetOrTimeSchedule"):
        assert schedule(timetable(name, **inner)).following(at(1)) == at(3_600)


def test_a_partition_bears_the_date_of_a_tick_as_far_away_as_its_offset() -> None:
    name = "trigger.CronPartitionTimetable"
    for offset, day in ((-2, "03-01"), (0, "03-03"), (1, "03-04"), (None, "03-03")):
        fields = {"expression": "@daily", "timezone": "UTC", "run_offset": offset}
        assert schedule(timetable(name, **fields)).dated(utc("03-03")) == utc(day)


@pytest.mark.parametrize("year", [1, 2, 9998, 9999])
@pytest.mark.parametrize(
    "fields",
    [
        timetable(CRON_TRIGGER, expression="0 0 29 2 1", timezone="Asia/Tokyo"),
        timetable(CRON_TRIGGER, expression="0 * * * *", timezone="America/New_York"),
        {"schedule_interval": 86_400.0, "start_date": 1.0},
        {"schedule_interval": {"__var": {"months": 1}}, "start_date": 1.0},
    ],
)
def test_the_ends_of_the_calendar_are_no_mistake(
    fields: dict[str, Any], year: int
) -> None:
    times = schedule(fields)
    ends = [datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, tzinfo=UTC)]
    for end in ends:
        following, previous = times.following(end), times.previous(end)
        assert following is None or following > end
        assert previous is None or previous < end
        assert len(times.between(end, ends[-1], 3)) <= 3


def test_calendar_steps_end_500_years_of_months_from_the_anchor() -> None:
    times = schedule({"schedule_interval": {"__var": {"months": 1}}, "start_date": 0})
    far = [datetime(year, 6, 1, tzinfo=UTC) for year in (1400, 1500, 2400, 2600)]
    first = datetime(1970, 2, 1, tzinfo=UTC)
    for _ in range(2):
        assert times.following(far[0]) is None
        assert times.following(far[1]) == datetime(1500, 7, 1, tzinfo=UTC)
        assert times.previous(far[3]) is None
        assert times.previous(far[2]) == datetime(2400, 5, 1, tzinfo=UTC)
        assert times.following(at(1)) == first


@pytest.mark.parametrize(
    "stored",
    [
        {"weekday": 2},
        {"weekday": []},
        {"weekday": [7]},
        {"weekday": [[1]]},
        {"day": "x"},
        {"days": None},
        {"months": True},
        {"months": 1.5},
        {},
        [],
        "1 day",
    ],
)
def test_what_no_relativedelta_is_stored_as_is_none(stored: object) -> None:
    with pytest.raises(Unknowable, match="no time delta"):
        delta_of(stored)
