"""Opens a SQLite file to read, whatever its journal mode and its folder's rights.

A database in WAL mode is read through a -wal and a -shm file beside it. Where they are
missing and the folder lets us make none, SQLite cannot open the database. Then nobody
has it open, and the file alone is the database: it is opened as `immutable`, without
locks, and opened anew before the next operation as soon as the file or its folder
shows a change. A writer that comes and goes within one operation is not noticed.
"""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import exc

from metadb.address import SqliteAddress
from metadb.errors import NotAirflow, NotReadable, Unreachable, UnusableDatabase

_WAL = b"\x02\x02"  # bytes 18 and 19 of the header: versions to write and to read
_NO_SHM = ("SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY")


@dataclass(frozen=True, slots=True)
class _Mark:
    """Tells a file from another one, and from itself after a change."""

    file: tuple[int, int]
    changed: tuple[int, int]


class SqliteFile:
    """A file: how to open it, and whether an open one is still that file."""

    def __init__(self, address: SqliteAddress) -> None:
        self._path = Path(os.path.abspath(address.path))  # noqa: PTH100  # keep links
        self._busy_s = address.busy_s

    def connect(
        self, dialect: Any, record: Any, args: Any, arguments: dict[str, Any]
    ) -> Any:
        """A new connection, which has read the file once."""
        del args, arguments
        mark = self._mark()
        immutable = False
        try:
            connection = self._opened(dialect, "mode=ro")
        except sqlite3.Error as error:
            immutable = self._is_whole(error)
            if not immutable:
                raise self._meaning(error) from None
            connection = self._opened(dialect, "mode=ro&immutable=1")
        record.info.update(mark=mark, immutable=immutable)
        return connection

    def check(self, connection: Any, record: Any, proxy: Any) -> None:
        """Have a connection to a file that is not there any more replaced."""
        del connection, proxy
        before: _Mark = record.info["mark"]
        now = self._mark()
        is_same = before.file == now.file
        if record.info["immutable"]:
            is_same = before == now and self._is_closed()
        if not is_same:
            raise exc.DisconnectionError

    def _opened(self, dialect: Any, how: str) -> Any:
        connection = dialect.connect(
            f"file:{quote(str(self._path))}?{how}",
            async_creator_fn=_connected,
            uri=True,
            timeout=self._busy_s,
            isolation_level=None,  # a session says BEGIN itself
        )
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA query_only = 1")
            cursor.execute("SELECT count(*) FROM sqlite_schema")
            cursor.close()
        except BaseException:
            connection.close()
            raise
        return connection

    def _mark(self) -> _Mark:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            message = f"there is no file {self._path}"
            raise Unreachable(message) from None
        except OSError as error:
            message = f"{self._path} cannot be read: {error.strerror}"
            raise NotReadable(message) from None
        return _Mark((found.st_dev, found.st_ino), (found.st_mtime_ns, found.st_size))

    def _beside(self, suffix: str) -> Path:
        """A file of SQLite's beside the database; it follows links."""
        found = self._path.resolve()
        return found.with_name(found.name + suffix)

    def _is_whole(self, error: sqlite3.Error) -> bool:
        """Whether a file that could not be opened is the database without its -wal."""
        if not error.sqlite_errorname.startswith(_NO_SHM):
            return False
        try:
            with self._path.open("rb") as file:
                header = file.read(20)
        except OSError:
            return False
        return header[18:] == _WAL and self._is_closed()

    def _is_closed(self) -> bool:
        """Whether nobody has the database open, and nobody left changes in its -wal."""
        wal, shm = self._beside("-wal"), self._beside("-shm")
        return not wal.exists() or (not wal.stat().st_size and not shm.exists())

    def _meaning(self, error: sqlite3.Error) -> UnusableDatabase:
        name = error.sqlite_errorname
        if name == "SQLITE_NOTADB":
            return NotAirflow(f"{self._path} is not a SQLite database")
        if name.startswith("SQLITE_BUSY"):
            return Unreachable(
                f"{self._path} is locked, and was for {self._busy_s:g} s: {error}"
            )
        try:
            with self._path.open("rb"):
                pass
        except OSError as reason:
            return NotReadable(f"{self._path} cannot be read: {reason.strerror}")
        if self._beside("-wal").exists():
            return Unreachable(
                f"{self._path} has changes in its -wal file, which cannot be read: let "
                "this user read the -wal and -shm files, or make them in the folder"
            )
        return Unreachable(f"{self._path} cannot be opened: {error}")


async def _connected(database: str, **arguments: Any) -> aiosqlite.Connection:
    """A connection; a file that cannot be opened leaves no thread behind."""
    connection = aiosqlite.connect(database, **arguments)
    thread = connection._thread  # noqa: SLF001  # SQLAlchemy's own creator does so too
    thread.daemon = True
    try:
        return await connection
    except sqlite3.Error:
        thread.join()  # it has been told to end
        raise
