"""What rules cost: hot documents, with and without a permission, one after the other.

`python -m benchmarks.rules` makes a database of PostgreSQL with 3,200 small DAGs, and
some large ones, and prints a table of medians and their ratios. Each document is asked
in process, so that nothing but planning, statements and answers is in the times.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.__main__ import populated
from benchmarks.populate import Shape
from benchmarks.sizes import FLEET
from dagway.operation import Gateway, opened
from metadb.session import Bounds
from metadb.visibility import Grant, Visibility
from tests.support.databases import databases_in
from tests.support.documents import core

SHAPES = (
    FLEET,
    Shape("grid_30", tasks=30, runs=25),
    Shape("grid_300", tasks=300, runs=25),
    Shape("graph_1000", tasks=1_000, runs=1),
)
ASKED: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("list of 50 DAGs", "dag_list", {}),
    ("grid, 30 tasks of 25 runs", "grid", {"dagId": "grid_30"}),
    ("grid, 300 tasks of 25 runs", "grid", {"dagId": "grid_300"}),
    ("graph, 1,000 tasks", "graph", {"dagId": "graph_1000"}),
)
PERMISSIONS: Mapping[str, Visibility] = {
    "one pattern": Visibility((Grant(dag_ids=("*",)),)),
    "tags, owners and a denial": Visibility(
        (Grant(tags=("bench*",), owners=("ada", "grace")), Grant(dag_ids=("grid_*",))),
        (Grant(dag_ids=("a_fleet_0001",)), Grant(tags=("secret",))),
    ),
}


PATIENT = Bounds(statement_s=600.0, operation_s=600.0)


class Line(NamedTuple):
    """What a document takes, in milliseconds; `ratio` to the same without rules."""

    asked: str
    rules: str
    ms: float
    ratio: float


async def compared(gateway: Gateway, rounds: int) -> list[Line]:
    """All documents under all permissions, asked in turn."""
    found = []
    ways: dict[str, Visibility | None] = {"none": None, **PERMISSIONS}
    for title, name, variables in ASKED:
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for at in range(rounds + 1):
            for way, visible in ways.items():
                began = time.perf_counter()
                answer = await gateway.answer(core(name), variables, visible)
                if answer.errors:
                    raise RuntimeError(answer.errors)
                if at:  # the first is to warm up
                    taken[way].append((time.perf_counter() - began) * 1_000)
        plain = statistics.median(taken["none"])
        for way, times in taken.items():
            ms = statistics.median(times)
            found.append(Line(title, way, ms, ms / plain))
    return found


def printed(lines: list[Line]) -> Iterator[str]:
    """The table, in Markdown."""
    yield "| document | rules | ms | ratio |"
    yield "| --- | --- | --- | --- |"
    for line in lines:
        yield f"| {line.asked} | {line.rules} | {line.ms:.1f} | {line.ratio:.2f} |"


async def _measured(address: str, rounds: int) -> list[Line]:
    async with opened(address, bounds=PATIENT) as gateway:
        return await compared(gateway, rounds)


def main() -> None:
    """Make the database, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules")
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        for databases in databases_in(Path(folder)):
            address = populated(databases, SHAPES)
            for line in printed(asyncio.run(_measured(address, rounds))):
                print(line)


if __name__ == "__main__":
    main()
