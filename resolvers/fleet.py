"""Relations to counts over many DAGs."""

from datetime import datetime
from enum import Enum

import strawberry

from loaders import counts, fleet
from loaders.errors import BadInput
from loaders.fleet import Scope
from loaders.relation import Load, Relation, Shape
from loaders.tables import PageArgs
from metadb.sources.dag import DAG
from metadb.sources.dag_run import DAG_RUN
from metadb.statement import Order
from resolvers.dag import ordered
from resolvers.filters import DagFilter
from resolvers.pages import column_of, page
from resolvers.sizes import Count, Size


@strawberry.enum(description="By what DAGs are grouped.")
class FleetDimension(Enum):
    """A member's value is the column."""

    TAG = strawberry.enum_value("tags", description="Their tags.")
    OWNER = strawberry.enum_value("owners", description="Their owners.")
    BUNDLE = strawberry.enum_value("bundle_name", description="The bundle of the file.")


def fleet_args(
    filter: DagFilter | None = None,  # noqa: A002  # GraphQL's argument
    since: datetime | None = None,
    until: datetime | None = None,
) -> Scope:
    """What is counted.

    Raises:
        BadInput: if the window ends before it begins.
    """
    if since is not None and until is not None and until < since:
        message = "until is before since; the window runs from since to until."
        raise BadInput(message)
    return Scope(None if filter is None else filter.condition(), since, until)


def failing_args(first: Size = None, after: str | None = None) -> PageArgs:
    """A page of DAGs, by id."""
    return page(DAG, "failing", Order(("dag_id",)), first=first, after=after)


def longest_args(first: Count = 10) -> int:
    """How many runs.

    Raises:
        BadInput: if it is negative.
    """
    if first < 0:
        message = f"first is {first}; 0 or more is allowed."
        raise BadInput(message)
    return first


def dimension_args(dimension: FleetDimension) -> str:
    """The column that a dimension stands for."""
    return column_of(dimension)


_SCOPE = ("scope",)


def _counted(name: str, load: Load) -> Relation:
    return Relation(name, Shape.LIST, load, _SCOPE, counts.COLUMNS)


FLEET = Relation("fleet", Shape.ONE, fleet.fleet, (), fleet.COLUMNS, fleet_args)
RUN_COUNTS = _counted("fleet_runs", fleet.runs_by_state)
INSTANCE_COUNTS = _counted("fleet_instances", fleet.instances_by_state)
UNFINISHED_COUNTS = _counted("fleet_unfinished", fleet.unfinished_by_state)
FAILING = Relation(
    "failing",
    Shape.PAGE,
    fleet.failing,
    ("kept",),
    frozenset(DAG.columns),
    failing_args,
    ordered,
)
LONGEST_RUNNING = Relation(
    "longest_running",
    Shape.LIST,
    fleet.longest_running,
    _SCOPE,
    frozenset(DAG_RUN.columns),
    longest_args,
)
BY = Relation(
    "fleet_by",
    Shape.LIST,
    fleet.by_dimension,
    _SCOPE,
    frozenset(fleet.GROUP),
    dimension_args,
)
RUN_COUNTS_OF_GROUP = Relation(
    "fleet_group_runs", Shape.LIST, counts.unpacked, ("run_counts",), counts.COLUMNS
)
