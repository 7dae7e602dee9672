"""Databases to compare on: what Airflow made, and rows that it never should have."""

from tests.support.databases import Databases
from tests.support.seed import one_dag
from tests.test_odd_rows import script

_ODD = "odd-"
_LOOSE = """
    UPDATE dag SET is_paused = 'true', is_stale = 'f', has_import_errors = 'x',
      max_active_tasks = 'many', max_active_runs = 1.5, last_parsed_time = 5,
      asset_expression = '{broken', description = CAST(X'fffe41' AS TEXT),
      next_dagrun_create_after = 'soon' WHERE dag_id = 'loose';
    UPDATE dag SET max_active_tasks = 99999999999, owners = 17, timetable_summary = 5,
      description = 99999999999999999 WHERE dag_id = 'looser';
    UPDATE dag_run SET conf = '{"a": NaN}', run_after = 'then', start_date = 20260101
      WHERE dag_id = 'loose' AND run_id = 'r0000';
    UPDATE dag_run SET conf = 17, clear_number = 'x', state = 5,
      run_type = X'00ff' WHERE dag_id = 'loose' AND run_id = 'r0001';
    UPDATE task_instance SET duration = 9e999, pid = 'x', try_number = 'one',
      hostname = CAST(X'80' AS TEXT), start_date = ''
      WHERE dag_id = 'loose' AND task_id = 't0000';
    UPDATE task_instance SET duration = 'long', queued_dttm = 'x', pid = 99999999999,
      operator = 5, state = 5, queue = 1.5, hostname = X'80ff', try_number = 99999999999
      WHERE dag_id IN ('loose', 'looser') AND task_id = 't0001';
"""
"""What only SQLite can hold: values of another type than their column's."""


def database(databases: Databases, name: str) -> str:
    """The address of a fixture, or of its copy with odd rows."""
    fixture = name.removeprefix(_ODD)
    if fixture == name:
        return databases.address(name)
    address = databases.copy(fixture)
    backend = fixture.rpartition("-")[2]
    databases.write(address, script(backend))
    if backend == "sqlite":
        dags = [one_dag(one, tasks=3, runs=2) for one in ("loose", "looser")]
        databases.write(address, "\n".join((*dags, _LOOSE)))
    return address
