"""What ties DAGs to each other and to assets."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import asset as asset_relation
from resolvers import dag as dag_relation
from resolvers import task as task_relation
from resolvers.states import DEPENDENCY_KINDS, DagDependencyKind
from schema.asset import Asset
from schema.fields import column, related, worded
from schema.task import Task

if TYPE_CHECKING:
    from schema.dag import Dag

LazyDag = Annotated["Dag", strawberry.lazy("schema.dag")]


@strawberry.type(
    description=(
        "A tie between a DAG and another one, or an asset, at the task that makes it: "
        "`taskDagId` and `taskId` name that task, in whichever DAG it lives."
    )
)
class DagDependency:
    """A dependency; embedded."""

    kind: DagDependencyKind = worded(
        "kind", DEPENDENCY_KINDS, DagDependencyKind.OTHER, "What ties them."
    )
    label: str | None = column(
        "label", "The asset's or alias's name, or the task's, as Airflow shows it."
    )
    task_dag_id: strawberry.ID | None = column(
        "task_dag_id", "The DAG of the task that ties them; null if there is none."
    )
    task_id: strawberry.ID | None = column("task_id", "That task.")
    task: Task | None = related(
        task_relation.TASK_OF_NODE, "That task in its DAG's newest structure."
    )
    asset: Asset | None = related(
        asset_relation.ASSET_BY_ID, "The asset between them, if there is one."
    )
    dag_id: strawberry.ID | None = column(
        "dag_id",
        "The DAG at the other end, as it is written down: it may be a template, or "
        "gone. Null if nobody is there.",
    )
    dag: LazyDag | None = related(
        dag_relation.DAG_OF, "The DAG at the other end, if it is there."
    )
