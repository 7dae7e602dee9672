"""How SQLite spells what the statements need."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from metadb.column import Kind
from metadb.dialect import SHOWN_MAXIMUM, Value, hexadecimal, storable_value


def sqlite_text(value: datetime) -> str:
    """An instant as SQLAlchemy stores it: naive UTC, six digits.

    Any other spelling of the same instant compares unequal as text.
    """
    naive = value.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(" ", "microseconds")


def sqlite_instant(value: str) -> datetime | None:
    """The instant that SQLAlchemy stored; None if the text is no instant."""
    try:
        found = datetime.fromisoformat(value)
        return (
            found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        )
    except (ValueError, TypeError, OverflowError):
        return None


def _sqlite_some_instant(value: str) -> datetime:
    """The instant that SQLAlchemy stored, or the first there is."""
    return sqlite_instant(value) or datetime.min.replace(tzinfo=UTC)


def _sqlite_boolean(value: object) -> bool:
    """SQLite takes any value in any column: the words that PostgreSQL knows."""
    if isinstance(value, str):
        return value.strip().lower() in {"1", "t", "true", "y", "yes", "on"}
    return bool(value)


def _sqlite_integer(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _sqlite_some_integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _sqlite_float(value: object) -> float | None:
    """A number that JSON can hold, too."""
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


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
            return msgspec.json.encode([storable_value(v) for v in value]).decode()
        return (
            sqlite_text(value) if isinstance(value, datetime) else storable_value(value)
        )

    def placeholder(self, number: int, value: Value) -> str:
        """A number."""
        del value
        return f"?{number}"

    def holds_any(self, column: str, number: int) -> str:
        """Look for each one's position."""
        held = f"json_each(?{number}) held"
        return f"EXISTS (SELECT 1 FROM {held} WHERE instr({column}, held.value) > 0)"

    def among(self, number: int, value: tuple[str, ...] | tuple[int, ...]) -> str:
        """Compare with the elements of one JSON array."""
        del value
        return f"IN (SELECT value FROM json_each(?{number}))"

    def pattern(self, pattern: str) -> str:
        """Of GLOB, which knows classes of characters, too."""
        return pattern.replace("[", "[[]")

    def matches(self, column: str, number: int) -> str:
        """GLOB; LIKE would ignore case."""
        patterns = f"json_each(?{number}) pattern"
        return f"EXISTS (SELECT 1 FROM {patterns} WHERE {column} GLOB pattern.value)"

    def elements(self, column: str) -> str:
        """As a JSON list: no escape of JSON has a comma."""
        return f"json_each('[' || replace(json_quote({column}), ',', '\",\"') || ']')"

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
            [
                sqlite_text(v) if isinstance(v, datetime) else storable_value(v)
                for v in key
            ]
            for key in keys
        ]
        return (
            f"(SELECT {values}, key + 1 AS at FROM json_each(?{first})) k",
            [msgspec.json.encode(plain).decode()],
        )

    def read(self, kind: Kind, column: str, *, nullable: bool = True) -> str:
        """JSON as text: its declared type lets SQLite store numbers as numbers."""
        del nullable
        if kind is Kind.FLOAT:
            return f"nullif(nullif({column}, 9e999), -9e999)"
        if kind is Kind.UUID:
            return hexadecimal(column)
        return f"CAST({column} AS text)" if kind is Kind.JSON else column

    def small_json(self, column: str) -> str:
        """The length in bytes."""
        return self.small_bytes(column)

    def small_bytes(self, column: str) -> str:
        """The length in bytes, also of what was stored as text."""
        return f"length(CAST({column} AS BLOB)) <= {SHOWN_MAXIMUM}"

    def inside(self, column: str, *path: str) -> str:
        """A function that fails on what is no JSON."""
        found = f"json_extract({column}, '$.{'.'.join(path)}')"
        return f"CASE WHEN json_valid({column}) THEN {found} END"

    def convert(
        self, kind: Kind, *, nullable: bool = True
    ) -> Callable[[Any], Any] | None:
        """Instants are stored as text, booleans as 0 and 1, and any value anywhere."""
        match kind:
            case Kind.INSTANT:
                return sqlite_instant if nullable else _sqlite_some_instant
            case Kind.BOOLEAN:
                return _sqlite_boolean
            case Kind.INTEGER:
                return _sqlite_integer if nullable else _sqlite_some_integer
            case Kind.FLOAT:
                return _sqlite_float
        return None

    def elapsed(self, end: str, start: str) -> str:
        """Whole seconds and the fraction apart.

        julianday() is off by microseconds, and strftime('%s') rounds .9995 up.
        """

        def whole(column: str) -> str:
            return f"CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER)"

        def fraction(column: str) -> str:
            return f"CAST('0' || substr({column}, 20) AS REAL)"

        seconds = f"{whole(end)} - {whole(start)}"
        return f"round({seconds} + ({fraction(end)} - {fraction(start)}), 6)"

    def quarter(self, *columns: str) -> str:
        """Of whole seconds, which strftime('%s') would round."""
        instant = columns[0] if len(columns) == 1 else f"coalesce({', '.join(columns)})"
        whole = f"strftime('%s', substr({instant}, 1, 19))"
        return f"(CAST({whole} AS INTEGER) / 900)"

    def day_before(self, column: str) -> str:
        """In the spelling in which instants are stored, without the fraction."""
        return f"datetime({column}, '-1 day')"

    def insist(self, index: str) -> str:
        """Without statistics SQLite picks (dag_id, state) for task instances."""
        return f" INDEXED BY {index}"
