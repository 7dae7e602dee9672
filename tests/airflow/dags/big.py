"""An Airflow dag of 300 tasks in ten layers."""

from __future__ import annotations

from _compat import EmptyOperator, dag

WIDTH, DEPTH = 30, 10

with dag("fx_big300", tags=["big"], max_active_tasks=300):
    layers = [
        [EmptyOperator(task_id=f"l{depth}_t{place:02}") for place in range(WIDTH)]
        for depth in range(DEPTH)
    ]
    for above, below in zip(layers, layers[1:]):  # noqa: B905, RUF007
        for place in range(WIDTH):
            above[place] >> [below[place], below[(place + 1) % WIDTH]]
