"""The newest runs of DAGs, and the task instances in them."""

from collections.abc import Sequence

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.condition import Among, Condition, Null
from metadb.dialect import Row
from metadb.session import Session
from metadb.sources.dag_run import DAG_RUN
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Key, Order, Query, rows_per_key

NEWEST = Order(("run_after", "id"), descending=True)
ENDED = (Null("end_date", is_null=False),)


async def newest_runs(
    session: Session,
    dag_ids: Sequence[str],
    size: int,
    columns: Sequence[str],
    where: Sequence[Condition] = (),
) -> Sequence[Row]:
    """(position of its DAG from 1, *columns) of the newest runs, newest first."""
    keys = [(dag_id,) for dag_id in dag_ids]
    query = Query(
        DAG_RUN, ("dag_id",), keys, columns, NEWEST, limit=size, where=tuple(where)
    )
    return await rows_per_key(session, query)


async def instances_in(
    session: Session,
    runs: Sequence[tuple[str, str]],
    task_ids: dict[str, list[str]],
    columns: Sequence[str],
    where: Sequence[Condition] = (),
) -> Sequence[Row]:
    """(position of its run from 1, *columns) of some tasks' instances in runs.

    `task_ids` says which tasks, by DAG; those of one DAG may come of another too. A
    list for each run would be looked through for each of its instances: 90 s for 5,000
    tasks of 25 runs on SQLite, where this takes one.
    """
    named = {task_id: None for ids in task_ids.values() for task_id in ids}
    query = Query(
        TASK_INSTANCE,
        ("dag_id", "run_id"),
        runs,
        columns,
        Order(("task_id", "map_index")),
        where=(Among("task_id", tuple(named)), *where),
    )
    return await rows_per_key(session, query)


def by_dag(keys: Sequence[Key]) -> dict[str, list[str]]:
    """The second parts of keys, by their first."""
    found: dict[str, dict[str, None]] = {}
    for dag_id, task_id in keys:
        found.setdefault(dag_id, {})[task_id] = None
    return {dag_id: [*ids] for dag_id, ids in found.items()}


async def of_tasks(
    request: Request, keys: Sequence[Key], args: int, wanted: Wanted
) -> Rows:
    """The instances of each (dag_id, task_id) in its DAG's newest runs, newest first.

    Two statements.
    """
    tasks = by_dag(keys)
    dag_ids = [*tasks]
    runs = [
        (dag_ids[at - 1], run_id)
        for at, run_id in await newest_runs(request.session, dag_ids, args, ("run_id",))
    ]
    columns = ("task_id", *wanted.columns)
    mine: dict[Key, list[Row]] = {key: [] for key in keys}
    for at, task_id, *row in await instances_in(request.session, runs, tasks, columns):
        key = (runs[at - 1][0], task_id)
        if key in mine:
            mine[key].append(row)
    rows = [(at, *row) for at, key in enumerate(keys, 1) for row in mine[key]]
    return Rows(rows, [len(mine[key]) for key in keys])
