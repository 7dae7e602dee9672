"""Backfills, from Airflow 3 on."""

from metadb.column import boolean, instant, integer, text
from metadb.source import Source

BACKFILL = Source(
    name="backfill",
    tables=("{needs b.dag_id}backfill b",),
    dag="dag_id",
    tie=("id",),
    columns={
        "id": integer("{b.id}", nullable=False),
        "dag_id": text("{b.dag_id}", nullable=False),
        "from_date": instant("{b.from_date}"),
        "to_date": instant("{b.to_date}"),
        "is_paused": boolean("coalesce({b.is_paused}, false)"),
        "reprocess_behavior": text("{b.reprocess_behavior}"),
        "max_active_runs": integer("{b.max_active_runs}"),
        "created_at": instant("{b.created_at}"),
        "completed_at": instant("{b.completed_at}"),
    },
)
