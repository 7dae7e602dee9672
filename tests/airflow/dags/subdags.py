"""An Airflow dag with a SubDAG (2.x; nothing in 3.x)."""

from __future__ import annotations

from _compat import AIRFLOW, EmptyOperator, dag

if AIRFLOW < (3, 0):
    from airflow.operators.subdag import SubDagOperator

    with dag("fx_subdag", tags=["subdag"]) as parent:
        with dag("fx_subdag.section") as section:
            EmptyOperator(task_id="one") >> EmptyOperator(task_id="two")
        EmptyOperator(task_id="start") >> SubDagOperator(
            task_id="section", subdag=section
        )
