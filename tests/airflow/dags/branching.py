"""Airflow dags in which some tasks are skipped."""

from __future__ import annotations

from _compat import (
    BranchPythonOperator,
    EmptyOperator,
    Label,
    ShortCircuitOperator,
    TaskGroup,
    dag,
    task,
)


def choose(**context: object) -> str:
    """Follow the branch that the run's conf names."""
    return context["dag_run"].conf.get("branch", "left")


with dag("fx_branch", tags=["skip"]):
    branch = BranchPythonOperator(task_id="branch", python_callable=choose)
    left, right = EmptyOperator(task_id="left"), EmptyOperator(task_id="right")
    both = EmptyOperator(task_id="both", trigger_rule="none_failed_min_one_success")
    strict = EmptyOperator(task_id="strict")
    branch >> Label("conf says left") >> left
    branch >> Label("conf says right") >> right
    [left, right] >> both
    [left, right] >> strict

with dag("fx_short_circuit", tags=["skip"]):
    stop = ShortCircuitOperator(task_id="stop", python_callable=lambda: False)
    ignore = ShortCircuitOperator(
        task_id="ignore_rules",
        python_callable=lambda: False,
        ignore_downstream_trigger_rules=False,
    )
    go_on = ShortCircuitOperator(task_id="go_on", python_callable=lambda: True)
    tail = EmptyOperator(task_id="tail", trigger_rule="all_done")
    stop >> EmptyOperator(task_id="never") >> EmptyOperator(task_id="never_after")
    go_on >> EmptyOperator(task_id="reached")
    ignore >> EmptyOperator(task_id="skipped_directly") >> tail

with dag("fx_branch_group", tags=["skip", "group"]):

    @task.branch
    def pick() -> list[str]:
        """Take one task and one task of a group."""
        return ["picked", "inside.picked"]

    with TaskGroup("inside") as inside:
        EmptyOperator(task_id="picked") >> EmptyOperator(task_id="next")
        EmptyOperator(task_id="left_out")
    pick() >> [EmptyOperator(task_id="picked"), inside]
