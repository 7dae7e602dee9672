"""Relations to XComs, and what their values show."""

from typing import Any

from loaders import links, tables, xcoms
from loaders.errors import BadInput
from loaders.relation import Relation, Shape
from loaders.xcoms import Few
from metadb.sources.xcom import XCOM
from metadb.xcom_value import shown
from resolvers.masking import masked
from resolvers.sizes import Count

_INSTANCE = ("dag_id", "run_id", "task_id", "map_index")


def xcoms_args(first: Count = 50, key_in: list[str] | None = None) -> Few:
    """Which XComs.

    Raises:
        BadInput: if their number is negative.
    """
    if first < 0:
        message = f"first is {first}; 0 or more is allowed."
        raise BadInput(message)
    return Few(first, None if key_in is None else tuple(key_in))


def xcom_args(key: str = "return_value") -> tuple[str]:
    """The rest of the XCom's key, after the instance's."""
    return (key,)


def value(key: str, stored: str | bytes | None) -> Any:
    """The value as JSON, its secrets masked."""
    return masked(key, shown(stored).value)


def problem(stored: str | bytes | None) -> str | None:
    """Why the value cannot be shown."""
    return shown(stored).problem


XCOMS = Relation(
    "xcoms", Shape.LIST, xcoms.of_instances, _INSTANCE, xcoms.COLUMNS, xcoms_args
)
XCOM_NAMED = Relation(
    "xcom",
    Shape.ONE,
    tables.by_argument(XCOM, (*_INSTANCE, "key")),
    _INSTANCE,
    xcoms.COLUMNS,
    xcom_args,
)
XCOM_OF = Relation(
    "xcom_of",
    Shape.ONE,
    tables.one(XCOM, (*_INSTANCE, "key")),
    (*_INSTANCE, "key"),
    xcoms.COLUMNS,
)
LINKS = Relation(
    "extra_links",
    Shape.LIST,
    links.of_instances,
    (*_INSTANCE, "structure"),
    frozenset(links.LINK),
)
