"""Clients that hang up, and bodies that do not arrive."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message
from typing_extensions import override

from dagway.endpoint import Endpoint
from dagway.limits import Limits
from dagway.operation import Gateway, opened
from loaders.request import Request
from metadb.dialect import Row
from metadb.session import Bounds, Session
from metadb.visibility import Visibility
from tests.support.databases import Databases

QUERY = "{ pools { name } }"
SLOW = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 1000000000) SELECT count(*) FROM n"
    ),
    "postgresql": "SELECT 1 FROM pg_sleep(1000)",
}
RUNNING = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE state = 'active' AND query LIKE '%pg_sleep(1000)'"
)
PATIENCE_S = 20.0


@dataclass
class Client:
    """What a server tells an application of a client, and what that one sends."""

    received: list[Message]
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[Message] = field(default_factory=list)

    async def receive(self) -> Message:
        """The next part of the body; after the last the end of the connection."""
        if self.received:
            return self.received.pop(0)
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Keep what is sent."""
        self.sent.append(message)

    async def ask(self, endpoint: Endpoint) -> None:
        """Let an endpoint answer."""
        headers = [(b"content-type", b"application/json")]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "headers": headers,
        }
        await asyncio.wait_for(
            endpoint(scope, self.receive, self.send), timeout=PATIENCE_S
        )


def part(body: bytes, *, more: bool) -> Message:
    """A part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


class SlowSession(Session):
    """A session whose every statement takes long; says when one is sent."""

    began: asyncio.Event

    @override
    async def fetch(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        self.began.set()
        return await super().fetch(SLOW[self.catalogue.dialect.name], ())


class SlowGateway(Gateway):
    """A gateway on a slow database."""

    began = asyncio.Event()

    @override
    def request(self, visible: Visibility | None = None) -> Request:
        request = Gateway.request(self, visible)
        session = SlowSession(self.engine, self.catalogue, self.bounds)
        session.began = self.began
        request.session = session
        return request


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_a_client_that_hangs_up_ends_its_operation_and_the_statement(
    databases: Databases, backend: str
) -> None:
    bounds = Bounds(statement_s=600, operation_s=600)
    address = databases.address(f"3.3.2-{backend}")
    async with opened(address, pool_size=1, bounds=bounds) as gateway:
        parts: dict[str, Any] = {
            name: getattr(gateway, name) for name in Gateway.__dataclass_fields__
        }
        slow = SlowGateway(**parts)
        SlowGateway.began = asyncio.Event()
        client = Client([part(json.dumps({"query": QUERY}).encode(), more=False)])

        asking = asyncio.create_task(client.ask(Endpoint(slow)))
        await asyncio.wait_for(SlowGateway.began.wait(), PATIENCE_S)
        await asyncio.sleep(0.2)  # the statement is on its way
        client.hung_up.set()
        await asking

        assert client.sent == []
        answer = await gateway.answer(QUERY)
        assert answer.errors == []
    if backend == "postgresql":
        assert databases.server.run(RUNNING).strip() == "0"


async def test_a_body_that_does_not_arrive_is_not_waited_for(
    databases: Databases,
) -> None:
    async with opened(databases.address("3.3.2-sqlite")) as gateway:
        client = Client([part(b'{"query": ', more=True)])

        await client.ask(Endpoint(gateway, Limits(body_s=0.05)))

    start, body = client.sent
    assert start["status"] == 408
    (error,) = json.loads(body["body"])["errors"]
    assert error == {
        "message": (
            "The body did not arrive within 0.05 seconds. "
            "DAGWAY_BODY_TIMEOUT sets this limit."
        ),
        "extensions": {"code": "BODY_TIMEOUT", "limit": "bodySeconds"},
    }


async def test_a_client_that_hangs_up_in_its_body_gets_nothing(
    databases: Databases,
) -> None:
    async with opened(databases.address("3.3.2-sqlite")) as gateway:
        client = Client([part(b'{"query": ', more=True)])
        client.hung_up.set()

        await client.ask(Endpoint(gateway))

    assert client.sent == []
