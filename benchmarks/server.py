"""A server in a process of its own, and what it has used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dagway.__main__ import LOOPBACK
from dagway.database_address import ADDRESS


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """Seconds of CPU that its threads have used so far."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(one.read_text("ascii").split()[0]) for one in threads) / 1e9

    def peak_mib(self) -> float:
        """The most memory that was resident since `forget_peak`."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        (line,) = (one for one in status.splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def forget_peak(self) -> None:
        """Let the peak begin at what is resident now."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "ascii")


@contextmanager
def dagway(address: str) -> Iterator[Server]:
    """Dagway as it serves, with one worker."""
    with _serving(["dagway", "serve"], address) as server:
        yield server


@contextmanager
def peer(name: str, address: str) -> Iterator[Server]:
    """An application of `benchmarks.peers`, under uvicorn as dagway runs it."""
    options = ["--log-level", "warning", "--no-access-log"]
    headers = ["--no-server-header", "--no-date-header"]
    target = ["uvicorn", f"benchmarks.peers:{name}", "--factory"]
    with _serving([*target, *options, *headers], address) as server:
        yield server


@contextmanager
def _serving(module: list[str], address: str) -> Iterator[Server]:
    port = _free_port()
    command = [sys.executable, "-m", *module, "--port", str(port)]
    with subprocess.Popen(  # noqa: S603  # our own servers
        command, env={**os.environ, ADDRESS: address}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until somebody listens.

    Raises:
        RuntimeError: if the process ends instead.
    """
    while process.poll() is None:
        try:
            socket.create_connection((LOOPBACK, port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(process.args)
