"""Relations that lead to DAGs, and to what a DAG counts."""

from enum import Enum

import strawberry
from strawberry import ID

from loaders import counts, tables
from loaders.relation import Relation, Shape
from loaders.tables import PageArgs
from metadb.sources.dag import DAG
from metadb.statement import Order
from resolvers.filters import DagFilter
from resolvers.pages import OrderDirection, column_of, page
from resolvers.sizes import Size

COLUMNS = frozenset(DAG.columns)


@strawberry.enum(description="What a list of DAGs can be ordered by.")
class DagOrderField(Enum):
    """A member's value is the column."""

    DAG_ID = strawberry.enum_value("dag_id", description="The dagId, by code point.")
    DISPLAY_NAME = strawberry.enum_value(
        "display_name", description="The displayName, by code point."
    )
    NEXT_RUN_AFTER = strawberry.enum_value(
        "next_dagrun_create_after", description="When the next run may start."
    )
    LAST_PARSED_TIME = strawberry.enum_value(
        "last_parsed_time", description="When the DAG processor last read it."
    )
    LATEST_RUN = strawberry.enum_value(
        "latest_run_after", description="The runAfter of its newest run."
    )


@strawberry.input(description="An order of DAGs; equal ones by dagId.")
class DagOrder:
    """By one column."""

    by: DagOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = strawberry.field(
        description="Rising unless said otherwise.", default=OrderDirection.ASC
    )


def by_dag_id(dag_id: ID) -> tuple[str]:
    """The DAG's own key."""
    return (str(dag_id),)


def dags_args(
    first: Size = None,
    after: str | None = None,
    filter: DagFilter | None = None,  # noqa: A002  # GraphQL's argument
    order_by: DagOrder | None = None,
) -> PageArgs:
    """A page of DAGs."""
    columns: tuple[str, ...] = ("dag_id",)
    descending = False
    if order_by is not None:
        columns = tuple(dict.fromkeys((column_of(order_by.by), "dag_id")))
        descending = order_by.direction is OrderDirection.DESC
    return page(
        DAG,
        "dags",
        Order(columns, descending),
        first=first,
        after=after,
        where=() if filter is None else (filter.condition(),),
    )


def ordered(args: PageArgs) -> tuple[str, ...]:
    """The columns that a page's cursors hold."""
    return args.order.columns


DAGS = Relation(
    "dags", Shape.PAGE, tables.page(DAG, ()), (), COLUMNS, dags_args, ordered
)
DAG_BY_ID = Relation(
    "dag", Shape.ONE, tables.by_argument(DAG, ("dag_id",)), (), COLUMNS, by_dag_id
)
DAG_OF = Relation(
    "dag_of", Shape.ONE, tables.one(DAG, ("dag_id",)), ("dag_id",), COLUMNS
)
RUN_STATE_COUNTS = Relation(
    "run_state_counts",
    Shape.LIST,
    counts.runs_by_state,
    ("dag_id",),
    counts.COLUMNS,
    counts.window,
)
