"""Relations that lead to runs of DAGs."""

from enum import Enum

import strawberry
from strawberry import ID

from loaders import counts, tables
from loaders.relation import Relation, Shape
from loaders.tables import PageArgs
from metadb.sources.dag_run import DAG_RUN
from metadb.sources.deadline import DEADLINE
from metadb.statement import Order
from resolvers.dag import ordered
from resolvers.filters import DagRunFilter
from resolvers.pages import OrderDirection, column_of, page
from resolvers.sizes import Size

COLUMNS = frozenset(DAG_RUN.columns)
NEWEST = Order(("run_after", "id"), descending=True)


@strawberry.enum(description="What a list of runs can be ordered by.")
class DagRunOrderField(Enum):
    """A member's value is the column."""

    RUN_AFTER = strawberry.enum_value(
        "run_after", description="When it may start; stable while paging."
    )
    LOGICAL_DATE = strawberry.enum_value(
        "logical_date", description="Its logical date; stable while paging."
    )
    START_DATE = strawberry.enum_value(
        "start_date", description="When it started; may change while paging."
    )
    END_DATE = strawberry.enum_value(
        "end_date", description="When it ended; may change while paging."
    )
    DURATION = strawberry.enum_value(
        "duration", description="How long it took; may change while paging."
    )


@strawberry.input(description="An order of runs; equal ones as they were made.")
class DagRunOrder:
    """By one column."""

    by: DagRunOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = strawberry.field(
        description="Falling unless said otherwise.", default=OrderDirection.DESC
    )


def runs_args(
    first: Size = None,
    after: str | None = None,
    last: Size = None,
    before: str | None = None,
    filter: DagRunFilter | None = None,  # noqa: A002  # GraphQL's argument
    order_by: DagRunOrder | None = None,
) -> PageArgs:
    """A page of runs, newest first unless ordered otherwise."""
    order = NEWEST
    if order_by is not None:
        falling = order_by.direction is OrderDirection.DESC
        order = Order((column_of(order_by.by), "id"), falling)
    return page(
        DAG_RUN,
        "runs",
        order,
        first=first,
        after=after,
        last=last,
        before=before,
        where=() if filter is None else (filter.condition(),),
    )


def by_run_id(run_id: ID) -> tuple[str]:
    """The rest of the run's key, after the DAG's."""
    return (str(run_id),)


def by_ids(dag_id: ID, run_id: ID) -> tuple[str, str]:
    """The run's own key."""
    return str(dag_id), str(run_id)


_RUN = ("dag_id", "run_id")

RUNS = Relation(
    "runs", Shape.PAGE, tables.page(DAG_RUN, ()), (), COLUMNS, runs_args, ordered
)
RUNS_OF_DAG = Relation(
    "runs",
    Shape.PAGE,
    tables.page(DAG_RUN, ("dag_id",)),
    ("dag_id",),
    COLUMNS,
    runs_args,
    ordered,
)
LATEST_RUN = Relation(
    "latest_run",
    Shape.ONE,
    tables.one(DAG_RUN, ("dag_id",), NEWEST),
    ("dag_id",),
    COLUMNS,
)
RUN_OF_DAG = Relation(
    "run", Shape.ONE, tables.by_argument(DAG_RUN, _RUN), ("dag_id",), COLUMNS, by_run_id
)
RUN_BY_ID = Relation(
    "dag_run", Shape.ONE, tables.by_argument(DAG_RUN, _RUN), (), COLUMNS, by_ids
)
RUN_OF = Relation("run_of", Shape.ONE, tables.one(DAG_RUN, _RUN), _RUN, COLUMNS)
STATE_COUNTS = Relation(
    "state_counts", Shape.LIST, counts.instances_by_state, _RUN, counts.COLUMNS
)
DEADLINES = Relation(
    "deadlines",
    Shape.LIST,
    tables.every(DEADLINE, ("run_pk",), Order(("time",))),
    ("id",),
    frozenset(DEADLINE.columns),
)
