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
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from benchmarks import naive
from benchmarks.hand_written import grid
from benchmarks.measure import alike
from dagway.collector import relax
from dagway.operation import StockExecutor, encoded, opened
from tests.support import seed
from tests.support.databases import Databases
from tests.support.documents import core

DAG_ID = "bench_0000"


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
        stock = gateway.executed_by(StockExecutor)

        def by(one: Any) -> Callable[[], Awaitable[bytes]]:
            async def way() -> bytes:
                answer = await one.answer(core("grid_instances"), variables)
                return encoded(answer.outgoing)

            return way

        async def by_naive() -> bytes:
            found = await naive.answer(
                gateway.engine, core("grid_instances"), variables
            )
            return encoded(found)

        ways = {
            "hand-written": lambda: grid(pool, DAG_ID, runs),
            "dagway": by(gateway),
            "graphql-core": by(stock),
            "naive strawberry": by_naive,
        }
        bodies = [await way() for way in ways.values()]
        assert bodies[1] == bodies[2]
        assert orjson.loads(bodies[0]) == orjson.loads(bodies[1])
        assert orjson.loads(alike(bodies[3])) == orjson.loads(bodies[1])
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
