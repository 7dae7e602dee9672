"""The structure as a graph view draws it."""

import strawberry

from resolvers import task as relation
from resolvers.states import GRAPH_NODE_KINDS, GraphNodeKind
from schema.fields import column, related, worded
from schema.task import Task, TaskGroup


@strawberry.type(description="A task, a group, or a join of edges, in a drawn graph.")
class GraphNode:
    """A node; embedded, without an id of its own."""

    key: strawberry.ID = column(
        "key",
        "A task's id, a group's id, or a group's id with .upstream_join_id or "
        ".downstream_join_id; unique in its graph.",
    )
    parent_key: strawberry.ID | None = column(
        "parent_key", "The key of the group directly around it; null at the top."
    )
    kind: GraphNodeKind = worded(
        "kind", GRAPH_NODE_KINDS, GraphNodeKind.OTHER, "What it stands for."
    )
    label: str = column("label", "What is written on it; empty for a join.")
    tooltip: str | None = column("tooltip", "What Airflow shows over it.")
    operator_name: str | None = column("operator_name", "A task's operator.")
    is_mapped: bool = column(
        "is_mapped", "Whether it, or a group around it, is expanded while it runs."
    )
    is_setup: bool = column("is_setup", "Whether it is a setup task.")
    is_teardown: bool = column("is_teardown", "Whether it is a teardown task.")
    task: Task | None = related(relation.TASK_OF_NODE, "The task, if it is one.")
    group: TaskGroup | None = related(
        relation.GROUP_OF_NODE, "The group, if it is one."
    )


@strawberry.type(description="An edge between nodes of a drawn graph.")
class GraphEdge:
    """An edge; embedded, without an id of its own."""

    source_key: strawberry.ID = column("source_key", "The key of where it starts.")
    target_key: strawberry.ID = column("target_key", "The key of where it ends.")
    label: str | None = column("label", "What is written on it.")
    is_setup_teardown: bool = column(
        "is_setup_teardown", "Whether it leads from a setup to its teardown."
    )


@strawberry.type(
    description=(
        "A structure as a graph view draws it: tasks, groups with their join nodes, "
        "and the edges between them, as Airflow derives them."
    )
)
class Graph:
    """Nodes and edges."""

    nodes: list[GraphNode] = related(
        relation.GRAPH_NODES, "The nodes, a group before what is inside it."
    )
    edges: list[GraphEdge] = related(
        relation.GRAPH_EDGES, "The edges, by source and target."
    )
