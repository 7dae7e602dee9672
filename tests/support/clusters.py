"""PostgreSQL servers of a test's own, on a port of this machine.

They are Debian's, which can TLS; that of the other tests is built without it.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "postgres"  # of Debian's package; servers refuse to run as root


@dataclass(frozen=True)
class Cluster:
    """A server's folder, and where it listens.

    Attributes:
        folder: What it stores, which its user owns.
        port: On 127.0.0.1.
    """

    folder: Path
    port: int

    def address(self, database: str = "postgres", role: str = "postgres") -> str:
        """A database's address by TCP."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def psql(self, script: str, database: str = "postgres") -> str:
        """What psql prints of a script."""
        program: list[str | Path] = [
            _programs() / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        return run(*program, "-d", self.address(database), given=script)

    def write(self, name: str, content: bytes) -> None:
        """A file in the folder that only its user may read."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        _give(path)

    def start(self, *settings: str) -> None:
        """Start the server, with settings as `name=value`."""
        chosen = [f"port={self.port}", "listen_addresses=127.0.0.1", "fsync=off"]
        chosen += [f"unix_socket_directories={self.folder}", *settings]
        options = " ".join(f"-c {one}" for one in chosen)
        log = self.folder / "log"
        program: list[str | Path] = [
            _programs() / "pg_ctl",
            "-D",
            self.folder,
            "-w",
            "-l",
            log,
        ]
        run(*program, "-o", options, "start", is_server=True)

    def stop(self) -> None:
        """Stop it at once."""
        self._control("stop", "immediate")

    def restart(self, mode: str) -> None:
        """Restart it, with its settings.

        Args:
            mode: `fast`, which ends connections first; `immediate`, as in a crash.
        """
        self._control("restart", mode)

    def _control(self, what: str, mode: str) -> None:
        program: list[str | Path] = [_programs() / "pg_ctl", "-D", self.folder]
        log = self.folder / "log"
        run(*program, "-w", "-l", log, "-m", mode, what, is_server=True)


def run(*command: str | Path, given: str = "", is_server: bool = False) -> str:
    """What a command prints; as PostgreSQL's user if it is of the server.

    Raises:
        RuntimeError: if it fails.
    """
    is_other = is_server and os.geteuid() == 0
    with tempfile.TemporaryFile("w+") as said:  # a server keeps what it is given open
        done = subprocess.run(
            [*command],
            input=given,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            user=USER if is_other else None,
            check=False,
        )
        said.seek(0)
        text = said.read()
    if done.returncode:
        raise RuntimeError(text)
    return text


def _programs() -> Path:
    """The folder of the newest PostgreSQL's programs."""
    found = Path("/usr/lib/postgresql").glob("*/bin")
    return max(found, key=lambda folder: int(folder.parent.name))


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER)
        os.chown(path, user.pw_uid, user.pw_gid)


@contextmanager
def empty_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user owns, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="dagway-cl-"))
    _give(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _made(program: str, *options: str) -> Iterator[Cluster]:
    """A server whose folder a program makes."""
    with empty_folder() as folder:
        made = Cluster(folder, free_port())
        run(_programs() / program, "-D", folder, *options, is_server=True)
        try:
            yield made
        finally:
            if (folder / "postmaster.pid").exists():
                made.stop()


def replica(primary: Cluster) -> AbstractContextManager[Cluster]:
    """A streaming replica of a server that runs; its server ends with the block."""
    source = ("-d", primary.address())
    return _made("pg_basebackup", *source, "-R", "-c", "fast", "-X", "stream")


def cluster() -> AbstractContextManager[Cluster]:
    """A new server's folder; its server, if one was started, ends with the block."""
    who = ("-U", "postgres", "-A", "trust")
    return _made("initdb", *who, "-N", "-E", "UTF8", "--locale=C")
