"""Servers as a user starts them: processes of their own, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


def environment(**more: str) -> dict[str, str]:
    """This one without what would name a database or change a gateway."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DAGWAY_", "AIRFLOW_"))
    }
    return {**kept, **more}


@dataclass
class Server:
    """A server that answers."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The data of an answer that has no errors."""
        asked = {"query": document, "variables": {**(variables or {})}}
        answer = httpx.post(
            self.url, json=asked, headers=headers, timeout=PATIENCE_S
        ).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def stopped(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """End it by a signal: its exit status, and what it wrote to both outputs."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err


DAGWAY = (sys.executable, "-m", "dagway")


@contextmanager
def served(
    address: str | None,
    *options: str,
    name: str = "serve",
    command: Sequence[str] = DAGWAY,
    cwd: Path = ROOT,
    **variables: str,
) -> Iterator[Server]:
    """A server on a database; it has ended when the block is left.

    Args:
        address: The database's; None for a command that makes its own.
        options: Of the command.
        name: The command.
        command: How dagway is run.
        cwd: The folder that it is run in.
        variables: Of its environment.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    database = () if address is None else ("--db", address)
    process = subprocess.Popen(
        [*command, name, "--port", str(port), *options, *database],
        cwd=cwd,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait(process, port)
        yield Server(process, port)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _wait(process: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/graphql", params={"query": "{ asOf }"})
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    process.kill()
    message = f"the server did not answer: {process.communicate()}"
    raise RuntimeError(message)
