import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from metadb.engine import create_engine
from metadb.errors import NotAirflow, NotReadable, Unreachable, UnusableDatabase
from tests.support.rights import without_rights

JOURNALS = ["wal", "delete"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may enter; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        found = Path(name)
        found.chmod(0o755)
        yield found
        found.chmod(0o755)


def database(folder: Path, journal: str) -> Path:
    """A database with one row, which nobody has open."""
    path = folder / "airflow ?#%.db"  # signs that a URI would take for its own
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.commit()
    return path


def names(folder: Path) -> list[str]:
    """The names of a folder's files."""
    return [file.name for file in folder.iterdir()]


def insert(path: Path) -> None:
    """Add a row as another process would, and close the database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        connection.commit()


@asynccontextmanager
async def engine_on(path: Path) -> AsyncIterator[AsyncEngine]:
    """An engine with one connection, until the block is left."""
    address = f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"
    engine = create_engine(f"{address}?timeout=0.1", pool_size=1)
    try:
        yield engine
    finally:
        await engine.dispose()


async def rows(engine: AsyncEngine) -> Any:
    """How many rows are seen."""
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT count(*) FROM t"))


async def refused(path: Path) -> UnusableDatabase:
    """The error of a file that does not open."""
    async with engine_on(path) as engine:
        with pytest.raises(UnusableDatabase) as caught:
            await rows(engine)
    return caught.value


@pytest.mark.parametrize("journal", JOURNALS)
async def test_a_database_is_read_beside_a_live_writer(
    folder: Path, journal: str
) -> None:
    path = database(folder, journal)
    with closing(sqlite3.connect(path)) as writer:
        async with engine_on(path) as engine:
            assert await rows(engine) == 1

            writer.execute("INSERT INTO t VALUES (1)")
            assert await rows(engine) == 1

            writer.commit()
            assert await rows(engine) == 2


async def test_a_transaction_sees_one_state_beside_a_writer(folder: Path) -> None:
    path = database(folder, "wal")
    async with engine_on(path) as engine, engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await raw.execute("BEGIN")
        before = await raw.execute_fetchall("SELECT count(*) FROM t")

        insert(path)

        assert await raw.execute_fetchall("SELECT count(*) FROM t") == before == [(1,)]
        await raw.execute("ROLLBACK")
        assert await raw.execute_fetchall("SELECT count(*) FROM t") == [(2,)]


@pytest.mark.parametrize("journal", JOURNALS)
async def test_a_database_in_a_folder_that_cannot_be_written_to_is_read(
    folder: Path, journal: str
) -> None:
    path = database(folder, journal)
    with without_rights(folder):
        async with engine_on(path) as engine:
            assert await rows(engine) == 1

        assert names(folder) == [path.name]


async def test_a_live_writer_is_read_from_a_folder_that_cannot_be_written_to(
    folder: Path,
) -> None:
    path = database(folder, "wal")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()

        with without_rights(folder):
            async with engine_on(path) as engine:
                assert await rows(engine) == 2


@pytest.mark.parametrize("stays", [True, False])
async def test_a_writer_that_comes_later_is_noticed(folder: Path, stays: bool) -> None:
    path = database(folder, "wal")
    async with engine_on(path) as engine:
        with without_rights(folder):
            assert await rows(engine) == 1

        with closing(sqlite3.connect(path)) as writer:
            writer.execute("INSERT INTO t VALUES (1)")
            writer.commit()
            if not stays:
                writer.close()

            with without_rights(folder):
                assert await rows(engine) == 2
                assert await rows(engine) == 2


async def test_changes_left_in_a_wal_are_not_passed_over(folder: Path) -> None:
    path = database(folder, "wal")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()
        left = folder / "left"
        left.mkdir()
        for suffix in ("", "-wal"):
            copied = left / f"airflow.db{suffix}"
            copied.write_bytes(path.with_name(path.name + suffix).read_bytes())

    async with engine_on(left / "airflow.db") as engine:
        assert await rows(engine) == 2
    (left / "airflow.db-shm").unlink(missing_ok=True)
    (left / "airflow.db-wal").write_bytes(b"x" * 64)
    with without_rights(left):
        error = await refused(left / "airflow.db")

    assert isinstance(error, Unreachable)
    assert str(error) == (
        f"{left}/airflow.db has changes in its -wal file, which cannot be read: let "
        "this user read the -wal and -shm files, or make them in the folder"
    )


async def test_an_empty_wal_that_nobody_uses_is_passed_over(folder: Path) -> None:
    path = database(folder, "wal")
    path.with_name(path.name + "-wal").touch()

    with without_rights(folder):
        async with engine_on(path) as engine:
            assert await rows(engine) == 1
            assert await rows(engine) == 1


async def test_a_file_that_was_replaced_is_opened_anew(folder: Path) -> None:
    path = database(folder, "delete")
    async with engine_on(path) as engine:
        assert await rows(engine) == 1

        other = path.with_name("other.db")
        other.write_bytes(path.read_bytes())
        insert(other)
        other.rename(path)

        assert await rows(engine) == 2


async def test_a_link_to_a_database_is_followed(folder: Path) -> None:
    path = database(folder, "wal")
    link = folder / "link.db"
    link.symlink_to(path)

    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()
        async with engine_on(link) as engine:
            assert await rows(engine) == 2


async def test_a_file_that_is_missing_is_not_made(folder: Path) -> None:
    path = folder / "none.db"

    error = await refused(path)

    assert isinstance(error, Unreachable)
    assert str(error) == f"there is no file {path}"
    assert names(folder) == []


async def test_a_file_that_goes_away_is_missed(folder: Path) -> None:
    path = database(folder, "delete")
    async with engine_on(path) as engine:
        assert await rows(engine) == 1
        path.unlink()

        with pytest.raises(Unreachable, match="there is no file"):
            await rows(engine)


async def test_another_file_is_not_a_database(folder: Path) -> None:
    path = folder / "notes.txt"
    path.write_text("These are notes, and more than a hundred bytes of them. " * 3)

    error = await refused(path)

    assert isinstance(error, NotAirflow)
    assert str(error) == f"{path} is not a SQLite database"


async def test_a_broken_database_says_so(folder: Path) -> None:
    path = database(folder, "delete")
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8092)

    error = await refused(path)

    assert isinstance(error, Unreachable)
    assert str(error) == f"{path} cannot be opened: database disk image is malformed"


async def test_a_folder_is_not_a_database(folder: Path) -> None:
    error = await refused(folder)

    assert isinstance(error, NotReadable)
    assert str(error) == f"{folder} cannot be read: Is a directory"


async def test_a_file_that_may_not_be_read_says_so(folder: Path) -> None:
    path = database(folder, "delete")
    path.chmod(0)

    with without_rights(folder):
        error = await refused(path)

    assert isinstance(error, NotReadable)
    assert str(error) == f"{path} cannot be read: Permission denied"


async def test_a_folder_that_may_not_be_entered_says_so(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    path = database(inner, "delete")
    inner.chmod(0)

    with without_rights(folder):
        error = await refused(path)
    inner.chmod(0o755)

    assert isinstance(error, NotReadable)
    assert str(error) == f"{path} cannot be read: Permission denied"


async def test_a_file_that_stays_locked_says_so(folder: Path) -> None:
    path = database(folder, "delete")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")

        error = await refused(path)

    assert isinstance(error, Unreachable)
    assert str(error) == (f"{path} is locked, and was for 0.1 s: database is locked")
