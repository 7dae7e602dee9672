"""Everything in which PostgreSQL and SQLite differ for us, in one place."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from metadb.column import Kind

Value = str | int | float | bool | datetime | tuple[str, ...] | tuple[int, ...]
"""What may be bound into a statement."""
Row = Sequence[Any]  # a driver's row: values of as many types as there are columns


class Dialect(Protocol):
    """How one backend spells what the statements need."""

    name: str
    collate: str
    """Orders text by code point, whatever the database's own collation."""
    join_text: str
    """Aggregate: (text, separator) to text."""
    json_list: str
    """Aggregate: values to a JSON array."""
    now: str
    """The current instant, as instants are stored."""
    laterally: bool
    """Whether a subquery in FROM may see the tables before it."""

    def bound(self, value: Value) -> object:
        """What the driver wants for a value."""

    def among(self, number: int, value: tuple[str, ...] | tuple[int, ...]) -> str:
        """SQL after a column: is it one of the values bound at this number."""

    def listed(self, column: str) -> str:
        """SQL after a column: is it one of the texts in another's JSON list."""

    def starts_with(self, column: str, value: str) -> str:
        """SQL: the text begins with another, case and wildcards taken literally."""

    def contains(self, column: str, value: str) -> str:
        """SQL: the text holds another, case and wildcards taken literally."""

    def keys(
        self, kinds: Sequence[Kind], keys: Sequence[tuple[object, ...]], first: int
    ) -> tuple[str, list[object]]:
        """The relation `k(k0, k1, …, at)` of keys, `at` from 1, and what to bind.

        Its text depends on the kinds alone, never on how many keys there are.
        """

    def read(self, kind: Kind, column: str) -> str:
        """SQL that gives a column's value in the form that `Kind` promises."""

    def convert(self, kind: Kind) -> Callable[[Any], Any] | None:
        """What a driver's value still needs in Python; None if nothing."""

    def elapsed(self, end: str, start: str) -> str:
        """SQL: seconds between two instants, as a float."""

    def insist(self, index: str) -> str:
        """SQL after a table: use this index."""


def storable(value: str) -> str:
    """The text, or one like it that no database holds.

    A NUL or half a surrogate pair cannot be stored, nor sent; put a noncharacter in
    its place, and a client's text that has one simply matches nothing.
    """
    if value.isascii() and "\x00" not in value:
        return value
    whole = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return whole.replace("\x00", "\uffff")


def _storable(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


_ARRAYS = {
    Kind.TEXT: "text",
    Kind.INTEGER: "bigint",
    Kind.UUID: "uuid",
    Kind.INSTANT: "timestamptz",
    Kind.JSON: "text",
}


def _hexadecimal(column: str) -> str:
    return f"replace(CAST({column} AS text), '-', '')"


class Postgres:
    """PostgreSQL through asyncpg."""

    name = "postgresql"
    collate = ' COLLATE "C"'
    join_text = "string_agg"
    json_list = "json_agg"
    now = "now()"
    laterally = True

    def bound(self, value: Value) -> object:
        """Lists go as arrays."""
        if isinstance(value, tuple):
            return [_storable(v) for v in value]
        return _storable(value)

    def among(self, number: int, value: tuple[str, ...] | tuple[int, ...]) -> str:
        """Compare with one array."""
        kind = "bigint" if value and isinstance(value[0], int) else "text"
        return f"= ANY(${number}::{kind}[])"

    def listed(self, column: str) -> str:
        """Unfold the list."""
        return f"IN (SELECT json_array_elements_text(CAST({column} AS json)))"

    def starts_with(self, column: str, value: str) -> str:
        """Compare the beginning."""
        return f"starts_with({column}, {value})"

    def contains(self, column: str, value: str) -> str:
        """Look for the position."""
        return f"strpos({column}, {value}) > 0"

    def keys(
        self, kinds: Sequence[Kind], keys: Sequence[tuple[object, ...]], first: int
    ) -> tuple[str, list[object]]:
        """One array a column."""
        if not kinds:
            return "(SELECT 1 AS at) k", []
        arrays = ", ".join(
            f"${first + i}::{_ARRAYS[kind]}[]" for i, kind in enumerate(kinds)
        )
        names = ", ".join(f"k{i}" for i in range(len(kinds)))
        columns = [[_storable(key[i]) for key in keys] for i in range(len(kinds))]
        return f"unnest({arrays}) WITH ORDINALITY k({names}, at)", [*columns]

    def read(self, kind: Kind, column: str) -> str:
        """As text where asyncpg would build objects that nobody needs."""
        if kind is Kind.UUID:
            return _hexadecimal(column)
        return f"CAST({column} AS text)" if kind is Kind.JSON else column

    def convert(self, kind: Kind) -> Callable[[Any], Any] | None:
        """Nothing: asyncpg gives aware datetimes and booleans."""
        del kind
        return None

    def elapsed(self, end: str, start: str) -> str:
        """The interval's length."""
        return f"CAST(EXTRACT(EPOCH FROM ({end} - {start})) AS double precision)"

    def insist(self, index: str) -> str:
        """Nothing: the planner finds it."""
        del index
        return ""


def sqlite_text(value: datetime) -> str:
    """An instant as SQLAlchemy stores it: naive UTC, six digits.

    Any other spelling of the same instant compares unequal as text.
    """
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def sqlite_instant(value: str) -> datetime | None:
    """The instant that SQLAlchemy stored; None if the text is no instant."""
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Sqlite:
    """SQLite through aiosqlite."""

    name = "sqlite"
    collate = ""
    join_text = "group_concat"
    json_list = "json_group_array"
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    laterally = False

    def bound(self, value: Value) -> object:
        """Lists go as JSON, instants as the text that is stored."""
        if isinstance(value, tuple):
            return msgspec.json.encode([_storable(v) for v in value]).decode()
        return sqlite_text(value) if isinstance(value, datetime) else _storable(value)

    def among(self, number: int, value: tuple[str, ...] | tuple[int, ...]) -> str:
        """Compare with the elements of one JSON array."""
        del value
        return f"IN (SELECT value FROM json_each(?{number}))"

    def listed(self, column: str) -> str:
        """Unfold the list."""
        return f"IN (SELECT value FROM json_each({column}))"

    def starts_with(self, column: str, value: str) -> str:
        """Compare the beginning; LIKE would ignore case."""
        return f"substr({column}, 1, length({value})) = {value}"

    def contains(self, column: str, value: str) -> str:
        """Look for the position."""
        return f"instr({column}, {value}) > 0"

    def keys(
        self, kinds: Sequence[Kind], keys: Sequence[tuple[object, ...]], first: int
    ) -> tuple[str, list[object]]:
        """One JSON array of arrays."""
        if not kinds:
            return "(SELECT 1 AS at) k", []
        values = ", ".join(
            f"json_extract(value, '$[{i}]') AS k{i}" for i in range(len(kinds))
        )
        plain = [
            [sqlite_text(v) if isinstance(v, datetime) else _storable(v) for v in key]
            for key in keys
        ]
        return (
            f"(SELECT {values}, key + 1 AS at FROM json_each(?{first})) k",
            [msgspec.json.encode(plain).decode()],
        )

    def read(self, kind: Kind, column: str) -> str:
        """JSON as text: its declared type lets SQLite store numbers as numbers."""
        if kind is Kind.UUID:
            return _hexadecimal(column)
        return f"CAST({column} AS text)" if kind is Kind.JSON else column

    def convert(self, kind: Kind) -> Callable[[Any], Any] | None:
        """Instants are stored as text, booleans as 0 and 1."""
        if kind is Kind.INSTANT:
            return sqlite_instant
        return bool if kind is Kind.BOOLEAN else None

    def elapsed(self, end: str, start: str) -> str:
        """Whole seconds and the fraction apart: julianday() is off by microseconds."""

        def seconds(column: str) -> str:
            fraction = f"CAST('0' || substr({column}, 20) AS REAL)"
            return f"(CAST(strftime('%s', {column}) AS INTEGER) + {fraction})"

        return f"({seconds(end)} - {seconds(start)})"

    def insist(self, index: str) -> str:
        """Without statistics SQLite picks (dag_id, state) for task instances."""
        return f" INDEXED BY {index}"


def dialect_of(name: str) -> Dialect:
    """The dialect of SQLAlchemy's name for a backend."""
    return Postgres() if name == "postgresql" else Sqlite()
