"""Servers as a user starts them: processes of their own, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

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
    """A server that answers.

    Attributes:
        process: Its first process, which leads a group of its own.
        port: Where it listens.
        out: The file that it prints to.
        err: The file of its log: nobody reads a pipe meanwhile.
    """

    process: subprocess.Popen[str]
    port: int
    out: IO[str]
    err: IO[str]

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
        self.process.wait(PATIENCE_S)
        return self.process.returncode, _text(self.out), _text(self.err)


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
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            [*command, name, "--port", str(port), *options, *database],
            cwd=cwd,
            env=environment(**variables),
            stdout=out,
            stderr=err,
            text=True,
            start_new_session=True,
        )
        server = Server(process, port, out, err)
        try:
            _wait(server)
            yield server
        finally:
            with suppress(ProcessLookupError):  # workers may outlive the first process
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _wait(server: Server) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and server.process.poll() is None:
        try:
            httpx.get(server.url, params={"query": "{ asOf }"})
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    said = (_text(server.out), _text(server.err))
    message = f"the server did not answer: {said}"
    raise RuntimeError(message)
