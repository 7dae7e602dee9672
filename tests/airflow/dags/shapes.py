"""Airflow dags of plain shapes: chains, fans, diamonds, no tasks at all."""

from __future__ import annotations

from _compat import BashOperator, EmptyOperator, Label, chain, cross_downstream, dag

with dag("fx_chain", tags=["shape", "chain"], schedule="@daily"):
    chain(*[EmptyOperator(task_id=f"step_{number}") for number in range(1, 6)])

with dag("fx_fan", tags=["shape"]):
    middle = [EmptyOperator(task_id=f"part_{number}") for number in range(8)]
    EmptyOperator(task_id="split") >> middle >> EmptyOperator(task_id="join")

with dag("fx_diamond", tags=["shape"]):
    top = BashOperator(task_id="top", bash_command="echo {{ run_id }}")
    left, right = EmptyOperator(task_id="left"), EmptyOperator(task_id="right")
    bottom = EmptyOperator(task_id="bottom")
    top >> Label("to the left") >> left >> bottom
    top >> Label("to the right") >> right >> Label("back together") >> bottom
    top >> bottom

with dag("fx_cross", tags=["shape"]):
    cross_downstream(
        [EmptyOperator(task_id=name) for name in ("a1", "a2", "a3")],
        [EmptyOperator(task_id=name) for name in ("b1", "b2")],
    )

with dag("fx_islands", tags=["shape"]):
    EmptyOperator(task_id="alone")
    EmptyOperator(task_id="with.dots") >> EmptyOperator(task_id="with-dashes_2")

with dag("fx_single", schedule="0 */6 * * *"):
    EmptyOperator(task_id="only")

dag("fx_no_tasks", description="A dag without a single task")
