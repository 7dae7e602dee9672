"""Relations that lead to versions of DAGs."""

from collections.abc import Sequence

from loaders import tables
from loaders.relation import Relation, Rows, Shape, Wanted
from loaders.request import Request
from loaders.tables import PageArgs
from metadb.condition import Compared
from metadb.sources.dag_version import DAG_VERSION
from metadb.statement import Key, Order, Query, rows_per_key
from resolvers.dag import ordered
from resolvers.pages import page
from resolvers.sizes import Versions

COLUMNS = frozenset(DAG_VERSION.columns)
NEWEST = Order(("version_number", "structure"), descending=True)
SERIALIZED = Compared("is_serialized", "=", 1)


def versions_args(first: Versions = None, after: str | None = None) -> PageArgs:
    """A page of a DAG's versions, newest first."""
    return page(DAG_VERSION, "versions", NEWEST, first=first, after=after)


def by_number(version_number: int) -> tuple[int]:
    """The rest of the version's key, after the DAG's."""
    return (version_number,)


async def _ran(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """Versions that are named, newest first and comma between, oldest first."""
    del args
    named = [key[0].split(",")[::-1] for key in keys]
    ids = list(dict.fromkeys(i for each in named for i in each))
    query = Query(
        DAG_VERSION, ("id",), [(i,) for i in ids], wanted.columns, Order(("structure",))
    )
    found = {ids[row[0] - 1]: row for row in await rows_per_key(request.session, query)}
    rows = [
        (at, *found[i][1:])
        for at, each in enumerate(named, 1)
        for i in each
        if i in found
    ]
    return Rows(rows, tables.counts(rows, len(keys)))


VERSION_OF_DAG = Relation(
    "version",
    Shape.ONE,
    tables.one(DAG_VERSION, ("dag_id",), NEWEST, (SERIALIZED,)),
    ("dag_id",),
    COLUMNS,
)
VERSIONS_OF_DAG = Relation(
    "versions",
    Shape.PAGE,
    tables.page(DAG_VERSION, ("dag_id",)),
    ("dag_id",),
    COLUMNS,
    versions_args,
    ordered,
)
VERSION_BY_NUMBER = Relation(
    "version_by_number",
    Shape.ONE,
    tables.by_argument(DAG_VERSION, ("dag_id", "version_number")),
    ("dag_id",),
    COLUMNS,
    by_number,
)
CREATED_VERSION = Relation(
    "created_version",
    Shape.ONE,
    tables.one(DAG_VERSION, ("id",)),
    ("created_dag_version_id",),
    COLUMNS,
)
VERSION_OF_INSTANCE = Relation(
    "version_of_instance",
    Shape.ONE,
    tables.one(DAG_VERSION, ("id",)),
    ("dag_version_id",),
    COLUMNS,
)
VERSIONS_OF_RUN = Relation(
    "versions_of_run", Shape.LIST, _ran, ("ran_versions",), COLUMNS
)
VERSION_OF_TASK = Relation(
    "version_of_task",
    Shape.ONE,
    tables.one(DAG_VERSION, ("id",)),
    ("version",),
    COLUMNS,
)
VERSION_BY_ID = Relation(
    "version_by_id",
    Shape.ONE,
    tables.one(DAG_VERSION, ("dag_id", "id", "digest")),
    ("dag_id", "version", "digest"),
    COLUMNS,
)
