"""What must hold of the demo's rows among each other, as it does of Airflow's."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from metadb.serialized import decoded
from metadb.structure import Structure
from tests.dagway.demo.conftest import NOW

Row = Mapping[str, Any]

BAD = {"failed", "upstream_failed"}
DONE = {*BAD, "success", "skipped", "removed"}
AT_WORK = {"running", "deferred", "awaiting_input"}
NOW_TEXT = NOW.replace(tzinfo=None).isoformat(" ", "microseconds")


def rows(database: sqlite3.Connection, statement: str) -> list[Row]:
    return [dict(row) for row in database.execute(statement)]


@pytest.fixture
def structures(database: sqlite3.Connection) -> dict[str, Structure]:
    """The structure of each version, by the version's id."""
    return {
        row["dag_version_id"]: Structure.of(
            decoded(row["data"]), name=row["dag_version_id"], version_number=1
        )
        for row in rows(database, "SELECT dag_version_id, data FROM serialized_dag")
    }


@pytest.fixture
def instances(database: sqlite3.Connection) -> list[Row]:
    return rows(database, "SELECT * FROM task_instance")


Runs = list[tuple[Row, Structure, dict[str, list[Row]]]]


@pytest.fixture
def runs(
    database: sqlite3.Connection,
    structures: dict[str, Structure],
    instances: list[Row],
) -> Runs:
    """Each run, the newest structure that its instances ran, and those by task."""
    by_run: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for one in instances:
        by_run[one["dag_id"], one["run_id"]].append(one)
    number = {
        row["id"]: row["version_number"]
        for row in rows(database, "SELECT id, version_number FROM dag_version")
    }
    found: Runs = []
    for run in rows(database, "SELECT * FROM dag_run"):
        inside = by_run[run["dag_id"], run["run_id"]]
        newest = max((one["dag_version_id"] for one in inside), key=number.__getitem__)
        by_task: dict[str, list[Row]] = defaultdict(list)
        for one in inside:
            if one["state"] != "removed":
                by_task[one["task_id"]].append(one)
        found.append((run, structures[newest], by_task))
    return found


def test_no_row_refers_to_one_that_is_not_there(database: sqlite3.Connection) -> None:
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_every_instance_belongs_to_a_version_of_its_dag_that_has_its_task(
    instances: list[Row], structures: dict[str, Structure]
) -> None:
    for one in instances:
        structure = structures[one["dag_version_id"]]
        task = structure.tasks[one["task_id"]]
        assert task.dag_id == one["dag_id"]
        assert task.task_type == one["operator"]
        assert task.operator_name == one["custom_operator_name"]
        assert task.display_name == one["task_display_name"]
        assert (task.pool, task.pool_slots) == (one["pool"], one["pool_slots"])
        assert task.queue == one["queue"]
        assert task.retries == one["max_tries"]


def test_every_run_has_an_instance_of_each_of_its_tasks(runs: Runs) -> None:
    for _, structure, by_task in runs:
        assert by_task.keys() == structure.tasks.keys()


def test_mapped_instances_are_numbered_from_0_or_one_waits_or_was_skipped(
    runs: Runs,
) -> None:
    counts = set()
    for _, structure, by_task in runs:
        for task_id, some in by_task.items():
            indexes = sorted(one["map_index"] for one in some)
            if not structure.tasks[task_id].is_mapped or indexes == [-1]:
                assert indexes == [-1]
            else:
                assert indexes == list(range(len(some)))
                counts.add(len(some))
    assert len(counts) >= 4


def test_a_runs_state_follows_from_its_instances(runs: Runs) -> None:
    for run, structure, by_task in runs:
        states = {one["state"] for some in by_task.values() for one in some}
        if run["state"] in {"running", "queued"}:
            assert states - DONE
            continue
        assert states <= DONE
        last = {
            one["state"]
            for task_id, some in by_task.items()
            if is_last(structure, task_id)
            for one in some
        }
        assert run["state"] == ("failed" if last & BAD else "success")


def is_last(structure: Structure, task_id: str) -> bool:
    after = structure.joined.downstream.get(task_id, ())
    return not structure.tasks[task_id].is_teardown and all(
        structure.tasks[other].is_teardown for other in after
    )


def test_trigger_rules_hold(runs: Runs) -> None:
    seen = set()
    for _, structure, by_task in runs:
        passed_over = {
            after.task_id
            for task in structure.tasks.values()
            if task.can_skip_downstream
            for after in structure.neighbours(task.task_id, -1, upstream=False)
        }
        for task_id, some in by_task.items():
            before = [
                one["state"]
                for other in structure.joined.upstream.get(task_id, ())
                for one in by_task[other]
            ]
            rule = structure.tasks[task_id].trigger_rule
            if structure.tasks[task_id].group_id == "per_shop":
                continue  # iterations go side by side: there is a test for them
            for one in some:
                seen.add((rule, one["state"]))
                if one["state"] != "skipped" or task_id not in passed_over:
                    check_rule(rule, one["state"], before)
    assert ("all_success", "upstream_failed") in seen
    assert ("one_failed", "success") in seen
    assert ("none_failed_min_one_success", "success") in seen
    assert ("all_done_setup_success", "success") in seen


def check_rule(rule: str, state: str | None, before: list[str | None]) -> None:
    if state is None:
        return  # it waits, or is about to be decided
    is_decided = set(before) <= DONE
    has_bad = bool(set(before) & BAD)
    match rule, state:
        case "all_success", "upstream_failed":
            assert has_bad
        case "all_success", "skipped":
            assert "skipped" in before
        case "all_success", _:
            assert set(before) <= {"success"}
        case (("none_failed" | "none_failed_min_one_success"), "upstream_failed"):
            assert has_bad
        case (("none_failed" | "none_failed_min_one_success"), _):
            assert is_decided
            assert not has_bad
        case "one_failed", "skipped":
            assert not has_bad
        case "one_failed", _:
            assert has_bad
        case _:
            assert is_decided


def test_iterations_of_a_mapped_group_go_side_by_side(runs: Runs) -> None:
    has_mixed = False
    for run, _, by_task in runs:
        if run["dag_id"] != "orders_ingest":
            continue
        load = {one["map_index"]: one["state"] for one in by_task["per_shop.load"]}
        for one in by_task["per_shop.validate"]:
            if one["state"] in BAD:
                assert load[one["map_index"]] == "upstream_failed"
                has_mixed |= "success" in load.values()
    assert has_mixed


def test_instants_are_in_order_and_none_is_later_than_now(
    database: sqlite3.Connection, instances: list[Row]
) -> None:
    moments = ("scheduled_dttm", "queued_dttm", "start_date", "end_date")
    tries = rows(database, "SELECT * FROM task_instance_history")
    for one in [*instances, *tries]:
        if one["state"] == "up_for_reschedule":
            continue  # its start is that of the last look
        known = [one[name] for name in moments if one[name] is not None]
        assert known == sorted(known)
        assert all(moment <= NOW_TEXT for moment in [*known, one["updated_at"]])
        assert all(len(moment) == 26 for moment in known)
    for run in rows(database, "SELECT * FROM dag_run"):
        known = [run["queued_at"], run["start_date"], run["end_date"]]
        known = [moment for moment in known if moment is not None]
        assert known == sorted(known)
        assert known[-1] <= NOW_TEXT
        assert run["run_after"] <= run["queued_at"]
        assert run["updated_at"] <= NOW_TEXT


def test_instances_lie_within_their_run_and_after_those_before_them(
    runs: Runs,
) -> None:
    for run, structure, by_task in runs:
        for task_id, some in by_task.items():
            for one in some:
                if one["start_date"] is None:
                    continue
                assert one["start_date"] >= run["start_date"]
                assert (one["end_date"] or "") <= (run["end_date"] or NOW_TEXT)
                for other in structure.joined.upstream.get(task_id, ()):
                    ends = [each["end_date"] for each in by_task[other]]
                    if one["state"] == "success" and len(ends) == 1:
                        assert ends[0] <= one["start_date"]


def test_durations_are_those_between_start_and_end(instances: list[Row]) -> None:
    for one in instances:
        if one["duration"] is None:
            continue
        start = datetime.fromisoformat(one["start_date"])
        end = datetime.fromisoformat(one["end_date"])
        assert one["duration"] == pytest.approx(
            (end - start).total_seconds(), abs=0.001
        )


def test_an_instance_at_work_has_no_end_and_a_fresh_heartbeat(
    instances: list[Row],
) -> None:
    at_work = [one for one in instances if one["state"] in AT_WORK]
    assert {one["state"] for one in at_work} == AT_WORK
    for one in at_work:
        assert one["end_date"] is None
        assert one["duration"] is None
        assert one["hostname"].startswith("airflow-worker-")
        if one["state"] == "running":
            beat = datetime.fromisoformat(one["last_heartbeat_at"] + "+00:00")
            started = datetime.fromisoformat(one["start_date"] + "+00:00")
            assert min(NOW - beat, NOW - started) <= timedelta(seconds=5)
            assert NOW - started <= timedelta(hours=3)


def test_tries_before_the_newest_are_in_the_history(
    database: sqlite3.Connection, instances: list[Row]
) -> None:
    history: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows(
        database, "SELECT * FROM task_instance_history ORDER BY try_number"
    ):
        history[key(row)].append(row)
    waiting = [one for one in instances if one["state"] == "up_for_retry"]
    assert waiting
    for one in instances:
        past = history.pop(key(one), [])
        waits = one["state"] == "up_for_retry"
        before = one["try_number"] - (0 if waits else 1)
        assert [row["try_number"] for row in past] == list(range(1, before + 1))
        assert {row["state"] for row in past} <= {"failed"}
        assert one["try_number"] <= one["max_tries"] + 1
        for earlier, later in pairwise(past):
            assert earlier["end_date"] < later["start_date"]
        if past and one["start_date"] and not waits:
            assert past[-1]["end_date"] < one["start_date"]
    assert history == {}


def key(row: Row) -> tuple[Any, ...]:
    return row["dag_id"], row["task_id"], row["run_id"], row["map_index"]


def test_a_triggered_run_was_started_by_an_instance_of_the_other_dag(
    database: sqlite3.Connection,
) -> None:
    triggered = rows(
        database, "SELECT * FROM dag_run WHERE run_type = 'operator_triggered'"
    )
    links = {
        json.loads(row["value"])
        for row in rows(database, "SELECT value FROM xcom WHERE key = 'trigger_run_id'")
    }
    assert len(triggered) >= 20
    assert {run["run_id"] for run in triggered} == links


def test_a_sensor_ends_after_the_run_that_it_waits_for(
    database: sqlite3.Connection,
) -> None:
    pairs = rows(
        database,
        "SELECT t.end_date AS sensed, r.end_date AS ended FROM task_instance t "
        "JOIN dag_run mine USING (dag_id, run_id) JOIN dag_run r "
        "ON r.dag_id = 'warehouse_nightly' AND r.logical_date = mine.logical_date "
        "WHERE t.task_id = 'wait_for_warehouse' AND t.state = 'success'",
    )
    assert len(pairs) >= 20
    assert all(pair["sensed"] >= pair["ended"] for pair in pairs)


def test_intervals_are_those_of_the_schedules(database: sqlite3.Connection) -> None:
    empty = {"CronTriggerTimetable", "DeltaTriggerTimetable", "OnceTimetable"}
    ended = {"CronDataIntervalTimetable", "ContinuousTimetable"}
    kinds = set()
    for run in rows(
        database,
        "SELECT r.*, d.timetable_type FROM dag_run r JOIN dag d USING (dag_id) "
        "WHERE run_type IN ('scheduled', 'backfill')",
    ):
        start, end = run["data_interval_start"], run["data_interval_end"]
        assert run["run_after"] == end
        assert run["logical_date"] == start
        kinds.add(run["timetable_type"])
        if run["timetable_type"] in empty:
            assert start == end
        if run["timetable_type"] in ended:
            assert start < end
        stamp = datetime.fromisoformat(f"{end}+00:00").isoformat()
        assert run["run_id"] == f"{run['run_type']}__{stamp}"
    assert kinds == {*empty, *ended, "AssetOrTimeSchedule"}
    for run in rows(database, "SELECT * FROM dag_run WHERE triggered_by = 'ASSET'"):
        assert (run["logical_date"], run["data_interval_start"]) == (None, None)
        assert run["run_id"].startswith("asset_triggered__")


def test_the_next_run_is_still_to_come_unless_the_dag_rests(
    database: sqlite3.Connection,
) -> None:
    dags = {row["dag_id"]: row for row in rows(database, "SELECT * FROM dag")}
    for dag in dags.values():
        create = dag["next_dagrun_create_after"]
        assert create == dag["next_dagrun_data_interval_end"]
        assert dag["next_dagrun"] == dag["next_dagrun_data_interval_start"]
        if dag["timetable_periodic"] and not dag["is_paused"] and not dag["is_stale"]:
            assert create > NOW_TEXT
    assert dags["month_close"]["next_dagrun"] == "2026-12-01 04:00:00.000000"
    assert dags["payouts"]["next_dagrun"] == "2026-11-25 10:00:00.000000"
    assert dags["payouts"]["next_dagrun_create_after"] == "2026-11-25 11:00:00.000000"
    assert dags["recommender_train"]["next_dagrun"] is None
    assert dags["orders_model"]["next_dagrun"] is None
    assert dags["fraud_scores"]["exceeds_max_non_backfill"] == 1


def test_assets_start_runs_and_what_is_left_waits(database: sqlite3.Connection) -> None:
    started = rows(
        database,
        "SELECT r.id, r.run_after, count(*) AS events, max(e.timestamp) AS latest "
        "FROM dag_run r JOIN dagrun_asset_event x ON x.dag_run_id = r.id "
        "JOIN asset_event e ON e.id = x.event_id GROUP BY r.id",
    )
    (triggered,) = database.execute(
        "SELECT count(*) FROM dag_run WHERE run_type = 'asset_triggered'"
    ).fetchone()
    assert len(started) == triggered
    assert all(run["run_after"] == run["latest"] for run in started)
    assert max(run["events"] for run in started) > 1
    sources = rows(
        database,
        "SELECT t.state, t.end_date, e.timestamp FROM asset_event e "
        "JOIN task_instance t ON (t.dag_id, t.task_id, t.run_id, t.map_index) = "
        "(e.source_dag_id, e.source_task_id, e.source_run_id, e.source_map_index)",
    )
    (events,) = database.execute("SELECT count(*) FROM asset_event").fetchone()
    assert len(sources) == events
    assert {row["state"] for row in sources} == {"success"}
    assert all(row["timestamp"] <= row["end_date"] for row in sources)
    assert rows(database, "SELECT * FROM asset_alias_asset_event")


def test_one_run_has_instances_of_two_versions(
    database: sqlite3.Connection, structures: dict[str, Structure]
) -> None:
    mixed = rows(
        database,
        "SELECT dag_id, run_id, count(DISTINCT dag_version_id) AS versions "
        "FROM task_instance GROUP BY 1, 2 HAVING versions > 1",
    )
    assert sorted(run["dag_id"] for run in mixed) == [
        *("orders_model", "tokyo_tills", "tokyo_tills")
    ]
    versions = rows(
        database,
        "SELECT v.dag_id, v.version_number, count(r.id) AS runs FROM dag_version v "
        "LEFT JOIN dag_run r ON r.created_dag_version_id = v.id GROUP BY v.id",
    )
    assert all(version["runs"] for version in versions)
    removed = rows(
        database, "SELECT task_id FROM task_instance WHERE state = 'removed'"
    )
    assert removed == [{"task_id": "export_spreadsheet"}]
    assert len(structures) == len(versions) == 22


def states_of(database: sqlite3.Connection) -> Iterator[str | None]:
    for row in database.execute("SELECT DISTINCT state FROM task_instance"):
        yield row[0]


def test_every_state_of_interest_is_there(database: sqlite3.Connection) -> None:
    assert set(states_of(database)) >= {
        *(*DONE, *AT_WORK, None, "queued"),
        *("up_for_retry", "up_for_reschedule"),
    }


@pytest.mark.parametrize(
    "table",
    [
        *("alembic_version", "asset_dag_run_queue", "backfill", "backfill_dag_run"),
        *("dag_code", "dag_owner_attributes", "dag_run_note", "dag_tag", "dag_warning"),
        *("deadline", "deadline_alert", "callback", "hitl_detail", "import_error"),
        *("job", "log", "rendered_task_instance_fields", "slot_pool", "task_map"),
        *("task_reschedule", "trigger", "xcom", "task_inlet_asset_reference"),
        *("dag_schedule_asset_alias_reference", "dag_schedule_asset_reference"),
        *("task_outlet_asset_reference", "asset_active", "task_instance_note"),
    ],
)
def test_a_table_that_the_gateway_reads_has_rows(
    database: sqlite3.Connection, table: str
) -> None:
    assert database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0


def test_what_runs_now_has_beaten_lately(database: sqlite3.Connection) -> None:
    for job in rows(database, "SELECT * FROM job WHERE state = 'running'"):
        beat = datetime.fromisoformat(job["latest_heartbeat"] + "+00:00")
        assert timedelta() < NOW - beat < timedelta(seconds=5)
