"""Runs one operation: its own session, its own loaders, its errors as clients see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncEngine

from dagway.errors import shown
from execution.executor import Executor
from loaders.errors import ClientError
from loaders.request import Request
from loaders.structure import Structures
from metadb.session import Bounds, Executed, OperationAborted, Session
from metadb.source import Catalogue
from schema.build import build_schema


class GatewayExecutor(Executor):
    """The executor, told this gateway's own exceptions."""

    mistakes = (ClientError,)
    aborts = (OperationAborted,)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gave: the response's parts, and what it cost."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: list[Executed]

    @property
    def response(self) -> dict[str, Any]:
        """The response, as GraphQL has it."""
        found: dict[str, Any] = {}
        if self.errors:
            found["errors"] = self.errors
        found["data"] = self.data
        return found


@dataclass(frozen=True, slots=True)
class Gateway:
    """A schema over one metadata database."""

    schema: strawberry.Schema
    engine: AsyncEngine
    catalogue: Catalogue
    bounds: Bounds

    def request(self) -> Request:
        """A new operation's context."""
        session = Session(self.engine, self.catalogue, self.bounds)
        return Request(session, Structures())

    async def answer(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Answer:
        """Run one operation; its connection is given back before this returns."""
        request = self.request()
        try:
            result = await self.schema.execute(
                document,
                variable_values=dict(variables or {}),
                context_value=request,
                operation_name=operation_name,
            )
        finally:
            await request.session.close()
        return Answer(
            result.data,
            [error.formatted for error in shown(result.errors)],  # type: ignore[misc]  # TypedDict
            request.session.executed,
        )


def gateway(engine: AsyncEngine, catalogue: Catalogue, bounds: Bounds) -> Gateway:
    """The gateway with the executor of choice."""
    return Gateway(build_schema(GatewayExecutor), engine, catalogue, bounds)
