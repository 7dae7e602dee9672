"""Leaves of many objects at once: a column of the rows in, a column of answers out.

Completing value by value is what graphql-core spends most of its time on. Here a whole
column is checked by the set of its types and the range of its numbers, and is mostly
answered as it is. A column that holds anything else is an `Anomaly`: graphql-core then
says what is wrong with it, and where.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import isfinite
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLScalarType
from msgspec import defstruct

from loaders.keys import Keys
from loaders.relation import Read, column_of

Column = Sequence[Any]
Bulk = Mapping[str, Callable[[Column], Column]]
"""By a scalar's name: serializes a column of it, NULLs included."""

_NULL = type(None)
_INT32 = 2**31


class Anomaly(Exception):
    """A value that its GraphQL type does not allow, or a null where none may be."""


class Table:
    """Rows (position, *columns), read by column."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.columns = columns
        self.rows = rows
        self._place = {name: i for i, name in enumerate(columns, 1)}
        self._read: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """One column's values."""
        found = self._read.get(name)
        if found is None:
            found = self._read[name] = column_of(self.rows, self._place[name])
        return found

    def keys(self, *each: Sequence[str]) -> Keys:
        """The rows' keys, which are their values of some columns.

        All rows' keys of the first columns come before those of the next.
        """
        columns = [list(map(self.column, names)) for names in each]
        if len(each) == 1:
            return Keys.of_columns(columns[0], len(self.rows))
        joined = [[*chain.from_iterable(one)] for one in zip(*columns, strict=True)]
        return Keys.of_columns(joined, len(self.rows) * len(each))


class Types:
    """The types of columns' values: a column that several leaves read is read once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Column, set[type]]] = {}

    def of(self, column: Column) -> set[type]:
        """The types of a column's values."""
        known = self._known.get(id(column))
        if known is None:
            known = column, set(map(type, column))  # kept, so that its id is its own
            self._known[id(column)] = known
        return known[1]


def answered(
    type_: Any, read: Read, table: Table, bulk: Bulk, types_of: Types
) -> Column:
    """A leaf's answers, one a row.

    Raises:
        Anomaly: if graphql-core would not answer all of them.
    """
    inputs = [table.column(name) for name in read.columns]
    values: Column = inputs[0]
    if read.of is not None:
        whole = getattr(read.of, "column", None)
        values = list(map(read.of, *inputs)) if whole is None else whole(*inputs)
    if read.words is not None:
        values = _worded(read, values)
    types = types_of.of(values)
    if isinstance(type_, GraphQLNonNull):
        if _NULL in types:
            message = f"null in a column of {type_}"
            raise Anomaly(message)
        type_ = type_.of_type
    if read.words is not None:
        return values
    return _serialized(type_, values, types, bulk)


def _worded(read: Read, values: Column) -> Column:
    """Enum members' names, for the database's words."""
    names, other = _names(read)
    found = list(map(names.get, values))
    if None in found:  # a NULL, or a word that is not known
        return [None if word is None else names.get(word, other) for word in values]
    return found


@lru_cache(1_000)
def _names(read: Read) -> tuple[dict[str, str], str | None]:
    words = read.words or {}
    names = {word: member.name for word, member in words.items()}
    return names, None if read.other is None else read.other.name


def _serialized(type_: Any, values: Column, types: set[type], bulk: Bulk) -> Column:
    if isinstance(type_, GraphQLList):
        return _lists(type_.of_type, values, types, bulk)
    if not isinstance(type_, GraphQLScalarType):
        message = f"no column of {type_}"
        raise Anomaly(message)
    whole = bulk.get(type_.name)
    if whole is not None:
        return whole(values)
    serialize = _BUILTIN.get(type_.name)
    if serialize is None:
        plain = type_.serialize
        return [None if value is None else plain(value) for value in values]
    return serialize(values, types - {_NULL})


def _lists(type_: Any, values: Column, types: set[type], bulk: Bulk) -> Column:
    """Lists of leaves, each of which must be there."""
    if not isinstance(type_, GraphQLNonNull) or types - {list}:
        message = f"no column of lists of {type_}"
        raise Anomaly(message)
    flat = list(chain.from_iterable(values))
    types = set(map(type, flat))
    if _NULL in types:
        message = f"null in a list of {type_}"
        raise Anomaly(message)
    done = _serialized(type_.of_type, flat, types, bulk)
    if done is flat:
        return values
    items = iter(done)
    return [[next(items) for _ in value] for value in values]


def _text(values: Column, types: set[type]) -> Column:
    if types <= {str}:
        return values
    raise _unlike(types, "text")


def _identity(values: Column, types: set[type]) -> Column:
    if types <= {str}:
        return values
    if types <= {str, int}:
        return [None if value is None else str(value) for value in values]
    raise _unlike(types, "ids")


def _integer(values: Column, types: set[type]) -> Column:
    if types <= {int}:
        present = values if None not in values else [v for v in values if v is not None]
        if not present or (min(present) >= -_INT32 and max(present) < _INT32):
            return values
    raise _unlike(types, "integers of 32 bits")


def _number(values: Column, types: set[type]) -> Column:
    if types <= {float, int} and all(isfinite(v) for v in values if v is not None):
        if int not in types:
            return values
        return [None if value is None else float(value) for value in values]
    raise _unlike(types, "finite numbers")


def _truth(values: Column, types: set[type]) -> Column:
    if types <= {bool}:
        return values
    raise _unlike(types, "booleans")


def _unlike(types: set[type], wanted: str) -> Anomaly:
    found = ", ".join(sorted(type_.__name__ for type_ in types))
    return Anomaly(f"a column is not of {wanted}: {found}")


_BUILTIN: Mapping[str, Callable[[Column, set[type]], Column]] = {
    "String": _text,
    "ID": _identity,
    "Int": _integer,
    "Float": _number,
    "Boolean": _truth,
}


def objects(names: Sequence[str], columns: Sequence[Column], number: int) -> list[Any]:
    """So many objects with these names, in this order, of columns of that length."""
    if not names:  # all is skipped
        return [{} for _ in range(number)]
    return _shape(tuple(names)).objects(columns, number)


class _Shape:
    """Makes objects with the same members.

    The first are dicts. Once there were many, a class of their own has paid for itself:
    it takes 30 us and 5 KB, and its objects are made in a sixth of a dict's time and
    written as JSON in half of it. The garbage collector need not look at them, as they
    are in no circle; the class is in some, so that clients must not have many made.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._made = 0
        self._class: Callable[..., Any] | None = None

    def objects(self, columns: Sequence[Column], number: int) -> list[Any]:
        """So many, of columns of that length."""
        if self._class is None:
            self._made += number
            if self._made < _MANY:
                rows = zip(*columns, strict=True)
                return [dict(zip(self._names, row, strict=True)) for row in rows]
            places = [f"_{at}" for at in range(len(self._names))]
            self._class = defstruct(
                "Object",
                [(place, Any) for place in places],
                rename=dict(zip(places, self._names, strict=True)),
                gc=False,
            )
        return list(map(self._class, *columns))


_MANY = 1_000
_shape = lru_cache(2_000)(_Shape)
