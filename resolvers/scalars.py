"""DateTime and JSON, as they are read and printed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError

from loaders.errors import shortened
from metadb.formats import instant_of, instant_text, instants

JSONValue = NewType("JSONValue", object)


def _printed(value: Any) -> str:
    if not isinstance(value, datetime):
        message = f"DateTime cannot represent {type(value).__name__}."
        raise GraphQLError(message)
    return instant_text(value)


def _parsed(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            return instant_of(value)
        except ValueError:
            pass
    message = (
        f"DateTime cannot represent {shortened(value)}; an RFC 3339 instant with its "
        'offset is expected, for example "2026-01-31T09:30:00Z".'
    )
    raise GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def _as_is(value: Any) -> Any:
    return value


DATE_TIME = strawberry.scalar(
    name="DateTime",
    description=(
        "An instant: RFC 3339 in UTC, with `Z`, and microseconds where there are any. "
        "An instant that is given may have any offset, but must have one."
    ),
    specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
    serialize=_printed,
    parse_value=_parsed,
)
JSON = strawberry.scalar(
    name="JSON",
    description="Any JSON value.",
    serialize=_as_is,
    parse_value=_as_is,
)
SCALARS = {datetime: DATE_TIME, JSONValue: JSON}
BULK: Mapping[str, Callable[[Sequence[Any]], Sequence[Any]]] = {
    "DateTime": instants,
    "JSON": list,
}
"""Serializes whole columns, by the scalar's name."""
