"""A replica takes its primary's place, at its address, while a gateway serves them."""

import asyncio
from collections.abc import Callable

from dagway.operation import Gateway, opened
from metadb.replicas import Replicas
from tests.support.clusters import Cluster, replica
from tests.support.replication import DATABASE, begun_on, pair, start, until

NAMES = "{ dags(first: 1) { nodes { displayName } } }"


def unused(replicas: Replicas | None, at: int) -> Callable[[], str | None]:
    """Why a replica is not read, by its place in the list."""
    assert replicas is not None
    return lambda: replicas.servers[at].unused


async def answered(gateway: Gateway) -> str:
    """What an operation reads, or the code of its error."""
    answer = await gateway.answer(NAMES)
    if answer.errors:
        return str(answer.errors[0]["extensions"]["code"])
    assert answer.data is not None
    return str(answer.data["dags"]["nodes"][0]["displayName"])


async def test_after_a_failover_replicas_are_read_once_they_are_seen_to_follow() -> (
    None
):
    with pair() as both, replica(both.primary) as second:
        start(second)
        both.describe("before")
        addresses = [one.address(DATABASE) for one in (both.replica, second)]
        async with opened(
            both.primary.address(DATABASE), replicas=addresses, replica_lag_s=2.0
        ) as gateway:
            first_unused, second_unused = (
                unused(gateway.replicas, at) for at in (1, 2)
            )
            await until(lambda: first_unused() is None and second_unused() is None)
            assert await answered(gateway) == "before"

            await asyncio.to_thread(both.primary.stop)
            await asyncio.to_thread(both.replica.psql, "SELECT pg_promote()")
            await asyncio.to_thread(both.replica.stop)
            promoted = Cluster(both.replica.folder, both.primary.port)
            await until(lambda: second_unused() is not None)
            assert await answered(gateway) == "DATABASE_ERROR"

            await asyncio.to_thread(start, promoted)
            promoted.psql("UPDATE dag SET dag_display_name = 'after'", DATABASE)
            promoted.psql("CHECKPOINT")
            assert await answered(gateway) == "after"
            await until(
                lambda: (
                    second_unused()
                    == "is a replica of another database, or from before a failover"
                )
            )
            assert await answered(gateway) == "after"

            def has_followed() -> bool:
                second.psql("CHECKPOINT")
                return second_unused() is None

            await until(has_followed)
            begun = begun_on(second)
            assert await answered(gateway) == "after"
            assert begun_on(second) == begun + 1
            assert first_unused() == "does not answer"
