"""A field's one declaration: the columns it reads, or the relation it follows.

Both executions read it: graphql-core's through DataLoaders, and breadth-first.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from loaders.errors import BadCursor
from metadb.by_column import ByColumn
from metadb.dialect import Row
from metadb.statement import Key

if TYPE_CHECKING:
    from loaders.request import Request

DECLARATION = "dagway"
"""The key of a field's declaration in its strawberry metadata."""


class Shape(Enum):
    """How many rows a relation has for each key."""

    ONE = "one"
    LIST = "list"
    PAGE = "page"


class Wanted(NamedTuple):
    """What a selection needs of a relation.

    Attributes:
        columns: The rows are (position of their key, *columns).
        total: Whether each key's number of rows is asked for.
        rows: Whether any rows are.
    """

    columns: tuple[str, ...]
    total: bool = False
    rows: bool = True


class Rows(NamedTuple):
    """The rows of all keys in one list, key after key.

    Attributes:
        counts: How many of them each key has.
        more: Of a page: whether the list goes on after it (before it, backwards).
        totals: How many the list has; None above what is counted.
        columns: What follows the position, if it is not just what was wanted.
    """

    rows: Sequence[Row]
    counts: list[int]
    more: list[bool] | None = None
    totals: list[int | None] | None = None
    columns: tuple[str, ...] | None = None


def column_of(rows: Sequence[Row], at: int) -> Sequence[Any]:
    """One column of rows, however they are held."""
    if isinstance(rows, ByColumn):
        return rows.columns[at]
    return list(map(itemgetter(at), rows))


Load = Callable[
    ["Request", Sequence[Key], Any, Wanted],  # Any: the relation's own arguments
    Awaitable[Rows],
]


@dataclass(frozen=True, eq=False)
class Relation:
    """From parents to rows.

    Attributes:
        name: What cursors call it.
        shape: How many rows a key has.
        load: Sees each key once, and never one that cannot have rows.
        key: The parent's columns that make the key.
        columns: What can be asked of the rows.
        args: GraphQL's arguments to one hashable value; its signature declares them.
        order: Of a page: the columns that a cursor holds, given the arguments.
        partial: Columns of the key that may be NULL; with another NULL it has no rows.
    """

    name: str
    shape: Shape
    load: Load
    key: tuple[str, ...]
    columns: frozenset[str]
    args: Callable[..., Hashable] = field(default=lambda: None)
    order: Callable[[Any], tuple[str, ...]] | None = None
    partial: frozenset[str] = frozenset()

    def is_like(self, other: "Relation") -> bool:
        """Whether equal keys have the same rows in both, and are not of pages."""
        return (
            self.load is other.load
            and self.shape is other.shape is not Shape.PAGE
            and not (self.partial or other.partial)
        )

    def refusal(self, args: Any, key: Key) -> Exception | None:
        """Why a key cannot be answered: the cursor is of another parent's list."""
        if self.shape is not Shape.PAGE or args.beyond is None or args.parent == key:
            return None
        message = (
            "The cursor belongs to the list of another parent; page on through "
            "that parent, for example with dagRun(…) or node(id:)."
        )
        return BadCursor(message)

    def leading(self, keys: Iterable[Key]) -> list[Key]:
        """Those of the keys that can have rows."""
        needed = [at for at, name in enumerate(self.key) if name not in self.partial]
        if len(needed) == len(self.key):
            return [key for key in keys if None not in key]
        return [key for key in keys if not any(key[at] is None for at in needed)]


@dataclass(frozen=True, eq=False)
class Choice:
    """A field whose argument says of which type its object is.

    Attributes:
        of: GraphQL's arguments to the type's name and its relation's key, or None.
        relations: By type name; the key is given, not read from the parent.
    """

    of: Callable[..., tuple[str, Key] | None]
    relations: Mapping[str, Relation]


@dataclass(frozen=True, eq=False)
class Choices:
    """Like `Choice`, for a list: every item has its own type, or is None."""

    of: Callable[..., Sequence[tuple[str, Key] | None]]
    relations: Mapping[str, Relation]


@dataclass(frozen=True, eq=False)
class Read:
    """A leaf: a function of columns of its row.

    Attributes:
        of: None for the one column as it is. If it has an attribute `column`, that is
            the same function, of whole columns.
        words: Of an enum: the database's words to members; others are `other`.
    """

    columns: tuple[str, ...]
    of: Callable[..., Any] | None = None
    words: Mapping[str, Enum] | None = None
    other: Enum | None = None


@dataclass(frozen=True, eq=False)
class Via:
    """A leaf that reads a relation's one row; `read` of NULLs where there is none."""

    relation: Relation
    read: Read


@dataclass(frozen=True, eq=False)
class Embedded:
    """An object made of its parent's own row; null where column `present` is."""

    present: str | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a page: nodes, edges, cursor, node, pageInfo or totalCount."""

    name: str


Declaration = Relation | Choice | Choices | Read | Via | Embedded | Part
