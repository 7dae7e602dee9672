"""The limit, of instances and DAGs: an endpoint written by hand for each page."""

from typing import Any

import asyncpg
import orjson

_RUNS = """SELECT run_id, state, logical_date FROM dag_run WHERE dag_id = $1
ORDER BY run_after DESC, id DESC LIMIT $2"""
_INSTANCES = """SELECT t.run_id, t.task_id, t.map_index, t.state, t.start_date,
t.end_date, t.try_number FROM unnest($2::text[]) WITH ORDINALITY k(run_id, at)
CROSS JOIN LATERAL (SELECT * FROM task_instance WHERE dag_id = $1
AND run_id = k.run_id ORDER BY task_id COLLATE "C", map_index LIMIT 10001) t"""
_DAGS = """SELECT d.dag_id, d.is_paused, ARRAY(SELECT name FROM dag_tag
WHERE dag_id = d.dag_id ORDER BY name COLLATE "C"), r.run_id, r.state, r.start_date,
r.end_date FROM (SELECT dag_id, is_paused FROM dag WHERE starts_with(dag_id, 'a_fleet_')
ORDER BY dag_id COLLATE "C" LIMIT 100) d LEFT JOIN LATERAL (SELECT * FROM dag_run
WHERE dag_id = d.dag_id ORDER BY run_after DESC, id DESC LIMIT 1) r ON true
ORDER BY d.dag_id COLLATE "C" """


async def grid(pool: asyncpg.Pool, dag_id: str, runs: int) -> bytes:
    """The answer to documents/core/grid_instances.graphql."""
    async with pool.acquire() as connection:
        found = await connection.fetch(_RUNS, dag_id, runs)
        ids = [row["run_id"] for row in found]
        rows = await connection.fetch(_INSTANCES, dag_id, ids)
    by_run: dict[str, list[dict[str, Any]]] = {run_id: [] for run_id in ids}
    for run_id, task_id, map_index, state, start, end, number in rows:
        by_run[run_id].append(
            {
                "id": f"TaskInstance/{dag_id}/{run_id}/{task_id}/{map_index}",
                "taskId": task_id,
                "mapIndex": map_index,
                "state": state.upper(),
                "startDate": start,
                "endDate": end,
                "tryNumber": number,
            }
        )
    nodes = [
        {
            "id": f"DagRun/{dag_id}/{row['run_id']}",
            "runId": row["run_id"],
            "state": row["state"].upper(),
            "logicalDate": row["logical_date"],
            "taskInstances": {
                "nodes": by_run[row["run_id"]],
                "pageInfo": {"hasNextPage": False},
            },
        }
        for row in found
    ]
    dag = {"id": f"Dag/{dag_id}", "dagId": dag_id, "runs": {"nodes": nodes}}
    return orjson.dumps({"data": {"dag": dag}}, option=orjson.OPT_UTC_Z)


async def dag_list(pool: asyncpg.Pool) -> bytes:
    """The answer to `benchmarks.pages.DAG_LIST`."""
    nodes = [
        {
            "id": f"Dag/{dag_id}",
            "dagId": dag_id,
            "isPaused": is_paused,
            "tags": tags,
            "latestRun": run_id
            and {
                "id": f"DagRun/{dag_id}/{run_id}",
                "runId": run_id,
                "state": state.upper(),
                "startDate": start,
                "endDate": end,
            },
        }
        for dag_id, is_paused, tags, run_id, state, start, end in await pool.fetch(
            _DAGS
        )
    ]
    return orjson.dumps({"data": {"dags": {"nodes": nodes}}}, option=orjson.OPT_UTC_Z)
