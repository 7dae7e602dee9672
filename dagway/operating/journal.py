"""One line an operation in the log: JSON, without variables or anything secret."""

import logging

import orjson

from dagway.operating.facts import Facts

LOGGER = "dagway.operation"
_LONG = 200  # characters of a name that are logged
log = logging.getLogger(LOGGER)


class Journal:
    """Logs operations."""

    def begun(self) -> None:
        """Nothing is logged yet."""

    def waiting(self, more: int) -> None:
        """Nor this."""

    def ended(self, facts: Facts) -> None:
        """Log an operation. Its record is made here: logging would look who calls."""
        if facts.outcome and log.isEnabledFor(logging.INFO):
            record = logging.LogRecord(
                LOGGER, logging.INFO, __file__, 0, line_of(facts), None, None
            )
            log.handle(record)


def line_of(facts: Facts) -> str:
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
    return orjson.dumps(line).decode()
