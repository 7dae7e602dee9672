"""Relations to task logs."""

from loaders import logs
from loaders.errors import BadInput
from loaders.logs import Part
from loaders.relation import Relation, Shape
from loaders.structure import held

MOST_LINES = 10_000


def log_args(try_number: int | None = None) -> int | None:
    """Which try; None for the last."""
    return try_number


def page_args(first: int = 1_000, after: str | None = None) -> Part:
    """Which lines.

    Raises:
        BadInput: if there are too many.
    """
    if not 0 <= first <= MOST_LINES:
        message = f"first is {first}; from 0 to {MOST_LINES:,} is allowed."
        raise BadInput(message)
    return Part(first, after)


LOG = Relation(
    "log", Shape.ONE, logs.of_instance, logs.INSTANCE, logs.COLUMNS, log_args
)
PAGE = Relation(
    "log_page", Shape.ONE, logs.page, ("place", "path", "is_over"), logs.PAGE, page_args
)
LINES = Relation(
    "log_lines", Shape.LIST, held(logs.LINE), ("lines",), frozenset(logs.LINE)
)
