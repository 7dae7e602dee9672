"""Arguments of paged lists: how many, from where, in which order."""

from enum import Enum
from typing import Any

import strawberry

from loaders.errors import BadCursor, BadInput, shortened
from loaders.tables import PageArgs
from metadb.column import Column, Kind
from metadb.condition import Condition
from metadb.dialect import Value
from metadb.formats import cursor_parts, instant_of
from metadb.source import Source
from metadb.statement import Order

DEFAULT_SIZE = 50
_INT64 = 2**63


@strawberry.enum(description="The direction of an order; missing values come last.")
class OrderDirection(Enum):
    """Rising or falling."""

    ASC = strawberry.enum_value("ASC", description="The smallest or earliest first.")
    DESC = strawberry.enum_value("DESC", description="The largest or latest first.")


def column_of(member: Enum) -> str:
    """The column that an order's member stands for."""
    return str(member.value)


def page(
    source: Source,
    name: str,
    order: Order,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    where: tuple[Condition, ...] = (),
    group_id: str | None = None,
) -> PageArgs:
    """Which page is asked for.

    Raises:
        BadInput: if the arguments do not go together, or are out of range.
        BadCursor: if the cursor is of another list or order.
    """
    backwards = last is not None or before is not None
    if backwards and (first is not None or after is not None):
        message = "first goes with after, last goes with before; not both pairs."
        raise BadInput(message)
    word, size = ("last", last) if backwards else ("first", first)
    size = DEFAULT_SIZE if size is None else size
    if size < 0:
        message = f"{word} is {size}; 0 or more is allowed."
        raise BadInput(message)
    way = Order(order.columns, order.descending, backwards=backwards)
    cursor = before if backwards else after
    if cursor is None:
        return PageArgs(size, way, where, group_id=group_id)
    parent, beyond = _place(source, name, order, cursor)
    return PageArgs(size, way, where, beyond, parent, group_id)


def _place(
    source: Source, name: str, order: Order, cursor: str
) -> tuple[tuple[Any, ...], tuple[Value | None, ...]]:
    """The parent that a cursor belongs to, and the values of its row."""
    sorted_by = [source.columns[c] for c in order.columns]
    try:
        list_name, parent, columns, descending, values = cursor_parts(cursor)
        key = tuple(_value(_kind_of(part), part) for part in parent)
        if list_name == name and [columns, descending] == [
            [*order.columns],
            order.descending,
        ]:
            place = zip(sorted_by, values, strict=True)
            return key, tuple(_at(column, value) for column, value in place)
    except (ValueError, TypeError) as error:
        message = (
            f"{shortened(cursor)} is no cursor; take one from a page of this list."
        )
        raise BadCursor(message) from error
    if list_name != name:
        message = f"The cursor is of the list {shortened(list_name)}, not of {name!r}."
    else:
        message = "The cursor is of another order; use the order it came from."
    raise BadCursor(message)


def _at(column: Column, value: object) -> Value | None:
    """A cursor's value of a column.

    Raises:
        ValueError, TypeError: if the column cannot have it.
    """
    if value is None and not column.nullable:
        raise ValueError(value)
    return _value(column.kind, value)


def _kind_of(part: object) -> Kind:
    """The kind of a part of a parent's key: parents are named by texts and numbers."""
    return Kind.TEXT if isinstance(part, str) else Kind.INTEGER


def _value(kind: Kind, value: object) -> Value | None:
    """A cursor's value as its column's kind.

    Raises:
        ValueError, TypeError: if it is of another kind.
    """
    match kind, value:
        case _, None:
            return None
        case _, bool():
            pass
        case Kind.INSTANT, str():
            return instant_of(value)
        case Kind.INTEGER | Kind.FLOAT, int() if not -_INT64 <= value < _INT64:
            pass
        case Kind.INTEGER, int():
            return value
        case Kind.FLOAT, int() | float():
            return float(value)
        case Kind.TEXT, str():
            return value
    raise TypeError(value)
