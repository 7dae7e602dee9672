"""Gateways on the tests' databases."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dagway.operation import Answer, Gateway, gateway
from metadb.dialect import dialect_of
from metadb.engine import create_engine
from metadb.session import Bounds
from metadb.source import Catalogue
from metadb.versions import probe


@asynccontextmanager
async def gateway_on(
    address: str, *, bounds: Bounds | None = None, airflow_url: str | None = None
) -> AsyncIterator[Gateway]:
    """A gateway on a database, in process."""
    engine = create_engine(address, pool_size=5)
    try:
        database = await probe(engine)
        dialect = dialect_of(engine.dialect.name)
        yield gateway(
            engine, Catalogue(database, dialect, airflow_url), bounds or Bounds()
        )
    finally:
        await engine.dispose()


@dataclass
class Asking:
    """Asks a gateway, and remembers what that took.

    Attributes:
        answer: The last one.
    """

    gateway: Gateway
    answer: Answer = field(init=False)

    async def __call__(
        self, document: str, variables: Mapping[str, Any] | None = None, /, **more: Any
    ) -> Any:
        """The data of an answer that has no errors."""
        given = {**(variables or {}), **more}
        self.answer = await self.gateway.answer(document, given)
        assert self.answer.errors == []
        return self.answer.data

    async def errors(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of an answer."""
        self.answer = await self.gateway.answer(document, variables)
        return self.answer.errors

    @property
    def statements(self) -> int:
        """How many statements the last answer took."""
        return len(self.answer.executed)
