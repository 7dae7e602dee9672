"""Deadlines of runs, from Airflow 3.1 on."""

from metadb.column import boolean, instant, integer, text
from metadb.source import Source

MISSED = "{e.missed}"
MISSED_3_1 = "({e.deadline_time} < coalesce({r.end_date}, {now}))"
"""Airflow 3.1 removes a deadline that is met: what is left and past was missed."""

DEADLINE = Source(
    name="deadline",
    tables=(
        "{needs e.deadline_time}deadline e JOIN dag_run r ON {r.id} = {e.dagrun_id}",
    ),
    dag="dag_id",
    tie=("time",),
    joins={"a": "LEFT JOIN deadline_alert a ON {a.id} = {e.deadline_alert_id}"},
    columns={
        "run_pk": integer("{e.dagrun_id}", nullable=False),
        "dag_id": text("{r.dag_id}", nullable=False),
        "time": instant("{e.deadline_time}", nullable=False),
        "is_missed": boolean(MISSED, MISSED_3_1),
        "alert_name": text("{a.name}"),
    },
)
