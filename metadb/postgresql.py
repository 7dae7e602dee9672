"""How PostgreSQL spells what the statements need."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from metadb.column import Kind
from metadb.dialect import (
    SHOWN_MAXIMUM,
    Value,
    hexadecimal,
    storable_value,
    storable_values,
)

_ARRAYS = {
    Kind.TEXT: "text",
    Kind.INTEGER: "bigint",
    Kind.UUID: "uuid",
    Kind.INSTANT: "timestamptz",
    Kind.JSON: "text",
}


_DIGITS = re.compile(r"[0-9a-f]{32}")


def _uuid(value: object) -> object:
    """A UUID's digits; None, which no UUID equals, for any other text."""
    return value if isinstance(value, str) and _DIGITS.fullmatch(value) else None


_NAME = re.compile(r"\w+\.\w+")  # of a column, no more
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


def _known(column: str) -> str:
    """SQL: an instant that Python has; NULL for another."""
    if _NAME.fullmatch(column):
        return f"CASE WHEN {column} > {_FIRST} AND {column} < {_LAST} THEN {column} END"
    late = f"nullif(greatest({column}, {_FIRST}), {_FIRST})"
    return f"nullif(least({late}, {_LAST}), {_LAST})"


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
            return [storable_value(v) for v in value]
        if isinstance(value, datetime):
            return _INFINITE.get(value, value)
        return storable_value(value)

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

    def pattern(self, pattern: str) -> str:
        """Of LIKE."""
        escaped = re.sub(r"[\\%_]", r"\\\g<0>", pattern)
        return escaped.replace("*", "%").replace("?", "_")

    def matches(self, column: str, number: int) -> str:
        """LIKE, by code point."""
        return f"{column}{self.collate} LIKE ANY(${number}::text[])"

    def elements(self, column: str) -> str:
        """Split it."""
        return f"(SELECT unnest(string_to_array({column}, ',')) AS value)"

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
        columns: list[object] = [
            list(map(_uuid, column)) if kind is Kind.UUID else storable_values(column)
            for i, kind in enumerate(kinds)
            for column in [list(map(itemgetter(i), keys))]
        ]
        return f"unnest({arrays}) WITH ORDINALITY k({names}, at)", columns

    def read(self, kind: Kind, column: str, *, nullable: bool = True) -> str:
        """As text where asyncpg would build objects that nobody needs.

        asyncpg's infinite instants are naive, and it fails on other years than
        Python's. Each expression names the column once, as it may be a subquery, unless
        it is a mere name: to compare that twice takes half of the time.
        """
        match kind:
            case Kind.UUID:
                return hexadecimal(column)
            case Kind.JSON:
                return f"CAST({column} AS text)"
            case Kind.FLOAT:
                finite = f"nullif(nullif({column}, 'NaN'), 'Infinity')"
                return f"nullif({finite}, '-Infinity')"
            case Kind.INSTANT if nullable:
                return _known(column)
            case Kind.INSTANT:
                return f"least(greatest({column}, {_FIRST}), {_LAST})"
        return column

    def small_json(self, column: str) -> str:
        """First by the stored size, which costs nothing: 0.5 against 344 ms.

        What is stored may be larger than its text, four times for short numbers.
        """
        return (
            f"CASE WHEN pg_column_size({column}) > {8 * SHOWN_MAXIMUM} THEN false "
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

    def day_before(self, column: str) -> str:
        """An interval less."""
        return f"{column} - INTERVAL '1 day'"

    def insist(self, index: str) -> str:
        """Nothing: the planner finds it."""
        del index
        return ""
