"""Relations that lead to task instances, and to the cells they are folded into."""

from enum import Enum

import strawberry
from strawberry import ID

from loaders import counts, instances, summaries, tables
from loaders.errors import BadInput, UnboundedList
from loaders.relation import Relation, Shape
from loaders.tables import PageArgs
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Order
from resolvers.dag import ordered
from resolvers.filters import TaskInstanceFilter
from resolvers.pages import OrderDirection, column_of, page
from resolvers.sizes import Instances

COLUMNS = frozenset(TASK_INSTANCE.columns)
COUNT_TO = 10_000


@strawberry.enum(description="What a list of task instances can be ordered by.")
class TaskInstanceOrderField(Enum):
    """A member's value is the column."""

    TASK_ID = strawberry.enum_value(
        "task_id", description="The taskId, by code point; stable while paging."
    )
    RUN_AFTER = strawberry.enum_value(
        "run_after", description="Its run's runAfter; stable while paging."
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


@strawberry.input(
    description="An order of task instances; equal ones by run, taskId and mapIndex."
)
class TaskInstanceOrder:
    """By one column."""

    by: TaskInstanceOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = strawberry.field(
        description="Rising unless said otherwise.", default=OrderDirection.ASC
    )


def instances_of_run_args(
    first: Instances = None,
    after: str | None = None,
    filter: TaskInstanceFilter | None = None,  # noqa: A002  # GraphQL's argument
    order_by: TaskInstanceOrder | None = None,
) -> PageArgs:
    """A page of one run's instances, by task id and map index."""
    return _page(("task_id", "map_index"), first, after, filter, order_by)


def instances_args(
    filter: TaskInstanceFilter,  # noqa: A002  # GraphQL's argument
    first: Instances = None,
    after: str | None = None,
    order_by: TaskInstanceOrder | None = None,
) -> PageArgs:
    """A page of instances of any run, by run, task id and map index.

    Raises:
        UnboundedList: if the filter leaves all instances to be searched.
    """
    if not filter.is_bounded:
        message = (
            "taskInstances needs a bound in its filter: dagId or runId with eq or in, "
            "runAfter with a limit, or stateIn with unfinished states only."
        )
        raise UnboundedList(message)
    if filter.group_id is not None and (
        filter.dag_id is None or filter.dag_id.eq is None
    ):
        message = "groupId needs dagId: {eq: …} beside it, to say which DAG's group."
        raise BadInput(message)
    columns = ("run_after", "run_pk", "task_id", "map_index")
    return _page(columns, first, after, filter, order_by)


def _page(
    columns: tuple[str, ...],
    first: int | None,
    after: str | None,
    given: TaskInstanceFilter | None,
    order_by: TaskInstanceOrder | None,
) -> PageArgs:
    order = Order(columns)
    if order_by is not None:
        by = column_of(order_by.by)
        falling = order_by.direction is OrderDirection.DESC
        order = Order(tuple(dict.fromkeys((by, *columns))), falling)
    return page(
        TASK_INSTANCE,
        "task_instances",
        order,
        first=first,
        after=after,
        where=() if given is None else (given.condition(),),
        group_id=None if given is None or given.group_id is None else given.group_id,
    )


def by_ids(
    dag_id: ID, run_id: ID, task_id: ID, map_index: int = -1
) -> tuple[str, str, str, int]:
    """The instance's own key."""
    return str(dag_id), str(run_id), str(task_id), map_index


def by_task(task_id: ID, map_index: int = -1) -> tuple[str, int]:
    """The rest of the instance's key, after the run's."""
    return str(task_id), map_index


def summaries_args(
    task_id_in: list[ID] | None = None, group_id: ID | None = None
) -> summaries.Cells:
    """Which cells: of these tasks, and of those in this group."""
    chosen = None if task_id_in is None else frozenset(task_id_in)
    return summaries.Cells(chosen, None if group_id is None else str(group_id))


_RUN = ("dag_id", "run_id")
_INSTANCE = ("dag_id", "run_id", "task_id", "map_index")

INSTANCES = Relation(
    "task_instances",
    Shape.PAGE,
    instances.page((), COUNT_TO),
    (),
    COLUMNS,
    instances_args,
    ordered,
)
INSTANCES_OF_RUN = Relation(
    "task_instances",
    Shape.PAGE,
    instances.page(_RUN, COUNT_TO),
    _RUN,
    COLUMNS,
    instances_of_run_args,
    ordered,
)
INSTANCE_BY_ID = Relation(
    "task_instance",
    Shape.ONE,
    tables.by_argument(TASK_INSTANCE, _INSTANCE),
    (),
    COLUMNS,
    by_ids,
)
INSTANCE_OF_RUN = Relation(
    "task_instance_of_run",
    Shape.ONE,
    tables.by_argument(TASK_INSTANCE, _INSTANCE),
    _RUN,
    COLUMNS,
    by_task,
)
INSTANCE_OF = Relation(
    "task_instance_of",
    Shape.ONE,
    tables.one(TASK_INSTANCE, _INSTANCE),
    _INSTANCE,
    COLUMNS,
)
SUMMARIES = Relation(
    "task_summaries",
    Shape.LIST,
    summaries.of_runs,
    ("dag_id", "run_id", "structure"),
    summaries.COLUMNS,
    summaries_args,
)
COUNTS_OF_SUMMARY = Relation(
    "counts_of_summary", Shape.LIST, counts.unpacked, ("counts",), counts.COLUMNS
)
SOURCE_INSTANCE = Relation(
    "source_instance",
    Shape.ONE,
    tables.one(TASK_INSTANCE, _INSTANCE),
    ("source_dag_id", "source_run_id", "source_task_id", "of_map_index"),
    COLUMNS,
)
