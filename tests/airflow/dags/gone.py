"""An Airflow dag whose file is deleted after its first run."""

from __future__ import annotations

from _compat import EmptyOperator, dag

with dag("fx_gone", tags=["version"]):
    EmptyOperator(task_id="one") >> EmptyOperator(task_id="two")
