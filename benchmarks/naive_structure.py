"""The naive form's types of a DAG's structure: objects made of its JSON."""

from dataclasses import dataclass

import strawberry

from benchmarks.naive_rows import SerializedRow


@strawberry.type
class TaskGroup:
    """A group of tasks; the DAGs here have none."""

    id: strawberry.ID
    group_id: strawberry.ID
    label: str
    tooltip: str
    is_mapped: bool
    child_ids: list[strawberry.ID]
    parent: "TaskGroup | None"


@strawberry.type
class Task:
    """A task."""

    id: strawberry.ID
    task_id: strawberry.ID
    label: str
    operator_name: str
    trigger_rule: str
    is_mapped: bool
    is_setup: bool
    is_teardown: bool
    upstream_task_ids: list[strawberry.ID]
    downstream_task_ids: list[strawberry.ID]
    group: TaskGroup | None = None


@strawberry.type
class Edge:
    """That a task is before another."""

    source: Task
    target: Task
    label: str | None = None
    is_setup_teardown: bool = False

    @strawberry.field
    def source_id(self) -> strawberry.ID:
        """The first one's name."""
        return self.source.task_id

    @strawberry.field
    def target_id(self) -> strawberry.ID:
        """The other one's name."""
        return self.target.task_id


@strawberry.type
class GraphNode:
    """What is drawn of a task."""

    key: strawberry.ID
    parent_key: strawberry.ID | None
    kind: str
    label: str
    operator_name: str
    is_mapped: bool
    is_setup: bool
    is_teardown: bool


@strawberry.type
class GraphEdge:
    """What is drawn of an edge."""

    source_key: strawberry.ID
    target_key: strawberry.ID
    label: str | None
    is_setup_teardown: bool


@strawberry.type
class Graph:
    """The drawing."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]


@dataclass
class Structure:
    """All of it."""

    tasks: list[Task]
    edges: list[Edge]


def structure(row: SerializedRow) -> Structure:
    """The structure that a row has."""
    own = [one["__var"] for one in row.data["dag"]["tasks"]]
    own.sort(key=lambda one: one["task_id"])
    begin = f"Task/{row.dag_id}/{row.version.id.hex}#{row.dag_hash}"
    tasks = {
        one["task_id"]: Task(
            id=strawberry.ID(f"{begin}/{one['task_id']}"),
            task_id=strawberry.ID(one["task_id"]),
            label=one["task_id"],
            operator_name=one["task_type"],
            trigger_rule=one.get("trigger_rule", "all_success").upper(),
            is_mapped=one.get("_is_mapped", False),
            is_setup=one.get("is_setup", False),
            is_teardown=one.get("is_teardown", False),
            upstream_task_ids=[],
            downstream_task_ids=sorted(one.get("downstream_task_ids", [])),
        )
        for one in own
    }
    edges = []
    for task in tasks.values():
        for task_id in task.downstream_task_ids:
            tasks[task_id].upstream_task_ids.append(task.task_id)
            edges.append(Edge(source=task, target=tasks[task_id]))
    return Structure(list(tasks.values()), edges)


def drawn(found: Structure) -> Graph:
    """How a structure is drawn."""
    return Graph(
        nodes=[
            GraphNode(
                key=task.task_id,
                parent_key=None,
                kind="TASK",
                label=task.label,
                operator_name=task.operator_name,
                is_mapped=task.is_mapped,
                is_setup=task.is_setup,
                is_teardown=task.is_teardown,
            )
            for task in found.tasks
        ],
        edges=[
            GraphEdge(
                source_key=edge.source.task_id,
                target_key=edge.target.task_id,
                label=edge.label,
                is_setup_teardown=edge.is_setup_teardown,
            )
            for edge in found.edges
        ],
    )
