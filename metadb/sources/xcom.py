"""XComs: values that tasks hand on."""

from metadb.column import blob, boolean, instant, integer, json, text
from metadb.seen import is_seen
from metadb.source import Source

_JSON = "{needs r.logical_date}"  # Airflow 2 stores bytes, and runs without that column

_OF_OTHERS = (
    "trigger_run_id",
    "trigger_logical_date_iso",
    "trigger_execution_date_iso",
    "_link_TriggerDagRunLink",
    "_link_ExternalDagLink",
)
"""Keys under which Airflow's own operators tell of other DAGs' runs."""
_TELLS_OF_OTHERS = f"{{xcom.key}} IN ({', '.join(map(repr, _OF_OTHERS))})"

XCOM = Source(
    name="xcom",
    tables=("{the xcom}",),
    dag="dag_id",
    tie=("key",),
    shown=(f"{is_seen('{xcom.dag_id}', 'xcom')} AND NOT {_TELLS_OF_OTHERS}",),
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
