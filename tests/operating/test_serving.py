"""The server as it is run: its end, its workers, and what is in front of it."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.support.databases import Databases
from tests.support.servers import PATIENCE_S, Server, served

COSTLY = "{ dags(first: 600) { nodes { runs(first: 10) { nodes { runId } } } } }"
DAG = '{ dag(dagId: "fx_chain") { dagId } }'


@asynccontextmanager
async def locked(address: str) -> AsyncIterator[None]:
    """Nobody reads DAGs until the block is left."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute("BEGIN; LOCK TABLE dag")
        yield
    finally:
        await connection.close()


async def posted(server: Server, document: str = DAG) -> httpx.Response:
    """An answer on a connection of its own."""
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        return await client.post(server.url, json={"query": document})


async def ready(server: Server) -> tuple[int, str]:
    """What the probe of readiness is told."""
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        response = await client.get(f"http://127.0.0.1:{server.port}/readyz")
        return response.status_code, response.json()["status"]


async def until_unready(server: Server) -> tuple[int, str]:
    """What the probe is told once that is not that the server is ready."""
    async with asyncio.timeout(PATIENCE_S):
        while (found := await ready(server)) == (200, "ready"):  # noqa: ASYNC110  # no event crosses processes
            await asyncio.sleep(0.05)
    return found


async def until_waiting(address: str) -> None:
    """Return once a statement waits for the lock."""
    connection = await asyncpg.connect(address)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with asyncio.timeout(PATIENCE_S):
        while not await connection.fetchval(waiting):  # noqa: ASYNC110  # likewise
            await asyncio.sleep(0.05)
    await connection.close()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_what_has_begun_ends_and_what_is_new_is_refused(
    databases: Databases, workers: str
) -> None:
    address = databases.copy("3.3.2-postgresql")
    with served(address, "--workers", workers) as server:
        async with locked(address):
            begun = asyncio.create_task(posted(server))
            await until_waiting(address)
            server.process.send_signal(signal.SIGTERM)
            unready = await until_unready(server)
            refused = await posted(server, "{ __typename }")
        answered = await begun
        await asyncio.to_thread(server.process.wait, PATIENCE_S)

    assert answered.json() == {"data": {"dag": {"dagId": "fx_chain"}}}
    assert unready == (503, "shutting down")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    (error,) = refused.json()["errors"]
    assert error["extensions"] == {"code": "SHUTTING_DOWN"}


async def test_what_does_not_end_in_time_is_not_waited_for(
    databases: Databases, tmp_path: Path
) -> None:
    address = databases.copy("3.3.2-postgresql")
    file = tmp_path / "dagway.toml"
    file.write_text(
        "shutdown_timeout = 0.1\noperation_timeout = 600\nstatement_timeout = 600",
        encoding="utf-8",
    )
    with served(address, "--config", str(file)) as server:
        async with locked(address):
            begun = asyncio.create_task(posted(server))
            await until_waiting(address)
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.process.wait, PATIENCE_S)
        (ended,) = await asyncio.gather(begun, return_exceptions=True)

    assert not isinstance(ended, httpx.Response) or ended.status_code == 500


def test_any_worker_counts_for_all(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    with served(address, "--workers", "2") as server:
        for _ in range(40):
            assert server.ask(f"query Counted {DAG}") == {"dag": {"dagId": "fx_chain"}}
        texts = {
            httpx.get(f"http://127.0.0.1:{server.port}/metrics").text for _ in range(6)
        }
        _, _, err = server.stopped()

    counted = 'dagway_operations_total{operation="Counted",outcome="ok"} 40.0'
    assert all(counted in text for text in texts)
    logged = [json.loads(line)["operation"] for line in err.splitlines()]
    assert logged.count("Counted") == 40


def test_a_proxy_may_show_the_gateway_at_a_path(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    with served(address, "--root-path", "/airflow") as server:
        top = f"http://127.0.0.1:{server.port}"
        whole = httpx.get(f"{top}/airflow/graphql", params={"query": DAG})
        left_off = httpx.get(f"{top}/graphql", params={"query": DAG})
        tops = [httpx.get(f"{top}{path}") for path in ("/", "/airflow/")]
        pages = [
            httpx.get(f"{top}{path}", headers={"accept": "text/html"})
            for path in ("/graphql", "/airflow/graphql")
        ]
        assets = [
            httpx.get(f"{top}{path}/assets/none.js")
            for path in ("/graphql", "/airflow/graphql")
        ]
        elsewhere = httpx.get(f"{top}/airflowgraphql", params={"query": DAG})
        _, out, _ = server.stopped()

    assert whole.json() == left_off.json() == {"data": {"dag": {"dagId": "fx_chain"}}}
    assert {one.headers["location"] for one in tops} == {"/airflow/graphql"}
    assert pages[0].text == pages[1].text
    assert {one.headers["content-type"] for one in pages} == {
        "text/html; charset=utf-8"
    }
    assert {one.status_code for one in assets} == {elsewhere.status_code} == {404}
    assert out == f"GraphQL is at {top}/airflow/graphql\n"


@pytest.mark.parametrize(
    ("trusted", "statuses"), [("[]", [200, 429]), ('["127.0.0.1"]', [200, 200])]
)
def test_only_a_trusted_proxy_says_whom_it_asks_for(
    databases: Databases, tmp_path: Path, trusted: str, statuses: list[int]
) -> None:
    file = tmp_path / "dagway.toml"
    file.write_text(
        f"rate_points = 1\nrate_burst = 100\ntrusted_proxies = {trusted}",
        encoding="utf-8",
    )
    with served(databases.address("3.3.2-sqlite"), "--config", str(file)) as server:
        found = [
            httpx.post(
                server.url,
                json={"query": COSTLY},
                headers={"x-forwarded-for": f"192.0.2.{at}"},
            )
            for at in (1, 2)
        ]

    assert [one.status_code for one in found] == statuses
    if found[1].status_code == 429:
        (error,) = found[1].json()["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert 0 < int(found[1].headers["retry-after"]) <= 100


def test_a_file_that_is_wrong_stops_the_start(
    databases: Databases, tmp_path: Path
) -> None:
    file = tmp_path / "dagway.toml"
    file.write_text("max_dept = 5", encoding="utf-8")
    with (
        pytest.raises(RuntimeError, match="has 'max_dept', which is no setting"),
        served(databases.address("3.3.2-sqlite"), "--config", str(file)),
    ):
        pass
