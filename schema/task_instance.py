"""Task instances."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from loaders import durations
from resolvers import dag as dag_relation
from resolvers import dag_run as run_relation
from resolvers import dag_version as version_relation
from resolvers import derive
from resolvers import event_log as log_relation
from resolvers import log as log_file_relation
from resolvers import task as task_relation
from resolvers import task_try as try_relation
from resolvers import xcom as xcom_relation
from resolvers.masking import masked
from resolvers.scalars import JSONValue
from resolvers.states import TASK_INSTANCE_STATES, TaskInstanceState
from schema import connections
from schema.connections import ConnectionEdge, PageInfo
from schema.event_log import EventLogConnection
from schema.fields import column, derived, embedded, identified, part, related, worded
from schema.log import TaskLog
from schema.node import Node
from schema.task_try import TaskInstanceTry
from schema.xcom import ExtraLink, XCom

if TYPE_CHECKING:
    from schema.dag import Dag
    from schema.dag_run import DagRun
    from schema.dag_version import DagVersion
    from schema.task import Task

LazyDag = Annotated["Dag", strawberry.lazy("schema.dag")]
LazyRun = Annotated["DagRun", strawberry.lazy("schema.dag_run")]
LazyVersion = Annotated["DagVersion", strawberry.lazy("schema.dag_version")]
LazyTask = Annotated["Task", strawberry.lazy("schema.task")]


@strawberry.type(description="What a deferred task waits for.")
class Trigger:
    """A trigger; embedded."""

    classpath: str = column("trigger_classpath", "The class of the trigger.")
    created_at: datetime | None = column(
        "trigger_created_at", "When the task was deferred."
    )
    triggerer_id: int | None = column(
        "trigger_triggerer_id", "The triggerer that runs it; null for none yet."
    )


def _answerer(responded_by: str | None) -> str | None:
    return derive.member_of(responded_by, "name")


def _masked_json(text: str | None) -> Any:
    return masked(derive.decoded(text))


@strawberry.type(
    description=(
        "What a person is asked while a task waits for the answer, and the answer."
    )
)
class RequiredAction:
    """A question; embedded."""

    subject: str = column("action_subject", "The question, in a line.")
    body: str | None = column("action_body", "The question at length.")
    options: list[str] = derived(
        ("action_options",), derive.texts, "What can be answered."
    )
    defaults: list[str] = derived(
        ("action_defaults",), derive.texts, "What is taken for the answer in the end."
    )
    is_multiple: bool = column(
        "action_is_multiple", "Whether several options may be chosen."
    )
    params: JSONValue | None = derived(
        ("action_params",), _masked_json, "What can be filled in beside the options."
    )
    created_at: datetime | None = column("action_created_at", "When it was asked.")
    responded_at: datetime | None = column(
        "action_responded_at", "When it was answered; null until then."
    )
    responded_by_name: str | None = derived(
        ("action_responded_by",), _answerer, "Who answered it."
    )
    chosen_options: list[str] = derived(
        ("action_chosen_options",), derive.texts, "The answer; empty until then."
    )


@strawberry.type(description="One task in one run; of a mapped task, one of several.")
class TaskInstance(Node):
    """A task instance."""

    id: strawberry.ID = identified(
        "TaskInstance",
        ("dag_id", "run_id", "task_id", "map_index"),
        "Its identity, which stays the same from try to try.",
    )
    dag_id: strawberry.ID = column("dag_id", "Its DAG.")
    run_id: strawberry.ID = column("run_id", "Its run.")
    task_id: strawberry.ID = column("task_id", "Its task.")
    map_index: int = column(
        "map_index", "Which of a mapped task's instances; -1 if not mapped."
    )
    url: str | None = derived(
        ("site", "dag_id", "run_id", "task_id", "map_index"),
        derive.instance_url,
        "Its page in Airflow, if the gateway was told Airflow's address.",
    )
    rendered_map_index: str | None = column(
        "rendered_map_index", "The name that a mapped instance gave itself."
    )
    display_name: str = column(
        "display_name", "What people call its task; the task's id unless renamed."
    )
    state: TaskInstanceState | None = worded(
        "state",
        TASK_INSTANCE_STATES,
        TaskInstanceState.OTHER,
        "Its state; null before it is scheduled.",
    )
    raw_state: str | None = column(
        "state", "The state's word in the database, also where state is OTHER."
    )
    try_number: int = column(
        "try_number", "The current or last try; 0 before the first."
    )
    max_tries: int = column(
        "max_tries", "After which try it is given up; -1 if unknown."
    )
    queued_at: datetime | None = column("queued_at", "When it was queued.")
    scheduled_at: datetime | None = column(
        "scheduled_at", "When it was scheduled (from Airflow 3 on)."
    )
    start_date: datetime | None = column("start_date", "When this try started.")
    end_date: datetime | None = column("end_date", "When this try ended.")
    duration: float | None = column("duration", "Seconds that this try took.")
    queued_duration: float | None = derived(
        ("queued_at", "start_date"),
        durations.waited,
        "Seconds from queued to start; null where Airflow's stamps are out of order, "
        "as they are for deferred and rescheduled tasks.",
    )
    landing_time: float | None = derived(
        ("run_after", "end_date", "run_type"),
        durations.landing,
        "Seconds from its run's runAfter to its end; null in manual and backfill "
        "runs, and until it has ended.",
    )
    operator: str | None = column("operator", "The class of its operator.")
    operator_name: str | None = column(
        "operator_name", "Its operator as Airflow's pages show it."
    )
    pool: str = column("pool", "The pool whose slots it takes.")
    pool_slots: int = column("pool_slots", "How many slots it takes.")
    queue: str | None = column("queue", "The executor's queue that it went to.")
    priority_weight: int | None = column(
        "priority_weight", "Its weight, with other tasks' added by weightRule."
    )
    executor: str | None = column(
        "executor", "The executor that it was given to, if not the default."
    )
    hostname: str | None = column("hostname", "The machine that it ran on.")
    unixname: str | None = column("unixname", "The user that it ran as.")
    pid: int | None = column("pid", "Its process on that machine.")
    note: str | None = column("note", "What people noted about it.")
    updated_at: datetime | None = column("updated_at", "When its row last changed.")
    last_heartbeat_at: datetime | None = column(
        "last_heartbeat_at", "When it was last heard of (from Airflow 3 on)."
    )
    external_executor_id: str | None = column(
        "external_executor_id", "What its executor calls it."
    )
    trigger: Trigger | None = embedded(
        "What it waits for, while it is deferred.", "trigger_classpath"
    )
    required_action: RequiredAction | None = embedded(
        "What a person is asked (from Airflow 3.1 on).", "action_subject"
    )
    rendered_fields: JSONValue | None = derived(
        ("rendered_fields",),
        _masked_json,
        "Its template fields as they were rendered; *** under sensitive names. Null if "
        "Airflow no longer keeps them, or has not rendered them yet.",
    )
    dag: LazyDag | None = related(dag_relation.DAG_OF, "Its DAG, if it is still there.")
    dag_run: LazyRun = related(run_relation.RUN_OF, "Its run.")
    task: LazyTask | None = related(
        task_relation.TASK_OF_INSTANCE,
        "Its task as its own version defines it, or the newest where Airflow kept "
        "none; null if that structure is gone.",
    )
    tries: list[TaskInstanceTry] = related(
        try_relation.TRIES_OF_INSTANCE,
        "Its tries, the first one first. Before Airflow 2.10 only the last is known.",
    )
    xcoms: list[XCom] = related(xcom_relation.XCOMS, "What it handed on, by key.")
    xcom: XCom | None = related(
        xcom_relation.XCOM_NAMED, "One value that it handed on: what it returned."
    )
    extra_links: list[ExtraLink] = related(
        xcom_relation.LINKS, "Links to other pages that its operator has, by name."
    )
    log: TaskLog | None = related(
        log_file_relation.LOG,
        "The log of its last try, or of another one. One task instance a request.",
    )
    event_logs: EventLogConnection = related(
        log_relation.EVENT_LOGS_OF_INSTANCE,
        "What the audit log has about it, newest first; at most 200 a page.",
    )
    version: LazyVersion | None = related(
        version_relation.VERSION_OF_INSTANCE,
        "The version that it ran; null in Airflow 2, which does not keep it.",
    )


@strawberry.type(description="A page of task instances.")
class TaskInstanceConnection:
    """A page whose list is counted only so far."""

    edges: list[ConnectionEdge[TaskInstance]] = part(
        "edges", connections.items, connections.EDGES
    )
    nodes: list[TaskInstance] = part("nodes", connections.rows, connections.NODES)
    page_info: PageInfo = part("pageInfo", connections.info, connections.PAGE_INFO)
    total_count: int | None = part(
        "totalCount", connections.total, connections.TOTAL_UP_TO
    )
