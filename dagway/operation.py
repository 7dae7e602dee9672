"""Runs one operation: its own session and loaders, its errors as clients see them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec
import strawberry
from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncEngine

from dagway.documents import Documents, Prepared, Ready, Refused
from dagway.errors import shown
from dagway.limits import Limits
from dagway.operating.facts import Facts
from dagway.protection.limit import OPERATION_TIME
from execution.executor import Executor
from execution.levels import Exceptions, Result, plain
from loaders.errors import ClientError
from loaders.kept_structures import KeptStructures
from loaders.log_files import LogFiles
from loaders.request import Request
from loaders.structure import Structures
from metadb.aborted import OperationAborted
from metadb.backends import dialect_of
from metadb.current import Current
from metadb.engine import create_engine
from metadb.replicas import Replicas, replicated
from metadb.session import Bounds, Executed, Session
from metadb.source import Catalogue
from metadb.visibility import Visibility
from resolvers.scalars import BULK
from schema.build import build_schema

_AGAIN = 3
"""How often an operation is run again because the database was migrated meanwhile."""


class GatewayExecutor(Executor):
    """The executor, told this gateway's own exceptions."""

    known = Exceptions((ClientError,), (OperationAborted,))
    bulk = BULK


class StockExecutor(GatewayExecutor):
    """The same, with graphql-core executing every operation."""

    breadth_first = False


@dataclass(frozen=True)
class Answer:
    """What an operation gave: the response's parts, and what it cost.

    Attributes:
        result: The data, ready to be encoded.
    """

    result: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: list[Executed]

    @cached_property
    def data(self) -> dict[str, Any] | None:
        """The data, of JSON's values only."""
        return None if self.result is None else plain(self.result)

    @property
    def response(self) -> dict[str, Any]:
        """The response, as GraphQL has it."""
        return {**self.outgoing, "data": self.data}

    @property
    def outgoing(self) -> dict[str, Any]:
        """The response, ready to be encoded."""
        errors = {"errors": self.errors} if self.errors else {}
        return {**errors, "data": self.result}


@dataclass(frozen=True, slots=True)
class Gateway:
    """A schema over one metadata database.

    Attributes:
        current: What the database offers.
        documents: Prepares the operations.
        executor: Executes them.
        limits: What documents are held to; None for nothing.
        heartbeat_s: Seconds that a healthy part of Airflow may be silent.
        logs: Where task logs are; None if that is not known.
        replicas: What operations are read from, if it is not the engine alone.
        structures: Decoded ones that are kept; None for none.
    """

    schema: strawberry.Schema
    engine: AsyncEngine
    current: Current
    bounds: Bounds
    documents: Documents
    executor: type[GatewayExecutor]
    limits: Limits | None = None
    heartbeat_s: float = 30.0
    logs: LogFiles | None = None
    replicas: Replicas | None = None
    structures: KeptStructures | None = None

    @property
    def catalogue(self) -> Catalogue:
        """What the database offers now."""
        return self.current.catalogue

    def session(self, visible: Visibility | None = None) -> Session:
        """A new session on the primary, of one who may see so much."""
        return Session(self.engine, self.catalogue, self.bounds, visible)

    def request(self, visible: Visibility | None = None) -> Request:
        """A new operation's context, for one who may see so much."""
        source = self.replicas or self.engine
        session = Session(source, self.catalogue, self.bounds, visible)
        structures = Structures(self.structures)
        return Request(
            session, structures, heartbeat_s=self.heartbeat_s, logs=self.logs
        )

    async def answer(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        visible: Visibility | None = None,
    ) -> Answer:
        """Run the operation of a document, if it can run."""
        try:
            prepared = self.documents.prepared(document, variables)
        except Refused as refused:
            return Answer(None, formatted(refused.errors), [])
        return await self.run(prepared, visible)

    async def run(
        self,
        prepared: Prepared,
        visible: Visibility | None = None,
        facts: Facts | None = None,
    ) -> Answer:
        """Run an operation; its connection is given back before this returns.

        It is run again, on the primary, if Airflow has migrated the database since that
        was looked at, or does so meanwhile, or if a replica failed; a few times, as a
        chain of migrations may take long.
        """
        request = self.request(visible)
        result = await self._run(prepared, request, facts)
        if result.errors or request.session.is_outdated:
            request, result = await self._settled(prepared, request, result, facts)
        errors = formatted(result.errors, None if facts is None else facts.id)
        return Answer(result.data, errors, request.session.executed)

    async def _settled(
        self, prepared: Prepared, request: Request, result: Result, facts: Facts | None
    ) -> tuple[Request, Result]:
        """The last of some runs of an operation that, after the first, may succeed."""
        visible = request.session.visible
        again, end = 0, time.monotonic() + self.bounds.operation_s
        while await self._may_succeed(_aborted(result), request.session):
            if again == _AGAIN or time.monotonic() > end:
                result = _unsettled() if request.session.is_outdated else result
                break
            again += 1
            before = request.session.executed
            request = replace(self, replicas=None).request(visible)
            request.session.executed += before
            result = await self._run(prepared, request, facts)
        return request, result

    async def _may_succeed(
        self, aborted: OperationAborted | None, session: Session
    ) -> bool:
        """Whether the primary may have another answer than that of a session."""
        if session.is_outdated or (aborted is not None and aborted.is_outdated):
            is_other = await self.current.is_other_than(session.catalogue)
            if is_other or session.is_outdated:
                return True
        if self.replicas is None or aborted is None or not aborted.is_fault:
            return False
        return self.replicas.failed(session.engine, aborted)

    async def _run(
        self, prepared: Prepared, request: Request, facts: Facts | None
    ) -> Result:
        if facts is not None:
            facts.session = request.session
        running = self._result(prepared, request)
        return await (finished(running, request) if prepared.loads else running)

    async def _result(self, prepared: Prepared, request: Request) -> Result:
        """By the plan; where there is none, or it fails, as strawberry does."""
        if prepared.plan is not None:
            result = await self.executor.by_level(prepared.plan, request)
            if result is not None:
                return result
        found = await self.schema.execute(
            prepared.text,
            variable_values=prepared.variables,
            operation_name=prepared.name,
            context_value=request,
            operation_extensions=prepared.extensions,
        )
        return Result(found.data, found.errors or [])

    def executed_by(self, executor: type[GatewayExecutor]) -> "Gateway":
        """The same, with operations executed by another class."""
        return replace(self, **_executing(executor, self.limits))


def _executing(
    executor: type[GatewayExecutor], limits: Limits | None
) -> dict[str, Any]:
    """What of a gateway depends on how operations are executed."""
    schema = build_schema(executor, (Ready,))
    core = schema._schema  # noqa: SLF001  # strawberry's only way there
    documents = Documents(core, limits, executor.planned)
    return {"schema": schema, "documents": documents, "executor": executor}


def _aborted(result: Result) -> OperationAborted | None:
    """What ended an operation before it had data."""
    if result.data is not None or not result.errors:
        return None
    cause = result.errors[-1].original_error
    return cause if isinstance(cause, OperationAborted) else None


def _unsettled() -> Result:
    """What is answered of a database that never was the same from begin to end."""
    message = "The database is being migrated."
    aborted = OperationAborted("DATABASE_ERROR", message, is_fault=True, is_lost=True)
    return Result(None, [GraphQLError("", original_error=aborted)])


async def finished(execution: Awaitable[Result], request: Request) -> Result:
    """An execution's result: its snapshot ended.

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
        result = Result(None, [OPERATION_TIME.refusal(message)])
    finally:
        await request.session.close()
    return result


def formatted(
    errors: Sequence[GraphQLError] | None, operation_id: str | None = None
) -> list[dict[str, Any]]:
    """Errors as clients see them."""
    return [{**error.formatted} for error in shown(errors, operation_id)]


def encoded(response: object) -> bytes:
    """A response as JSON.

    msgspec refuses halves of surrogate pairs, which a conf may hold; the standard
    library writes them.
    """
    try:
        return msgspec.json.encode(response)
    except UnicodeEncodeError:
        return json.dumps(plain(response)).encode()


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
    limits: Limits | None = None,
    replicas: Sequence[str] = (),
    replica_lag_s: float = 5.0,
    structures: KeptStructures | None = None,
) -> AsyncIterator[Gateway]:
    """A gateway on the database at an address, until the block is left.

    Its documents are held to the limits; without any, to none. Replicas that are not
    older than their bound are read in the database's place. Structures that are kept
    must be of this database.

    Raises:
        UnusableDatabase: if it is none that can be served.
    """
    engine = create_engine(address, pool_size=pool_size)
    try:
        current = Current(engine, dialect_of(engine.dialect.name), airflow_url)
        await current.look()
        keeping = asyncio.create_task(current.keep())
        try:
            async with replicated(
                engine, address, replicas, bound_s=replica_lag_s, pool_size=pool_size
            ) as several:
                yield Gateway(
                    engine=engine,
                    current=current,
                    bounds=bounds or Bounds(),
                    limits=limits,
                    heartbeat_s=heartbeat_s,
                    logs=logs,
                    replicas=several,
                    structures=structures,
                    **_executing(executor, limits),
                )
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])
    finally:
        await engine.dispose()
