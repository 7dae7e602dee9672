"""Runs of a DAG, and the cells of its grid."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from loaders import durations
from resolvers import asset as asset_relation
from resolvers import backfill as backfill_relation
from resolvers import dag as dag_relation
from resolvers import dag_run as relation
from resolvers import dag_version as version_relation
from resolvers import derive, details
from resolvers import task_instance as instance_relation
from resolvers import task_try as try_relation
from resolvers.conf import conf
from resolvers.scalars import JSONValue
from resolvers.states import (
    DAG_RUN_STATES,
    DAG_RUN_TYPES,
    SUMMARY_KINDS,
    TASK_INSTANCE_STATES,
    TRIGGERED_BY,
    DagRunState,
    DagRunTriggeredBy,
    DagRunType,
    TaskInstanceState,
    TaskSummaryKind,
)
from schema.asset import AssetEvent
from schema.backfill import Backfill
from schema.fields import column, derived, identified, related, via, worded
from schema.node import DagStructure, Node
from schema.state_counts import TaskInstanceStateCount
from schema.task_try import TaskInstanceTry

if TYPE_CHECKING:
    from schema.dag import Dag
    from schema.dag_version import DagVersion
    from schema.task_instance import TaskInstance, TaskInstanceConnection

LazyDag = Annotated["Dag", strawberry.lazy("schema.dag")]
LazyVersion = Annotated["DagVersion", strawberry.lazy("schema.dag_version")]
LazyInstance = Annotated["TaskInstance", strawberry.lazy("schema.task_instance")]
LazyInstances = Annotated[
    "TaskInstanceConnection", strawberry.lazy("schema.task_instance")
]


@strawberry.type(
    description=(
        "A grid cell: the instances of one task in one run, or of a group's tasks, "
        "folded into one state. It has no id: a grid has tens of thousands."
    )
)
class TaskSummary:
    """A cell; embedded."""

    kind: TaskSummaryKind = worded("kind", SUMMARY_KINDS, None, "What it stands for.")
    task_id: strawberry.ID | None = column("task_id", "The task; null for a group.")
    group_id: strawberry.ID | None = column("group_id", "The group; null for a task.")
    state: TaskInstanceState | None = worded(
        "state",
        TASK_INSTANCE_STATES,
        TaskInstanceState.OTHER,
        "The state that counts most among its instances, failed before running before "
        "success; null for none yet.",
    )
    state_counts: list[TaskInstanceStateCount] = related(
        instance_relation.COUNTS_OF_SUMMARY,
        "A mapped task's or a group's instances by state; empty for a plain task, "
        "whose state says it.",
    )
    instance_count: int = column("instance_count", "How many instances it stands for.")
    start_date: datetime | None = column("start_date", "When the first started.")
    end_date: datetime | None = column("end_date", "When the last ended.")
    version_number: int | None = column(
        "version_number", "The newest version among them; null in Airflow 2."
    )
    has_note: bool = derived(("has_note",), bool, "Whether one of them has a note.")


@strawberry.type(description="By when a run, or a part of it, had to be done.")
class Deadline:
    """A deadline; embedded."""

    time: datetime = column("time", "The deadline.")
    is_missed: bool = column("is_missed", "Whether it was missed.")
    alert_name: str | None = column("alert_name", "What the DAG calls it.")


@strawberry.type(description="One run of a DAG.")
class DagRun(Node, DagStructure):
    """A run."""

    id: strawberry.ID = identified("DagRun", ("dag_id", "run_id"))
    dag_id: strawberry.ID = column("dag_id", "Its DAG.")
    run_id: strawberry.ID = column("run_id", "Its id, unique in its DAG.")
    url: str | None = derived(
        ("site", "dag_id", "run_id"),
        derive.run_url,
        "Its page in Airflow, if the gateway was told Airflow's address.",
    )
    run_type: DagRunType = worded(
        "run_type", DAG_RUN_TYPES, DagRunType.OTHER, "What made it."
    )
    state: DagRunState | None = worded(
        "state", DAG_RUN_STATES, DagRunState.OTHER, "Its state."
    )
    raw_state: str | None = column(
        "state", "The state's word in the database, also where state is OTHER."
    )
    logical_date: datetime | None = column(
        "logical_date",
        "The instant that it stands for; null for runs that Airflow 3 made without "
        "one.",
    )
    run_after: datetime = column(
        "run_after",
        "When it may start; runs are ordered by it. In Airflow 2 the end of the data "
        "interval, else the execution date.",
    )
    data_interval_start: datetime | None = column(
        "data_interval_start", "Where the data that it is for begin."
    )
    data_interval_end: datetime | None = column(
        "data_interval_end", "Where the data that it is for end."
    )
    queued_at: datetime | None = column("queued_at", "When it was queued.")
    start_date: datetime | None = column("start_date", "When it started.")
    end_date: datetime | None = column("end_date", "When it ended.")
    duration: float | None = derived(
        ("start_date", "end_date"),
        durations.seconds,
        "Seconds from start to end; null until it has ended.",
    )
    queued_duration: float | None = derived(
        ("queued_at", "start_date"),
        durations.waited,
        "Seconds from queued to start; null where Airflow's stamps are out of order.",
    )
    landing_time: float | None = derived(
        ("run_after", "end_date", "run_type"),
        durations.landing,
        "Seconds from runAfter to the end; null for manual and backfill runs, and "
        "until it has ended.",
    )
    conf: JSONValue | None = derived(
        ("conf",),
        conf,
        "What it was given; values under sensitive names are ***. Null if nothing, or "
        "if Airflow 2 stored what cannot be read safely.",
    )
    note: str | None = column("note", "What people noted about it.")
    triggered_by: DagRunTriggeredBy | None = worded(
        "triggered_by",
        TRIGGERED_BY,
        DagRunTriggeredBy.OTHER,
        "Through which part of Airflow it was triggered; null in Airflow 2.",
    )
    triggering_user_name: str | None = column(
        "triggering_user_name", "Who triggered it (from Airflow 3.1 on)."
    )
    bundle_version: str | None = column(
        "bundle_version", "The version of the bundle that it runs; null in Airflow 2."
    )
    partition_key: str | None = column(
        "partition_key", "The partition that it is for (from Airflow 3.2 on)."
    )
    partition_date: datetime | None = column(
        "partition_date", "The partition's date (from Airflow 3.3 on)."
    )
    backfill: Backfill | None = related(
        backfill_relation.BACKFILL_OF_RUN, "The backfill that made it."
    )
    clear_number: int | None = column("clear_number", "How often it was cleared.")
    last_scheduling_decision: datetime | None = column(
        "last_scheduling_decision", "When the scheduler last looked at it."
    )
    has_missed_deadline: bool | None = column(
        "has_missed_deadline", "Whether it missed a deadline; null before Airflow 3.1."
    )
    deadlines: list[Deadline] = related(
        relation.DEADLINES, "Its deadlines, the earliest first (from Airflow 3.1 on)."
    )
    dag: LazyDag | None = related(dag_relation.DAG_OF, "Its DAG, if it is still there.")
    created_version: LazyVersion | None = related(
        version_relation.CREATED_VERSION,
        "The version that it was made with; null in Airflow 2.",
    )
    versions: list[LazyVersion] = related(
        version_relation.VERSIONS_OF_RUN,
        "The versions that its task instances really ran, oldest first; several if "
        "the DAG changed meanwhile. Empty in Airflow 2, which does not keep them.",
    )
    is_structure_exact: bool = column(
        "is_structure_exact",
        "Whether the structure below is known to be the one that ran.",
    )
    task_ids_without_definition: list[strawberry.ID] = via(
        details.UNDEFINED,
        ("task_ids",),
        details.undefined,
        "The tasks that have instances in this run and no definition anywhere.",
    )
    task_instance: LazyInstance | None = related(
        instance_relation.INSTANCE_OF_RUN, "One of its task instances."
    )
    task_instances: LazyInstances = related(
        instance_relation.INSTANCES_OF_RUN,
        "Its task instances, by task id and map index unless ordered otherwise; at "
        "most 10,000 a page.",
    )
    tries: list[TaskInstanceTry] = related(
        try_relation.TRIES_OF_RUN,
        "Every try of every task instance, by task id, map index and try number: what "
        "a Gantt chart draws.",
    )
    consumed_asset_events: list[AssetEvent] = related(
        asset_relation.CONSUMED_EVENTS, "The asset events that it is made of."
    )
    task_summaries: list[TaskSummary] = related(
        instance_relation.SUMMARIES,
        "Grid cells: one for each task and each group of its structure, mapped "
        "instances folded into counts; tasks that no structure has come last.",
    )
    state_counts: list[TaskInstanceStateCount] = related(
        relation.STATE_COUNTS, "Its task instances by state, the most frequent first."
    )
