"""The grid from instances, in process, against three other ways to answer it.

    python -m benchmarks.grid [TASKS] [RUNS] [ROUNDS]

Prints medians of wall and CPU time, interleaved, on PostgreSQL; HTTP apart.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from benchmarks import naive
from dagway.collector import relax
from dagway.operation import StockExecutor, encoded, opened
from schema.build import build_schema
from tests.support import seed
from tests.support.databases import Databases
from tests.support.documents import core

DAG_ID = "bench_0000"
_RUNS = """SELECT run_id, state, logical_date FROM dag_run WHERE dag_id = $1
ORDER BY run_after DESC, id DESC LIMIT $2"""
_INSTANCES = """SELECT t.run_id, t.task_id, t.map_index, t.state, t.start_date,
t.end_date, t.try_number FROM unnest($2::text[]) WITH ORDINALITY k(run_id, at)
CROSS JOIN LATERAL (SELECT * FROM task_instance WHERE dag_id = $1
AND run_id = k.run_id ORDER BY task_id COLLATE "C", map_index LIMIT 10001) t"""


def _instant(value: Any) -> str | None:
    return None if value is None else value.isoformat()


async def hand_written(pool: asyncpg.Pool, runs: int) -> bytes:
    """The same bytes, by somebody who writes one endpoint for one page."""
    async with pool.acquire() as connection:
        found = await connection.fetch(_RUNS, DAG_ID, runs)
        ids = [row["run_id"] for row in found]
        rows = await connection.fetch(_INSTANCES, DAG_ID, ids)
    by_run: dict[str, list[dict[str, Any]]] = {run_id: [] for run_id in ids}
    for run_id, task_id, map_index, state, start, end, number in rows:
        by_run[run_id].append(
            {
                "id": f"TaskInstance/{DAG_ID}/{run_id}/{task_id}/{map_index}",
                "taskId": task_id,
                "mapIndex": map_index,
                "state": state.upper(),
                "startDate": _instant(start),
                "endDate": _instant(end),
                "tryNumber": number,
            }
        )
    nodes = [
        {
            "id": f"DagRun/{DAG_ID}/{row['run_id']}",
            "runId": row["run_id"],
            "state": row["state"].upper(),
            "logicalDate": _instant(row["logical_date"]),
            "taskInstances": {
                "nodes": by_run[row["run_id"]],
                "pageInfo": {"hasNextPage": False},
            },
        }
        for row in found
    ]
    dag = {"id": f"Dag/{DAG_ID}", "dagId": DAG_ID, "runs": {"nodes": nodes}}
    return orjson.dumps({"data": {"dag": dag}})


async def measure(
    ways: dict[str, Callable[[], Awaitable[bytes]]], rounds: int
) -> dict[str, tuple[float, float]]:
    """Medians of wall and CPU milliseconds of each way, in turn."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            await way()
            taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        name: (
            statistics.median(wall for wall, _ in each) * 1_000,
            statistics.median(cpu for _, cpu in each) * 1_000,
        )
        for name, each in taken.items()
    }


async def compare(databases: Databases, tasks: int, runs: int, rounds: int) -> None:
    """Print a table."""
    address = databases.copy("3.3.2-postgresql")
    databases.write(address, seed.dags(1, tasks=tasks, runs=runs, prefix="bench"))
    variables = {"dagId": DAG_ID, "runs": runs}
    async with opened(address) as gateway, asyncpg.create_pool(address) as pool:
        stock = replace(gateway, schema=build_schema(StockExecutor))

        def by(one: Any) -> Callable[[], Awaitable[bytes]]:
            async def way() -> bytes:
                answer = await one.answer(core("grid_instances"), variables)
                return encoded(answer.response)

            return way

        async def by_naive() -> bytes:
            found = await naive.answer(
                gateway.engine, core("grid_instances"), variables
            )
            return encoded(found)

        ways = {
            "hand-written": lambda: hand_written(pool, runs),
            "dagway": by(gateway),
            "graphql-core": by(stock),
            "naive strawberry": by_naive,
        }
        bodies = [await way() for way in ways.values()]
        assert bodies[1] == bodies[2]
        assert orjson.loads(bodies[0]) == orjson.loads(bodies[1])
        assert orjson.loads(bodies[3]) == orjson.loads(bodies[1])
        found = await measure(ways, rounds)
    limit = found["hand-written"]
    print(f"{tasks} tasks x {runs} runs, {len(bodies[1]):,} bytes, {rounds} rounds")
    for name, (wall, cpu) in found.items():
        print(
            f"{name:16} wall {wall:8.1f} ms x{wall / limit[0]:5.2f}"
            f"   cpu {cpu:8.1f} ms x{cpu / limit[1]:5.2f}"
        )


def main() -> None:
    """Compare at a size."""
    tasks, runs, rounds = (
        int(given) if given else default
        for given, default in zip(
            [*sys.argv[1:4], "", "", ""], (300, 25, 15), strict=False
        )
    )
    relax()
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            asyncio.run(compare(databases, tasks, runs, rounds))
        finally:
            databases.stop()


if __name__ == "__main__":
    main()
