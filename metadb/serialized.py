"""Serialized DAG JSON, from its stored text to plain values.

Airflow wraps what JSON has no word for: `{"__type": "timedelta", "__var": 300.0}`.
The text has a `__version`: 1 from Airflow 2, 2 from 3.0, 3 from 3.1 on.

Whatever the database holds, nothing is raised but `Undecodable`.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from metadb.formats import instant_text

INFLATED_MAXIMUM = 256 * 1024 * 1024
"""Bytes that a compressed structure may have once inflated."""
DEPTH_MAXIMUM = 100
"""How deep values, groups and SubDAGs may nest."""

_DAY = 86_400

Body = dict[str, Any]  # Any: JSON that is not yet known to be what it should
"""A JSON object as decoded."""


class Undecodable(Exception):
    """A structure cannot be read; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Serialized:
    """A serialized DAG, decoded and not yet looked into.

    Attributes:
        version: The serialization's version.
        dag: The DAG's fields.
        task_defaults: What a task's fields are where the task says nothing: the
            settings in force when Airflow 3.1 or later parsed the DAG.
        length: Of the text that it was decoded from.
    """

    version: int
    dag: Body
    task_defaults: Body
    length: int = 0

    @property
    def dag_id(self) -> str:
        """The DAG's id."""
        return named(self.dag, "dag_id", "_dag_id")


def decoded(text: str | bytes | None, compressed: bytes | None = None) -> Serialized:
    """A structure from its two columns; the compressed one wins if it is there.

    Raises:
        Undecodable: if it cannot be read.
    """
    if compressed is not None:
        text = inflated(compressed)
    if text is None:
        message = "The database holds no structure."
        raise Undecodable(message)
    try:
        found = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        message = f"The structure is not JSON: {error}"
        raise Undecodable(message) from error
    whole = an_object(found, "The structure")
    version = whole.get("__version")
    if type(version) is not int or version < 1:
        message = f"The structure's __version is {version!r:.50}, not a number from 1."
        raise Undecodable(message)
    dag = an_object(whole.get("dag"), "The structure's dag")
    defaults = whole.get("client_defaults")
    tasks = defaults.get("tasks") if isinstance(defaults, dict) else None
    tasks = tasks if isinstance(tasks, dict) else {}
    found_one = Serialized(version, dag, tasks, len(text))
    _ = found_one.dag_id
    return found_one


def inflated(compressed: bytes) -> bytes:
    """What `zlib` compressed.

    Raises:
        Undecodable: if it is not zlib's, is cut off, or is too large.
    """
    inflating = zlib.decompressobj()
    try:
        text = inflating.decompress(compressed, INFLATED_MAXIMUM)
    except (zlib.error, TypeError) as error:
        message = f"The compressed structure cannot be inflated: {error}"
        raise Undecodable(message) from error
    if inflating.unconsumed_tail:
        message = f"The structure inflates to more than {INFLATED_MAXIMUM} bytes."
        raise Undecodable(message)
    if not inflating.eof:
        message = "The compressed structure is cut off."
        raise Undecodable(message)
    return text


def dag_in(serialized: Serialized, dag_id: str) -> Serialized:
    """The DAG of that id: the structure's own, or a SubDAG in it, however deep.

    Raises:
        Undecodable: if there is none.
    """
    level = [serialized.dag]
    for _ in range(DEPTH_MAXIMUM):
        for dag in level:
            if dag.get("_dag_id", dag.get("dag_id")) == dag_id:
                return replace(serialized, dag=dag)
        level = [inner for dag in level for inner in _subdags(dag)]
        if not level:
            break
    message = f"The structure has no DAG {dag_id}."
    raise Undecodable(message)


def _subdags(dag: Body) -> Iterable[Body]:
    for task in bodies(dag):
        subdag = task.get("subdag")
        if isinstance(subdag, dict):
            inner = subdag.get("__var", subdag)
            if isinstance(inner, dict):
                yield inner


def bodies(dag: Body) -> list[Body]:
    """The fields of each task of a DAG, as stored.

    Raises:
        Undecodable: if they are not a list of objects.
    """
    tasks = dag.get("tasks")
    if not isinstance(tasks, list):
        message = f"The DAG's tasks are {_kind(tasks)}, not a list."
        raise Undecodable(message)
    wrapped = _objects(tasks, "A task")
    return _objects([one.get("__var", one) for one in wrapped], "A task")


def _objects(values: list[Any], what: str) -> list[Body]:
    """The values, each of which is a JSON object.

    Raises:
        Undecodable: if one is none; the message begins with `what`.
    """
    if set(map(type, values)) <= {dict}:
        return values
    return [an_object(value, what) for value in values]


def an_object(value: object, what: str) -> Body:
    """A JSON object.

    Raises:
        Undecodable: if it is none; the message begins with `what`.
    """
    if not isinstance(value, dict):
        message = f"{what} is {_kind(value)}, not an object."
        raise Undecodable(message)
    return value


def named(body: Mapping[str, object], *keys: str) -> str:
    """The text under the first of these keys that is there.

    Raises:
        Undecodable: if none is, or it is no text.
    """
    for key in keys:
        if key in body:
            value = body[key]
            if isinstance(value, str):
                return value
            message = f"A {key} is {_kind(value)}, not text."
            raise Undecodable(message)
    message = f"A {keys[0]} is missing."
    raise Undecodable(message)


def all_named(bodies: Sequence[Body], key: str) -> list[str]:
    """The text under this key of each.

    Raises:
        Undecodable: if one has none, or what is there is no text.
    """
    found: list[Any] = [body.get(key) for body in bodies]
    if set(map(type, found)) <= {str}:
        return found
    return [named(body, key) for body in bodies]


def _kind(value: object) -> str:
    return "missing or null" if value is None else f"of type {type(value).__name__}"


def bare(value: object) -> object:
    """What is in the outermost wrapping; a value that is not wrapped, as it is."""
    if isinstance(value, dict) and "__var" in value:
        return value["__var"]
    return value


def unwrap(value: object, depth: int = 0) -> Any:  # Any: JSON
    """Plain JSON of a value that may be wrapped, at any depth.

    Instants become RFC 3339 text in UTC, time deltas seconds, sets sorted lists,
    tuples lists, time zones their names; unknown types what they wrap. What is nested
    deeper than `DEPTH_MAXIMUM` is null.
    """
    if not isinstance(value, list | dict):
        return value
    if depth == DEPTH_MAXIMUM:
        return None
    if isinstance(value, list):
        return [unwrap(item, depth + 1) for item in value]
    if "__type" in value and "__var" in value:
        return _unwrapped(value["__type"], value["__var"], depth + 1)
    return {key: unwrap(item, depth + 1) for key, item in value.items()}


def _unwrapped(wrapping: object, inner: object, depth: int) -> Any:  # Any: JSON
    match wrapping:
        case "datetime":
            found = instant(inner)
            return unwrap(inner, depth) if found is None else instant_text(found)
        case "timezone":
            return zone(inner)
        case "set":
            plain = unwrap(inner, depth)
            return sorted(plain, key=_order) if isinstance(plain, list) else plain
        case _:
            return unwrap(inner, depth)


def _order(value: object) -> bytes:
    return msgspec.json.encode(value)


def instant(epoch: object) -> datetime | None:
    """An instant in UTC, from seconds since 1970; None if there is none."""
    if isinstance(epoch, bool) or not isinstance(epoch, int | float):
        return None
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def zone(value: object) -> str | None:
    """A time zone's name: as stored, or `+01:00` of an offset in seconds."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -_DAY < value < _DAY:
        return None
    offset = timedelta(seconds=round(abs(value)))
    hours, minutes = divmod(offset.seconds // 60, 60)
    return f"{'-' if value < 0 else '+'}{hours:02}:{minutes:02}"
