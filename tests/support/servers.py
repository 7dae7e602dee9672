"""Servers as a user starts them: processes of their own, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
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


@contextmanager
def served(address: str, *options: str, **variables: str) -> Iterator[Server]:
    """A server on a database, with variables; it has ended when the block is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "dagway", "serve", "--port", str(port), *options]
    process = subprocess.Popen(
        [*command, "--db", address],
        cwd=ROOT,
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
