"""Assets, which Airflow 2 calls datasets."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import asset as relation
from resolvers import dag as dag_relation
from resolvers import derive
from resolvers import task as task_relation
from resolvers import task_instance as instance_relation
from resolvers.masking import masked
from resolvers.scalars import JSONValue
from schema import connections
from schema.connections import ConnectionEdge, PageInfo
from schema.fields import column, derived, identified, part, related
from schema.node import Node

if TYPE_CHECKING:
    from schema.dag import Dag
    from schema.dag_run import DagRun
    from schema.task import Task
    from schema.task_instance import TaskInstance

LazyDag = Annotated["Dag", strawberry.lazy("schema.dag")]
LazyRun = Annotated["DagRun", strawberry.lazy("schema.dag_run")]
LazyTask = Annotated["Task", strawberry.lazy("schema.task")]
LazyInstance = Annotated["TaskInstance", strawberry.lazy("schema.task_instance")]


def _extra(text: str | None) -> Any:
    return masked(derive.decoded(text))


@strawberry.type(
    description="A task named from outside its structure, which may be gone."
)
class TaskReference:
    """A reference; embedded."""

    dag_id: strawberry.ID = column("dag_id", "The task's DAG.")
    task_id: strawberry.ID = column("task_id", "The task.")
    dag: LazyDag | None = related(dag_relation.DAG_OF, "The DAG, if it is there.")
    task: LazyTask | None = related(
        task_relation.TASK_OF_INSTANCE,
        "The task in the DAG's newest structure, if that has it.",
    )


@strawberry.type(description="Something happened to an asset, for example an update.")
class AssetEvent(Node):
    """An event."""

    id: strawberry.ID = identified("AssetEvent", ("id",))
    timestamp: datetime = column("timestamp", "When it happened.")
    extra: JSONValue | None = derived(
        ("extra",), _extra, "What came with it; *** under sensitive names."
    )
    partition_key: str | None = column(
        "partition_key", "The partition that it is about (from Airflow 3.2 on)."
    )
    asset: Annotated["Asset", strawberry.lazy("schema.asset")] | None = related(
        relation.ASSET_BY_ID, "The asset."
    )
    source_dag_id: strawberry.ID | None = column(
        "source_dag_id", "The DAG that made it; null if none did."
    )
    source_run_id: strawberry.ID | None = column("source_run_id", "The run.")
    source_task_id: strawberry.ID | None = column("source_task_id", "The task.")
    source_map_index: int | None = column(
        "source_map_index", "Which of the task's instances; -1 if not mapped."
    )
    source_task_instance: LazyInstance | None = related(
        instance_relation.SOURCE_INSTANCE, "The task instance that made it."
    )
    created_runs: list[LazyRun] = related(
        relation.CREATED_RUNS, "The runs that it set off, the earliest first."
    )


@strawberry.type(description="A page of asset events.")
class AssetEventConnection:
    """A page whose list is counted only so far."""

    edges: list[ConnectionEdge[AssetEvent]] = part(
        "edges", connections.items, connections.EDGES
    )
    nodes: list[AssetEvent] = part("nodes", connections.rows, connections.NODES)
    page_info: PageInfo = part("pageInfo", connections.info, connections.PAGE_INFO)
    total_count: int | None = part(
        "totalCount", connections.total, connections.TOTAL_UP_TO
    )


@strawberry.type(
    description=(
        "Something that tasks make and DAGs wait for: a table, a file. In Airflow 2's "
        "words a dataset, where the name is the uri."
    )
)
class Asset(Node):
    """An asset."""

    id: strawberry.ID = identified("Asset", ("id",))
    name: str = column("name", "Its name.")
    uri: str = column("uri", "Its URI.")
    group: str | None = column("group", "Its group; null in Airflow 2.")
    extra: JSONValue | None = derived(
        ("extra",),
        _extra,
        "What its definition says besides; *** under sensitive names.",
    )
    is_active: bool = column("is_active", "False once no DAG refers to it.")
    aliases: list[str] = derived(
        ("aliases",), derive.texts, "The aliases that stand for it, by name."
    )
    scheduled_dags: list[LazyDag] = related(
        relation.SCHEDULED_DAGS, "The DAGs that its events set off, by id."
    )
    producing_tasks: list[TaskReference] = related(
        relation.PRODUCING_TASKS, "The tasks that make it, by DAG and task."
    )
    consuming_tasks: list[TaskReference] = related(
        relation.CONSUMING_TASKS,
        "The tasks that read it, by DAG and task (from Airflow 3.1 on).",
    )
    events: AssetEventConnection = related(
        relation.EVENTS, "What happened to it, newest first; at most 200 a page."
    )
    last_event: AssetEvent | None = related(
        relation.LAST_EVENT, "What happened to it last."
    )


@strawberry.type(
    description="An asset that schedules a DAG, and what came in for its next run."
)
class NextRunAsset:
    """An asset's part in the next run; embedded."""

    asset: Asset | None = related(relation.ASSET_BY_ID, "The asset.")
    queued_at: datetime | None = column(
        "queued_at", "When an event came in for the next run; null while none has."
    )
    last_event_at: datetime | None = column(
        "last_event_at",
        "The asset's newest event; it may belong to a past run.",
    )
