"""XComs: values that tasks hand on."""

from metadb.column import blob, boolean, instant, integer, json, text
from metadb.source import Source

_JSON = "{needs r.logical_date}"  # Airflow 2 stores bytes, and runs without that column

XCOM = Source(
    name="xcom",
    tables=("{the xcom}",),
    dag="dag_id",
    tie=("key",),
    columns={
        "dag_id": text("{xcom.dag_id}", nullable=False),
        "run_id": text("{xcom.run_id}", nullable=False),
        "task_id": text("{xcom.task_id}", nullable=False),
        "map_index": integer("{xcom.map_index}", nullable=False),
        "key": text("{xcom.key}", nullable=False),
        "timestamp": instant("{xcom.timestamp}"),
        "value": json(
            _JSON + "CASE WHEN {small_json xcom.value} THEN {xcom.value} END",
            otherwise=blob("CASE WHEN {small_bytes xcom.value} THEN {xcom.value} END"),
        ),
        "is_truncated": boolean(
            _JSON + "NOT coalesce({small_json xcom.value}, true)",
            "NOT coalesce({small_bytes xcom.value}, true)",
        ),
    },
)
"""Values that are larger than what is shown are not read."""
