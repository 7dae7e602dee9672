"""What ends a whole operation, and which of a driver's failures mean what."""

import sqlite3

import asyncpg
from sqlalchemy import exc

from metadb.errors import UnusableDatabase

_LOST = (
    UnusableDatabase,  # no new connection can be had
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class OperationAborted(Exception):
    """Ends the whole operation: never answered in part, never tried another way.

    Attributes:
        code: What a client sees in `extensions.code`.
        limit: What was used up: `rows`, `structures` or `statementSeconds`.
        is_fault: Whether the database failed, and not what was asked of it.
        is_outdated: Whether it lacks what it was known to have.
        is_lost: Whether it could not be reached, or ended the connection.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        limit: str | None = None,
        is_fault: bool = False,
        is_outdated: bool = False,
        is_lost: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.limit = limit
        self.is_fault = is_fault
        self.is_outdated = is_outdated
        self.is_lost = is_lost


def aborted(error: Exception) -> OperationAborted:
    """What any driver's failure means for an operation."""
    if isinstance(error, exc.TimeoutError):  # the pool's
        message = "No connection to the database came free in time; try again soon."
        return OperationAborted("TIMEOUT", message)
    if type(error).__name__ in {"QueryCanceledError", "TimeoutError"}:
        return OperationAborted(
            "TIMEOUT",
            "A statement took longer than is allowed; ask for less in one operation.",
            limit="statementSeconds",
        )
    return OperationAborted(
        "DATABASE_ERROR",
        "The database could not answer.",
        is_fault=True,
        is_outdated=_is_outdated(error),
        is_lost=isinstance(error, _LOST),
    )


def _is_outdated(error: Exception) -> bool:
    """Whether a statement names what is not there, or was prepared for other tables."""
    if isinstance(error, sqlite3.OperationalError):
        return str(error).startswith(("no such table", "no such column"))
    return type(error).__name__ in {
        "InvalidCachedStatementError",
        "UndefinedColumnError",
        "UndefinedFunctionError",
        "UndefinedTableError",
    }
