"""What is run on an Airflow that make_fixture started, and when."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import plan

if TYPE_CHECKING:
    from make_fixture import Build

HOME = pathlib.Path("/opt/airflow")
VERSION_2 = "SELECT 1 FROM dag_tag WHERE dag_id = 'fx_versioned' AND name = 'v2'"


def first_runs(build: Build) -> None:
    """Run everything on the first version of every dag."""
    runs = plan.RUNS
    if build.options.compress:
        runs = tuple(run for run in runs if run[0] in {"fx_chain", "fx_groups"})
    build.start(*build.installed.processes)
    build.wait_until_parsed(300)
    build.wait_for(
        "SELECT n FROM (SELECT count(*) AS n FROM import_error) AS c WHERE n > 1", 180
    )
    settings(build)
    build.tell(first=True, runs=runs)
    build.settle(build.options.seconds)


def settings(build: Build) -> None:
    """Store a pool, a variable and a connection over the API of 3.x."""
    if build.is_3:
        call = build.api.attempt
        call("POST", "/api/v2/pools", {"name": "fx_pool", "slots": 3})
        call("POST", "/api/v2/variables", {"key": "fx_password", "value": "not-shown"})
        connection = {"connection_id": "fx_db", "conn_type": "postgres"}
        call("POST", "/api/v2/connections", {**connection, "password": "no"})


def later_runs(build: Build) -> None:
    """Change a dag while one of its runs waits, delete another; run both versions."""
    dags = HOME / "dags"
    (dags / "gate_is_open.txt").unlink()
    build.tell(runs=[plan.MIXED], run_notes=plan.RUN_NOTES, task_notes=plan.TASK_NOTES)
    build.wait_for(
        "SELECT 1 FROM task_instance WHERE run_id = 'mixed' AND task_id = 'gate'"
        " AND state = 'up_for_reschedule'",
        60,
    )
    (dags / "versioned.txt").write_text("2")
    (dags / "gone.py").unlink()
    (dags / "versioned.py").touch()
    if not build.wait_for(VERSION_2, 60):
        build.airflow("dags", "reserialize")
    build.tell(runs=plan.LATER, cleared=plan.CLEARED)
    if build.is_3:
        extras(build)
    (dags / "gate_is_open.txt").touch()
    build.settle(120, quiet=25)
    gone = "is_stale" if build.is_3 else "NOT is_active"
    build.wait_for(f"SELECT 1 FROM dag WHERE dag_id = 'fx_gone' AND {gone}", 60)  # noqa: S608


def extras(build: Build) -> None:
    """Do what only the API of 3.x can: backfill, answer a question, materialize."""
    call = build.api.attempt
    dag, first, last = plan.BACKFILL
    body = {"dag_id": dag, "from_date": first, "to_date": last, "max_active_runs": 2}
    body |= {"reprocess_behavior": "none", "run_backwards": False, "dag_run_conf": {}}
    call("POST", "/api/v2/backfills", body)
    assets = call("GET", "/api/v2/assets?limit=100")
    for asset in assets.get("assets", ()) if isinstance(assets, dict) else ():
        if asset["name"] == "fx_asset_decorated":
            call("POST", f"/api/v2/assets/{asset['id']}/materialize")
        if asset["name"] == "fx_customers":
            event = {"asset_id": asset["id"], "extra": {"by": "hand"}}
            call("POST", "/api/v2/assets/events", event)
    if build.rows("SELECT 1 FROM dag WHERE dag_id = 'fx_human'"):
        path = "/api/v2/dags/fx_human/dagRuns/run_1/taskInstances/{}/-1/hitlDetails"
        for task, options in (("approve", ["Approve"]), ("choose", ["red", "blue"])):
            answer = {"chosen_options": options, "params_input": {}}
            call("PATCH", path.format(task), answer)


def upgraded_runs(build: Build) -> None:
    """Migrate the restored database of an older Airflow, parse, run a little."""
    (HOME / "dags" / "versioned.txt").write_text("2")
    (HOME / "dags" / "gone.py").unlink()
    build.airflow("db", "migrate")
    build.start(*build.installed.processes)
    build.wait_until_parsed(300)
    build.airflow("dags", "reserialize")
    build.tell(runs=plan.UPGRADED)
    build.settle(120)
