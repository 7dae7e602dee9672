"""Ask servers in turn, and say what it took."""

import asyncio
import re
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from benchmarks.client import borne, connected
from benchmarks.pages import Page
from benchmarks.postgres import Postgres
from benchmarks.server import Server

_INSTANT = re.compile(rb'"asOf":"[^"]*"')
_FEW = 10
"""Of more requests than these, a page is asked for once a round."""
_SLOW = {"naive": 4, "airflow": 8}
"""These are asked so many times less often, or a run would take an hour."""
_ALONE = ("airflow",)
"""Servers that many clients do not ask: each round would take minutes."""
SAME = ("limit", "structures", "naive")
"""Servers whose answers must be dagway's; the others' have other shapes."""


@dataclass(slots=True)
class Taken:
    """What a page took from a server, over all rounds.

    Attributes:
        pages_s: Seconds of each page.
        wall_s: Seconds of all rounds.
        cpu_s: Seconds of the server's CPU; `database_s` of PostgreSQL's.
    """

    clients: int
    pages_s: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0
    database_s: float = 0.0
    peak_mib: float = 0.0

    @property
    def median_ms(self) -> float:
        """Of one page."""
        return statistics.median(self.pages_s) * 1_000

    @property
    def p95_ms(self) -> float:
        """Of one page."""
        if len(self.pages_s) == 1:
            return self.median_ms
        return statistics.quantiles(self.pages_s, n=20, method="inclusive")[-1] * 1_000

    @property
    def pages_a_s(self) -> float:
        """How many pages in a second."""
        return len(self.pages_s) / self.wall_s

    @property
    def work_ms(self) -> float:
        """CPU of one page, of the server and of PostgreSQL."""
        return self.each_ms(self.cpu_s + self.database_s)

    def each_ms(self, seconds: float) -> float:
        """What of a sum falls to one page."""
        return seconds / len(self.pages_s) * 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to a page's requests.

    Attributes:
        same: How it is like dagway's: `bytes`, `JSON`, or nothing.
    """

    size: int
    statements: int
    same: str


async def answers(
    page: Page, servers: Mapping[str, Server], postgres: Postgres | None = None
) -> dict[str, Answer]:
    """What each server says, the same where it must be; statements if there is one.

    A first answer, in which a server may learn the page, is thrown away.
    """
    found: dict[str, tuple[list[bytes], int]] = {}
    for name, server in _having(page, servers).items():
        async with connected(server.port, 1) as (client,):
            requests = [borne(one, server.token) for one in page.asked[name]]
            bodies = [await client.ask(one) for one in requests]
            said: list[str] = []
            if postgres is not None:
                with postgres.counted() as said:
                    bodies = [await client.ask(one) for one in requests]
        found[name] = bodies, len(said)
    (mine,), _ = found["dagway"]
    return {
        name: Answer(sum(map(len, bodies)), number, _like(page, name, bodies, mine))
        for name, (bodies, number) in found.items()
    }


def _like(page: Page, name: str, bodies: Sequence[bytes], mine: bytes) -> str:
    """How an answer is like dagway's.

    Raises:
        ValueError: if it must be the same and is not, or is an error.
    """
    if name not in {"dagway", *SAME}:
        if name == "postgraphile" and "errors" in orjson.loads(bodies[0]):
            raise ValueError(page.title, bodies[0][:1000])
        return ""
    (theirs,) = bodies
    said, own = _timeless(theirs), _timeless(mine)
    if orjson.loads(said) != orjson.loads(own) or b'"errors"' in own[:20]:
        raise ValueError(page.title, name, theirs[:2000], mine[:2000])
    return "bytes" if said == own else "JSON"


def _timeless(body: bytes) -> bytes:
    """An answer without the instant at which it was given."""
    return alike(_INSTANT.sub(b'"asOf":""', body, count=1))


def alike(body: bytes) -> bytes:
    """An answer with its instants spelled as dagway does; strawberry has +00:00."""
    return body.replace(b'+00:00"', b'Z"')


def _having(page: Page, servers: Mapping[str, Server]) -> dict[str, Server]:
    return {name: servers[name] for name in page.asked if name in servers}


async def measure(
    page: Page,
    servers: Mapping[str, Server],
    postgres: Postgres,
    number: int,
    rounds: int,
) -> dict[str, Taken]:
    """What a page takes from each server for a number of clients, in turn.

    Each turn has connections of its own: uvicorn ends those that wait 5 seconds.
    """
    asked = {
        name: server
        for name, server in _having(page, servers).items()
        if number == 1 or name not in _ALONE
    }
    found = {name: Taken(number) for name in asked}
    for server in asked.values():
        server.forget_peak()
    for _ in range(rounds):
        for name, taken in found.items():
            requests = [borne(one, asked[name].token) for one in page.asked[name]]
            times = page.alone if number == 1 else page.each
            times = 1 if len(requests) > _FEW else times // _SLOW.get(name, 1)
            times = max(times, 1)
            await _turn(requests, asked[name], postgres, times, taken)
    return found


async def _turn(
    requests: Sequence[bytes],
    server: Server,
    postgres: Postgres,
    times: int,
    taken: Taken,
) -> None:
    """Add what some clients' pages take."""
    async with connected(server.port, taken.clients) as clients:
        cpu, database, begin = server.cpu_s(), postgres.cpu_s(), time.perf_counter()
        each = await asyncio.gather(*(one.time(requests, times) for one in clients))
        taken.wall_s += time.perf_counter() - begin
        taken.cpu_s += server.cpu_s() - cpu
        taken.database_s += postgres.cpu_s() - database
    taken.pages_s += [one for some in each for one in some]
    taken.peak_mib = server.peak_mib()
