"""A gateway on a PostgreSQL of its own, and what may happen to that."""

import asyncio
import lzma
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from dagway.operation import encoded, opened
from tests.reliability.fault import Fault
from tests.reliability.load import Load, known_answers, request
from tests.support.clusters import Cluster, cluster
from tests.support.databases import FIXTURES
from tests.support.documents import core
from tests.support.servers import DAGWAY, Server, served

BEFORE, AFTER = "2.11.2-postgresql", "2.11.2-to-3.3.2-postgresql"
"""A database, and the same once Airflow has migrated it."""
POOL = 5
OPERATION_S = 3.0
_DATABASE = "airflow"
_DOCUMENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("{ dags(first: 200) { nodes { dagId } totalCount } }", {}),
    (core("graph"), {"dagId": "fx_chain"}),
    (core("grid_instances"), {"dagId": "fx_chain"}),
    ("{ __typename }", {}),
)
_SETTINGS: dict[str, Any] = {
    "DAGWAY_POOL_SIZE": str(POOL),
    "DAGWAY_STATEMENT_TIMEOUT": "1",
    "DAGWAY_OPERATION_TIMEOUT": str(OPERATION_S),
}
_COMMAND = ("bash", "-c", 'ulimit -Sn 256; exec "$0" "$@"', *DAGWAY)
_LOST, _LATE, _BUSY = "200 DATABASE_ERROR", "400 TIMEOUT", "429 BUSY"


def _script(name: str) -> str:
    return lzma.decompress((FIXTURES / f"{name}.sql.xz").read_bytes()).decode()


@dataclass
class OnPostgres:
    """A gateway under load.

    Attributes:
        cluster: Its database's server.
    """

    cluster: Cluster
    server: Server
    load: Load
    _turns: Iterator[str] = field(default_factory=lambda: cycle((AFTER, BEFORE)))

    def connections(self) -> int:
        """How many the gateway has to its database."""
        counted = "SELECT count(*) FROM pg_stat_activity WHERE "
        return int(self.cluster.psql(f"{counted} application_name = 'dagway'"))

    def clients(self) -> int:
        """How many connections the gateway has from its clients, open ones."""
        port = f":{self.server.port:04X}"
        rows = [one.split() for one in Path("/proc/net/tcp").read_text().splitlines()]
        return sum(one[1].endswith(port) and one[3] == "01" for one in rows[1:])

    def migrate(self) -> None:
        """Have the newer database in the place of the older one, or the reverse.

        In one transaction, as Alembic does it on PostgreSQL.
        """
        script = _script(next(self._turns))
        again = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
        self.cluster.psql(f"BEGIN; {again}\n{script}\nCOMMIT;", _DATABASE)


@contextmanager
def on_postgres(
    *, is_loaded: bool = True, is_varied: bool = False
) -> Iterator[OnPostgres]:
    """A gateway on a new server's database, and its load.

    Args:
        is_loaded: Whether clients ask from the begin to the end.
        is_varied: Whether one document in many is one that nobody sent before.
    """
    with cluster() as made:
        made.start()
        for name, fixture in ((_DATABASE, BEFORE), ("later", AFTER)):
            made.psql(f"CREATE DATABASE {name}")
            made.psql(_script(fixture), name)
        with served(made.address(_DATABASE), command=_COMMAND, **_SETTINGS) as server:
            asked = known_answers(server.port, [request(*one) for one in _DOCUMENTS])
            later = asyncio.run(_answers(made.address("later")))
            right = {
                body: answers | {after}
                for (body, answers), after in zip(asked.items(), later, strict=True)
            }
            load = Load(server.port, right, is_varied=is_varied)
            with load if is_loaded else nullcontext():
                yield OnPostgres(made, server, load)


async def _answers(address: str) -> list[bytes]:
    """What is right on another database."""
    async with opened(address) as gateway:
        return [encoded((await gateway.answer(*one)).response) for one in _DOCUMENTS]


def _restart(mode: str, scene: OnPostgres) -> None:
    scene.cluster.restart(mode)


def _kill(scene: OnPostgres) -> None:
    killing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
    for _ in range(5):
        scene.cluster.psql(f"{killing} application_name = 'dagway'")
        time.sleep(0.2)


def _lock(scene: OnPostgres) -> None:
    locking = "BEGIN; LOCK TABLE dag; SELECT pg_sleep(2.5); COMMIT"
    scene.cluster.psql(locking, _DATABASE)


def _crowd(scene: OnPostgres) -> None:
    with Load(scene.server.port, scene.load.asked, clients=96) as crowd:
        _lock(scene)
    scene.load.add(crowd.taken())


FAULTS: tuple[Fault[OnPostgres], ...] = (
    Fault(
        "killed-connections",
        "`pg_terminate_backend` of all connections, five times",
        _kill,
        frozenset({_LOST}),
    ),
    Fault(
        "restart-fast",
        "`pg_ctl restart -m fast`",
        lambda scene: _restart("fast", scene),
        frozenset({_LOST}),
    ),
    Fault(
        "restart-immediate",
        "`pg_ctl restart -m immediate`, as after a crash",
        lambda scene: _restart("immediate", scene),
        frozenset({_LOST}),
    ),
    Fault(
        "statement-timeouts",
        "a lock on `dag` for 2.5 s; a statement may take 1 s, an operation 3 s",
        _lock,
        frozenset({_LATE}),
    ),
    Fault(
        "pool-exhausted",
        f"the same lock, {POOL} connections, and 96 clients more",
        _crowd,
        frozenset({_LATE, _BUSY}),
    ),
    Fault(
        "migration",
        "the database becomes one that Airflow migrated from 2.11 to 3.3, or back",
        OnPostgres.migrate,
        frozenset({_LATE, _LOST}),
    ),
)
