"""The deployment itself: its pools, and the parts of it that run."""

from metadb.column import boolean, instant, integer, text
from metadb.source import Source

POOL = Source(
    name="slot_pool",
    tables=("slot_pool p",),
    dag=None,
    tie=("name",),
    columns={
        "id": integer("{p.id}", nullable=False),
        "name": text("coalesce({p.pool}, '')", nullable=False),
        "slots": integer("coalesce({p.slots}, 0)"),
        "description": text("{p.description}"),
        "include_deferred": boolean("coalesce({p.include_deferred}, false)"),
    },
)
JOB = Source(
    name="job",
    tables=("job j",),
    dag=None,
    tie=("id",),
    columns={
        "id": integer("{j.id}", nullable=False),
        "job_type": text("{j.job_type}"),
        "is_running": integer(
            "CASE WHEN {j.state} = 'running' THEN 1 ELSE 0 END", nullable=False
        ),
        "latest_heartbeat": instant("{j.latest_heartbeat}"),
        "hostname": text("nullif({j.hostname}, '')"),
    },
)
