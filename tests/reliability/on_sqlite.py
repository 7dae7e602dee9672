"""A gateway of two workers on a SQLite file, and what may happen to them.

Its wall clock is what a file says (`tests.reliability.shifted`). It has no right to
read or write where a file's mode says so, even if its user is root.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.reliability import CLOCK
from tests.reliability.fault import Fault
from tests.reliability.load import BROKEN, Load, known_answers, request
from tests.reliability.process import family
from tests.support.databases import Databases
from tests.support.documents import core
from tests.support.servers import PATIENCE_S, Server, served

WORKERS = 2
_DOCUMENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("{ dags(first: 200) { nodes { dagId } totalCount } }", {}),
    (core("graph"), {"dagId": "fx_chain"}),
    (core("grid_instances"), {"dagId": "fx_mapped"}),
    ("{ __typename }", {}),
)
_BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
_SHIFTED = (sys.executable, "-m", "tests.reliability.shifted")
_HOUR, _DAY = 3_600, 86_400
_LOST = "200 DATABASE_ERROR"


@dataclass
class OnSqlite:
    """A gateway under load.

    Attributes:
        file: Its database.
        clock: Says how many seconds the clock is off.
    """

    file: Path
    clock: Path
    server: Server
    load: Load

    def workers(self) -> list[int]:
        """The processes that have the database open."""
        return [one for one in family(self.server.process.pid) if self._reads(one)]

    def _reads(self, pid: int) -> bool:
        try:
            open_files = [one.readlink() for one in Path(f"/proc/{pid}/fd").iterdir()]
        except FileNotFoundError:  # it, or one of its files, is gone meanwhile
            return False
        return any(one.parent == self.file.parent for one in open_files)


@contextmanager
def on_sqlite(databases: Databases) -> Iterator[OnSqlite]:
    """A gateway on a copy of a file, and its load."""
    file = Path(databases.copy("3.3.2-sqlite").removeprefix("sqlite:///"))
    with tempfile.TemporaryDirectory(prefix="dagway-clock-") as folder:
        clock = Path(folder) / "clock"
        clock.write_text("0")
        settings: dict[str, Any] = {
            CLOCK: str(clock),
            "DAGWAY_RATE_POINTS": "1000000",
            "DAGWAY_RATE_BURST": "1000000",
        }
        command = (*_BOUND, *_SHIFTED) if os.geteuid() == 0 else _SHIFTED
        options = ("--workers", str(WORKERS))
        address = f"sqlite:///{file}"
        with served(address, *options, command=command, **settings) as server:
            asked = known_answers(server.port, [request(*one) for one in _DOCUMENTS])
            with Load(server.port, asked) as load:
                yield OnSqlite(file, clock, server, load)


def _read_only(scene: OnSqlite) -> None:
    scene.file.chmod(0o444)
    scene.file.parent.chmod(0o555)
    time.sleep(1)
    scene.file.parent.chmod(0o755)
    scene.file.chmod(0o644)


def _replace(scene: OnSqlite) -> None:
    copy = scene.file.with_suffix(".copy")
    for _ in range(5):
        shutil.copyfile(scene.file, copy)
        copy.rename(scene.file)
        time.sleep(0.2)


def _take_away(scene: OnSqlite) -> None:
    away = scene.file.with_suffix(".away")
    scene.file.rename(away)
    time.sleep(1)
    away.rename(scene.file)


def _make_unreadable(scene: OnSqlite) -> None:
    copy = scene.file.with_suffix(".copy")
    shutil.copyfile(scene.file, copy)
    copy.chmod(0)
    copy.rename(scene.file)
    time.sleep(1)
    scene.file.chmod(0o644)


def _kill_worker(scene: OnSqlite) -> None:
    """The other one answers until it is replaced."""
    until_whole(scene)
    os.kill(scene.workers()[0], signal.SIGKILL)


def _jump(scene: OnSqlite) -> None:
    for off_s in (_HOUR, -_HOUR, 400 * _DAY, -400 * _DAY, 0):
        new = scene.clock.with_suffix(".new")
        new.write_text(str(off_s))
        new.rename(scene.clock)
        time.sleep(0.5)


def until_whole(scene: OnSqlite) -> None:
    """Return once there are all workers again.

    Raises:
        AssertionError: if that takes too long.
    """
    end = time.monotonic() + PATIENCE_S
    while len(scene.workers()) < WORKERS:
        assert time.monotonic() < end, "the worker is not replaced"
        time.sleep(0.1)


FAULTS: tuple[Fault[OnSqlite], ...] = (
    Fault("read-only", "the SQLite file and its folder may not be written", _read_only),
    Fault("replaced", "the file is replaced by a copy, five times", _replace),
    Fault(
        "taken-away", "the file is not there for 1 s", _take_away, frozenset({_LOST})
    ),
    Fault(
        "unreadable",
        "the file may not be read for 1 s",
        _make_unreadable,
        frozenset({_LOST}),
    ),
    Fault(
        "killed-worker",
        f"`kill -9` of one of {WORKERS} workers",
        _kill_worker,
        frozenset({BROKEN}),
    ),
    Fault(
        "clock-jumps",
        "the clock goes an hour, then 400 days, forth and back",
        _jump,
    ),
)
