"""An XCom's value, from its stored form to plain JSON; nothing is unpickled."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from metadb.formats import instant_text
from metadb.serialized import DEPTH_MAXIMUM, unwrap

_PICKLE = b"\x80"
_INSTANTS = frozenset({"datetime.datetime", "pendulum.datetime.DateTime"})


class Shown(NamedTuple):
    """A value, and why it cannot be shown; the other one is None."""

    value: Any  # JSON
    problem: str | None


def shown(stored: str | bytes | memoryview | None) -> Shown:
    """What a stored value shows; NULL shows nothing, and is no problem."""
    if stored is None:
        return Shown(None, None)
    raw = stored.encode() if isinstance(stored, str) else bytes(stored)
    if raw.startswith(_PICKLE):
        return Shown(None, "The value is a Python pickle, which is not read.")
    try:
        return Shown(plain(_decoded(raw)), None)
    except (ValueError, RecursionError):
        return Shown(
            None, "The value is not JSON: a backend of the deployment's own stored it."
        )


def _decoded(raw: bytes) -> Any:
    """The value of JSON as Python writes it: NaN and infinity become null.

    Raises:
        ValueError: if it is none.
    """
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return json.loads(raw, parse_constant=lambda _: None)


def plain(value: object, depth: int = 0) -> Any:
    """Plain JSON of a value with Airflow's envelopes in it.

    An envelope has a class, a version and data. Instants become RFC 3339 text in UTC,
    tuples and sets lists, all else what is in the envelope. What is nested deeper than
    structures may be is null.
    """
    if depth == DEPTH_MAXIMUM:
        return None
    if isinstance(value, list):
        return [plain(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    if "__classname__" in value and "__data__" in value:
        return _opened(value, depth)
    if "__type" in value and "__var" in value:
        return unwrap(value, depth)
    return {key: plain(item, depth + 1) for key, item in value.items()}


def _opened(envelope: Mapping[str, Any], depth: int) -> Any:
    data = envelope["__data__"]
    if envelope["__classname__"] in _INSTANTS and isinstance(data, dict):
        try:
            return instant_text(datetime.fromtimestamp(data["timestamp"], UTC))
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            return plain(data, depth + 1)
    return plain(data, depth + 1)
