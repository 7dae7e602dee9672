"""One line an operation in the log: JSON, without variables or anything secret."""

import logging
from collections.abc import Callable

import orjson
from typing_extensions import override

from dagway.operating.facts import Facts, Observer

LOGGER = "dagway.operation"
_LONG = 200  # characters of a name that are logged


def told(line: bytes) -> None:
    """Log a line as Python logs, which costs more than to make it."""
    logging.getLogger(LOGGER).info(line.decode())


class Journal(Observer):
    """Logs operations.

    Args:
        write: Takes a line.
    """

    def __init__(self, write: Callable[[bytes], None] = told) -> None:
        self._write = write

    @override
    def ended(self, facts: Facts) -> None:
        """Log an operation."""
        if facts.outcome:
            self._write(line_of(facts))


def line_of(facts: Facts) -> bytes:
    """An operation's line; milliseconds to the microsecond."""
    name, executed = facts.name, facts.executed
    line = {
        "id": facts.id,
        "operation": name if name is None else name[:_LONG],
        "outcome": facts.outcome,
        "code": facts.code,
        "ms": _ms(facts.seconds),
        "waited_ms": _ms(facts.waited_s),
        "statements": len(executed),
        "sql_ms": _ms(facts.sql_s) if executed else 0.0,
        "rows": facts.rows if executed else 0,
        "nodes": facts.nodes,
        "bytes": facts.size,
        "principal": facts.principal.name or None,
    }
    return orjson.dumps(line)


def _ms(seconds: float) -> float:
    return round(seconds * 1e6) / 1e3
