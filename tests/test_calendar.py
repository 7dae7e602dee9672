"""How many runs fall into each day or hour of a time zone."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dagway.operation import opened
from metadb.formats import instant_text
from tests.support import seed
from tests.support.databases import Databases, stored_names
from tests.support.documents import view
from tests.support.gateways import Asking

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AUTUMN = datetime(2025, 10, 25, 22, tzinfo=UTC)
"""Midnight in Berlin, where the day has 25 hours."""
FUTURE = datetime(2099, 3, 28, 23, tzinfo=UTC)
"""Midnight in Berlin; the next day has 23 hours."""
CALENDAR = """query ($dagId: ID!, $granularity: CalendarGranularity! = DAY,
        $since: DateTime, $until: DateTime, $timezone: String! = "UTC") {
    dag(dagId: $dagId) { calendar(granularity: $granularity, since: $since,
        until: $until, timezone: $timezone) { start state isPlanned count } } }"""


def cron(expression: str, **fields: Any) -> dict[str, object]:
    return {
        "timetable": {
            "__type": "airflow.timetables.trigger.CronTriggerTimetable",
            "__var": {
                "expression": expression,
                "timezone": "Europe/Berlin",
                "interval": 0.0,
                "run_immediately": False,
                **fields,
            },
        }
    }


def interval(expression: str) -> dict[str, object]:
    fields = {"expression": expression, "timezone": "Europe/Berlin"}
    kind = "airflow.timetables.interval.CronDataIntervalTimetable"
    return {"timetable": {"__type": kind, "__var": fields}}


def a_dag(dag_id: str, schedule: dict[str, object], **columns: seed.Value) -> str:
    data = seed.serialized(dag_id, {}, **schedule)
    return seed.insert("dag", [{"dag_id": dag_id, **columns}]) + seed.version(
        dag_id, data
    )


SCRIPT = "\n".join(
    [
        a_dag("autumn", {}, is_paused=True),
        *(
            seed.run("autumn", f"r{hour:02}", AUTUMN + hour * HOUR)
            for hour in range(-1, 26)
        ),
        a_dag("dated", {}, is_paused=True),
        seed.run("dated", "late", AUTUMN + DAY, logical_date=AUTUMN),
        seed.run("dated", "none", AUTUMN, logical_date=None, state="failed"),
        seed.run(
            "dated", "part", AUTUMN, partition_date=AUTUMN - DAY, logical_date=None
        ),
        seed.run("dated", "odd", AUTUMN, logical_date=AUTUMN + HOUR, state="new"),
        a_dag("planned", cron("0 */6 * * *")),
        a_dag("paused", cron("0 */6 * * *"), is_paused=True),
        a_dag("stale", cron("0 */6 * * *"), is_stale=True),
        a_dag("ahead", cron("0 */6 * * *")),
        seed.run("ahead", "newest", FUTURE + 7 * HOUR),
        a_dag("interval", interval("0 0 * * *")),
        a_dag("shifted", cron("0 0 * * *", interval=7_200.0)),
        a_dag("ending", {**cron("0 0 * * *"), "end_date": FUTURE.timestamp()}),
        a_dag("seconds", cron("* * * * * *")),
    ]
)


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """Databases of both backends with runs around changes of the clock."""
    return databases.seeded(SCRIPT)


@pytest.fixture(params=["sqlite", "postgresql"])
async def told(
    request: pytest.FixtureRequest, addresses: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks a gateway on one of them."""
    async with opened(addresses[request.param]) as gateway:
        yield Asking(gateway)


async def buckets(ask: Asking, dag_id: str, **variables: Any) -> list[tuple[Any, ...]]:
    """(start, state, count) of a calendar; the state of planned ones is PLANNED."""
    given = {
        k: instant_text(v) if k in {"since", "until"} else v
        for k, v in variables.items()
    }
    found = await ask(CALENDAR, {"dagId": dag_id, **given})
    return [
        (
            datetime.fromisoformat(bucket["start"]),
            "PLANNED" if bucket["isPlanned"] else bucket["state"],
            bucket["count"],
        )
        for bucket in found["dag"]["calendar"]
    ]


async def test_a_day_on_which_the_clock_is_set_back_has_25_hours(told: Asking) -> None:
    berlin = {"timezone": "Europe/Berlin", "since": AUTUMN - DAY}
    by_day = await buckets(told, "autumn", until=AUTUMN + 2 * DAY, **berlin)
    assert by_day == [
        (AUTUMN - DAY, "SUCCESS", 1),
        (AUTUMN, "SUCCESS", 25),
        (AUTUMN + 25 * HOUR, "SUCCESS", 1),
    ]
    by_hour = await buckets(
        told, "autumn", until=AUTUMN + 2 * DAY, granularity="HOUR", **berlin
    )
    assert by_hour == [(AUTUMN + n * HOUR, "SUCCESS", 1) for n in range(-1, 26)]


async def test_zones_may_differ_by_half_an_hour_and_by_a_quarter(told: Asking) -> None:
    around = {"since": AUTUMN, "until": AUTUMN + 2 * HOUR, "granularity": "HOUR"}
    kathmandu = await buckets(told, "autumn", timezone="Asia/Kathmandu", **around)
    quarter = timedelta(minutes=15)
    assert kathmandu == [
        (AUTUMN - 3 * quarter, "SUCCESS", 1),
        (AUTUMN + quarter, "SUCCESS", 1),
    ]
    howe = await buckets(told, "autumn", timezone="Australia/Lord_Howe", **around)
    assert howe == [(AUTUMN, "SUCCESS", 1), (AUTUMN + HOUR, "SUCCESS", 1)]


async def test_since_is_included_and_until_is_not(told: Asking) -> None:
    utc_day = AUTUMN.replace(hour=0)
    moment = timedelta(microseconds=1)
    assert await buckets(told, "autumn", since=AUTUMN, until=AUTUMN + HOUR) == [
        (utc_day, "SUCCESS", 1)
    ]
    assert await buckets(
        told, "autumn", since=AUTUMN, until=AUTUMN + HOUR + moment
    ) == [(utc_day, "SUCCESS", 2)]
    assert (
        await buckets(told, "autumn", since=AUTUMN + moment, until=AUTUMN + HOUR) == []
    )


async def test_a_run_counts_at_its_partitions_date_else_its_logical_date(
    told: Asking,
) -> None:
    found = await buckets(
        told,
        "dated",
        since=AUTUMN - 2 * DAY,
        until=AUTUMN + 2 * DAY,
        granularity="HOUR",
    )
    assert found == [
        (AUTUMN - DAY, "SUCCESS", 1),
        (AUTUMN, "FAILED", 1),
        (AUTUMN, "SUCCESS", 1),
        (AUTUMN + HOUR, "OTHER", 1),
    ]


async def test_runs_to_come_are_planned_unless_the_dag_is_paused_or_stale(
    told: Asking,
) -> None:
    window = {"since": FUTURE, "until": FUTURE + 47 * HOUR, "timezone": "Europe/Berlin"}
    assert await buckets(told, "planned", **window) == [
        (FUTURE, "PLANNED", 4),
        (FUTURE + 23 * HOUR, "PLANNED", 4),
    ]
    assert await buckets(told, "paused", **window) == []
    assert await buckets(told, "stale", **window) == []


async def test_runs_are_planned_after_the_newest_that_there_is(told: Asking) -> None:
    found = await buckets(
        told,
        "ahead",
        since=FUTURE,
        until=FUTURE + DAY,
        granularity="HOUR",
        timezone="Europe/Berlin",
    )
    assert found == [
        (FUTURE + 7 * HOUR, "SUCCESS", 1),
        (FUTURE + 11 * HOUR, "PLANNED", 1),
        (FUTURE + 17 * HOUR, "PLANNED", 1),
        (FUTURE + 23 * HOUR, "PLANNED", 1),
    ]


async def test_planned_runs_are_drawn_at_the_date_that_they_will_have(
    told: Asking,
) -> None:
    window = {"since": FUTURE, "until": FUTURE + 24 * HOUR, "granularity": "HOUR"}
    assert await buckets(told, "interval", **window) == [
        (FUTURE, "PLANNED", 1),
        (FUTURE + 23 * HOUR, "PLANNED", 1),
    ]
    assert await buckets(told, "shifted", **window) == [
        (FUTURE + 21 * HOUR, "PLANNED", 1)
    ]
    assert await buckets(told, "ending", **window) == [(FUTURE, "PLANNED", 1)]


async def test_no_more_than_100000_runs_are_planned(told: Asking) -> None:
    found = await buckets(told, "seconds", since=FUTURE, timezone="Europe/Berlin")
    assert found == [
        (FUTURE, "PLANNED", 82_800),
        (FUTURE + 23 * HOUR, "PLANNED", 17_200),
    ]


async def test_of_several_dags_only_the_runs_that_there_are_are_counted(
    told: Asking,
) -> None:
    found = await told(
        """query ($since: DateTime) {
            dags(filter: {dagId: {in: ["ahead", "planned"]}}) { nodes { dagId
                calendar(since: $since) { isPlanned count } } } }""",
        since=instant_text(FUTURE),
    )
    assert found["dags"]["nodes"] == [
        {"dagId": "ahead", "calendar": [{"isPlanned": False, "count": 1}]},
        {"dagId": "planned", "calendar": []},
    ]


@pytest.mark.parametrize("granularity", ["DAY", "HOUR"])
async def test_without_a_window_it_is_the_current_year_or_month(
    told: Asking, granularity: str
) -> None:
    found = await buckets(
        told, "planned", granularity=granularity, timezone="Europe/Berlin"
    )
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert found
    for start, state, _ in found:
        local = start.astimezone(ZoneInfo("Europe/Berlin"))
        assert state == "PLANNED"
        assert local.year == now.year
        assert granularity == "DAY" or local.month == now.month


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ('timezone: "Mars/Olympus"', "The time zone 'Mars/Olympus' is not known here."),
        ('timezone: "../../etc"', "The time zone '../../etc' is not known here."),
        (
            'since: "2025-01-01T00:00:00Z", until: "2026-01-02T00:00:01Z"',
            "more than 366 days",
        ),
        (
            """granularity: HOUR, timezone: "Europe/Berlin",
               since: "2026-10-01T00:00:00+02:00", until: "2026-11-01T00:00:01+01:00"
            """,
            "more than 31 days, which are the most by HOUR",
        ),
        ('until: "0001-01-01T00:00:00Z"', "where the calendar ends"),
        ('since: "9999-12-31T00:00:00Z"', "where the calendar ends"),
    ],
)
async def test_a_window_out_of_bounds_ends_its_root_field_only(
    ask: Asking, arguments: str, says: str
) -> None:
    (error,) = await ask.errors(
        f"""{{ bad: dag(dagId: "fx_schedule_daily") {{
            dagId calendar({arguments}) {{ count }} }}
            good: dag(dagId: "fx_schedule_daily") {{ dagId }} }}"""
    )
    assert error["path"] == ["bad"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert says in error["message"]
    assert ask.answer.data == {"bad": None, "good": {"dagId": "fx_schedule_daily"}}


async def test_31_days_by_hour_may_hold_the_hour_that_comes_twice(ask: Asking) -> None:
    found = await ask(
        """{ dag(dagId: "fx_schedule_cron_berlin") { calendar(granularity: HOUR,
            since: "2026-10-01T00:00:00+02:00", until: "2026-11-01T00:00:00+01:00",
            timezone: "Europe/Berlin") { start count } } }"""
    )
    assert {"start": "2026-10-26T05:00:00Z", "count": 1} in found["dag"]["calendar"]


@pytest.mark.parametrize("name", stored_names())
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Apia"])
async def test_every_run_of_a_database_is_in_the_calendar_once(
    ask: Asking, zone: str
) -> None:
    listed = await ask(
        """query ($zone: String!) { dags(first: 1000) { nodes { dagId
            runs(first: 100) { nodes { state logicalDate runAfter partitionDate } }
            calendar(since: "2026-01-01T00:00:00Z", timezone: $zone) {
                start state count } } } }""",
        zone=zone,
    )
    total = 0
    for dag in listed["dags"]["nodes"]:
        expected: Counter[tuple[str, str]] = Counter()
        for run in dag["runs"]["nodes"]:
            date = run["partitionDate"] or run["logicalDate"] or run["runAfter"]
            local = datetime.fromisoformat(date).astimezone(ZoneInfo(zone))
            expected[local.date().isoformat(), run["state"]] += 1
        counted: Counter[tuple[str, str]] = Counter()
        for bucket in dag["calendar"]:
            start = datetime.fromisoformat(bucket["start"]).astimezone(ZoneInfo(zone))
            assert start.hour == start.minute == 0
            counted[start.date().isoformat(), bucket["state"]] += bucket["count"]
        assert counted == expected, dag["dagId"]
        total += counted.total()
    assert total > 50


async def test_the_calendar_of_60_runs_takes_as_many_statements_as_that_of_two(
    seeded: Asking,
) -> None:
    window = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    many = await seeded(view("calendar"), dagId="small_0000", **window)
    assert sum(bucket["count"] for bucket in many["dag"]["calendar"]) == 60
    assert seeded.statements == 5

    few = await seeded(view("calendar"), dagId="large_0000", **window)
    assert sum(bucket["count"] for bucket in few["dag"]["calendar"]) == 2
    assert seeded.statements == 5


async def test_calendars_of_100_dags_take_as_many_statements_as_one(
    seeded: Asking,
) -> None:
    document = """query ($first: Int) {
        dags(first: $first, filter: {dagId: {startsWith: "many"}}) { nodes {
            calendar(since: "2026-01-01T00:00:00Z") { count } } } }"""
    await seeded(document, first=2)
    assert seeded.statements == 2
    many = await seeded(document, first=100)
    assert len(many["dags"]["nodes"]) == 100
    assert seeded.statements == 2


@pytest.mark.parametrize("name", stored_names())
async def test_every_version_plans_the_weeks_of_a_year_to_come(ask: Asking) -> None:
    window = {"since": "2030-01-01T00:00:00Z", "until": "2031-01-01T00:00:00Z"}
    found = await ask(
        """query ($since: DateTime, $until: DateTime) {
            dag(dagId: "fx_schedule_weekly") { isPaused
                calendar(since: $since, until: $until) { start isPlanned count } } }""",
        window,
    )
    sundays = [datetime(2030, 1, 6, tzinfo=UTC) + n * 7 * DAY for n in range(52)]
    planned = [
        {"start": instant_text(sunday), "isPlanned": True, "count": 1}
        for sunday in sundays
    ]
    assert found["dag"]["calendar"] == ([] if found["dag"]["isPaused"] else planned)
