"""Airflow dags that wait: sensors, deferred tasks, tasks that run for hours."""

from __future__ import annotations

import datetime as dt

from _compat import (
    BaseOperator,
    BashOperator,
    EmptyOperator,
    PythonSensor,
    TimeDeltaTrigger,
    dag,
)


class WaitOperator(BaseOperator):
    """Defers once, for some seconds."""

    template_fields = ("seconds",)
    ui_color = "#abcdef"

    def __init__(self, *, seconds: float, **arguments: object) -> None:
        """Keep the seconds."""
        super().__init__(**arguments)
        self.seconds = seconds

    def execute(self, context: object) -> None:
        """Hand over to the triggerer."""
        self.defer(
            trigger=TimeDeltaTrigger(dt.timedelta(seconds=float(self.seconds))),
            method_name="resume",
            kwargs={"word": "again"},
        )

    def resume(self, context: object, event: object = None, word: str = "") -> str:
        """Come back from the triggerer."""
        return word


with dag("fx_sensors", tags=["wait"]):
    poke = PythonSensor(
        task_id="poke", python_callable=lambda: True, poke_interval=1, mode="poke"
    )
    reschedule = PythonSensor(
        task_id="reschedule",
        python_callable=lambda: False,
        mode="reschedule",
        poke_interval=dt.timedelta(hours=20).total_seconds(),
        timeout=dt.timedelta(days=300).total_seconds(),
    )
    soft = PythonSensor(
        task_id="soft",
        python_callable=lambda: False,
        poke_interval=1,
        timeout=1,
        soft_fail=True,
    )
    poke >> reschedule >> EmptyOperator(task_id="after")
    soft >> EmptyOperator(task_id="after_soft")

with dag("fx_deferred", tags=["wait"]):
    WaitOperator(task_id="short", seconds=1) >> WaitOperator(
        task_id="long", seconds=dt.timedelta(days=300).total_seconds()
    )

with dag("fx_running", tags=["wait"], max_active_runs=1):
    BashOperator(task_id="sleeps", bash_command="sleep 3600") >> EmptyOperator(
        task_id="after"
    )

with dag("fx_paused", tags=["wait"], is_paused_upon_creation=True):
    EmptyOperator(task_id="never_started") >> EmptyOperator(task_id="after")

with dag("fx_warned", tags=["wait"]):
    EmptyOperator(task_id="no_such_pool", pool="fx_missing_pool")
