"""The audit log."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers import derive
from resolvers.masking import masked
from resolvers.scalars import JSONValue
from schema import connections
from schema.connections import ConnectionEdge, PageInfo
from schema.fields import column, derived, identified, part
from schema.node import Node


def _extra(text: str | None) -> Any:
    """The extra as JSON, else as the text it is."""
    found = derive.decoded(text)
    return text if found is None else masked(found)


@strawberry.type(description="An entry of the audit log.")
class EventLog(Node):
    """An entry."""

    id: strawberry.ID = identified("EventLog", ("id",))
    timestamp: datetime | None = column("timestamp", "When it happened.")
    event: str | None = column("event", "What happened, in Airflow's words.")
    dag_id: strawberry.ID | None = column("dag_id", "The DAG, if it concerns one.")
    run_id: strawberry.ID | None = column("run_id", "The run, if it concerns one.")
    task_id: strawberry.ID | None = column("task_id", "The task, if it concerns one.")
    map_index: int | None = column("map_index", "Which of a mapped task's instances.")
    try_number: int | None = column("try_number", "Which try of it.")
    owner: str | None = column("owner", "Who did it.")
    extra: JSONValue | None = derived(
        ("extra",), _extra, "What else is known; *** under sensitive names."
    )


@strawberry.type(description="A page of the audit log.")
class EventLogConnection:
    """A page whose list is counted only so far."""

    edges: list[ConnectionEdge[EventLog]] = part(
        "edges", connections.items, connections.EDGES
    )
    nodes: list[EventLog] = part("nodes", connections.rows, connections.NODES)
    page_info: PageInfo = part("pageInfo", connections.info, connections.PAGE_INFO)
    total_count: int | None = part(
        "totalCount", connections.total, connections.TOTAL_UP_TO
    )
