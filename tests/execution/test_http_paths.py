"""The endpoint answers as strawberry's own view of the same schema does."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult
from typing_extensions import override

from dagway.endpoint import Endpoint
from dagway.limits import Limits
from dagway.operation import Gateway, StockExecutor, encoded, formatted, opened
from loaders.request import Request
from tests.execution.odd import database
from tests.execution.paths import are_equal, known
from tests.support.databases import Databases
from tests.support.random_documents import document

NUMBER = 20
_CLOCK = re.compile(rb'("asOf\d*":)"[^"]*Z"')
_GENEROUS = Limits(tokens=100_000, depth=50, aliases=10_000, directives=10_000)


class View(GraphQL[Request, None]):
    """strawberry's view, with the gateway's context and words for errors.

    Attributes:
        gives_bytes: Whether to spell JSON as the endpoint does, without spaces.
    """

    gives_bytes = False

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway.schema)
        self._gateway = gateway
        self._requests: list[Request] = []

    @override
    async def get_context(self, *_args: Any, **_named: Any) -> Request:
        self._requests.append(self._gateway.request())
        return self._requests[-1]

    @override
    async def process_result(
        self, request: Any, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        for one in self._requests:
            await one.session.close()
        self._requests.clear()
        errors: Any = formatted(result.errors)
        data: Any = result.data
        return {"data": data, **({"errors": errors} if errors else {})}

    @override
    def encode_json(self, data: object) -> str | bytes:
        return encoded(data) if self.gives_bytes else super().encode_json(data)


class BytesView(View):
    """The same, in the endpoint's spelling."""

    gives_bytes = True


@asynccontextmanager
async def clients(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the endpoint and of strawberry's views beside it."""
    async with opened(address) as gateway:
        stock = gateway.executed_by(StockExecutor)
        app = Starlette(
            routes=[
                Route("/endpoint", Endpoint(gateway, _GENEROUS)),
                Mount("/view", View(stock)),
                Mount("/bytes", BytesView(stock)),
            ]
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gate", timeout=60
        ) as client:
            yield client


async def posted(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> bytes:
    """A response's body, without what the clock says."""
    response = await client.post(path, json=body)
    return _CLOCK.sub(rb"\1null", response.content)


def ordered(content: bytes) -> dict[str, Any]:
    """JSON of which also the order of members counts, but at the top."""
    top: list[tuple[str, Any]] = json.loads(content, object_pairs_hook=list)
    return dict(top)


@pytest.mark.parametrize(
    ("name", "begin"), [("odd-3.3.2-sqlite", 60_000), ("3.3.2-postgresql", 70_000)]
)
async def test_the_endpoint_answers_as_strawberrys_view_does(
    name: str, begin: int, databases: Databases
) -> None:
    address = database(databases, name)
    async with opened(address) as gateway:
        names = await known(gateway)
    without_errors = 0
    async with clients(address) as client:
        for seed in range(begin, begin + NUMBER):
            asked = document(seed, names)
            body = {"query": asked.text, "variables": asked.sets[0]}

            lean = await posted(client, "/endpoint", body)
            view = await posted(client, "/view/", body)

            if b'"errors":' in lean:
                found = [json.loads(content) for content in (lean, view)]
                assert are_equal([(f["data"], f["errors"]) for f in found]), asked.text
                continue
            without_errors += 1
            # strawberry's writer has spaces and escapes: the same JSON, other bytes
            assert ordered(view) == ordered(lean), asked.text
            assert await posted(client, "/bytes/", body) == lean, asked.text
    assert without_errors > NUMBER // 2
