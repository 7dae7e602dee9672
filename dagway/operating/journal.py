"""One line an operation in the log: JSON, without variables or anything secret."""

import logging
from collections.abc import Callable

import orjson

from dagway.operating.facts import Facts

LOGGER = "dagway.operation"
_LONG = 200  # characters of a name that are logged


def told(line: bytes) -> None:
    """Log a line as Python logs, which costs more than to make it."""
    logging.getLogger(LOGGER).info(line.decode())


class Journal:
    """Logs operations.

    Args:
        write: Takes a line.
    """

    def __init__(self, write: Callable[[bytes], None] = told) -> None:
        self._write = write

    def begun(self) -> None:
        """Nothing is logged yet."""

    def waiting(self, more: int) -> None:
        """Nor this."""

    def ended(self, facts: Facts) -> None:
        """Log an operation."""
        if facts.outcome:
            self._write(line_of(facts))


def line_of(facts: Facts) -> bytes:
    """An operation's line; milliseconds to the microsecond."""
    name = facts.name
    line = {
        "id": facts.id,
        "operation": name if name is None else name[:_LONG],
        "outcome": facts.outcome,
        "code": facts.code,
        "ms": round(facts.seconds * 1000, 3),
        "waited_ms": round(facts.waited_s * 1000, 3),
        "statements": len(facts.executed),
        "sql_ms": round(facts.sql_s * 1000, 3),
        "rows": facts.rows,
        "nodes": facts.nodes,
        "bytes": facts.size,
        "principal": facts.principal.name or None,
    }
    return orjson.dumps(line)
