"""An Airflow dag that asks people (3.1 and later; nothing before)."""

from __future__ import annotations

import datetime as dt

from _compat import AIRFLOW, EmptyOperator, Param, dag

if AIRFLOW >= (3, 1):
    from airflow.providers.standard.operators.hitl import (
        ApprovalOperator,
        HITLBranchOperator,
        HITLEntryOperator,
        HITLOperator,
    )

    with dag("fx_human", tags=["human"]):
        approve = ApprovalOperator(
            task_id="approve",
            subject="May it go on? Größe",
            body="**{{ dag_run.run_id }}**",
            execution_timeout=dt.timedelta(days=300),
        )
        choose = HITLOperator(
            task_id="choose",
            subject="Which?",
            options=["red", "green", "blue"],
            multiple=True,
            defaults=["red"],
            execution_timeout=dt.timedelta(days=300),
        )
        HITLEntryOperator(
            task_id="enter",
            subject="A number",
            params={"n": Param(1, type="integer")},
            execution_timeout=dt.timedelta(seconds=5),
            defaults=["OK"],
        )
        approve >> EmptyOperator(task_id="after")
        choose >> EmptyOperator(task_id="chosen")
        HITLBranchOperator(
            task_id="branch", subject="Where to?", options=["here", "there"]
        ) >> [EmptyOperator(task_id="here"), EmptyOperator(task_id="there")]
