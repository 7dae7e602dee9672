"""A line of a task's log: plain text of Airflow 2, JSON of Airflow 3."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

_PLAIN = re.compile(r"\[(?P<at>[^\]]{19,40})\] \{(?P<logger>[^}]*)\} (?P<level>\w+) - ")


class LogLine(NamedTuple):
    """What a line says; all but the message may be missing."""

    timestamp: datetime | None
    level: str | None
    logger: str | None
    message: str


def log_line(raw: bytes) -> LogLine:
    """A line without its end; whatever it is, never an error."""
    if raw.startswith(b"{"):
        try:
            found = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            found = None
        if isinstance(found, dict) and isinstance(found.get("event"), str):
            return _of_json(found)
    text = raw.decode("utf-8", "replace").rstrip("\r")
    match = _PLAIN.match(text)
    if match is None:
        return LogLine(None, None, None, text)
    return LogLine(
        _instant(match["at"]),
        match["level"].lower(),
        match["logger"],
        text[match.end() :],
    )


def _of_json(found: Mapping[str, Any]) -> LogLine:
    level, logger = found.get("level"), found.get("logger")
    message = "\n".join([found["event"], *_raised(found.get("error_detail"))])
    return LogLine(
        _instant(found.get("timestamp")),
        level.lower() if isinstance(level, str) else None,
        logger if isinstance(logger, str) else None,
        message,
    )


def _raised(detail: object) -> Iterator[str]:
    """What was raised and where, as Python prints it; the outermost first."""
    for one in _objects(detail):
        for frame in _objects(one.get("frames")):
            yield (
                f'  File "{frame.get("filename")}", line {frame.get("lineno")}, '
                f"in {frame.get('name')}"
            )
        yield f"{one.get('exc_type')}: {one.get('exc_value')}"


def _objects(found: object) -> list[dict[str, Any]]:
    """The objects in a list; none of what is no list."""
    if not isinstance(found, list):
        return []
    return [one for one in found if isinstance(one, dict)]


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may lie outside all years
        return None
