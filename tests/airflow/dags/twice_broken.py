"""An Airflow dag file with a cycle: another kind of import error."""

from __future__ import annotations

from _compat import EmptyOperator, dag

with dag("fx_cycle"):
    one, two = EmptyOperator(task_id="one"), EmptyOperator(task_id="two")
    one >> two >> one
