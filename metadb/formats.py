"""How ids, cursors and instants are written, all in one place.

An id is opaque to clients: `Kind/part/part`, with the parts' own `/` and `%` quoted.
A cursor is base64 of a JSON array: format, list, parent's key, order, values.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

CURSOR_FORMAT = 1


def identity(kind: str, *parts: str | int) -> str:
    """The id of what `parts` name."""
    return "/".join([kind, *(quoted(str(part)) for part in parts)])


def quoted(part: str) -> str:
    """A part of an id, without `/`."""
    if "/" in part or "%" in part:
        return part.replace("%", "%25").replace("/", "%2F")
    return part


def parts_of(identity: str) -> tuple[str, list[str]]:
    """An id's kind and parts; whatever the text, it never fails."""
    kind, *parts = identity.split("/")
    return kind, [p.replace("%2F", "/").replace("%25", "%") for p in parts]


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC, with `+00:00`; microseconds where there are any."""
    return value.astimezone(UTC).isoformat()


def instant_of(text: str) -> datetime:
    """An RFC 3339 instant, in UTC.

    Raises:
        ValueError: if it is none, or has no offset from UTC.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or "T" not in text.upper().replace(" ", "T"):
        raise ValueError(text)
    return found.astimezone(UTC)


def cursors(head: Sequence[object]) -> Callable[[Sequence[Any]], str]:
    """A writer of cursors with the same head: takes a row's values, in order."""
    prefix = msgspec.json.encode([CURSOR_FORMAT, *head])[:-1] + b","

    def cursor(values: Sequence[Any]) -> str:
        text = prefix + msgspec.json.encode(list(values), enc_hook=str) + b"]"
        return urlsafe_b64encode(text).decode().rstrip("=")

    return cursor


def cursor_parts(cursor: str) -> list[Any]:
    """A cursor's head and values, without the format.

    Raises:
        ValueError: if it is no cursor of this format.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        found = msgspec.json.decode(urlsafe_b64decode(padded.encode("ascii")))
    except msgspec.DecodeError as error:
        raise ValueError(cursor) from error
    if not isinstance(found, list) or found[:1] != [CURSOR_FORMAT]:
        raise ValueError(cursor)
    return found[1:]
