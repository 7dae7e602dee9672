"""An Airflow dag that differs at every parse, which 3.2 and later warn about."""

from __future__ import annotations

import datetime as dt

from _compat import DAG, START, EmptyOperator

with DAG(
    "fx_varying",
    schedule=None,
    start_date=START,
    description=f"parsed at {dt.datetime.now()}",  # noqa: DTZ005
    tags=["varying"],
):
    EmptyOperator(task_id="only")
