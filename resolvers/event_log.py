"""Relations to the audit log."""

from datetime import timedelta

import strawberry

from loaders import tables
from loaders.event_log import recent
from loaders.relation import Relation, Shape
from loaders.tables import PageArgs
from metadb.condition import Condition, Every
from metadb.sources.event_log import EVENT_LOG
from metadb.statement import Order
from resolvers.dag import ordered
from resolvers.filters import DateTimeFilter, StringFilter, optional, texts
from resolvers.pages import page
from resolvers.sizes import Events

COLUMNS = frozenset(EVENT_LOG.columns)
NEWEST = Order(("timestamp", "id"), descending=True)
COUNT_TO = 10_000
RECENT = timedelta(days=30)


@strawberry.input(description="Keeps entries of the audit log.")
class EventLogFilter:
    """Tests of an entry."""

    event: StringFilter | None = optional("By event.")
    dag_id: StringFilter | None = optional("By dagId.")
    run_id: StringFilter | None = optional("By runId.")
    task_id: StringFilter | None = optional("By taskId.")
    owner: StringFilter | None = optional("By owner.")
    timestamp: DateTimeFilter | None = optional(
        "By timestamp; without it only the last 30 days are searched."
    )

    def condition(self) -> Condition:
        """What it means."""
        found = texts(
            event=self.event,
            dag_id=self.dag_id,
            run_id=self.run_id,
            task_id=self.task_id,
            owner=self.owner,
        )
        if self.timestamp is not None:
            found += self.timestamp.conditions("timestamp")
        return Every(tuple(found))


def event_logs_args(
    first: Events = None,
    after: str | None = None,
    filter: EventLogFilter | None = None,  # noqa: A002  # GraphQL's argument
) -> PageArgs:
    """A page of the log, newest first."""
    return _page(first, after, () if filter is None else (filter.condition(),))


def of_instance_args(first: Events = None, after: str | None = None) -> PageArgs:
    """A page of an instance's entries, newest first."""
    return _page(first, after, ())


def _page(
    first: int | None, after: str | None, where: tuple[Condition, ...]
) -> PageArgs:
    return page(
        EVENT_LOG,
        "event_logs",
        NEWEST,
        first=first,
        after=after,
        where=where,
    )


_INSTANCE = ("dag_id", "run_id", "task_id", "map_index")

EVENT_LOGS = Relation(
    "event_logs",
    Shape.PAGE,
    recent(RECENT, COUNT_TO),
    (),
    COLUMNS,
    event_logs_args,
    ordered,
)
EVENT_LOGS_OF_INSTANCE = Relation(
    "event_logs",
    Shape.PAGE,
    tables.page(EVENT_LOG, ("dag_id", "run_id", "task_id", "of_map_index"), COUNT_TO),
    _INSTANCE,
    COLUMNS,
    of_instance_args,
    ordered,
)
EVENT_LOG_OF = Relation(
    "event_log_of", Shape.ONE, tables.one(EVENT_LOG, ("id",)), ("id",), COLUMNS
)
