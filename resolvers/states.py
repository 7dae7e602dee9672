"""The enums of the API, and the words that Airflow has for their members."""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType

import strawberry

member = strawberry.enum_value


@strawberry.enum(description="The state of a DAG run.")
class DagRunState(Enum):
    """A member's value is Airflow's word."""

    QUEUED = member("queued", description="It waits to be started.")
    RUNNING = member("running", description="It has started and has not ended.")
    SUCCESS = member("success", description="It ended well.")
    FAILED = member("failed", description="It ended badly.")
    OTHER = member("other", description="A word that is not listed; see rawState.")


@strawberry.enum(description="What made a DAG run.")
class DagRunType(Enum):
    """A member's value is Airflow's word."""

    SCHEDULED = member("scheduled", description="The DAG's schedule.")
    MANUAL = member("manual", description="A person, or a client of Airflow's API.")
    BACKFILL = member("backfill", description="A backfill.")
    ASSET_TRIGGERED = member(
        "asset_triggered", description="Events of the assets that the DAG waits for."
    )
    ASSET_MATERIALIZATION = member(
        "asset_materialization", description="A request for one of its assets."
    )
    OPERATOR_TRIGGERED = member(
        "operator_triggered", description="A task of another DAG."
    )
    OTHER = member("other", description="A word that is not listed.")


@strawberry.enum(description="Through which part of Airflow a DAG run was triggered.")
class DagRunTriggeredBy(Enum):
    """A member's value is Airflow's word."""

    CLI = member("CLI", description="The command line.")
    OPERATOR = member("OPERATOR", description="A TriggerDagRunOperator.")
    REST_API = member("REST_API", description="The REST API.")
    UI = member("UI", description="Airflow's pages.")
    TEST = member("TEST", description="A test run of the DAG.")
    TIMETABLE = member("TIMETABLE", description="The DAG's timetable.")
    ASSET = member("ASSET", description="Asset events.")
    BACKFILL = member("BACKFILL", description="A backfill.")
    OTHER = member("OTHER", description="A word that is not listed.")


@strawberry.enum(description="The state of a task instance.")
class TaskInstanceState(Enum):
    """A member's value is Airflow's word."""

    SCHEDULED = member("scheduled", description="Its dependencies are met.")
    QUEUED = member("queued", description="It was given to an executor.")
    RUNNING = member("running", description="It runs.")
    SUCCESS = member("success", description="It ended well.")
    RESTARTING = member(
        "restarting", description="It was cleared while it ran, and is being stopped."
    )
    FAILED = member("failed", description="It ended badly.")
    UP_FOR_RETRY = member(
        "up_for_retry", description="It failed and will be tried again."
    )
    UP_FOR_RESCHEDULE = member(
        "up_for_reschedule", description="A sensor that will look again later."
    )
    UPSTREAM_FAILED = member(
        "upstream_failed", description="A task before it failed, so it did not run."
    )
    SKIPPED = member("skipped", description="It was passed over.")
    REMOVED = member("removed", description="The DAG no longer has it.")
    DEFERRED = member("deferred", description="It waits for a trigger to fire.")
    AWAITING_INPUT = member(
        "awaiting_input", description="It waits for a person's answer."
    )
    SHUTDOWN = member("shutdown", description="It was stopped from outside.")
    OTHER = member("other", description="A word that is not listed; see rawState.")


@strawberry.enum(description="Which results of the tasks before it let a task run.")
class TriggerRule(Enum):
    """A member's value is Airflow's word."""

    ALL_SUCCESS = member("all_success", description="All succeeded.")
    ALL_FAILED = member("all_failed", description="All failed.")
    ALL_DONE = member("all_done", description="All ended.")
    ALL_DONE_MIN_ONE_SUCCESS = member(
        "all_done_min_one_success", description="All ended, one at least well."
    )
    ALL_DONE_SETUP_SUCCESS = member(
        "all_done_setup_success", description="All ended, and the setup succeeded."
    )
    ONE_SUCCESS = member("one_success", description="One succeeded.")
    ONE_FAILED = member("one_failed", description="One failed.")
    ONE_DONE = member("one_done", description="One succeeded or failed.")
    NONE_FAILED = member("none_failed", description="None failed.")
    NONE_FAILED_MIN_ONE_SUCCESS = member(
        "none_failed_min_one_success",
        description="None failed, and one at least succeeded.",
    )
    NONE_SKIPPED = member("none_skipped", description="None was skipped.")
    ALL_SKIPPED = member("all_skipped", description="All were skipped.")
    ALWAYS = member("always", description="Whatever became of them.")
    OTHER = member("other", description="A rule that is not listed.")


@strawberry.enum(description="Of what sort a DAG's schedule is.")
class ScheduleKind(Enum):
    """A member's value is our own word."""

    NONE = member("NONE", description="It has none.")
    ONCE = member("ONCE", description="It runs once.")
    CONTINUOUS = member("CONTINUOUS", description="A run starts when one has ended.")
    CRON = member("CRON", description="One or more cron expressions.")
    DELTA = member("DELTA", description="A length of time between runs.")
    EVENTS = member("EVENTS", description="A list of instants.")
    ASSET = member("ASSET", description="Events of assets.")
    ASSET_OR_TIME = member("ASSET_OR_TIME", description="Asset events, or a timetable.")
    CUSTOM = member("CUSTOM", description="A timetable of the deployment's own.")
    UNKNOWN = member("UNKNOWN", description="The database does not tell.")


@strawberry.enum(description="What a node of a drawn graph stands for.")
class GraphNodeKind(Enum):
    """A member's value is our own word."""

    TASK = member("TASK", description="A task.")
    GROUP = member("GROUP", description="A group of tasks.")
    JOIN = member(
        "JOIN", description="Where the edges into or out of a group come together."
    )
    OTHER = member("OTHER", description="Something that is not listed.")


@strawberry.enum(description="What a grid cell stands for.")
class TaskSummaryKind(Enum):
    """A member's value is our own word."""

    TASK = member("TASK", description="A task's one instance.")
    MAPPED_TASK = member("MAPPED_TASK", description="A mapped task's instances.")
    GROUP = member("GROUP", description="The instances of a group's tasks.")


@strawberry.enum(description="What ties two DAGs, or a DAG and an asset.")
class DagDependencyKind(Enum):
    """A member's value is our own word."""

    ASSET = member("ASSET", description="An asset that one makes and the other uses.")
    ASSET_ALIAS = member("ASSET_ALIAS", description="The same, through an alias.")
    TRIGGER = member("TRIGGER", description="A TriggerDagRunOperator.")
    SENSOR = member("SENSOR", description="An ExternalTaskSensor.")
    OTHER = member("OTHER", description="Something that is not listed.")


@strawberry.enum(description="What a reference to an asset goes by.")
class AssetReferenceKind(Enum):
    """A member's value is our own word."""

    ASSET = member("ASSET", description="The asset itself.")
    ALIAS = member("ALIAS", description="An alias, resolved while the DAG runs.")
    NAME_REF = member("NAME_REF", description="The asset's name.")
    URI_REF = member("URI_REF", description="The asset's URI.")
    OTHER = member("OTHER", description="Something that is not listed.")


Words = Mapping[str, Enum]


def words(enum: type[Enum], also: Mapping[str, Enum] | None = None) -> Words:
    """Airflow's words to members; `also` adds those of other versions."""
    own = {m.value: m for m in enum if m.name != "OTHER"}
    return MappingProxyType(own | dict(also or {}))


DAG_RUN_STATES = words(DagRunState)
DAG_RUN_TYPES = words(DagRunType, {"dataset_triggered": DagRunType.ASSET_TRIGGERED})
TRIGGERED_BY = words(DagRunTriggeredBy, {"DATASET": DagRunTriggeredBy.ASSET})
TASK_INSTANCE_STATES = words(TaskInstanceState)
TRIGGER_RULES = words(
    TriggerRule,
    {
        "dummy": TriggerRule.ALWAYS,
        "none_failed_or_skipped": TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    },
)
SCHEDULE_KINDS = words(ScheduleKind)
GRAPH_NODE_KINDS = words(GraphNodeKind)
SUMMARY_KINDS = words(TaskSummaryKind)
ASSET_REFERENCE_KINDS = words(AssetReferenceKind)
DEPENDENCY_KINDS = words(DagDependencyKind)


def words_of(members: Iterable[Enum], known: Words) -> tuple[list[str], bool]:
    """The database's words for members, and whether OTHER is among the members."""
    chosen = set(members)
    return (
        [word for word, m in known.items() if m in chosen],
        any(m.name == "OTHER" for m in chosen),
    )
