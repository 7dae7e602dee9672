"""Which errors a client sees, and what of the others.

A client's mistake and an aborted operation say what happened. Anything else is a
fault: the client gets an error id, and the log the id with the whole story; with a
line, if the database could not be reached, as many operations meet that at once.
"""

import logging
import uuid
from collections.abc import Iterable

from graphql import GraphQLError

from dagway.protection.limit import LIMITS
from loaders.errors import ClientError
from metadb.aborted import OperationAborted

log = logging.getLogger("dagway")


class StartError(Exception):
    """What stops a command before it has begun: one sentence for its user."""


def shown(
    errors: Iterable[GraphQLError] | None, operation_id: str | None = None
) -> list[GraphQLError]:
    """The errors of an answer, each with `extensions.code`, faults hidden.

    A fault carries its operation's id, where that has one.
    """
    return [_shown(error, operation_id) for error in errors or ()]


def _shown(error: GraphQLError, operation_id: str | None) -> GraphQLError:
    cause = _cause(error)
    code = getattr(cause, "code", None) or _code_of(error)
    message = error.message
    if isinstance(cause, OperationAborted) and cause.is_fault:
        message = "The database could not answer"
    elif isinstance(cause, OperationAborted) and cause.limit is not None:
        limit = LIMITS[cause.limit]
        return _with(error, limit.told(message), {"code": code, "limit": limit.name})
    elif cause is None or isinstance(cause, ClientError | OperationAborted):
        return _with(error, message, {"code": code})
    else:
        code, message = "INTERNAL_ERROR", "The gateway failed to answer"
    error_id = operation_id or uuid.uuid4().hex[:16]
    if isinstance(cause, OperationAborted) and cause.is_lost:
        why = cause.__cause__ or cause
        log.error("error %s: %s: %s", error_id, type(why).__name__, why)
    else:
        log.error("error %s at %s", error_id, error.path, exc_info=cause)
    message = f"{message}; error {error_id} in its log says why."
    return _with(error, message, {"code": code, "errorId": error_id})


def _cause(error: GraphQLError) -> BaseException | None:
    """What was raised, beneath graphql-core's own wrapping; None for its own errors."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _code_of(error: GraphQLError) -> str:
    """graphql-core's own errors: the document's when they have no path."""
    inner: BaseException | None = error
    while isinstance(inner, GraphQLError):
        code = (inner.extensions or {}).get("code")
        if code is not None:
            return str(code)
        inner = inner.original_error
    if error.path is not None:
        return "BAD_USER_INPUT"
    if error.message.startswith("Variable ") and " has invalid value" in error.message:
        return "BAD_USER_INPUT"
    return "GRAPHQL_PARSE_FAILED" if _is_syntax(error) else "GRAPHQL_VALIDATION_FAILED"


def _is_syntax(error: GraphQLError) -> bool:
    return error.message.startswith("Syntax Error")


def _with(
    error: GraphQLError, message: str, extensions: dict[str, object]
) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={**(error.extensions or {}), **extensions},
    )
