"""Relations to assets, to what refers to them, and to their events."""

import strawberry

from loaders import assets, tables
from loaders.errors import BadInput
from loaders.relation import Relation, Shape
from loaders.tables import PageArgs
from metadb.condition import Compared, Condition, Every
from metadb.sources.asset import (
    ASSET,
    ASSET_EVENT,
    AWAITED,
    CONSUMED_EVENT,
    INLET,
    MADE_RUN,
    OUTLET,
    REFERENCE,
    SCHEDULED_DAG,
)
from metadb.sources.dag import DAG
from metadb.sources.dag_run import DAG_RUN
from metadb.statement import Order
from resolvers.dag import ordered
from resolvers.filters import StringFilter, optional, texts
from resolvers.pages import page
from resolvers.sizes import Events, Size

COLUMNS = frozenset(ASSET.columns)
EVENT_COLUMNS = frozenset(ASSET_EVENT.columns)
REFERENCE_COLUMNS = frozenset(REFERENCE.columns)
NEWEST = Order(("timestamp", "id"), descending=True)
BY_TASK = Order(("dag_id", "task_id"))
COUNT_TO = 10_000


@strawberry.input(description="Keeps assets.")
class AssetFilter:
    """Tests of an asset."""

    name: StringFilter | None = optional("By name.")
    uri: StringFilter | None = optional("By uri.")
    group: StringFilter | None = optional("By group.")
    is_active: bool | None = strawberry.field(
        description="Whether a DAG refers to it; null for either.", default=True
    )

    def condition(self) -> Condition:
        """What it means."""
        found = texts(name=self.name, uri=self.uri, group=self.group)
        if self.is_active is not None:
            found.append(Compared("is_active", "=", self.is_active))
        return Every(tuple(found))


def assets_args(
    first: Size = None,
    after: str | None = None,
    filter: AssetFilter | None = None,  # noqa: A002  # GraphQL's argument
) -> PageArgs:
    """A page of assets, by name: active ones unless the filter says otherwise."""
    where = (AssetFilter() if filter is None else filter).condition()
    order = Order(("name", "id"))
    return page(ASSET, "assets", order, first=first, after=after, where=(where,))


def asset_args(name: str | None = None, uri: str | None = None) -> PageArgs:
    """Which asset: an active one rather than another.

    Raises:
        BadInput: if neither a name nor a URI is given.
    """
    found = texts(name=_is(name), uri=_is(uri))
    if not found:
        message = "asset needs a name or a uri."
        raise BadInput(message)
    order = Order(("is_active", "id"), descending=True)
    return PageArgs(1, order, where=tuple(found))


def _is(text: str | None) -> StringFilter | None:
    return None if text is None else StringFilter(eq=text)


def events_args(first: Events = None, after: str | None = None) -> PageArgs:
    """A page of an asset's events, newest first."""
    return page(
        ASSET_EVENT,
        "asset_events",
        NEWEST,
        first=first,
        after=after,
    )


ASSETS = Relation(
    "assets", Shape.PAGE, tables.page(ASSET, ()), (), COLUMNS, assets_args, ordered
)
ASSET_NAMED = Relation("asset", Shape.ONE, tables.first(ASSET), (), COLUMNS, asset_args)
ASSET_OF = Relation("asset_of", Shape.ONE, tables.one(ASSET, ("id",)), ("id",), COLUMNS)
ASSET_BY_ID = Relation(
    "asset_by_id", Shape.ONE, tables.one(ASSET, ("id",)), ("asset_id",), COLUMNS
)
ASSET_OF_REFERENCE = Relation(
    "asset_of_reference",
    Shape.ONE,
    assets.of_references,
    ("kind", "name", "uri"),
    COLUMNS,
    partial=frozenset({"name", "uri"}),
)
SCHEDULED_DAGS = Relation(
    "scheduled_dags",
    Shape.LIST,
    tables.every(SCHEDULED_DAG, ("asset_id",), Order(("dag_id",))),
    ("id",),
    frozenset(DAG.columns),
)
PRODUCING_TASKS = Relation(
    "producing_tasks",
    Shape.LIST,
    tables.every(OUTLET, ("asset_id",), BY_TASK),
    ("id",),
    frozenset(OUTLET.columns),
)
CONSUMING_TASKS = Relation(
    "consuming_tasks",
    Shape.LIST,
    tables.every(INLET, ("asset_id",), BY_TASK),
    ("id",),
    frozenset(INLET.columns),
)
EVENTS = Relation(
    "asset_events",
    Shape.PAGE,
    tables.page(ASSET_EVENT, ("asset_id",), COUNT_TO),
    ("id",),
    EVENT_COLUMNS,
    events_args,
    ordered,
)
LAST_EVENT = Relation(
    "last_event",
    Shape.ONE,
    tables.one(ASSET_EVENT, ("asset_id",), NEWEST),
    ("id",),
    EVENT_COLUMNS,
)
EVENT_OF = Relation(
    "asset_event_of",
    Shape.ONE,
    tables.one(ASSET_EVENT, ("id",)),
    ("id",),
    EVENT_COLUMNS,
)
CONSUMED_EVENTS = Relation(
    "consumed_events",
    Shape.LIST,
    tables.every(CONSUMED_EVENT, ("run_pk",), Order(("timestamp", "id"))),
    ("id",),
    EVENT_COLUMNS,
)
CREATED_RUNS = Relation(
    "created_runs",
    Shape.LIST,
    tables.every(MADE_RUN, ("event_id",), Order(("run_after", "id"))),
    ("id",),
    frozenset(DAG_RUN.columns),
)
AWAITED_OF_DAG = Relation(
    "next_run_assets",
    Shape.LIST,
    tables.every(AWAITED, ("dag_id",), Order(("asset_id",))),
    ("dag_id",),
    frozenset(AWAITED.columns),
)
REFERENCES_OF_DAG = Relation(
    "schedule_assets",
    Shape.LIST,
    tables.every(REFERENCE, ("dag_id",), Order(REFERENCE.tie)),
    ("dag_id",),
    REFERENCE_COLUMNS,
)
