"""Relations to what went wrong when DAG files were parsed."""

from loaders import tables
from loaders.relation import Relation, Shape
from loaders.tables import PageArgs
from metadb.sources.parsing import DAG_WARNING, IMPORT_ERROR
from metadb.statement import Order
from resolvers.dag import ordered
from resolvers.pages import page
from resolvers.sizes import Size

COLUMNS = frozenset(IMPORT_ERROR.columns)
NEWEST = Order(("timestamp", "id"), descending=True)


def import_errors_args(first: Size = None, after: str | None = None) -> PageArgs:
    """A page of import errors, newest first."""
    return page(IMPORT_ERROR, "import_errors", NEWEST, first=first, after=after)


IMPORT_ERRORS = Relation(
    "import_errors",
    Shape.PAGE,
    tables.page(IMPORT_ERROR, ()),
    (),
    COLUMNS,
    import_errors_args,
    ordered,
)
IMPORT_ERRORS_OF_DAG = Relation(
    "import_errors_of_dag",
    Shape.LIST,
    tables.every(IMPORT_ERROR, ("file",), NEWEST),
    ("import_file",),
    COLUMNS,
)
IMPORT_ERROR_OF = Relation(
    "import_error_of", Shape.ONE, tables.one(IMPORT_ERROR, ("id",)), ("id",), COLUMNS
)
WARNINGS_OF_DAG = Relation(
    "warnings",
    Shape.LIST,
    tables.every(DAG_WARNING, ("dag_id",), Order(("warning_type",))),
    ("dag_id",),
    frozenset(DAG_WARNING.columns),
)
