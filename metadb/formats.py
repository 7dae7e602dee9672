"""How ids, cursors and instants are written, all in one place.

An id is opaque to clients: `Kind/part/part`, with the parts' own `/` and `%` quoted.
A cursor is base64 of a JSON array: format, list, parent's key, order, values.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import repeat
from operator import attrgetter
from typing import Any

import msgspec

from metadb.by_column import is_constant

CURSOR_FORMAT = 1
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def identity(kind: str, *parts: str | int) -> str:
    """The id of what `parts` name."""
    return "/".join([kind, *(quoted(str(part)) for part in parts)])


def identities(kind: str, *columns: Sequence[str | int]) -> list[str]:
    """The ids of many objects, of columns of their parts."""
    if not columns[0]:
        return []
    head, rest = kind, list(columns)
    while rest and is_constant(rest[0]):
        head = f"{head}/{quoted(str(rest.pop(0)[0]))}"
    parts = [
        repeat(quoted(str(one[0]))) if is_constant(one) else _all_quoted(one)
        for one in rest
    ]
    heads = repeat(head, len(columns[0]))
    return list(map("/".join, zip(heads, *parts)))  # noqa: B905  # repeat is endless


def _all_quoted(column: Sequence[Any]) -> Sequence[str]:
    texts = column if set(map(type, column)) <= {str} else list(map(str, column))
    whole = "".join(texts)
    if "/" in whole or "%" in whole:
        return list(map(quoted, texts))
    return texts


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
    """RFC 3339 in UTC, with `Z`; microseconds where there are any."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def instants(values: Sequence[datetime | None]) -> Sequence[datetime | None]:
    """Instants that msgspec writes as `instant_text` does: in UTC; None as it is."""
    types = set(map(type, values))
    present = [v for v in values if v is not None] if _NULL in types else values
    if types <= {datetime, _NULL} and set(map(_zone, present)) <= {UTC}:
        return values
    return [None if value is None else value.astimezone(UTC) for value in values]


_NULL = type(None)
_zone = attrgetter("tzinfo")


def instant_of(text: str) -> datetime:
    """An RFC 3339 instant, in UTC.

    Raises:
        ValueError: if it is none, or has no offset from UTC.
    """
    if _INSTANT.fullmatch(text) is None:
        raise ValueError(text)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:  # in UTC it is before the year 1, or after 9999
        raise ValueError(text) from error


def cursors(head: Sequence[object]) -> Callable[[Sequence[Any]], str]:
    """A writer of cursors with the same head: takes a row's values, in order."""
    prefix = msgspec.json.encode([CURSOR_FORMAT, *head], enc_hook=str)[:-1] + b","

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
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(cursor) from error
    if not isinstance(found, list) or found[:1] != [CURSOR_FORMAT]:
        raise ValueError(cursor)
    return found[1:]
