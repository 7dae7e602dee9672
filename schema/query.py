"""The root of the API."""

from datetime import datetime

import strawberry

from resolvers import asset as asset_relation
from resolvers import dag as dag_relation
from resolvers import dag_run as run_relation
from resolvers import deployment, parsing
from resolvers import event_log as log_relation
from resolvers import fleet as fleet_relation
from resolvers import task_instance as instance_relation
from resolvers.clock import NOW
from resolvers.nodes import NODE, NODES
from schema.asset import Asset
from schema.connections import Connection
from schema.dag import Dag
from schema.dag_run import DagRun
from schema.deployment import Airflow, Pool, Tag
from schema.event_log import EventLogConnection
from schema.fields import chosen, each_chosen, related, via
from schema.fleet import Fleet
from schema.node import Node
from schema.parsing import ImportProblem
from schema.task_instance import TaskInstance, TaskInstanceConnection


@strawberry.type(
    description=(
        "What can be asked. A root field is null where nothing answers it, and where "
        "it fails; then it takes no other with it, and `errors` says why."
    )
)
class Query:
    """The root."""

    as_of: datetime = via(
        NOW, ("now",), None, "The instant whose state this answer shows."
    )
    dag: Dag | None = related(dag_relation.DAG_BY_ID, "One DAG, by id.")
    dags: Connection[Dag] | None = related(
        dag_relation.DAGS,
        "DAGs, by id unless ordered otherwise; at most 1,000 a page.",
    )
    dag_run: DagRun | None = related(run_relation.RUN_BY_ID, "One run, by ids.")
    dag_runs: Connection[DagRun] | None = related(
        run_relation.RUNS,
        "Runs of all DAGs, newest first unless ordered otherwise; at most 1,000 a "
        "page.",
    )
    task_instance: TaskInstance | None = related(
        instance_relation.INSTANCE_BY_ID, "One task instance, by ids."
    )
    task_instances: TaskInstanceConnection | None = related(
        instance_relation.INSTANCES,
        "Task instances of all runs, by runAfter unless ordered otherwise; at most "
        "10,000 a page. The filter needs a bound: dagId or runId (eq or in), a "
        "runAfter range, or unfinished states only.",
    )
    asset: Asset | None = related(
        asset_relation.ASSET_NAMED, "One asset, by name or uri."
    )
    assets: Connection[Asset] | None = related(
        asset_relation.ASSETS,
        "Assets, by name: active ones unless the filter says otherwise; at most 1,000 "
        "a page.",
    )
    import_errors: Connection[ImportProblem] | None = related(
        parsing.IMPORT_ERRORS,
        "Files that fail to import, newest first; at most 1,000 a page.",
    )
    event_logs: EventLogConnection | None = related(
        log_relation.EVENT_LOGS,
        "The audit log, newest first: the last 30 days unless the filter names a "
        "time; at most 200 a page.",
    )
    pools: list[Pool] | None = related(deployment.POOLS, "The pools, by name.")
    tags: list[Tag] | None = related(deployment.TAGS, "The tags of DAGs, by name.")
    fleet: Fleet | None = related(
        fleet_relation.FLEET,
        "Counts over all DAGs that the filter keeps, and over their runs from `since` "
        "to `until`, both included.",
    )
    airflow: Airflow | None = related(
        deployment.AIRFLOW, "The deployment itself, and whether its parts are alive."
    )
    node: Node | None = chosen(NODE, "What an id names, whatever its type.")
    nodes: list[Node | None] = each_chosen(
        NODES, "What ids name, in their order; at most 100."
    )
