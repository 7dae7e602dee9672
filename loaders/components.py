"""The deployment's revision, and whether its parts are alive."""

from collections.abc import Sequence
from datetime import timedelta

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.dialect import Row
from metadb.sources.deployment import JOB
from metadb.statement import Key, Order, Query, rows_per_key

JOBS = {
    "scheduler": "SchedulerJob",
    "triggerer": "TriggererJob",
    "dag_processor": "DagProcessorJob",
}
"""Airflow's names of its parts, and of the jobs that they run."""
AIRFLOW = frozenset(
    {"min_version", "max_version", "schema_revision", "backend", "components"}
)
COLUMNS = ("name", "is_healthy", "latest_heartbeat", "hostname")
_NEWEST = Order(("is_running", "latest_heartbeat", "id"), descending=True)


async def airflow(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """What the database was found to be; no statement."""
    del args
    database = request.session.catalogue.database
    found = {
        "min_version": database.min_version,
        "max_version": database.max_version,
        "schema_revision": database.revision,
        "backend": database.backend,
        "components": True,
    }
    row = (1, *[found[name] for name in wanted.columns])
    return Rows([row], [1] * len(keys))


async def every(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The parts, each by its newest job, a running one first.

    Healthy if it runs and its heartbeat is young; None if it never ran. The database
    has just answered.
    """
    del args, keys
    young = timedelta(seconds=request.heartbeat_s)
    now = await request.session.now()
    query = Query(
        JOB,
        ("job_type",),
        [(job,) for job in JOBS.values()],
        ("is_running", "latest_heartbeat", "hostname"),
        _NEWEST,
        limit=1,
    )
    newest = {row[0]: row[1:] for row in await rows_per_key(request.session, query)}
    found: list[Row] = [("metadatabase", True, None, None)]
    for at, name in enumerate(JOBS, 1):
        running, heartbeat, hostname = newest.get(at, (None, None, None))
        healthy = None if at not in newest else bool(running and heartbeat)
        if healthy:
            healthy = now - heartbeat <= young
        found.append((name, healthy, heartbeat, hostname))
    pick = [COLUMNS.index(name) for name in wanted.columns]
    return Rows([(1, *[one[i] for i in pick]) for one in found], [len(found)])
