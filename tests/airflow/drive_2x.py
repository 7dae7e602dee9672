"""Runs inside an Airflow 2.x environment: does what 3.x is told over its API.

Reads one JSON object {"runs", "run_notes", "task_notes", "cleared"} from standard
input.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from typing import TYPE_CHECKING

from airflow.api.common.trigger_dag import trigger_dag
from airflow.models import Connection, DagModel, DagRun, Pool, TaskInstance, Variable
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils import timezone
from airflow.utils.session import create_session

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


USERS = (
    "airflow.auth.managers.fab.models",
    "airflow.providers.fab.auth_manager.models",
)
"""Where the table of users is, until 2.8 and from 2.9: a note refers to it."""


def start(session: Session, runs: list[list[object]]) -> None:
    """Trigger the runs of the dags that this version has."""
    known = {row[0] for row in session.query(DagModel.dag_id)}
    for dag_id, run_id, date, conf in runs:
        if dag_id in known:
            trigger_dag(
                dag_id,
                run_id=run_id,
                conf=conf or {},
                execution_date=timezone.parse(date) if date else None,
                replace_microseconds=False,
            )


def annotate(session: Session, plan: dict[str, list[list[object]]]) -> None:
    """Write the notes."""
    for dag_id, run_id, note in plan.get("run_notes", []):
        run = session.query(DagRun).filter_by(dag_id=dag_id, run_id=run_id).first()
        if run:
            run.note = note
    for dag_id, run_id, task_id, index, note in plan.get("task_notes", []):
        found = session.query(TaskInstance).filter_by(
            dag_id=dag_id, run_id=run_id, task_id=task_id, map_index=index
        )
        for instance in found:
            instance.note = note


def clear(session: Session, cleared: list[list[str]]) -> None:
    """Clear the instances, which runs them again."""
    from airflow.models.taskinstance import clear_task_instances

    for dag_id, run_id, task_id in cleared:
        found = session.query(TaskInstance).filter_by(
            dag_id=dag_id, run_id=run_id, task_id=task_id
        )
        stored = SerializedDagModel.get(dag_id, session=session)
        if stored:
            clear_task_instances(found.all(), session, dag=stored.dag)


def settle(session: Session) -> None:
    """Add a pool, a variable and a connection: things that nobody may see."""
    session.add(Pool(pool="fx_pool", slots=3, description="", include_deferred=False))
    session.add(Connection(conn_id="fx_db", conn_type="postgres", password="no"))  # noqa: S106
    Variable.set("fx_password", "not-shown", session=session)


def main() -> None:
    """Do what the plan says."""
    plan = json.load(sys.stdin)
    for name in USERS:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(name)
    with create_session() as session:
        if plan.get("first"):
            settle(session)
        start(session, plan.get("runs", []))
        annotate(session, plan)
        clear(session, plan.get("cleared", []))


main()
