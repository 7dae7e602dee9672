"""What is told of servers where there are replicas, and that `serve` uses them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from dagway.app import create_app
from dagway.check import check, grants
from dagway.settings import Settings
from tests.operating.test_facts import client_of, counts
from tests.support.poolers import pooled
from tests.support.replication import DATABASE, Pair, pair, start, until
from tests.support.servers import served

ASKED = {"query": "{ dags(first: 1) { nodes { dagId } } }"}
TRIES = 600
UNUSABLE = "postgresql://reader:hush@127.0.0.1:1/airflow"


@pytest.fixture(scope="module")
def both() -> Iterator[Pair]:
    """A primary and its replica, which each test leaves running."""
    with pair() as found:
        yield found


@asynccontextmanager
async def client_on(both: Pair, replicas: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with replicas."""
    environ = {"DAGWAY_REPLICAS": replicas, "DAGWAY_REPLICA_LAG": "3"}
    app = create_app(Settings.from_env(environ, both.primary.address(DATABASE)))
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


async def is_read(client: httpx.AsyncClient, server: str) -> None:
    """Wait until operations go to a server."""
    for _ in range(TRIES):
        found = (await client.get("/readyz?verbose")).json()["servers"]
        if any(one["server"] == server and one["isUsed"] for one in found):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


async def is_unready(client: httpx.AsyncClient) -> None:
    """Wait until the gateway says that it is not ready."""
    for _ in range(TRIES):
        if (await client.get("/readyz")).status_code == 503:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


async def test_servers_are_shown_and_operations_counted_by_them(both: Pair) -> None:
    primary = both.primary.address(DATABASE)
    replica = both.replica.address(DATABASE)
    async with client_on(both, f"{replica}, {UNUSABLE}") as client:
        await client.post("/graphql", json=ASKED)
        await is_read(client, replica)
        for _ in range(3):
            await client.post("/graphql", json=ASKED)
        await client.post("/graphql", json={"query": "{ __typename }"})
        shown = (await client.get("/readyz?verbose")).json()["servers"]
        found = await counts(client)

    assert [(one["server"], one["role"], one["isUsed"]) for one in shown] == [
        (primary, "primary", True),
        (replica, "replica", True),
        ("postgresql://reader@127.0.0.1:1/airflow", "replica", False),
    ]
    assert [one["reason"] for one in shown] == [None, None, "does not answer"]
    assert shown[0]["lagSeconds"] == 0
    assert 0 < shown[1]["lagSeconds"] <= 3
    assert shown[2]["lagSeconds"] is None
    operations, lag = "dagway_server_operations_total", "dagway_replica_lag_seconds"
    assert found[f'{operations}{{server="{primary}"}}'] == 1
    assert found[f'{operations}{{server="{replica}"}}'] == 3
    assert 0 < found[f'{lag}{{server="{replica}"}}'] <= 3
    assert found[f'{lag}{{server="{shown[2]["server"]}"}}'] == float("inf")
    assert f'{lag}{{server="{primary}"}}' not in found


async def test_check_says_which_replicas_will_be_read(both: Pair) -> None:
    replica, primary = both.replica.address(DATABASE), both.primary.address(DATABASE)
    environ = {"DAGWAY_REPLICAS": f"{replica}, {UNUSABLE}, {primary}"}
    lines = str(await check(Settings.from_env(environ, primary))).splitlines()

    assert f"Replica   {replica}" in lines
    assert f"Warning   {primary} is no replica" in lines
    (refused,) = (line for line in lines if "127.0.0.1:1/" in line)
    assert refused.startswith(
        "Warning   postgresql://reader@127.0.0.1:1/airflow cannot be asked: "
    )


async def test_a_gateway_is_ready_while_a_replica_is_fresh(both: Pair) -> None:
    replica = both.replica.address(DATABASE)
    async with client_on(both, replica) as client:
        await is_read(client, replica)
        await asyncio.to_thread(both.primary.stop)
        try:
            ready = await client.get("/readyz")
            answer = await client.post("/graphql", json=ASKED)
            await is_unready(client)
            late = await client.post("/graphql", json=ASKED)
        finally:
            await asyncio.to_thread(start, both.primary)
        await is_read(client, replica)
        again = await client.get("/readyz")

    assert (ready.status_code, again.status_code) == (200, 200)
    assert "errors" not in answer.json()
    assert late.json()["errors"][0]["extensions"]["code"] == "DATABASE_ERROR"


async def test_without_replicas_no_servers_are_told_of(both: Pair) -> None:
    async with client_on(both, "") as client:
        await client.post("/graphql", json=ASKED)
        verbose = (await client.get("/readyz?verbose")).json()
        found = await counts(client)

    assert "servers" not in verbose
    assert not [one for one in found if "server" in one]


def test_workers_read_replicas_as_a_role_that_can_only_read(both: Pair) -> None:
    owner = Settings.from_env({}, both.primary.address(DATABASE))
    both.write(f"CREATE ROLE clerk LOGIN; {asyncio.run(grants(owner, 'clerk'))}")
    address = both.primary.address(DATABASE, "clerk")
    replica = both.replica.address(DATABASE, "clerk")
    with served(address, "--workers", "2", DAGWAY_REPLICAS=replica) as server:
        in_a_row = 0
        for _ in range(TRIES):  # whichever worker answers
            before = both.begun
            server.ask(ASKED["query"])
            in_a_row = in_a_row + 1 if both.begun[1] > before[1] else 0
            if in_a_row == 10:
                break
            time.sleep(0.05)
        text = httpx.get(server.url.replace("graphql", "metrics")).text
        status, _, _ = server.stopped()

    assert status == 0
    assert in_a_row == 10
    assert (
        sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(f'dagway_server_operations_total{{server="{replica}"')
        )
        >= 10
    )


async def test_a_replica_may_be_behind_a_pooler(both: Pair) -> None:
    place = f"?host={both.replica.folder}&port={both.replica.port}"
    with pooled(f"postgresql://postgres@/{DATABASE}{place}", 5) as address:
        async with client_on(both, address) as client:
            shown = f"postgresql://postgres@{address.partition('host=')[2]}"
            await is_read(client, f"{shown.replace('&port=', ':')}/{DATABASE}")
            before = both.begun
            for _ in range(4):
                answer = await client.post("/graphql", json=ASKED)
                assert "errors" not in answer.json()
            await until(lambda: both.begun == (before[0], before[1] + 4))
