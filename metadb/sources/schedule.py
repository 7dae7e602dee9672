"""What the rows of a DAG tell of its schedule, and the dates that its runs bear."""

from metadb.column import boolean, instant, integer, text
from metadb.source import Source
from metadb.sources.dag_run import RUN_AFTER

_MADE = "FROM dag_run r WHERE {r.dag_id} = {d.dag_id}"
_ON_SCHEDULE = f"{_MADE} AND {{r.run_type}} = 'scheduled'"

SCHEDULE = Source(
    name="schedule",
    tables=("dag d",),
    dag="dag_id",
    tie=("dag_id",),
    columns={
        "dag_id": text("{d.dag_id}", nullable=False),
        "now": instant("{now}"),
        "is_paused": boolean("coalesce({d.is_paused}, false)"),
        "is_stale": boolean(
            "coalesce({d.is_stale}, false)", "NOT coalesce({d.is_active}, true)"
        ),
        "run_time": instant(
            *(
                f"coalesce({{d.next_dagrun_create_after}}, "
                f"(SELECT max({run_after}) {_ON_SCHEDULE}))"
                for run_after in RUN_AFTER
            )
        ),
        "has_scheduled_run": boolean(f"EXISTS (SELECT 1 {_ON_SCHEDULE})"),
        "newest_run_time": instant(
            *(f"(SELECT max({run_after}) {_MADE})" for run_after in RUN_AFTER)
        ),
    },
)
DATED_RUN = Source(
    name="dated_run",
    tables=("dag_run r",),
    dag="dag_id",
    tie=("id",),
    columns={
        "id": integer("{r.id}", nullable=False),
        "dag_id": text("{r.dag_id}", nullable=False),
        "state": text("{r.state}"),
        "date": instant(
            "coalesce({r.partition_date}, {r.logical_date}, {r.run_after})",
            "coalesce({r.logical_date}, {r.run_after})",
            "{r.execution_date}",
        ),
        "quarter": integer(
            "{quarter r.partition_date r.logical_date r.run_after}",
            "{quarter r.logical_date r.run_after}",
            "{quarter r.execution_date}",
        ),
    },
)
