"""PgBouncer, Debian's, in transaction mode before a PostgreSQL server of the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PROGRAM = "/usr/sbin/pgbouncer"
PORT = 6432
PATIENCE_S = 10.0


@contextmanager
def pooled(address: str, connections: int, *, ignoring: str = "") -> Iterator[str]:
    """The address of a pooler before a database, until the block is left.

    Args:
        address: The database's, on a socket.
        connections: How many server connections it has at most.
        ignoring: Its `ignore_startup_parameters`.
    """
    folder = Path(tempfile.mkdtemp(prefix="dagway-pb-"))
    parts = urlsplit(address)
    place, name = parse_qs(parts.query), parts.path.lstrip("/")
    server, port = place["host"][0], place.get("port", ["5432"])[0]
    (folder / "users").write_text(f'"{parts.username}" ""\n')
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(f"""[databases]
{name} = host={server} port={port} dbname={name}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {PORT}
auth_type = trust
auth_file = {folder / "users"}
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
ignore_startup_parameters = {ignoring}
logfile = {folder / "log"}
""")
    command: list[str | Path] = [PROGRAM, "-q", configuration]
    if os.geteuid() == 0:  # it refuses to run as root; the server's user has the socket
        user = pwd.getpwnam(Path(server).owner())
        for path in (folder, *folder.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        command[1:1] = ["-u", user.pw_name]
    process = subprocess.Popen(command)
    try:
        _wait(folder / f".s.PGSQL.{PORT}")
        yield f"postgresql://{parts.username}@/{name}?host={folder}&port={PORT}"
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        shutil.rmtree(folder)


def _wait(socket: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while not socket.exists():
        if time.monotonic() > end:
            message = f"PgBouncer made no {socket}"
            raise RuntimeError(message)
        time.sleep(0.02)
