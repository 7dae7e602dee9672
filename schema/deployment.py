"""The deployment itself: its revision, its parts, its pools, its tags."""

from datetime import datetime

import strawberry

from resolvers import deployment as relation
from schema.fields import column, identified, related
from schema.node import Node


@strawberry.type(description="A part of Airflow that runs.")
class Component:
    """A part; embedded."""

    name: str = column(
        "name",
        "Its name: metadatabase, scheduler, triggerer or dag_processor.",
    )
    is_healthy: bool | None = column(
        "is_healthy",
        "Whether it runs and was heard of lately; null if it never ran.",
    )
    latest_heartbeat: datetime | None = column(
        "latest_heartbeat", "When it was last heard of."
    )
    hostname: str | None = column("hostname", "The machine that it runs on.")


@strawberry.type(
    description="The Airflow deployment: its schema, and whether its parts are alive."
)
class Airflow:
    """A deployment; embedded."""

    min_version: str | None = column(
        "min_version",
        "The first release with this schema revision; null if it is unknown.",
    )
    max_version: str | None = column(
        "max_version", "The last release with it; null if it is unknown."
    )
    schema_revision: str = column(
        "schema_revision", "The revision of the database's schema."
    )
    backend: str = column("backend", "The database's backend: postgresql or sqlite.")
    components: list[Component] = related(
        relation.COMPONENTS, "Its parts: the database, then those that send heartbeats."
    )


@strawberry.type(
    description="A pool of slots that running tasks take. -1 slots are without limit."
)
class Pool(Node):
    """A pool."""

    id: strawberry.ID = identified("Pool", ("id",))
    name: str = column("name", "Its name.")
    slots: int = column("slots", "How many slots it has; -1 without limit.")
    description: str | None = column("description", "What it is for.")
    include_deferred: bool = column(
        "include_deferred", "Whether deferred tasks take slots, too."
    )
    running_slots: int = column("running_slots", "Slots that running tasks take.")
    queued_slots: int = column("queued_slots", "Slots that queued tasks take.")
    scheduled_slots: int = column(
        "scheduled_slots", "Slots that scheduled tasks wait for."
    )
    deferred_slots: int = column("deferred_slots", "Slots of deferred tasks.")
    occupied_slots: int = column(
        "occupied_slots",
        "Slots that are taken by running, queued and, if the pool "
        "says so, deferred tasks.",
    )
    open_slots: int = column("open_slots", "Slots that are left; -1 without limit.")


@strawberry.type(description="A tag of DAGs.")
class Tag:
    """A tag; embedded."""

    name: str = column("name", "The tag.")
    dag_count: int = column("dag_count", "How many DAGs have it, stale ones apart.")
