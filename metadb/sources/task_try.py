"""Tries that are over, as Airflow keeps them from 2.10 on."""

from collections.abc import Mapping
from dataclasses import replace

from metadb.column import Column, integer, text
from metadb.source import Source
from metadb.sources.task_instance import TASK_INSTANCE

_LIKE_AN_INSTANCE = (
    "task_id",
    "map_index",
    "state",
    "queued_at",
    "scheduled_at",
    "start_date",
    "end_date",
    "duration",
    "operator",
    "pool",
    "queue",
    "executor",
    "hostname",
    "pid",
    "version_number",
)


def _of_history(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Columns of task instances, as the history has them under the same names."""
    return {
        name: replace(
            columns[name],
            spellings=tuple(s.replace("{t.", "{h.") for s in columns[name].spellings),
        )
        for name in _LIKE_AN_INSTANCE
    }


TASK_TRY = Source(
    name="task_try",
    tables=(
        "{needs h.task_instance_id}task_instance_history h",
        # Airflow 2 has no index on a run's history
        (
            "task_instance t{insist ti_dag_run} JOIN task_instance_history h "
            "ON {h.dag_id} = {t.dag_id} AND {h.task_id} = {t.task_id} "
            "AND {h.run_id} = {t.run_id} AND {h.map_index} = {t.map_index}"
        ),
    ),
    dag="dag_id",
    tie=("task_id", "map_index", "try_number"),
    joins={"v": "LEFT JOIN dag_version v ON {v.id} = {h.dag_version_id}"},
    indexes={("dag_id", "run_id"): "idx_tih_dag_run"},
    columns={
        "dag_id": text(
            "{needs h.task_instance_id}{h.dag_id}", "{t.dag_id}", nullable=False
        ),
        "run_id": text(
            "{needs h.task_instance_id}{h.run_id}", "{t.run_id}", nullable=False
        ),
        "try_number": integer("{h.try_number}", nullable=False),
        **_of_history(TASK_INSTANCE.columns),
    },
)
