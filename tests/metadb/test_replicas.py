"""Replicas that stream from a primary: which server answers, and how fresh it is."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import pytest
from typing_extensions import override

from dagway.operation import Gateway, opened
from loaders.request import Request
from metadb.aborted import OperationAborted
from metadb.dialect import Row
from metadb.replicas import Replicas, ServerState
from metadb.session import Session
from metadb.visibility import Visibility
from tests.support.clusters import Cluster, replica
from tests.support.replication import DATABASE, Pair, begun_on, pair, start, until

NAMES = "{ dags(first: 1) { nodes { displayName } } }"
SEVERAL = """{ dags(first: 3) { nodes {
  dagId displayName tasks { taskId }
  runs(first: 2) { nodes { runId taskInstances(first: 5) { nodes { taskId } } } }
} } }"""
BOUND_S = 4.0
CLOSE_S = 2.0


@pytest.fixture(scope="module")
def both() -> Iterator[Pair]:
    """A primary and its replica, which each test leaves running."""
    with pair() as found:
        yield found


@asynccontextmanager
async def served(
    both: Pair, *more: str, bound_s: float = BOUND_S
) -> AsyncIterator[Gateway]:
    """A gateway on them."""
    async with opened(
        both.primary.address(DATABASE),
        replicas=[both.replica.address(DATABASE), *more],
        replica_lag_s=bound_s,
    ) as gateway:
        yield gateway


def replicas_of(gateway: Gateway) -> Replicas:
    """What it reads from."""
    assert gateway.replicas is not None
    return gateway.replicas


def replica_of(gateway: Gateway, at: int = 1) -> ServerState:
    """One of its replicas at the moment."""
    return replicas_of(gateway).servers[at]


async def is_fresh(gateway: Gateway) -> None:
    """Wait until the replica is read."""
    await until(lambda: replicas_of(gateway).has_fresh)


async def name_in(gateway: Gateway) -> str:
    """What an operation reads."""
    answer = await gateway.answer(NAMES)
    assert not answer.errors, answer.errors
    assert answer.data is not None
    return str(answer.data["dags"]["nodes"][0]["displayName"])


async def test_operations_are_read_from_a_replica_that_is_fresh(both: Pair) -> None:
    async with served(both) as gateway:
        early = both.begun
        await name_in(gateway)
        started = both.begun
        await is_fresh(gateway)
        answers = [await gateway.answer(SEVERAL) for _ in range(5)]
        late = both.begun

    assert (started[0] - early[0], started[1] - early[1]) == (1, 0)
    assert (late[0] - started[0], late[1] - started[1]) == (0, 5)
    assert not any(answer.errors for answer in answers)
    assert len({len(answer.executed) for answer in answers}) == 1


async def test_an_answer_of_a_replica_is_that_of_the_primary(both: Pair) -> None:
    async with opened(both.primary.address(DATABASE)) as alone:
        right = await alone.answer(SEVERAL)
    async with served(both) as gateway:
        await is_fresh(gateway)
        answer = await gateway.answer(SEVERAL)

    assert answer.response == right.response
    assert [one.sql for one in answer.executed] == [one.sql for one in right.executed]


async def test_a_replica_that_lags_is_left_and_comes_back(both: Pair) -> None:
    both.describe("before")
    async with served(both, bound_s=CLOSE_S) as gateway:
        await is_fresh(gateway)
        both.pause()
        try:
            both.describe("after")
            await until(lambda: replica_of(gateway).unused == "lags")
            lag_s = replica_of(gateway).lag_s
            begun = both.begun
            assert await name_in(gateway) == "after"
            assert both.begun == (begun[0] + 1, begun[1])
        finally:
            both.resume()
        await is_fresh(gateway)
        begun = both.begun
        assert await name_in(gateway) == "after"
        assert both.begun == (begun[0], begun[1] + 1)

    assert lag_s is not None
    assert lag_s > CLOSE_S


async def test_no_answer_is_older_than_the_bound(both: Pair) -> None:
    both.describe("0")
    async with served(both, bound_s=1.0) as gateway:
        clock = asyncio.get_running_loop().time
        written = [(clock(), 0)]
        await is_fresh(gateway)
        servers = set[str]()
        for number in range(1, 60):
            if number == 10:
                both.pause()
            if number == 40:
                both.resume()
            await asyncio.to_thread(both.describe, str(number))
            written.append((clock(), number))
            began, before = clock(), both.begun
            read = int(await name_in(gateway))
            servers.add("primary" if both.begun[0] > before[0] else "replica")
            due = max(n for at, n in written if at <= began - 1.0 or n == 0)
            assert read >= due
            await asyncio.sleep(0.05)

    assert servers == {"primary", "replica"}


async def test_one_operation_is_read_from_one_server(both: Pair) -> None:
    both.describe("before")
    async with served(both, bound_s=CLOSE_S) as gateway:
        await is_fresh(gateway)
        request = gateway.request()
        text = "SELECT pg_is_in_recovery()::text || min(dag_display_name) FROM dag"
        first = (await request.session.fetch(text, ()))[0][0]
        both.pause()
        try:
            both.describe("after")
            await until(lambda: replica_of(gateway).unused is not None)
            last = (await request.session.fetch(text, ()))[0][0]
            await request.session.close()
        finally:
            both.resume()

    assert first == last == "truebefore"


async def test_a_replica_that_is_killed_costs_no_answer_and_comes_back(
    both: Pair,
) -> None:
    async with served(both) as gateway:
        await is_fresh(gateway)
        right = (await gateway.answer(SEVERAL)).response
        stop, errors = asyncio.Event(), list[dict[str, Any]]()

        async def ask() -> None:
            while not stop.is_set():
                answer = await gateway.answer(SEVERAL)
                errors.extend(answer.errors)
                assert answer.errors or answer.response == right

        asking = [asyncio.create_task(ask()) for _ in range(4)]
        await asyncio.to_thread(both.replica.stop)
        await until(lambda: replica_of(gateway).unused == "does not answer")
        stop.set()
        await asyncio.gather(*asking)
        await asyncio.to_thread(start, both.replica)
        await is_fresh(gateway)
        begun = both.begun
        assert (await gateway.answer(SEVERAL)).response == right
        assert both.begun[1] == begun[1] + 1

    assert errors == []


class Overtaken(Session):
    """A session whose snapshot replay does away with after its first statement."""

    both: Pair

    @override
    async def fetch(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        rows = await super().fetch(sql, values)
        if len(self.executed) == 1:
            before = conflicts(self.both)
            await asyncio.to_thread(vacuum, self.both)
            await until(lambda: conflicts(self.both) > before)
        return rows


@dataclass(frozen=True, slots=True)
class Overtaking(Gateway):
    """A gateway whose operations on replicas are overtaken by replay."""

    both: Pair = field(kw_only=True)

    @override
    def request(self, visible: Visibility | None = None) -> Request:
        request = Gateway.request(self, visible)
        if self.replicas is not None:
            session = Overtaken(self.replicas, self.catalogue, self.bounds)
            session.both = self.both
            request.session = session
        return request


def vacuum(both: Pair) -> None:
    """Remove rows that a snapshot on the replica still needs."""
    both.write("UPDATE dag SET is_stale = is_stale")
    both.write("VACUUM dag")


def conflicts(both: Pair) -> int:
    """How many statements and sessions replay has ended on the replica."""
    return int(
        both.replica.psql(
            "SELECT confl_snapshot FROM pg_stat_database_conflicts "
            f"WHERE datname = '{DATABASE}'"
        )
    )


@pytest.fixture
def impatient(both: Pair) -> Iterator[Pair]:
    """The pair, with a replica whose replay waits for nobody."""
    configure(both.replica, "SET max_standby_streaming_delay = 0")
    yield both
    configure(both.replica, "RESET max_standby_streaming_delay")


def configure(server: Cluster, change: str) -> None:
    """Change a server's setting while it runs."""
    server.psql(f"ALTER SYSTEM {change}")
    server.psql("SELECT pg_reload_conf()")


async def test_an_operation_that_replay_ends_is_run_again_on_the_primary(
    impatient: Pair,
) -> None:
    async with served(impatient) as gateway:
        right = (await gateway.answer(SEVERAL)).response
        same = {part.name: getattr(gateway, part.name) for part in fields(gateway)}
        overtaking = Overtaking(**same, both=impatient)
        await is_fresh(gateway)
        before = impatient.begun
        answer = await overtaking.answer(SEVERAL)
        after = impatient.begun

    assert answer.response == right
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


async def test_a_statement_that_replay_cancels_is_no_timeout(impatient: Pair) -> None:
    async with served(impatient) as gateway:
        await is_fresh(gateway)
        session = gateway.request().session
        await session.fetch("SELECT count(*) FROM dag", ())
        sleeping = asyncio.create_task(session.fetch("SELECT pg_sleep(7)", ()))
        await asyncio.to_thread(vacuum, impatient)
        with pytest.raises(OperationAborted) as raised:
            await sleeping
        await session.close()

    assert "conflict with recovery" in str(raised.value.__cause__)
    assert raised.value.code == "DATABASE_ERROR"


async def test_servers_that_are_no_replicas_of_the_database_are_not_read(
    both: Pair,
) -> None:
    both.primary.psql("CREATE DATABASE another")
    both.primary.psql("CREATE TABLE alembic_version (version_num text)", "another")
    another = both.replica.address("another")
    async with served(both, both.primary.address(DATABASE), another) as gateway:
        await until(
            lambda: (
                [one.unused for one in replicas_of(gateway).servers]
                == [
                    None,
                    None,
                    "is no replica",
                    "is a replica of another database, or from before a failover",
                ]
            )
        )
        begun = both.begun
        answers = [await gateway.answer(NAMES) for _ in range(4)]
        assert not any(answer.errors for answer in answers)
        assert both.begun == (begun[0], begun[1] + 4)


async def test_a_replica_of_another_revision_is_not_read(both: Pair) -> None:
    async with served(both, bound_s=60.0) as gateway:
        await is_fresh(gateway)
        both.pause()
        try:
            both.write("UPDATE alembic_version SET version_num = 'other'")
            await until(
                lambda: replica_of(gateway).unused == "has another schema revision"
            )
            await name_in(gateway)  # is run again, as the revision is a new one
            begun = both.begun
            await name_in(gateway)
            assert both.begun == (begun[0] + 1, begun[1])
        finally:
            both.resume()
        await is_fresh(gateway)
        both.write("UPDATE alembic_version SET version_num = 'd2f4e1b3c5a7'")


async def test_a_replica_whose_primary_is_gone_is_read_while_the_bound_holds(
    both: Pair,
) -> None:
    async with served(both, bound_s=4.0) as gateway:
        await is_fresh(gateway)
        await asyncio.to_thread(both.primary.stop)
        try:
            await name_in(gateway)
            await until(lambda: replica_of(gateway).unused == "lags")
            answer = await gateway.answer(NAMES)
            assert answer.errors[0]["extensions"]["code"] == "DATABASE_ERROR"
        finally:
            await asyncio.to_thread(start, both.primary)
        await is_fresh(gateway)
        await name_in(gateway)


async def test_two_replicas_share_the_operations(both: Pair) -> None:
    with replica(both.primary) as second:
        start(second)
        async with served(both, second.address(DATABASE)) as gateway:
            await until(
                lambda: all(one.unused is None for one in replicas_of(gateway).servers)
            )
            before = both.begun, begun_on(second)
            for _ in range(6):
                await name_in(gateway)
            after = both.begun, begun_on(second)

    assert after[0][0] == before[0][0]
    assert (after[0][1] - before[0][1], after[1] - before[1]) == (3, 3)
