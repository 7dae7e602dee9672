"""Relations to task logs."""

from loaders import logs
from loaders.errors import BadInput
from loaders.logs import Part
from loaders.relation import Relation, Shape
from loaders.structure import held
from resolvers.sizes import Lines


def log_args(try_number: int | None = None) -> int | None:
    """Which try; None for the last."""
    return try_number


def page_args(first: Lines = 1_000, after: str | None = None) -> Part:
    """Which lines.

    Raises:
        BadInput: if their number is negative.
    """
    if first < 0:
        message = f"first is {first}; 0 or more is allowed."
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
