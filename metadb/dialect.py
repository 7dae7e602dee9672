"""Everything in which PostgreSQL and SQLite differ for us, in one place."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from metadb.column import Kind

SHOWN_MAXIMUM = 64 * 1024
"""Bytes of a value of unknown size that are shown; larger ones are not read."""
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

    def placeholder(self, number: int, value: Value) -> str:
        """SQL: the value that is bound at this number."""

    def among(self, number: int, value: tuple[str, ...] | tuple[int, ...]) -> str:
        """SQL after a column: is it one of the values bound at this number."""

    def holds_any(self, column: str, number: int) -> str:
        """SQL: the text holds one of the texts bound at this number."""

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

    def read(self, kind: Kind, column: str, *, nullable: bool = True) -> str:
        """SQL that gives a column's value in the form that `Kind` promises.

        What Python has no value for is NULL: NaN, infinity, the year 10,000. An
        instant that cannot be NULL is then the first or the last there is.
        """

    def small_json(self, column: str) -> str:
        """SQL: whether JSON is no larger than what is shown."""

    def small_bytes(self, column: str) -> str:
        """SQL: whether bytes are no more than what is shown."""

    def inside(self, column: str, *path: str) -> str:
        """SQL: the object or list at a path inside JSON; NULL where there is none."""

    def convert(
        self, kind: Kind, *, nullable: bool = True
    ) -> Callable[[Any], Any] | None:
        """What a driver's value still needs in Python; None if nothing."""

    def elapsed(self, end: str, start: str) -> str:
        """SQL: seconds between two instants, as a float."""

    def quarter(self, *columns: str) -> str:
        """SQL: quarters of an hour from 1970 to the first instant that there is."""

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


_DIGITS = re.compile(r"[0-9a-f]{32}")


def _uuid(value: object) -> object:
    """A UUID's digits; None, which no UUID equals, for any other text."""
    return value if isinstance(value, str) and _DIGITS.fullmatch(value) else None


_FIRST = "timestamptz '0001-01-01 00:00:00+00'"
_LAST = "timestamptz '9999-12-31 23:59:59.999999+00'"
_INFINITE = {
    end.replace(tzinfo=UTC): end
    for end in (datetime.min, datetime.max)  # noqa: DTZ901  # asyncpg's are naive
}


_SOUND = (
    "pg_typeof({0}) = 'jsonb'::regtype "
    r"OR strpos(CAST({0} AS text), '\u0000') + strpos(CAST({0} AS text), '\ud') = 0 "
    r"OR regexp_replace(CAST({0} AS text), '\\\\|\\ud[89ab]..\\ud[c-f]..', '', 'g') "
    r"!~ '\\u(0000|d[89a-f])'"
)
"""SQL: JSON without escapes of NUL or of half a surrogate pair, which json may hold."""


class Postgres:
    """PostgreSQL through asyncpg."""

    name = "postgresql"
    collate = ' COLLATE "C"'
    join_text = "string_agg"
    json_list = "json_agg"
    now = "now()"
    laterally = True

    def bound(self, value: Value) -> object:
        """Lists go as arrays, the ends of time as what they were read from."""
        if isinstance(value, tuple):
            return [_storable(v) for v in value]
        if isinstance(value, datetime):
            return _INFINITE.get(value, value)
        return _storable(value)

    def placeholder(self, number: int, value: Value) -> str:
        """Integers are as wide as can be: the column that they meet may be narrower."""
        wide = isinstance(value, int) and not isinstance(value, bool)
        return f"${number}::bigint" if wide else f"${number}"

    def among(self, number: int, value: tuple[str, ...] | tuple[int, ...]) -> str:
        """Compare with one array; an empty one is of the column's type."""
        if not value:
            return f"= ANY(${number})"
        kind = "bigint" if isinstance(value[0], int) else "text"
        return f"= ANY(${number}::{kind}[])"

    def holds_any(self, column: str, number: int) -> str:
        """Look for each one's position."""
        texts = f"unnest(${number}::text[]) held"
        return f"EXISTS (SELECT 1 FROM {texts} WHERE strpos({column}, held) > 0)"

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
        columns = [
            [(_uuid if kind is Kind.UUID else _storable)(key[i]) for key in keys]
            for i, kind in enumerate(kinds)
        ]
        return f"unnest({arrays}) WITH ORDINALITY k({names}, at)", [*columns]

    def read(self, kind: Kind, column: str, *, nullable: bool = True) -> str:
        """As text where asyncpg would build objects that nobody needs.

        asyncpg's infinite instants are naive, and it fails on other years than
        Python's. Each expression names the column once: it may be a subquery.
        """
        match kind:
            case Kind.UUID:
                return _hexadecimal(column)
            case Kind.JSON:
                return f"CAST({column} AS text)"
            case Kind.FLOAT:
                finite = f"nullif(nullif({column}, 'NaN'), 'Infinity')"
                return f"nullif({finite}, '-Infinity')"
            case Kind.INSTANT if nullable:
                late = f"nullif(greatest({column}, {_FIRST}), {_FIRST})"
                return f"nullif(least({late}, {_LAST}), {_LAST})"
            case Kind.INSTANT:
                return f"least(greatest({column}, {_FIRST}), {_LAST})"
        return column

    def small_json(self, column: str) -> str:
        """First by the stored size, which costs nothing: 0.5 against 344 ms."""
        return (
            f"CASE WHEN pg_column_size({column}) > {SHOWN_MAXIMUM} THEN false "
            f"ELSE octet_length(CAST({column} AS text)) <= {SHOWN_MAXIMUM} END"
        )

    def small_bytes(self, column: str) -> str:
        """The length is stored."""
        return f"octet_length({column}) <= {SHOWN_MAXIMUM}"

    def inside(self, column: str, *path: str) -> str:
        """The operator that json and jsonb share; it fails on what no text can hold."""
        found = f"{column} #> '{{{','.join(path)}}}'"
        return f"CASE WHEN {_SOUND.format(column)} THEN {found} END"

    def convert(
        self, kind: Kind, *, nullable: bool = True
    ) -> Callable[[Any], Any] | None:
        """Nothing: asyncpg gives aware datetimes and booleans."""
        del kind, nullable
        return None

    def elapsed(self, end: str, start: str) -> str:
        """The interval's length; PostgreSQL fails on infinite ends."""
        seconds = f"CAST(EXTRACT(EPOCH FROM ({end} - {start})) AS double precision)"
        return f"CASE WHEN isfinite({end}) AND isfinite({start}) THEN {seconds} END"

    def quarter(self, *columns: str) -> str:
        """PostgreSQL fails on infinite ends."""
        instant = f"coalesce({', '.join(columns)})"
        quarters = f"CAST(floor(EXTRACT(EPOCH FROM {instant}) / 900) AS bigint)"
        return f"CASE WHEN isfinite({instant}) THEN {quarters} END"

    def insist(self, index: str) -> str:
        """Nothing: the planner finds it."""
        del index
        return ""


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
            return msgspec.json.encode([_storable(v) for v in value]).decode()
        return sqlite_text(value) if isinstance(value, datetime) else _storable(value)

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

    def read(self, kind: Kind, column: str, *, nullable: bool = True) -> str:
        """JSON as text: its declared type lets SQLite store numbers as numbers."""
        del nullable
        if kind is Kind.FLOAT:
            return f"nullif(nullif({column}, 9e999), -9e999)"
        if kind is Kind.UUID:
            return _hexadecimal(column)
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

    def insist(self, index: str) -> str:
        """Without statistics SQLite picks (dag_id, state) for task instances."""
        return f" INDEXED BY {index}"


def dialect_of(name: str) -> Dialect:
    """The dialect of SQLAlchemy's name for a backend."""
    return Postgres() if name == "postgresql" else Sqlite()
