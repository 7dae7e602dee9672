"""Names of Airflow that moved between 2.7 and 3.3, in the one place the dags need."""

from __future__ import annotations

import datetime as dt

from airflow import __version__ as _version

AIRFLOW: tuple[int, int] = tuple(int(part) for part in _version.split(".")[:2])

if AIRFLOW >= (3, 0):
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.python import (
        BranchPythonOperator,
        PythonOperator,
        ShortCircuitOperator,
    )
    from airflow.providers.standard.operators.trigger_dagrun import (
        TriggerDagRunOperator,
    )
    from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
    from airflow.providers.standard.sensors.python import PythonSensor
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
    from airflow.sdk import (
        DAG,
        Asset,
        AssetAlias,
        BaseOperator,
        Label,
        Param,
        TaskGroup,
        chain,
        cross_downstream,
        setup,
        task,
        task_group,
        teardown,
    )
    from airflow.timetables.assets import AssetOrTimeSchedule
else:
    from airflow.datasets import Dataset as _Dataset
    from airflow.decorators import setup, task, task_group, teardown
    from airflow.models.baseoperator import BaseOperator, chain, cross_downstream
    from airflow.models.dag import DAG
    from airflow.models.param import Param
    from airflow.operators.bash import BashOperator
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.python import (
        BranchPythonOperator,
        PythonOperator,
        ShortCircuitOperator,
    )
    from airflow.operators.trigger_dagrun import TriggerDagRunOperator
    from airflow.sensors.external_task import ExternalTaskSensor
    from airflow.sensors.python import PythonSensor
    from airflow.triggers.temporal import TimeDeltaTrigger
    from airflow.utils.edgemodifier import Label
    from airflow.utils.task_group import TaskGroup

    def Asset(*, uri: str, **_: object) -> _Dataset:  # noqa: N802
        """Return the dataset of this uri: 2.x knows neither names nor groups."""
        return _Dataset(uri)

    AssetAlias = None
    AssetOrTimeSchedule = None
    if AIRFLOW >= (2, 9):
        from airflow.timetables.datasets import DatasetOrTimeSchedule

        def AssetOrTimeSchedule(*, timetable, assets):  # noqa: N802
            """Return 2.9's form of the schedule."""
            return DatasetOrTimeSchedule(timetable=timetable, datasets=assets)

    if AIRFLOW >= (2, 10):
        from airflow.datasets import DatasetAlias as AssetAlias

START = dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)
"""A fixed day: a date that moves would make a new version at every parse."""


def since(version: tuple[int, int], **arguments: object) -> dict[str, object]:
    """Return the arguments if this Airflow is at least that version, else none."""
    return arguments if version <= AIRFLOW else {}


def dag(dag_id: str, **arguments: object) -> DAG:
    """Return a dag without catchup, unpaused, that starts on a fixed day."""
    defaults: dict[str, object] = {
        "schedule": None,
        "start_date": START,
        "catchup": False,
        "is_paused_upon_creation": False,
    }
    return DAG(dag_id, **(defaults | arguments))


__all__ = [
    "AIRFLOW",
    "DAG",
    "START",
    "Asset",
    "AssetAlias",
    "AssetOrTimeSchedule",
    "BaseOperator",
    "BashOperator",
    "BranchPythonOperator",
    "EmptyOperator",
    "ExternalTaskSensor",
    "Label",
    "Param",
    "PythonOperator",
    "PythonSensor",
    "ShortCircuitOperator",
    "TaskGroup",
    "TimeDeltaTrigger",
    "TriggerDagRunOperator",
    "chain",
    "cross_downstream",
    "dag",
    "setup",
    "since",
    "task",
    "task_group",
    "teardown",
]
