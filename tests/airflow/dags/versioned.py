"""An Airflow dag that changes between runs, and within one of them.

A file beside it names the version; a run's last tasks wait for another file.
"""

from __future__ import annotations

import pathlib

from _compat import EmptyOperator, Label, PythonSensor, TaskGroup, dag, since

HERE = pathlib.Path(__file__).parent
SWITCH = HERE / "versioned.txt"
VERSION = int(SWITCH.read_text()) if SWITCH.exists() else 1


def is_open() -> bool:
    """Say whether the gate is open."""
    return (HERE / "gate_is_open.txt").exists()


with dag("fx_versioned", tags=["version", f"v{VERSION}"], max_active_runs=8):
    start, extract = EmptyOperator(task_id="start"), EmptyOperator(task_id="extract")
    gate = PythonSensor(
        task_id="gate",
        python_callable=is_open,
        mode="reschedule",
        poke_interval=20,
        timeout=86400,
    )
    finish = EmptyOperator(
        task_id="finish", **since((2, 9), task_display_name=f"Finish v{VERSION}")
    )
    with TaskGroup("work") as work:
        first, second = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        if VERSION >= 2:
            first >> Label("new order") >> second >> EmptyOperator(task_id="added")
    start >> extract >> work
    if VERSION == 1:
        work >> EmptyOperator(task_id="removed_early") >> gate
        gate >> EmptyOperator(task_id="removed_late") >> finish
    else:
        with TaskGroup("published") as published:
            EmptyOperator(task_id="publish")
        work >> gate >> published >> finish
        start >> finish
