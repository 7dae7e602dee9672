"""The audit log."""

from metadb.column import instant, integer, text
from metadb.seen import is_general, is_seen
from metadb.source import Source

EVENT_LOG = Source(
    name="log",
    tables=("log l",),
    dag="dag_id",
    tie=("id",),
    data="event_log",
    shown=(f"{is_seen('{l.dag_id}', 'event_log')} OR {is_general('{l.dag_id}')}",),
    columns={
        "id": integer("{l.id}", nullable=False),
        "timestamp": instant("{l.dttm}"),
        "event": text("{l.event}"),
        "dag_id": text("{l.dag_id}"),
        "run_id": text(
            "{l.run_id}",
            "(SELECT {r.run_id} FROM dag_run r WHERE {r.dag_id} = {l.dag_id} "
            "AND {r.execution_date} = {l.execution_date})",
        ),
        "task_id": text("{l.task_id}"),
        "map_index": integer("{l.map_index}"),
        "of_map_index": integer("coalesce({l.map_index}, -1)"),
        "try_number": integer("{l.try_number}"),
        "owner": text("{l.owner}"),
        "extra": text("{l.extra}"),
    },
)
"""`of_map_index` is what an instance is found by; some events have no map index."""
