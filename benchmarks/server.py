"""A server in a process of its own, and what it has used."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dagway.__main__ import LOOPBACK
from dagway.database_address import ADDRESS

POSTGRAPHILE = Path(__file__).parent / "postgraphile"
NODE = POSTGRAPHILE / "node_modules" / "node" / "bin" / "node"
PATIENCE_S = 120.0
_QUIET = ["--log-level", "warning", "--no-access-log"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        token: What a request to it must bear; empty if nothing.
    """

    port: int
    pid: int
    token: str = ""

    def cpu_s(self) -> float:
        """Seconds of CPU that it has used so far, with its child processes."""
        return sum(spent_s(pid) for pid in family(self.pid))

    def peak_mib(self) -> float:
        """The most memory that was resident since `forget_peak`."""
        return sum(_peak_mib(pid) for pid in family(self.pid))

    def forget_peak(self) -> None:
        """Let the peak begin at what is resident now."""
        for pid in family(self.pid):
            Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")


def family(pid: int) -> list[int]:
    """A process and those that come from it; none if it has ended."""
    try:
        threads = list(Path(f"/proc/{pid}/task").glob("*/children"))
        children = [int(one) for each in threads for one in each.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(one for child in children for one in family(child))]


def spent_s(pid: int) -> float:
    """Seconds of CPU that a process's threads have used; 0 if it has ended."""
    try:
        threads = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
        return sum(int(one.read_text("ascii").split()[0]) for one in threads) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextmanager
def dagway(address: str, **more: str) -> Iterator[Server]:
    """Dagway as it serves, with one worker, and with more variables."""
    port = _free_port()
    command = [sys.executable, "-m", "dagway", "serve", "--port", str(port)]
    with _serving(command, port, {ADDRESS: address, **more}) as server:
        yield server


@contextmanager
def peer(name: str, address: str) -> Iterator[Server]:
    """An application of `benchmarks.peers`, under uvicorn as dagway runs it."""
    port = _free_port()
    target = ["uvicorn", f"benchmarks.peers:{name}", "--factory"]
    headers = ["--no-server-header", "--no-date-header", "--port", str(port)]
    command = [sys.executable, "-m", *target, *_QUIET, *headers]
    with _serving(command, port, {ADDRESS: address}) as server:
        yield server


@contextmanager
def postgraphile(address: str) -> Iterator[Server]:
    """PostGraphile, as `npm ci` in its folder installs it."""
    port = _free_port()
    command = [
        NODE,
        POSTGRAPHILE / "node_modules" / "postgraphile" / "dist" / "cli-run.js",
        *("-C", POSTGRAPHILE / "graphile.config.mjs"),
    ]
    production = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    more = {"DATABASE_URL": address, "PORT": str(port), **production}
    with _serving([str(part) for part in command], port, more) as server:
        yield server


@contextmanager
def airflow(address: str, python: Path) -> Iterator[Server]:
    """Airflow's own API server, by the Python that it is installed for."""
    port = _free_port()
    options = {
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "API__WORKERS": "1",
        "API__SECRET_KEY": secrets.token_hex(64),
        "API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "LOGGING__LOGGING_LEVEL": "WARNING",
        "DATABASE__SQL_ALCHEMY_CONN": address.replace("://", "+psycopg2://"),
    }
    more = {f"AIRFLOW__{name}": value for name, value in options.items()}
    arguments = ["api-server", "--host", LOOPBACK, "--port", str(port)]
    with tempfile.TemporaryDirectory() as home:
        more["AIRFLOW_HOME"] = home
        command = [str(python), "-m", "airflow", *arguments]
        with _serving(command, port, more) as server:
            asked = f"http://{LOOPBACK}:{port}/auth/token"
            with urllib.request.urlopen(asked) as answer:  # ours
                token = json.load(answer)["access_token"]
            yield Server(port, server.pid, token)


@contextmanager
def _serving(
    command: list[str], port: int, more: Mapping[str, str]
) -> Iterator[Server]:
    with subprocess.Popen(  # noqa: S603  # our own servers
        command,
        env={**os.environ, **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port, process)
            yield Server(port, process.pid)
        finally:
            for pid in reversed(family(process.pid)):
                os.kill(pid, signal.SIGTERM)


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until somebody listens.

    Raises:
        RuntimeError: if the process ends instead, or takes too long.
    """
    end = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((LOOPBACK, port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(process.args)
