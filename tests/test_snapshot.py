"""All statements of one operation see one state of the database."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, fields
from typing import Any

import aiosqlite
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from typing_extensions import override

from dagway.endpoint import Endpoint
from dagway.operation import Gateway, encoded, opened
from loaders.request import Request
from metadb.dialect import Row
from metadb.session import Session
from metadb.visibility import Visibility
from tests.support.databases import BACKENDS, Databases
from tests.support.documents import core
from tests.support.gateways import Asking
from tests.support.seed import EPOCH, dags, insert, instance, run

Between = Callable[[Session], Awaitable[None]]
"""What happens after each statement of an operation."""

PATIENCE_S = 20.0
DOCUMENTS: dict[str, dict[str, Any]] = {
    "dag_list": {"filter": {"dagId": {"startsWith": "snap"}}},
    "graph": {"dagId": "snap_0000"},
    "grid": {"dagId": "snap_0000"},
    "grid_instances": {"dagId": "snap_0000"},
    "run": {"dagId": "snap_0000", "runId": "r0001"},
}
# every row that the documents show is another one afterwards, each time
CHANGE = """
UPDATE dag SET is_paused = NOT is_paused WHERE dag_id LIKE 'snap%';
UPDATE dag_run SET state = CASE state WHEN 'success' THEN 'failed' ELSE 'success' END
WHERE dag_id LIKE 'snap%';
UPDATE task_instance
SET state = CASE state WHEN 'success' THEN 'failed' ELSE 'success' END
WHERE dag_id LIKE 'snap%';
"""


class Interrupted(Session):
    """A session after whose statements something else happens."""

    between: Between

    @override
    async def fetch(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        rows = await super().fetch(sql, values)
        await self.between(self)
        return rows


@dataclass(frozen=True, slots=True)
class Interruptible(Gateway):
    """A gateway whose operations are interrupted."""

    between: Between = field(kw_only=True)

    @override
    def request(self, visible: Visibility | None = None) -> Request:
        request = Gateway.request(self, visible)
        session = Interrupted(self.engine, self.catalogue, self.bounds)
        session.between = self.between
        request.session = session
        return request


def interruptible(gateway: Gateway, between: Between) -> Interruptible:
    """The same gateway, but something happens between its statements."""
    same = {part.name: getattr(gateway, part.name) for part in fields(gateway)}
    return Interruptible(**same, between=between)


@dataclass
class Changing:
    """A gateway on a database that is written to meanwhile."""

    gateway: Gateway
    databases: Databases
    address: str

    def change(self, script: str = CHANGE) -> None:
        """Write, as a program of its own would."""
        self.databases.write(self.address, script)

    async def answer(self, document: str) -> Any:
        """What a document shows of the database now, but for the instant."""
        answer = await self.gateway.answer(core(document), DOCUMENTS[document])
        return timeless(answer.response)

    @property
    def borrowed(self) -> int:
        """How many connections are in use."""
        return int(self.gateway.engine.pool.checkedout())  # type: ignore[attr-defined]  # the pool that the engine was made with


def timeless(response: Any) -> Any:
    """A response without the instant that it shows."""
    assert "errors" not in response, response
    response["data"].pop("asOf", None)
    return response


@pytest.fixture(scope="session")
def seeded(databases: Databases) -> dict[str, str]:
    """A copy for each backend, in WAL mode as Airflow 3 has it."""
    addresses = {backend: databases.copy(f"3.3.2-{backend}") for backend in BACKENDS}
    databases.write(addresses["sqlite"], "PRAGMA journal_mode = wal;")
    for address in addresses.values():
        databases.write(address, dags(2, tasks=3, runs=3, prefix="snap"))
    return addresses


@pytest.fixture(params=BACKENDS)
async def changing(
    request: pytest.FixtureRequest, seeded: dict[str, str], databases: Databases
) -> AsyncIterator[Changing]:
    address = seeded[request.param]
    async with opened(address) as gateway:
        yield Changing(gateway, databases, address)


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_a_write_between_two_statements_is_not_seen(
    changing: Changing, document: str
) -> None:
    whole = await changing.gateway.answer(core(document), DOCUMENTS[document])
    statements = len(whole.executed)
    assert statements > 1
    for interrupted_at in range(1, statements):
        before = await changing.answer(document)

        async def change(session: Session, at: int = interrupted_at) -> None:
            if len(session.executed) == at:
                changing.change()

        gateway = interruptible(changing.gateway, change)
        answer = await gateway.answer(core(document), DOCUMENTS[document])
        assert timeless(answer.response) == before, interrupted_at
        assert await changing.answer(document) != before


async def test_a_run_that_is_deleted_meanwhile_is_shown_whole(
    changing: Changing,
) -> None:
    added = run("snap_0001", "brief", EPOCH.replace(year=2027)) + insert(
        "task_instance", [instance("snap_0001", "brief", "t0000", None)]
    )
    changing.change(added)

    async def delete(session: Session) -> None:
        if len(session.executed) == 1:
            gone = "WHERE dag_id = 'snap_0001' AND run_id = 'brief';"
            script = f"DELETE FROM task_instance {gone} DELETE FROM dag_run {gone}"
            changing.change(script)

    document = """{ dag(dagId: "snap_0001") { latestRun {
        runId taskInstances { totalCount nodes { taskId dagRun { runId } } } } } }"""
    answer = await interruptible(changing.gateway, delete).answer(document)
    assert answer.errors == []
    assert answer.data == {
        "dag": {
            "latestRun": {
                "runId": "brief",
                "taskInstances": {
                    "totalCount": 1,
                    "nodes": [{"taskId": "t0000", "dagRun": {"runId": "brief"}}],
                },
            }
        }
    }
    now = await changing.gateway.answer(document)
    assert now.data is not None
    assert now.data["dag"]["latestRun"]["runId"] == "r0002"


async def test_two_operations_at_once_have_a_snapshot_each(changing: Changing) -> None:
    begun, written = asyncio.Event(), asyncio.Event()

    async def wait(session: Session) -> None:
        if len(session.executed) == 1:
            begun.set()
            await asyncio.wait_for(written.wait(), PATIENCE_S)

    before = await changing.answer("grid")
    gateway = interruptible(changing.gateway, wait)
    older = asyncio.create_task(gateway.answer(core("grid"), DOCUMENTS["grid"]))
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    changing.change()
    newer = await changing.answer("grid")
    assert changing.borrowed == 1
    written.set()
    assert timeless((await older).response) == before
    assert newer != before
    assert await changing.answer("grid") == newer


async def test_the_connection_is_given_back_before_the_response_is_encoded(
    changing: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrowed: list[tuple[str, int]] = []

    async def look(session: Session) -> None:
        after = f"after statement {len(session.executed)}"
        borrowed.append((after, changing.borrowed))

    def watched(response: object) -> bytes:
        borrowed.append(("while encoding", changing.borrowed))
        return encoded(response)

    monkeypatch.setattr("dagway.endpoint.encoded", watched)
    endpoint = Endpoint(interruptible(changing.gateway, look))
    async with asking(endpoint) as client:
        response = await client.post(
            "/graphql", json={"query": '{ dag(dagId: "snap_0000") { dagId } }'}
        )
    assert response.json() == {"data": {"dag": {"dagId": "snap_0000"}}}
    assert borrowed == [("after statement 1", 1), ("while encoding", 0)]


@asynccontextmanager
async def asking(endpoint: Endpoint) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint."""
    app = Starlette(routes=[Route("/graphql", endpoint)])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gate") as client:
        yield client


def is_in_transaction(raw: Any) -> bool:
    """Whether a driver's connection is in a transaction."""
    if isinstance(raw, aiosqlite.Connection):
        return raw.in_transaction
    return bool(raw.is_in_transaction())


async def is_next_in_transaction(changing: Changing) -> bool:
    """Whether the connection that is lent next is in a transaction."""
    async with changing.gateway.engine.connect() as connection:
        fairy = await connection.get_raw_connection()
        return is_in_transaction(fairy.driver_connection)


async def test_connections_in_the_pool_are_outside_any_transaction(
    changing: Changing,
) -> None:
    inside: list[bool] = []

    async def look(session: Session) -> None:
        inside.append(is_in_transaction(session._raw))

    gateway = interruptible(changing.gateway, look)
    answer = await gateway.answer("{ dagRuns(first: 1) { totalCount } }")
    assert answer.errors == []
    assert inside == [True]
    assert changing.borrowed == 0
    assert not await is_next_in_transaction(changing)


async def test_an_operation_that_fails_gives_its_connection_back(
    changing: Changing,
) -> None:
    async def fail(session: Session) -> None:
        assert len(session.executed) == 1
        raise ConnectionError

    answer = await interruptible(changing.gateway, fail).answer(
        core("grid"), DOCUMENTS["grid"]
    )
    codes = {error["extensions"]["code"] for error in answer.errors}
    assert codes == {"INTERNAL_ERROR"}
    assert changing.borrowed == 0
    assert not await is_next_in_transaction(changing)


async def test_an_operation_that_is_cancelled_leaves_nothing_behind(
    changing: Changing,
) -> None:
    begun = asyncio.Event()

    async def wait(session: Session) -> None:
        assert len(session.executed) == 1
        begun.set()
        await asyncio.sleep(PATIENCE_S)

    gateway = interruptible(changing.gateway, wait)
    task = asyncio.create_task(gateway.answer(core("grid"), DOCUMENTS["grid"]))
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert changing.borrowed == 0
    assert not await is_next_in_transaction(changing)
    before = await changing.answer("grid")
    changing.change()
    assert await changing.answer("grid") != before


async def test_beside_a_rollback_journal_a_writer_waits_for_the_operation(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-sqlite")
    databases.write(address, "PRAGMA journal_mode = delete;")
    databases.write(address, dags(2, tasks=3, runs=3, prefix="snap"))
    refused: list[str] = []

    def write() -> None:
        path = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=0)) as writer:
            writer.executescript(f"BEGIN; {CHANGE} COMMIT;")

    async def change(session: Session) -> None:
        if len(session.executed) == 1:
            with pytest.raises(sqlite3.OperationalError) as error:
                write()
            refused.append(str(error.value))

    async with opened(address) as gateway:
        ask = Asking(gateway)
        before = await ask(core("grid"), DOCUMENTS["grid"])
        during = await interruptible(gateway, change).answer(
            core("grid"), DOCUMENTS["grid"]
        )
        assert refused == ["database is locked"]
        write()
        after = await ask(core("grid"), DOCUMENTS["grid"])
    assert timeless(during.response)["data"] == timeless({"data": before})["data"]
    assert after != before
