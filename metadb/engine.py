"""Engines that can only read.

SQLite files are opened with `mode=ro` and `query_only` (see `metadb.sqlite_file`),
PostgreSQL sessions begin with `default_transaction_read_only`; where a pooler is in
between, each transaction is read-only (see `metadb.pooler`).
"""

import ssl
from typing import Any

import asyncpg
from sqlalchemy import event, exc
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import in_greenlet

from metadb import pooler
from metadb.address import PostgresAddress, SqliteAddress, read_address
from metadb.ending import SESSION
from metadb.errors import (
    LoginRefused,
    UnknownDatabase,
    Unreachable,
    UnusableDatabase,
)
from metadb.sqlite_file import SqliteFile

WAIT_S = 10.0  # for a connection of the pool
RECYCLE_S = 1800  # a server's session grows with what it has seen


def create_engine(address: str, *, pool_size: int = 5) -> AsyncEngine:
    """A read-only engine; it connects when first used.

    Connecting raises one of `metadb.errors`. A connection that the server closed, or
    whose file was replaced, is never given out.

    Args:
        address: Of the database, as Airflow writes it.
        pool_size: How many connections there are at most.

    Raises:
        BadAddress: if the address cannot be read.
    """
    found = read_address(address)
    if isinstance(found, SqliteAddress):
        engine = _engine("sqlite+aiosqlite:///read-only", pool_size, {})
        file = SqliteFile(found)
        event.listen(engine.sync_engine, "do_connect", file.connect)
        event.listen(engine.sync_engine, "checkout", file.check)
        return engine
    engine = _engine("postgresql+asyncpg://", pool_size, dict(found.arguments))
    event.listen(engine.sync_engine, "do_connect", _Server(found).connect)
    event.listen(engine.sync_engine, "checkout", _check_open)
    return engine


def _engine(url: str, pool_size: int, arguments: dict[str, Any]) -> AsyncEngine:
    engine = create_async_engine(
        url,
        connect_args=arguments,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WAIT_S,
        pool_recycle=RECYCLE_S,
        pool_use_lifo=True,
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "do_connect", _check_may_wait)
    return engine


def _check_may_wait(dialect: Any, record: Any, args: Any, arguments: Any) -> None:
    """Refuse to connect where nothing can be waited for, see `metadb.lent`."""
    del dialect, record, args, arguments
    if not in_greenlet():
        raise exc.MissingGreenlet


class _Server:
    """A PostgreSQL server: how to connect, and what its refusals mean."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._is_pooler = False

    def connect(
        self, dialect: Any, record: Any, args: Any, arguments: dict[str, Any]
    ) -> Any:
        """A new connection."""
        try:
            if not self._is_pooler:
                found = self._direct(dialect, args, arguments)
                if found is not None:
                    record.info[SESSION] = True
                    return found
                self._is_pooler = True
            adapted = dialect.connect(*args, **self._stateless(arguments))
        except dialect.dbapi.Error as error:
            raise self._meaning(error.__cause__ or error) from None
        except (OSError, TimeoutError, ValueError) as error:
            raise self._meaning(error) from None
        adapted.readonly = True  # of each transaction, as no session is
        return adapted

    def _direct(self, dialect: Any, args: Any, arguments: dict[str, Any]) -> Any:
        """A session with the settings of ours; None if a pooler is in between."""
        try:
            found = dialect.connect(*args, **arguments)
        except dialect.dbapi.Error as error:
            if pooler.is_refusal(error.__cause__ or error):
                return None
            raise
        if pooler.has_dropped_settings(found.driver_connection):
            found.terminate()
            return None
        return found

    def _stateless(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return pooler.stateless(arguments, self._address.shown)

    def _meaning(self, error: BaseException) -> UnusableDatabase:
        shown, said = self._address.shown, _first_line(error)
        match error:
            case asyncpg.InvalidCatalogNameError():
                return UnknownDatabase(f"the server of {shown} says: {said}")
            case asyncpg.InvalidAuthorizationSpecificationError():
                return LoginRefused(f"{shown} refuses the login: {said}")
            case asyncpg.InsufficientPrivilegeError():
                return LoginRefused(f"{shown} refuses the connection: {said}")
            case ssl.SSLCertVerificationError():
                reason = error.verify_message
                return Unreachable(
                    f"{shown} cannot be reached: the server's certificate is not "
                    f"trusted: {reason}"
                )
            case TimeoutError():
                seconds = self._address.arguments["timeout"]
                return Unreachable(f"{shown} does not answer within {seconds:g} s")
            case _:
                return Unreachable(f"{shown} cannot be reached: {said}")


def _first_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0]


def _check_open(connection: Any, record: Any, proxy: Any) -> None:
    """Have a connection that the server closed replaced."""
    del record, proxy
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError
