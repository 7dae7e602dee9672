import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from dagway import demo
from dagway.errors import StartError
from tests.dagway.demo.conftest import NOW


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_same_instant_and_seed_give_the_same_rows(
    demo_file: Path, tmp_path: Path
) -> None:
    demo.build(tmp_path / "again.db", NOW)

    assert dump(tmp_path / "again.db") == dump(demo_file)


def test_another_seed_gives_other_rows(demo_file: Path, tmp_path: Path) -> None:
    demo.build(tmp_path / "other.db", NOW, seed=1)

    assert dump(tmp_path / "other.db") != dump(demo_file)


def test_an_instant_counts_whatever_zone_it_is_told_in(
    demo_file: Path, tmp_path: Path
) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    demo.build(tmp_path / "there.db", there)

    assert dump(tmp_path / "there.db") == dump(demo_file)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2031, 3, 30, 1, 30, tzinfo=UTC), id="clock-set-forward"),
        pytest.param(datetime(2032, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC), id="leap"),
        pytest.param(datetime(2025, 1, 1, tzinfo=UTC), id="new-year"),
    ],
)
def test_every_dag_has_its_runs_at_any_instant(now: datetime, tmp_path: Path) -> None:
    demo.build(tmp_path / "airflow.db", now, seed=now.year)

    with closing(sqlite3.connect(tmp_path / "airflow.db")) as connection:
        runs = dict(
            connection.execute("SELECT dag_id, count(*) FROM dag_run GROUP BY 1")
        )
        running = connection.execute(
            "SELECT count(DISTINCT dag_id) FROM dag_run WHERE state = 'running'"
        ).fetchone()[0]
        states = connection.execute("SELECT DISTINCT state FROM task_instance")
        found = {state for (state,) in states}
    assert len(runs) == 19
    assert {dag_id: count for dag_id, count in runs.items() if count < 25} == {}
    assert running >= 8
    assert found >= {"running", "up_for_retry", "awaiting_input", "deferred", "failed"}


def test_what_a_stopped_attempt_left_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "airflow.db.part").write_text("half of one")

    demo.build(tmp_path / "airflow.db", NOW)

    assert [path.name for path in tmp_path.iterdir()] == ["airflow.db"]


def test_the_file_is_in_the_journal_mode_that_airflow_sets(demo_file: Path) -> None:
    with closing(sqlite3.connect(demo_file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_exists_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "precious.db"
    path.write_text("mine")

    with pytest.raises(StartError, match=r"precious\.db exists"):
        demo.build(path, NOW)
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"cannot write .*nowhere"):
        demo.build(tmp_path / "nowhere" / "airflow.db", NOW)
