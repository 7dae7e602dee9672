"""Tasks, edges and groups of a structure."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import asset as asset_relation
from resolvers import dag as dag_relation
from resolvers import dag_version as version_relation
from resolvers import stats as stats_relation
from resolvers import task as relation
from resolvers.masking import masked
from resolvers.scalars import JSONValue
from resolvers.states import (
    ASSET_REFERENCE_KINDS,
    TRIGGER_RULES,
    AssetReferenceKind,
    TriggerRule,
)
from schema.fields import column, derived, identified, related, worded
from schema.node import Node
from schema.stats import DurationStats

if TYPE_CHECKING:
    from schema.asset import Asset
    from schema.dag import Dag
    from schema.dag_version import DagVersion
    from schema.task_instance import TaskInstance

LazyAsset = Annotated["Asset", strawberry.lazy("schema.asset")]
LazyDag = Annotated["Dag", strawberry.lazy("schema.dag")]
LazyInstance = Annotated["TaskInstance", strawberry.lazy("schema.task_instance")]
LazyVersion = Annotated["DagVersion", strawberry.lazy("schema.dag_version")]


def _listed(values: Any) -> list[Any]:
    return list(values)


@strawberry.type(description="A value that a run or a task can be given.")
class Param:
    """A parameter, with what it may be."""

    name: str = column("name", "Its name.")
    value: JSONValue | None = derived(
        ("name", "value"), masked, "Its default; *** under a sensitive name."
    )
    description: str | None = column("description", "What it is for.")
    schema: JSONValue | None = derived(
        ("schema",), masked, "The JSON Schema that its values must meet."
    )


@strawberry.type(description="How a DAG or a task refers to an asset.")
class AssetReference:
    """A reference, as it is written down."""

    kind: AssetReferenceKind = worded(
        "kind",
        ASSET_REFERENCE_KINDS,
        AssetReferenceKind.OTHER,
        "What the reference goes by.",
    )
    name: str | None = column("name", "The asset's or alias's name, if it is given.")
    uri: str | None = column("uri", "The asset's URI, if it is given.")
    asset: LazyAsset | None = related(
        asset_relation.ASSET_OF_REFERENCE,
        "The asset, if it is there; null for an alias, which may stand for several.",
    )


@strawberry.type(description="A group of tasks, as one version of its DAG defines it.")
class TaskGroup(Node):
    """A group."""

    id: strawberry.ID = identified(
        "TaskGroup",
        ("dag_id", "structure", "group_id"),
        "Its identity, which names the version that defines it.",
    )
    group_id: strawberry.ID = column(
        "group_id", "Its id in the DAG, with the groups around it."
    )
    label: str = column("label", "Its name: the id without the groups around it.")
    tooltip: str | None = column("tooltip", "What Airflow shows over it.")
    doc_md: str | None = column("doc_md", "Its documentation, in Markdown.")
    is_mapped: bool = column(
        "is_mapped", "Whether it, or a group around it, is expanded while it runs."
    )
    ui_color: str | None = column("ui_color", "Its colour on Airflow's pages.")
    ui_fgcolor: str | None = column("ui_fgcolor", "Its text's colour there.")
    parent: "TaskGroup | None" = related(
        relation.PARENT_GROUP, "The group directly around it; null at the top."
    )
    groups: list["TaskGroup"] = related(
        relation.GROUPS_INSIDE, "The groups directly inside, in display order."
    )
    tasks: list["Task"] = related(
        relation.TASKS_INSIDE, "The tasks directly inside, in display order."
    )
    child_ids: list[strawberry.ID] = derived(
        ("child_ids",),
        _listed,
        "The ids of the tasks and groups directly inside, in display order.",
    )


@strawberry.type(
    description=(
        "A task as one version of its DAG defines it; its id names that version, since "
        "an answer may show several."
    )
)
class Task(Node):
    """A task."""

    id: strawberry.ID = identified(
        "Task",
        ("dag_id", "structure", "task_id"),
        "Its identity, which names the version that defines it.",
    )
    dag_id: strawberry.ID = column("dag_id", "Its DAG.")
    task_id: strawberry.ID = column("task_id", "Its id in the DAG, with its groups.")
    version_number: int | None = column(
        "version_number", "The number of the version; null in Airflow 2."
    )
    label: str = column("label", "The id without its groups' prefixes.")
    display_name: str = column(
        "display_name", "What people call it; its id unless it was given another name."
    )
    operator_name: str = column(
        "operator_name",
        "Its operator as Airflow's pages show it, for example @task; else taskType.",
    )
    task_type: str = column("task_type", "The class of its operator.")
    module: str | None = column("module", "The Python module of that class.")
    owner: str = column("owner", "Who owns it.")
    doc_md: str | None = column("doc_md", "Its documentation, in Markdown.")
    trigger_rule: TriggerRule = worded(
        "trigger_rule",
        TRIGGER_RULES,
        TriggerRule.OTHER,
        "Which results of the tasks before it let it run.",
    )
    depends_on_past: bool = column(
        "depends_on_past", "Whether it waits for its own instance in the run before."
    )
    wait_for_downstream: bool = column(
        "wait_for_downstream",
        "Whether it also waits for the tasks after it in the run before.",
    )
    retries: int = column("retries", "How often it is tried again.")
    retry_delay: float | None = column(
        "retry_delay", "Seconds before it is tried again."
    )
    retry_exponential_backoff: float = column(
        "retry_exponential_backoff",
        "What the delay is multiplied by from try to try; 0 is off, and 2 where "
        "Airflow only knew on.",
    )
    execution_timeout: float | None = column(
        "execution_timeout", "Seconds that it may run; null without a limit."
    )
    start_date: datetime | None = column(
        "start_date", "When it may first run; the DAG's unless it has its own."
    )
    end_date: datetime | None = column(
        "end_date", "When it may last run; the DAG's unless it has its own."
    )
    pool: str = column("pool", "The pool whose slots it takes.")
    pool_slots: int = column("pool_slots", "How many slots it takes.")
    queue: str | None = column("queue", "The executor's queue that it goes to.")
    priority_weight: int = column(
        "priority_weight", "Its own weight, before others' are added by weightRule."
    )
    weight_rule: str = column("weight_rule", "How other tasks' weights are added.")
    is_mapped: bool = column(
        "is_mapped", "Whether it, or a group around it, is expanded while it runs."
    )
    is_sensor: bool = column("is_sensor", "Whether it waits for something outside.")
    is_setup: bool = column("is_setup", "Whether it sets something up for others.")
    is_teardown: bool = column(
        "is_teardown", "Whether it takes down what a setup has set up."
    )
    can_skip_downstream: bool | None = column(
        "can_skip_downstream",
        "Whether it may skip tasks after it, as a branch does; null before Airflow 3.",
    )
    template_fields: list[str] = derived(
        ("template_fields",), _listed, "The fields that are rendered before it runs."
    )
    template_field_values: JSONValue | None = derived(
        ("template_field_values",),
        masked,
        "The values of templateFields before rendering; *** under sensitive names.",
    )
    params: list[Param] = related(
        relation.PARAMS, "The DAG's params with the task's own over them."
    )
    ui_color: str | None = column("ui_color", "Its colour on Airflow's pages.")
    ui_fgcolor: str | None = column("ui_fgcolor", "Its text's colour there.")
    inlets: list[AssetReference] = related(relation.INLETS, "The assets it reads.")
    outlets: list[AssetReference] = related(relation.OUTLETS, "The assets it writes.")
    group: TaskGroup | None = related(
        relation.GROUP_OF_TASK, "The group directly around it; null at the top."
    )
    upstream_task_ids: list[strawberry.ID] = column(
        "upstream_task_ids", "The tasks directly before it, by id."
    )
    downstream_task_ids: list[strawberry.ID] = column(
        "downstream_task_ids", "The tasks directly after it, by id."
    )
    upstream: list["Task"] = related(
        relation.UPSTREAM,
        "The tasks before it: direct ones, or all within `depth` steps; -1 for all.",
    )
    downstream: list["Task"] = related(
        relation.DOWNSTREAM,
        "The tasks after it: direct ones, or all within `depth` steps; -1 for all.",
    )
    instances: list[LazyInstance] = related(
        stats_relation.INSTANCES_OF_TASK,
        "Its instances in the DAG's newest `runs` runs, newest run first.",
    )
    stats: DurationStats = related(
        stats_relation.STATS_OF_TASK,
        "How long its instances take, over the DAG's newest `runs` runs that have "
        "ended.",
    )
    dag: LazyDag | None = related(dag_relation.DAG_OF, "Its DAG, if it is still there.")
    version: LazyVersion | None = related(
        version_relation.VERSION_OF_TASK, "The version that defines it."
    )


@strawberry.type(description="That one task, the target, runs after another.")
class Edge:
    """An edge from task to task."""

    source_id: strawberry.ID = column("source_id", "The task that runs first, by id.")
    target_id: strawberry.ID = column("target_id", "The task that runs after, by id.")
    source: Task = related(relation.SOURCE, "The task that runs first.")
    target: Task = related(relation.TARGET, "The task that runs after.")
    label: str | None = column("label", "What is written on it.")
    is_setup_teardown: bool = column(
        "is_setup_teardown", "Whether it leads from a setup to its teardown."
    )
