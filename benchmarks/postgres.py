"""What PostgreSQL does for a server: CPU and statements, of the whole server."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.server import family, spent_s
from tests.support.databases import PostgresServer

_RELOADED_S = 0.3
_STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): *(\w+)")
_NOT_COUNTED = {
    *("BEGIN", "START", "COMMIT", "ROLLBACK", "SET", "RESET", "SHOW"),
    *("FETCH", "CLOSE", "DEALLOCATE", "SAVEPOINT", "RELEASE"),
}
"""They have no plan, or are more of a statement that was counted."""


class Postgres:
    """A PostgreSQL server, seen from outside."""

    def __init__(self, server: PostgresServer, address: str) -> None:
        self._server = server
        self._folder = Path(address.partition("host=")[2].replace("%2F", "/"))
        lines = (self._folder / "postmaster.pid").read_text("ascii").splitlines()
        self._postmaster = int(lines[0])

    def cpu_s(self) -> float:
        """Seconds of CPU of its processes, with those that have ended."""
        stat = Path(f"/proc/{self._postmaster}/stat").read_text("utf-8")
        user, system = stat.rpartition(")")[2].split()[13:15]
        ended_s = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        return ended_s + sum(spent_s(pid) for pid in family(self._postmaster))

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The first words of statements that end within the block, when it has ended.

        Nobody else may use the server meanwhile.
        """
        log, found = self._folder / "log", list[str]()
        self._tell("all")
        begin = log.stat().st_size
        yield found
        time.sleep(_RELOADED_S)
        with log.open("rb") as written:
            written.seek(begin)
            said = written.read().decode()
        self._tell("none")
        words = (word.upper() for word in _STATEMENT.findall(said))
        found += [word for word in words if word not in _NOT_COUNTED]

    def _tell(self, which: str) -> None:
        self._server.run(
            f"ALTER SYSTEM SET log_statement = '{which}'", "SELECT pg_reload_conf()"
        )
        time.sleep(_RELOADED_S)
