"""A PostgreSQL server of a test's own with a streaming replica, on Airflow's tables."""

import asyncio
import lzma
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.clusters import Cluster, cluster, replica
from tests.support.databases import FIXTURES

DATABASE = "airflow"
PATIENCE_S = 30.0
_BEGUN = "BEGIN ISOLATION LEVEL REPEATABLE READ"


@dataclass(frozen=True)
class Pair:
    """A primary and its replica."""

    primary: Cluster
    replica: Cluster

    def write(self, script: str) -> None:
        """Write to the primary as Airflow would."""
        self.primary.psql(script, DATABASE)

    def describe(self, text: str) -> None:
        """Change the database so that an answer shows it."""
        self.write(f"UPDATE dag SET dag_display_name = '{text}'")

    def pause(self) -> None:
        """Have the replica replay nothing any more."""
        self.replica.psql("SELECT pg_wal_replay_pause()")
        self.replica.psql(
            "DO $$ BEGIN WHILE pg_get_wal_replay_pause_state() <> 'paused' LOOP "
            "PERFORM pg_sleep(0.01); END LOOP; END $$"
        )

    def resume(self) -> None:
        """Have it go on."""
        self.replica.psql("SELECT pg_wal_replay_resume()")

    @property
    def begun(self) -> tuple[int, int]:
        """How many operations each has begun."""
        return begun_on(self.primary), begun_on(self.replica)


def begun_on(server: Cluster) -> int:
    """How many operations a server has begun, as its own log says."""
    return (server.folder / "log").read_text(errors="replace").count(_BEGUN)


def start(server: Cluster, *settings: str) -> None:
    """Start a server that logs its statements."""
    server.start("log_statement=all", *settings)


@contextmanager
def pair() -> Iterator[Pair]:
    """A primary with Airflow's tables, and a replica; both run."""
    packed = (FIXTURES / "3.3.2-postgresql.sql.xz").read_bytes()
    with cluster() as primary:
        start(primary)
        primary.psql(f"CREATE DATABASE {DATABASE}")
        primary.psql(lzma.decompress(packed).decode(), DATABASE)
        with replica(primary) as other:
            start(other)
            yield Pair(primary, other)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: if it never is.
    """
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.02)
