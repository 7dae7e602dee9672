import json
from typing import Any

import pytest

from metadb.timetable import Timetable, described
from tests.support.structures import source

OWN = "airflow.timetables."


def stored(path: str, **fields: Any) -> dict[str, Any]:
    return {"__type": path, "__var": fields}


def of(timetable: object, **more: Any) -> Timetable:
    """The schedule of a structure whose row tells nothing."""
    found = source([], timetable=timetable, **more)
    return described(found, summary=None, timetable_type=None)


CRON = {"expression": "30 6 * * 1-5", "timezone": "Europe/Berlin"}
CRON_TICKS = {"cron": ("30 6 * * 1-5",), "timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("name", "fields", "kind", "ticks"),
    [
        ("simple.NullTimetable", {}, "NONE", {}),
        ("simple.PartitionedAtRuntime", {}, "NONE", {}),
        ("simple.OnceTimetable", {}, "ONCE", {}),
        ("simple.ContinuousTimetable", {}, "CONTINUOUS", {}),
        ("events.EventsTimetable", {"event_dates": []}, "EVENTS", {}),
        ("simple.AssetTriggeredTimetable", {}, "ASSET", {}),
        ("simple.DatasetTriggeredTimetable", {}, "ASSET", {}),
        ("simple.PartitionedAssetTimetable", {}, "ASSET", {}),
        ("interval.CronDataIntervalTimetable", CRON, "CRON", CRON_TICKS),
        ("trigger.CronTriggerTimetable", CRON, "CRON", CRON_TICKS),
        ("trigger.CronPartitionTimetable", CRON, "CRON", CRON_TICKS),
        (
            "trigger.MultipleCronTriggerTimetable",
            {"expressions": ["@daily", "0 5 * * *"], "timezone": 3600},
            "CRON",
            {"cron": ("0 0 * * *", "0 5 * * *"), "timezone": "+01:00"},
        ),
        (
            "interval.DeltaDataIntervalTimetable",
            {"delta": 21600.0},
            "DELTA",
            {"delta_seconds": 21600.0},
        ),
        (
            "trigger.DeltaTriggerTimetable",
            {"delta": {"months": 1}},
            "DELTA",
            {"relative_delta": {"months": 1}},
        ),
        (
            "trigger.DeltaTriggerTimetable",
            {"delta": {"days": 7}},
            "DELTA",
            {"relative_delta": {"days": 7}, "delta_seconds": 604800.0},
        ),
        (
            "assets.AssetOrTimeSchedule",
            {"timetable": stored(f"{OWN}trigger.CronTriggerTimetable", **CRON)},
            "ASSET_OR_TIME",
            CRON_TICKS,
        ),
        (
            "datasets.DatasetOrTimeSchedule",
            {"timetable": stored(f"{OWN}interval.X", delta=5)},
            "ASSET_OR_TIME",
            {"delta_seconds": 5.0},
        ),
        ("later.OneThatIsNotKnownYet", CRON, "UNKNOWN", {}),
    ],
)
def test_a_stored_timetable_is_known_by_its_class(
    name: str, fields: dict[str, Any], kind: str, ticks: dict[str, Any]
) -> None:
    found = of(stored(f"{OWN}{name}", **fields))

    expected = Timetable(kind, None, name.rpartition(".")[2], **ticks)
    assert found == expected


def test_a_class_that_is_not_airflows_is_custom() -> None:
    found = of(stored("lab_timetable.EveryOther", expression="0 0 * * *"))

    assert found == Timetable("CUSTOM", None, "lab_timetable.EveryOther")


@pytest.mark.parametrize(
    ("interval", "kind", "name", "ticks"),
    [
        (None, "NONE", "NullTimetable", {}),
        ("@once", "ONCE", "OnceTimetable", {}),
        (
            "@weekly",
            "CRON",
            "CronDataIntervalTimetable",
            {"cron": ("0 0 * * 0",), "timezone": "Europe/Berlin"},
        ),
        (
            {"__type": "timedelta", "__var": 90.0},
            "DELTA",
            "DeltaDataIntervalTimetable",
            {"delta_seconds": 90.0},
        ),
        (
            {"__type": "relativedelta", "__var": {"months": 1}},
            "DELTA",
            "DeltaDataIntervalTimetable",
            {"relative_delta": {"months": 1}},
        ),
    ],
)
def test_airflow_2_may_have_a_plain_interval_in_its_place(
    interval: object, kind: str, name: str, ticks: dict[str, Any]
) -> None:
    found = source([], version=1, schedule_interval=interval, timezone="Europe/Berlin")

    schedule = described(found, summary=None, timetable_type=None)

    assert schedule == Timetable(kind, None, name, **ticks)


@pytest.mark.parametrize(
    ("summary", "kind", "shown", "name"),
    [
        ("", "UNKNOWN", None, None),
        ("null", "NONE", None, "NullTimetable"),
        ("None", "NONE", None, "NullTimetable"),
        ('"None"', "NONE", None, "NullTimetable"),
        ("@once", "ONCE", "@once", "OnceTimetable"),
        ('"@continuous"', "CONTINUOUS", "@continuous", "ContinuousTimetable"),
        ('"@daily"', "CRON", "@daily", "CronDataIntervalTimetable"),
        ("0 0 * * *", "CRON", "0 0 * * *", None),
        ("10 8 * * *, 20 9 * * 1", "CRON", "10 8 * * *, 20 9 * * 1", None),
        ("Asset", "ASSET", "Asset", "AssetTriggeredTimetable"),
        ('"Dataset"', "ASSET", "Dataset", "DatasetTriggeredTimetable"),
        (
            "Asset or 0 5 * * *",
            "ASSET_OR_TIME",
            "Asset or 0 5 * * *",
            "AssetOrTimeSchedule",
        ),
        ('"2 events"', "EVENTS", "2 events", "EventsTimetable"),
        ('"2 Events"', "EVENTS", "2 Events", "EventsTimetable"),
        ("6:00:00", "DELTA", "6:00:00", None),
        ("1 day, 0:00:00", "DELTA", "1 day, 0:00:00", None),
        ("relativedelta(months=+1)", "DELTA", "relativedelta(months=+1)", None),
        ("EveryOtherTimetable", "UNKNOWN", "EveryOtherTimetable", None),
        ("Two days of November", "UNKNOWN", "Two days of November", None),
        ('"not JSON', "UNKNOWN", '"not JSON', None),
        ("[1]", "UNKNOWN", "[1]", None),
        ('{"type": "odd"}', "UNKNOWN", '{"type": "odd"}', None),
    ],
)
def test_without_a_structure_the_rows_text_settles_what_it_can(
    summary: str, kind: str, shown: str | None, name: str | None
) -> None:
    found = described(None, summary=summary, timetable_type=None)

    assert (found.kind, found.summary, found.timetable_type) == (kind, shown, name)


@pytest.mark.parametrize(
    ("kind", "attributes", "shown", "ticks"),
    [
        (
            "timedelta",
            {"days": 1, "seconds": 3600, "microseconds": 0},
            "1 day, 1:00:00",
            {"delta_seconds": 90_000.0},
        ),
        (
            "relativedelta",
            {"years": 0, "months": 1, "day": None, "hours": 2},
            "relativedelta(months=+1, hours=+2)",
            {"relative_delta": {"months": 1, "hours": 2}},
        ),
    ],
)
def test_airflow_2_writes_a_delta_into_the_row_as_an_object(
    kind: str, attributes: dict[str, Any], shown: str, ticks: dict[str, Any]
) -> None:
    text = json.dumps({"type": kind, "attrs": attributes})

    found = described(None, summary=text, timetable_type=None)

    assert found == Timetable("DELTA", shown, "DeltaDataIntervalTimetable", **ticks)


def test_the_rows_class_is_believed_and_its_text_shown() -> None:
    found = described(None, summary="anything", timetable_type="EventsTimetable")

    assert found == Timetable("EVENTS", "anything", "EventsTimetable")


def test_a_summary_that_looks_like_another_timetables_does_not_mislead() -> None:
    found = described(None, summary="0 0 * * *", timetable_type="lab.EveryOther")

    assert found == Timetable("CUSTOM", "0 0 * * *", "lab.EveryOther")


@pytest.mark.parametrize(
    "timetable",
    [
        5,
        [],
        {},
        {"__type": ["x"], "__var": "y"},
        stored(f"{OWN}trigger.CronTriggerTimetable", expression={"a": 1}),
        stored(f"{OWN}trigger.MultipleCronTriggerTimetable", expressions="* * * * *"),
        stored(f"{OWN}trigger.DeltaTriggerTimetable", delta={"months": "many"}),
        stored(f"{OWN}trigger.DeltaTriggerTimetable", delta=1e300),
        stored(f"{OWN}assets.AssetOrTimeSchedule", timetable=[5]),
    ],
)
def test_what_airflow_never_writes_has_no_ticks(timetable: object) -> None:
    assert of(timetable)[3:] == ((), None, None, None)


def test_attributes_that_make_no_delta_are_shown_as_they_are() -> None:
    for attributes in ({"days": "x"}, {"days": 10**400}, {"odd": 1}, 5):
        text = json.dumps({"type": "relativedelta", "attrs": attributes})

        found = described(None, summary=text, timetable_type=None)

        assert found == Timetable("UNKNOWN", text, None)
