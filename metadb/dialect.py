"""What PostgreSQL and SQLite spell differently: one module each, and this for both."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

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

    def pattern(self, pattern: str) -> str:
        """What `matches` takes for a pattern of `*`, any text, and `?`, a character."""

    def matches(self, column: str, number: int) -> str:
        """SQL: the text fits one of the patterns bound at this number, case and all."""

    def elements(self, column: str) -> str:
        """SQL in FROM: the parts of a text between commas, each a `value`."""

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

    def day_before(self, column: str) -> str:
        """SQL: an instant that is a day earlier, or a little more."""

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


def storable_value(value: object) -> object:
    """The value; a text as `storable` gives it."""
    return storable(value) if isinstance(value, str) else value


def storable_values(values: Sequence[Any]) -> Sequence[object]:
    """Many values, each as `storable_value` gives it."""
    if set(map(type, values)) <= {str} and storable(whole := "".join(values)) == whole:
        return values
    return list(map(storable_value, values))


def hexadecimal(column: str) -> str:
    """SQL: a UUID's 32 digits, however it is stored."""
    return f"replace(CAST({column} AS text), '-', '')"
