"""Dagway, the limit, naive strawberry, PostGraphile and Airflow, side by side.

Makes databases of the sizes in `benchmarks.sizes`, starts each server in a process of
its own, asks them in turn, and prints Markdown.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import server, sizes, tables
from benchmarks.measure import answers, measure
from benchmarks.pages import Page, all_pages
from benchmarks.populate import Shape, script
from benchmarks.postgres import Postgres
from benchmarks.server import Server
from benchmarks.tables import MANY, Found
from tests.support.databases import Databases

PEERS = ("limit", "dagway", "structures", "naive", "postgraphile", "airflow")
GROWN = ("limit", "dagway")
"""Servers that are asked for the same page on both databases."""


def populated(
    databases: Databases, shapes: Sequence[Shape], backend: str = "postgresql"
) -> str:
    """The address of a database with these, beside the fixture's own rows."""
    address = databases.copy(f"3.3.2-{backend}")
    databases.write(address, script(list(shapes), address))
    databases.write(address, "ANALYZE")
    return address


@contextmanager
def started(
    address: str, names: Sequence[str], python: Path | None
) -> Iterator[dict[str, Server]]:
    """The servers of those names that are installed, on a database."""
    ways: dict[str, Callable[[], AbstractContextManager[Server]]] = {
        "limit": lambda: server.peer("limit", address),
        "dagway": lambda: server.dagway(address),
        "structures": lambda: server.dagway(address, DAGWAY_STRUCTURE_CACHE="64"),
        "naive": lambda: server.peer("stock", address),
    }
    if server.NODE.exists():
        ways["postgraphile"] = lambda: server.postgraphile(address)
    if python is not None:
        ways["airflow"] = lambda: server.airflow(address, python)
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(way())
            for name, way in ways.items()
            if name in names
        }


async def found(
    page: Page, servers: dict[str, Server], postgres: Postgres, rounds: int
) -> Found:
    """What a page takes; many clients have a round to warm up."""
    said = await answers(page, servers, postgres)
    taken = {}
    for number in (1, MANY) if page.each else (1,):
        if number > 1:
            await measure(page, servers, postgres, number, 1)
        taken[number] = await measure(page, servers, postgres, number, rounds)
    return Found(page, said, taken)


def _compared(
    databases: Databases, pages: Sequence[Page], given: argparse.Namespace
) -> Iterator[str]:
    """The lines of all tables."""
    address = populated(databases, sizes.SHAPES)
    postgres = Postgres(databases.server, address)

    def measured(some: Sequence[Page], servers: dict[str, Server]) -> list[Found]:
        each = []
        for page in some:
            each.append(asyncio.run(found(page, servers, postgres, given.rounds)))
            print(*tables.measured(each[-1]), sep="\n", file=sys.stderr, flush=True)
        return each

    with started(address, given.servers, given.airflow) as servers:
        of_all = measured(pages, servers)
    few = populated(databases, sizes.ALONE)
    with started(address, GROWN, None) as many, started(few, GROWN, None) as alone:
        both = {**many, **{f"{name} alone": one for name, one in alone.items()}}
        of_both = measured([_twice(p) for p in pages if p.key in sizes.GROWTH], both)
    sqlite = populated(databases, sizes.SHAPES, "sqlite")
    with started(sqlite, ("dagway",), None) as servers:
        own = [replace(page, each=0) for page in pages]
        of_sqlite = measured(own, servers)
    command = " ".join(["python -m benchmarks", *_asked()])
    yield f"{datetime.now(UTC):%Y-%m-%d}, `{command}`"
    yield f"\n{tables.TARGETS}"
    for one in of_all:
        yield from tables.targets(one)
    yield f"\n{tables.MEASURED}"
    for one in of_all:
        yield from tables.measured(one)
    yield f"\n{tables.LINEAR}"
    yield from map(tables.linear, of_all)
    yield f"\n{tables.NOISE}"
    for one in of_both:
        yield from tables.noise(one)
    yield f"\n{tables.SQLITE}"
    yield from map(tables.sqlite, of_sqlite, of_all)


def _twice(page: Page) -> Page:
    """The same page of the database that has little else, too."""
    asked = {
        f"{name}{where}": page.asked[name] for where in ("", " alone") for name in GROWN
    }
    return replace(page, asked=asked, each=0)


def _asked() -> list[str]:
    """What was given on the command line, without this machine's paths."""
    return [Path(one).name if "/" in one else one for one in sys.argv[1:]]


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    keys = [page.key for page in all_pages()]
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="PAGE",
        choices=keys,
        default=keys,
        help=f"some of: {', '.join(keys)}",
    )
    parser.add_argument("--servers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--airflow",
        type=Path,
        metavar="PYTHON",
        help="the Python of an environment that has Airflow 3.3.2",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="instead of stdout")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, and print tables."""
    given = _given(arguments)
    pages = [page for page in all_pages() if page.key in given.only]
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            lines = list(_compared(databases, pages, given))
        finally:
            databases.stop()
    text = "\n".join(lines) + "\n"
    if given.output is None:
        sys.stdout.write(text)
    else:
        given.output.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
