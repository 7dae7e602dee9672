"""Airflow dags that start or wait for other dags."""

from __future__ import annotations

from _compat import EmptyOperator, ExternalTaskSensor, TriggerDagRunOperator, dag

with dag("fx_trigger_parent", tags=["link"]):
    TriggerDagRunOperator(
        task_id="start_child",
        trigger_dag_id="fx_trigger_child",
        conf={"from": "{{ dag.dag_id }}", "nested": {"list": [1, None, "ü"]}},
    ) >> TriggerDagRunOperator(
        task_id="start_and_wait",
        trigger_dag_id="fx_trigger_child",
        wait_for_completion=True,
        poke_interval=1,
    )

with dag("fx_trigger_child", tags=["link"]):
    EmptyOperator(task_id="child")

with dag("fx_external", tags=["link"], schedule="@daily"):
    whole = ExternalTaskSensor(
        task_id="wait_for_dag",
        external_dag_id="fx_chain",
        poke_interval=2,
        timeout=20,
        mode="reschedule",
        soft_fail=True,
    )
    part = ExternalTaskSensor(
        task_id="wait_for_tasks",
        external_dag_id="fx_chain",
        external_task_ids=["step_1", "step_2"],
        poke_interval=2,
        timeout=20,
        soft_fail=True,
    )
    [whole, part] >> EmptyOperator(task_id="after", trigger_rule="all_done")
