"""When DAGs run, as their databases tell it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dagway.operation import opened
from metadb.session import Bounds
from tests.support import seed
from tests.support.databases import Databases, stored_names
from tests.support.documents import view
from tests.support.gateways import Asking

MOMENT = timedelta(microseconds=1)
TICKS = {"CRON", "DELTA", "EVENTS"}
ORACLE = view("schedule")
SPAN = {
    "after": "2026-03-29T12:00:00Z",
    "start": "2026-03-28T00:00:00Z",
    "end": "2026-03-30T12:00:00Z",
}


async def schedule(ask: Asking, dag_id: str, **variables: Any) -> dict[str, Any]:
    """What the schedule of a DAG says to the view's document."""
    found = await ask(ORACLE, {"dagId": dag_id, **SPAN, **variables})
    said: dict[str, Any] = found["dag"]["schedule"]
    return said


@pytest.mark.parametrize("name", stored_names())
async def test_the_runs_that_a_scheduler_made_and_will_make_are_run_times(
    ask: Asking,
) -> None:
    listed = await ask(
        """{ dags(first: 50, filter: {dagId: {startsWith: "fx_schedule"}}) { nodes {
             dagId nextRun { runAfter } schedule { kind unknowable }
             runs(filter: {runTypeIn: [SCHEDULED]}) { nodes { runAfter } }
        } } }"""
    )
    checked = set()
    for dag in listed["dags"]["nodes"]:
        told = dag["schedule"]
        if told["kind"] not in TICKS or told["unknowable"] is not None:
            continue
        runs = [run["runAfter"] for run in dag["runs"]["nodes"]]
        if told["kind"] == "DELTA":  # its grid moves with where the scheduler was
            runs = []
        upcoming = dag["nextRun"] and dag["nextRun"]["runAfter"]
        for tick in [*runs, upcoming] if upcoming else runs:
            before = datetime.fromisoformat(tick) - MOMENT
            given = {"start": tick, "end": tick, "after": before.isoformat()}
            said = await schedule(ask, dag["dagId"], **given)
            assert said["between"] == [tick], dag["dagId"]
            assert said["following"] == tick, dag["dagId"]
            checked.add(told["kind"])
    assert checked >= {"CRON", "DELTA"}


@pytest.mark.parametrize(
    "name", ["3.3.2-sqlite", "3.3.2-postgresql", "2.11.2-postgresql"]
)
async def test_a_cron_in_berlin_keeps_its_hour_when_the_clock_is_set_forward(
    ask: Asking,
) -> None:
    said = await schedule(ask, "fx_schedule_cron_interval")

    assert said["kind"] == "CRON"
    assert said["cron"] == ["15 2 * * *"]
    assert said["timezone"] == "Europe/Berlin"
    assert said["unknowable"] is None
    assert said["following"] == "2026-03-30T00:15:00Z"
    assert said["previous"] == "2026-03-29T01:15:00Z"
    assert said["between"] == [
        "2026-03-28T01:15:00Z",
        "2026-03-29T01:15:00Z",
        "2026-03-30T00:15:00Z",
    ]
    first, *rest = map(datetime.fromisoformat, said["next"])
    assert len(rest) == 4
    assert first > datetime.fromisoformat("2026-11-22T00:00:00Z")
    assert rest[-1] - first == timedelta(days=4)


@pytest.mark.parametrize(
    "name", ["3.3.2-sqlite", "3.3.2-postgresql", "2.11.2-postgresql"]
)
async def test_schedules_without_times_are_empty_or_say_why(ask: Asking) -> None:
    nothing: dict[str, Any] = {
        "following": None,
        "previous": None,
        "between": [],
        "next": [],
    }
    for dag_id, kind, why in (
        ("fx_schedule_none", "NONE", None),
        ("fx_schedule_once", "ONCE", None),
        ("fx_schedule_continuous", "CONTINUOUS", "whenever its last run has ended"),
    ):
        said = await schedule(ask, dag_id)
        assert said["kind"] == kind
        assert {name: said[name] for name in nothing} == nothing
        if why is None:
            assert said["unknowable"] is None
        else:
            assert why in said["unknowable"]


async def test_nothing_is_next_once_the_end_date_is_past(ask: Asking) -> None:
    said = await schedule(ask, "fx_schedule_daily")
    assert said["next"] == []
    assert said["following"] == "2026-03-30T00:00:00Z"


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("next(count: 0)", "count is 0; 1 or more is allowed."),
        ("between(start: $at, end: $at, limit: -1)", "limit is -1; 0 or more is"),
    ],
)
async def test_an_argument_out_of_bounds_ends_its_root_field_only(
    ask: Asking, field: str, says: str
) -> None:
    document = f"""query ($at: DateTime = "2026-01-01T00:00:00Z") {{
        bad: dag(dagId: "fx_schedule_daily") {{ schedule {{ kind {field} }} }}
        good: dag(dagId: "fx_schedule_daily") {{ schedule {{
            between(start: $at, end: $at, limit: 0) }} }} }}"""
    (error,) = await ask.errors(document)
    assert error["path"] == ["bad"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert says in error["message"]
    assert ask.answer.data == {"bad": None, "good": {"schedule": {"between": []}}}


async def test_aliases_ask_one_field_of_one_schedule_for_several_things(
    ask: Asking,
) -> None:
    found = await ask(
        """{ dag(dagId: "fx_schedule_weekly") { schedule {
             a: following(after: "2026-03-01T00:00:00Z")
             b: following(after: "2026-03-08T02:00:00+02:00")
             c: next(count: 1) } } }"""
    )
    said = found["dag"]["schedule"]
    assert said["a"] == "2026-03-08T00:00:00Z"
    assert said["b"] == "2026-03-15T00:00:00Z"
    assert len(said["c"]) == 1
    assert ask.statements == 3


async def test_the_schedules_of_all_dags_take_as_many_statements_as_one(
    ask: Asking,
) -> None:
    document = """query ($first: Int) {
        dags(first: $first, filter: {dagId: {startsWith: "fx_schedule"}}) { nodes {
            schedule { unknowable next previous(before: "2026-01-01T00:00:00Z") }
        } } }"""
    one = await ask(document, first=1)
    assert len(one["dags"]["nodes"]) == 1
    assert ask.statements == 3

    many = await ask(document, first=100)
    assert len(many["dags"]["nodes"]) == 19
    assert ask.statements == 3


@pytest.fixture
async def asleep(databases: Databases) -> AsyncIterator[Asking]:
    """A database with DAGs that Airflow has not parsed since it was upgraded."""
    address = databases.copy("3.3.2-sqlite")
    rows = [
        {"dag_id": "cron", "timetable_type": "", "timetable_summary": "0 0 * * *"},
        {"dag_id": "none", "timetable_type": "", "timetable_summary": "null"},
    ]
    databases.write(address, seed.insert("dag", rows))
    async with opened(address) as gateway:
        yield Asking(gateway)


async def test_without_a_structure_only_having_no_schedule_is_known(
    asleep: Asking,
) -> None:
    cron = await schedule(asleep, "cron")
    assert cron["unknowable"] == "The database holds no structure of this DAG."
    assert cron["following"] is None
    assert cron["next"] == []
    none = await schedule(asleep, "none")
    assert none["unknowable"] is None
    assert none["next"] == []


async def test_many_run_times_of_many_dags_use_up_the_budget(
    databases: Databases,
) -> None:
    fields = " ".join(f"f{number}: next(count: {100 - number})" for number in range(20))
    bounds = Bounds(rows=1_500)
    async with opened(databases.address("3.3.2-sqlite"), bounds=bounds) as gateway:
        ask = Asking(gateway)
        document = (
            f'{{ dag(dagId: "fx_schedule_hourly") {{ schedule {{ {fields} }} }} }}'
        )
        (error,) = await ask.errors(document)
    assert error["extensions"] == {"code": "NODE_LIMIT", "limit": "rows"}


async def test_the_view_of_a_dag_takes_three_statements_whatever_its_size(
    seeded: Asking,
) -> None:
    for dag_id in ("small_0000", "large_0000", "many_0000"):
        said = await schedule(seeded, dag_id)
        assert said["kind"] == "NONE"
        assert said["unknowable"] is None
        assert seeded.statements == 3
