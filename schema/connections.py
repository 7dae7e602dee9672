"""Pages of lists, in Relay's words."""

from typing import Any, Generic, NamedTuple, TypeVar

import strawberry

from loaders.request import Page
from schema.fields import part

T = TypeVar("T")


class _Item(NamedTuple):
    cursor: str
    node: Any  # a row


class _Info(NamedTuple):
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def items(page: Page) -> list[_Item]:
    """The rows, each with its cursor."""
    return [_Item(page.cursor(row), row) for row in page.rows]


def info(page: Page) -> _Info:
    """Where the page stands."""
    rows = page.rows
    ends = (page.cursor(rows[0]), page.cursor(rows[-1])) if rows else (None, None)
    return _Info(page.has_next_page, page.has_previous_page, *ends)


def rows(page: Page) -> list[Any]:
    """The rows, in the list's order."""
    return page.rows


def total(page: Page) -> int | None:
    """How many rows the whole list has; None above what is counted."""
    return page.total


def _cursor(item: _Item) -> str:
    return item.cursor


def _node(item: _Item) -> Any:
    return item.node


NODES = "The items of this page."
EDGES = "The items of this page, each with the cursor of its place in the list."
PAGE_INFO = "Where this page stands in the list."
TOTAL = (
    "How many items the whole list has, with its filter; counted only when asked for."
)
TOTAL_UP_TO = (
    "How many items the whole list has, with its filter; null above 10,000. "
    "Counted only when asked for."
)


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """What Relay calls PageInfo."""

    has_next_page: bool = strawberry.field(
        description="Whether the list goes on after this page."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether the list has items before this page."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first item; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last item; null on an empty page."
    )


@strawberry.type(description="An item of a page, and its place in the list.")
class ConnectionEdge(Generic[T]):
    """What Relay calls an edge."""

    cursor: str = part(
        "cursor", _cursor, "Its place: give it as `after` to go on behind it."
    )
    node: T = part("node", _node, "The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page whose list is counted whole."""

    edges: list[ConnectionEdge[T]] = part("edges", items, EDGES)
    nodes: list[T] = part("nodes", rows, NODES)
    page_info: PageInfo = part("pageInfo", info, PAGE_INFO)
    total_count: int = part("totalCount", total, TOTAL)
