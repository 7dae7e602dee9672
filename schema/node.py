"""The interfaces: what has an id, and what has a structure."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import task as relation
from schema.fields import related

if TYPE_CHECKING:
    from schema.graph import Graph
    from schema.task import Edge, Task, TaskGroup

LazyTask = Annotated["Task", strawberry.lazy("schema.task")]
LazyEdge = Annotated["Edge", strawberry.lazy("schema.task")]
LazyGroup = Annotated["TaskGroup", strawberry.lazy("schema.task")]
LazyGraph = Annotated["Graph", strawberry.lazy("schema.graph")]


@strawberry.interface(description="Something that has an identity of its own.")
class Node:
    """What `node(id:)` finds again."""

    id: strawberry.ID = strawberry.field(
        description="Its identity: opaque, stable, and unique in this API."
    )

    @classmethod
    def is_type_of(cls, row: Any, _info: Any) -> bool:
        """Whether a row is of this type: rows know their type by name."""
        return bool(row.graphql_type == cls.__strawberry_definition__.name)  # type: ignore[attr-defined]  # set by strawberry


@strawberry.interface(
    description=(
        "A DAG's structure: as it is now (Dag), as it was parsed (DagVersion), or as "
        "it was for a run (DagRun)."
    )
)
class DagStructure:
    """The fields that the three share."""

    task: LazyTask | None = related(relation.TASK, "One of its tasks, by id.")
    tasks: list[LazyTask] = related(
        relation.TASKS,
        "Its tasks, in the order in which Airflow's grid shows them. A run's are those "
        "that it had, with tasks that were removed since.",
    )
    edges: list[LazyEdge] = related(
        relation.EDGES, "Which task runs after which, by source and target."
    )
    task_groups: list[LazyGroup] = related(
        relation.GROUPS, "Its groups, outer ones before those inside, in display order."
    )
    graph: LazyGraph = related(
        relation.GRAPH,
        "The structure as a graph view draws it, or the part of it around `root`: a "
        "task's or a group's id, with so many steps `upstream` and `downstream`; 0 is "
        "none, -1 is all. A root that is not there gives an empty graph.",
    )
