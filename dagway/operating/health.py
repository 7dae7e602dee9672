"""Whether the gateway is alive, and whether it can answer."""

import asyncio
import time
from dataclasses import asdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from dagway.limits import Limits
from dagway.operating.door import Door
from dagway.operating.servers import described
from metadb.current import Current
from metadb.replicas import Replicas
from metadb.session import Bounds

_FRESH_S = 1.0
_PATIENCE_S = 2.0
_REVISION = text("SELECT version_num FROM alembic_version")


class Health:
    """Asks the database, once a second at most, on a connection of its own.

    The pool's may all be in use, which is no reason to be sent no more.

    Args:
        engine: Of one connection.
        current: What the gateway knows of its database.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        current: Current,
        door: Door,
        limits: Limits,
        bounds: Bounds,
        replicas: Replicas | None = None,
    ) -> None:
        self._engine = engine
        self._current = current
        self._door = door
        self._limits = limits
        self._bounds = bounds
        self._replicas = replicas
        self._turn = asyncio.Lock()
        self._asked_at = -_FRESH_S
        self._found: tuple[str | None, str | None] = (None, None)

    async def unready(self) -> str | None:
        """Why no operation can be answered, in a few words; None if it can."""
        if self._door.is_closing:
            return "shutting down"
        reason = (await self._database_now())[1]
        if self._replicas is not None and self._replicas.has_fresh:
            return None
        return reason

    async def verbose(self) -> dict[str, Any]:
        """What was found, and what operations are held to."""
        revision = (await self._database_now())[0]
        found = self._current.catalogue.database
        return {
            "database": {
                "revision": revision,
                "revisionRead": found.revision,
                "isRevisionKnown": found.min_version is not None,
                "airflow": [found.min_version, found.max_version],
                "features": list(found.features),
            },
            **self._servers(),
            "operations": {"running": self._door.inside},
            "limits": {**asdict(self._limits), **asdict(self._bounds)},
        }

    def _servers(self) -> dict[str, Any]:
        return {} if self._replicas is None else {"servers": described(self._replicas)}

    async def _database_now(self) -> tuple[str | None, str | None]:
        """The revision, and what is wrong."""
        async with self._turn:
            if time.monotonic() - self._asked_at >= _FRESH_S:
                self._found = await self._asked()
                self._asked_at = time.monotonic()
            return self._found

    async def _asked(self) -> tuple[str | None, str | None]:
        try:
            async with asyncio.timeout(_PATIENCE_S), self._engine.connect() as one:
                revision = await one.scalar(_REVISION)
        except Exception:  # any driver's; the log of operations says more  # noqa: BLE001
            return None, "the database does not answer"
        if revision is None:
            return None, "the database has no schema revision"
        known = self._current.catalogue
        if revision != known.database.revision:
            await self._current.is_other_than(known)
        return str(revision), None
