"""Runs one operation: its own session and loaders, its errors as clients see them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncEngine
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import ExecutionResult

from dagway.errors import shown
from execution.executor import Executor
from loaders.errors import ClientError
from loaders.log_files import LogFiles
from loaders.request import Request
from loaders.structure import Structures
from metadb.backends import dialect_of
from metadb.engine import create_engine
from metadb.session import Bounds, Executed, OperationAborted, Session
from metadb.source import Catalogue
from metadb.versions import probe
from resolvers.scalars import BULK
from schema.build import build_schema

DOCUMENTS = 256
CACHES = (
    lambda: ParserCache(maxsize=DOCUMENTS),
    lambda: ValidationCache(maxsize=DOCUMENTS),
)
"""Parsing and validating costs more than the rest of a small operation."""


class GatewayExecutor(Executor):
    """The executor, told this gateway's own exceptions."""

    mistakes = (ClientError,)
    aborts = (OperationAborted,)
    bulk = BULK


class StockExecutor(GatewayExecutor):
    """The same, with graphql-core executing every operation."""

    breadth_first = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gave: the response's parts, and what it cost."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: list[Executed]

    @property
    def response(self) -> dict[str, Any]:
        """The response, as GraphQL has it."""
        errors = {"errors": self.errors} if self.errors else {}
        return {**errors, "data": self.data}


@dataclass(frozen=True, slots=True)
class Gateway:
    """A schema over one metadata database.

    Attributes:
        heartbeat_s: Seconds that a healthy part of Airflow may be silent.
        logs: Where task logs are; None if that is not known.
    """

    schema: strawberry.Schema
    engine: AsyncEngine
    catalogue: Catalogue
    bounds: Bounds
    heartbeat_s: float = 30.0
    logs: LogFiles | None = None

    def request(self) -> Request:
        """A new operation's context."""
        session = Session(self.engine, self.catalogue, self.bounds)
        return Request(
            session, Structures(), heartbeat_s=self.heartbeat_s, logs=self.logs
        )

    async def answer(
        self, document: str, variables: Mapping[str, Any] | None = None
    ) -> Answer:
        """Run one operation; its connection is given back before this returns."""
        request = self.request()
        result = await finished(
            self.schema.execute(
                document,
                variable_values=dict(variables or {}),
                context_value=request,
            ),
            request,
        )
        errors: list[dict[str, Any]] = [{**e.formatted} for e in result.errors or ()]
        return Answer(result.data, errors, request.session.executed)


async def finished(
    execution: Awaitable[ExecutionResult], request: Request
) -> ExecutionResult:
    """An execution's result: its snapshot ended, its errors as clients see them.

    One that takes too long is stopped, and its statement with it.
    """
    seconds = request.session.bounds.operation_s
    try:
        async with asyncio.timeout(seconds):
            result = await execution
    except TimeoutError:
        message = (
            f"The operation took longer than the {seconds:g} seconds that are allowed; "
            "ask for less at once."
        )
        error = GraphQLError(message, extensions={"code": "TIMEOUT"})
        result = ExecutionResult(None, [error])
    finally:
        await request.session.close()
    result.errors = shown(result.errors)
    return result


def encoded(response: object) -> bytes:
    """A response as JSON.

    orjson refuses integers beyond 64 bits and halves of surrogate pairs, which a conf
    may hold; the standard library writes them.
    """
    try:
        return orjson.dumps(response)
    except TypeError:
        return json.dumps(response).encode()


@asynccontextmanager
async def opened(
    address: str,
    *,
    pool_size: int = 5,
    bounds: Bounds | None = None,
    airflow_url: str | None = None,
    heartbeat_s: float = 30.0,
    logs: LogFiles | None = None,
    executor: type[GatewayExecutor] = GatewayExecutor,
) -> AsyncIterator[Gateway]:
    """A gateway on the database at an address, until the block is left.

    Raises:
        UnusableDatabase: if it is none that can be served.
    """
    engine = create_engine(address, pool_size=pool_size)
    try:
        database = await probe(engine)
        dialect = dialect_of(engine.dialect.name)
        catalogue = Catalogue(database, dialect, airflow_url)
        yield Gateway(
            build_schema(executor, CACHES),
            engine,
            catalogue,
            bounds or Bounds(),
            heartbeat_s,
            logs,
        )
    finally:
        await engine.dispose()
