"""Pages over HTTP: dagway, the limit and the naive form, for one client and for many.

    python -m benchmarks.http [ROUNDS]

Prints a table; the servers are asked in turn, each in a process of its own.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.client import connected, get, post
from benchmarks.server import Server, dagway, peer
from tests.support import seed
from tests.support.databases import Databases
from tests.support.documents import core

RUNS = 25
MANY = 32
DAG_LIST = """{ dags(
  first: 100, filter: { dagId: { startsWith: "many_" } }, orderBy: { by: DAG_ID }
) { nodes {
  id dagId isPaused tags latestRun { id runId state startDate endDate }
} } }"""


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked for.

    Attributes:
        asked: The request to each server that has it.
        alone: Requests a round by one client.
        each: Requests a round by each of many clients.
    """

    title: str
    asked: dict[str, bytes]
    alone: int
    each: int


@dataclass(slots=True)
class Taken:
    """What a page took from a server, over all rounds.

    Attributes:
        requests_s: Seconds of each request.
        wall_s: Seconds of all rounds.
        cpu_s: Seconds of the server's CPU.
    """

    requests_s: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0


def _grid(tasks: int, alone: int, each: int) -> Page:
    dag_id = f"bench{tasks}_0000"
    asked = post(core("grid_instances"), {"dagId": dag_id, "runs": RUNS})
    limit = get(f"/grid/{dag_id}?runs={RUNS}")
    title = f"grid {tasks} x {RUNS}"
    return Page(title, {"limit": limit, "dagway": asked, "naive": asked}, alone, each)


def _pages() -> list[Page]:
    trivial = post("{ __typename }", {})
    return [
        Page(
            "`{ __typename }`",
            {"limit": get("/typename"), "dagway": trivial, "naive": trivial},
            100,
            20,
        ),
        Page("100 DAGs", {"limit": get("/dags"), "dagway": post(DAG_LIST, {})}, 30, 4),
        _grid(30, 10, 2),
        _grid(300, 3, 1),
    ]


async def answers(page: Page, servers: dict[str, Server]) -> dict[str, bytes]:
    """What each server says, which must be the same data."""
    found = {}
    for name, request in page.asked.items():
        async with connected(servers[name].port, 1) as (client,):
            found[name] = await client.ask(request)
    for name, body in found.items():
        assert orjson.loads(body) == orjson.loads(found["limit"]), (page.title, name)
    return found


async def measure(
    page: Page, servers: dict[str, Server], number: int, rounds: int
) -> dict[str, Taken]:
    """What a page takes from each server for a number of clients, in turn.

    Each turn has connections of its own: uvicorn ends those that wait 5 seconds.
    """
    times = page.alone if number == 1 else page.each
    found = {name: Taken() for name in page.asked}
    for name in found:
        servers[name].forget_peak()
    for _ in range(rounds):
        for name, taken in found.items():
            await _turn(page.asked[name], servers[name], number, times, taken)
    return found


async def _turn(
    request: bytes, server: Server, number: int, times: int, taken: Taken
) -> None:
    """Add what some clients' requests take."""
    async with connected(server.port, number) as clients:
        cpu, begin = server.cpu_s(), time.perf_counter()
        each = await asyncio.gather(*(one.time(request, times) for one in clients))
        taken.wall_s += time.perf_counter() - begin
        taken.cpu_s += server.cpu_s() - cpu
    taken.requests_s += [one for some in each for one in some]
    taken.peak_mib = server.peak_mib()


def _printed(
    page: Page, number: int, found: dict[str, Taken], bodies: dict[str, bytes]
) -> None:
    limit = statistics.median(found["limit"].requests_s)
    for name, taken in found.items():
        requests = len(taken.requests_s)
        median = statistics.median(taken.requests_s)
        p95 = statistics.quantiles(taken.requests_s, n=20, method="inclusive")[-1]
        same = "bytes" if bodies[name] == bodies["limit"] else "JSON"
        print(
            f"| {page.title} | {number} | {name} | {median * 1_000:,.2f} "
            f"| {p95 * 1_000:,.2f} | {requests / taken.wall_s:,.1f} "
            f"| {taken.cpu_s / requests * 1_000:,.2f} | {taken.peak_mib:.0f} "
            f"| {len(bodies[name]):,} | {same} | x{median / limit:.2f} |",
            flush=True,
        )


async def compare(servers: dict[str, Server], rounds: int) -> None:
    """Print a table."""
    print(
        "| page | clients | server | median ms | p95 ms | requests/s "
        "| CPU ms/request | peak MiB | bytes | equal | x limit |\n"
        f"|{' --- |' * 11}"
    )
    for page in _pages():
        bodies = await answers(page, servers)
        for number in (1, MANY):
            await measure(page, servers, number, 1)
            _printed(page, number, await measure(page, servers, number, rounds), bodies)


def main() -> None:
    """Compare."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        databases = Databases(Path(folder))
        stack.callback(databases.stop)
        address = databases.copy("3.3.2-postgresql")
        for tasks in (30, 300):
            script = seed.dags(1, tasks=tasks, runs=RUNS, prefix=f"bench{tasks}")
            databases.write(address, script)
        databases.write(address, seed.dags(100))
        servers = {
            "limit": stack.enter_context(peer("limit", address)),
            "dagway": stack.enter_context(dagway(address)),
            "naive": stack.enter_context(peer("stock", address)),
        }
        asyncio.run(compare(servers, rounds))


if __name__ == "__main__":
    main()
