"""The gateway needs no more than to read, and can do no more."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dagway.operation import Gateway, opened
from metadb.aborted import OperationAborted
from tests.support.databases import Databases
from tests.support.documents import CORE, VIEWS, core, view
from tests.support.gateways import Asking
from tests.support.rights import without_rights

VARIABLES: dict[str, Any] = {
    "dagId": "fx_mapped",
    "runId": "run_1",
    "taskId": "add",
    "mapIndex": 0,
    "ids": ["Dag/fx_mapped", "DagRun/fx_mapped/run_1"],
    "after": "2026-11-01T00:00:00Z",
    "start": "2026-11-01T00:00:00Z",
    "end": "2026-11-03T00:00:00Z",
}
DOCUMENTS = {**{name: core(name) for name in CORE}, **{n: view(n) for n in VIEWS}}
CHANGES = (
    "DELETE FROM dag",
    "UPDATE dag_run SET state = 'failed'",
    "INSERT INTO dag_tag (name, dag_id) VALUES ('mine', 'fx_mapped')",
    "CREATE TABLE mine (x integer)",
    "DROP TABLE dag_tag",
)


def variables(document: str) -> dict[str, Any]:
    """The variables that a document declares, but for a list's cursor."""
    head = document[document.index("query") : document.index("{")]
    return {
        name: value
        for name, value in VARIABLES.items()
        if f"${name}: " in head and f"${name}: String" not in head
    }


async def assert_all_answer(gateway: Gateway) -> None:
    """Every document answers, without an error."""
    ask = Asking(gateway)
    for name, document in DOCUMENTS.items():
        found = await ask(document, variables(document))
        assert all(value is not None for value in found.values()), name


@pytest.fixture
def reader(databases: Databases) -> Iterator[str]:
    """The address of a database for a role that may do nothing but select."""
    address = databases.copy("3.3.2-postgresql")
    name = address.removeprefix("postgresql://postgres@/").partition("?")[0]
    databases.server.run(
        "CREATE ROLE reader LOGIN",
        "GRANT USAGE ON SCHEMA public TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        database=name,
    )
    yield databases.server.address(name, role="reader")
    databases.server.run("DROP OWNED BY reader", "DROP ROLE reader", database=name)


async def test_every_document_answers_to_a_role_that_can_only_select(
    reader: str,
) -> None:
    async with opened(reader) as gateway:
        await assert_all_answer(gateway)


async def test_there_is_no_mutation(ask: Asking) -> None:
    found = await ask(
        "{ __schema { mutationType { name } subscriptionType { name } } }"
    )
    assert found["__schema"] == {"mutationType": None, "subscriptionType": None}
    for operation in ("mutation", "subscription"):
        (error,) = await ask.errors(f"{operation} {{ deleteDag(dagId: 1) }}")
        assert error["message"] == (
            f"The {operation} operation is not supported by the schema."
        )
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("change", CHANGES)
async def test_a_session_cannot_write(
    name: str, databases: Databases, change: str
) -> None:
    address = databases.copy(name)
    async with opened(address) as gateway:
        before = await Asking(gateway)(DOCUMENTS["dag_list"])
        session = gateway.request().session
        with pytest.raises(OperationAborted) as caught:
            await session.fetch(change, ())
        await session.close()
        said = str(caught.value.__cause__)
        assert "read-only" in said or "readonly" in said
        assert await Asking(gateway)(DOCUMENTS["dag_list"]) == before


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may enter; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory(prefix="dagway-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def names(folder: Path) -> list[str]:
    """The names of a folder's files."""
    return [file.name for file in folder.iterdir()]


def sqlite_copy(databases: Databases, folder: Path, journal: str) -> Path:
    """A database in that journal mode, which nobody has open."""
    path = folder / "airflow.db"
    stored = databases.address("3.3.2-sqlite").removeprefix("sqlite:///")
    path.write_bytes(Path(stored).read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    return path


@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_every_document_answers_from_a_folder_that_cannot_be_written_to(
    databases: Databases, folder: Path, journal: str
) -> None:
    path = sqlite_copy(databases, folder, journal)
    with without_rights(folder):
        async with opened(f"sqlite:///{path}") as gateway:
            await assert_all_answer(gateway)
    assert names(folder) == ["airflow.db"]


@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_every_document_answers_beside_a_live_writer(
    databases: Databases, folder: Path, journal: str
) -> None:
    path = sqlite_copy(databases, folder, journal)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        async with opened(f"sqlite:///{path}") as gateway:
            ask = Asking(gateway)
            for paused in (True, False):
                writer.execute(
                    "UPDATE dag SET is_paused = ? WHERE dag_id = 'fx_mapped'", (paused,)
                )
                found = await ask('{ dag(dagId: "fx_mapped") { isPaused } }')
                assert found == {"dag": {"isPaused": paused}}
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE dag SET is_paused = true")
            await assert_all_answer(gateway)
            found = await ask('{ dag(dagId: "fx_mapped") { isPaused } }')
            assert found == {"dag": {"isPaused": False}}
            writer.execute("COMMIT")
            found = await ask('{ dag(dagId: "fx_mapped") { isPaused } }')
            assert found == {"dag": {"isPaused": True}}
