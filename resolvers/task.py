"""Relations inside structures: tasks, edges, groups, and the graph as it is drawn."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Annotated, NamedTuple

import strawberry
from strawberry import ID

from loaders import structure
from loaders.errors import BadInput
from loaders.relation import Load, Relation, Shape
from loaders.structure import items, named, one_named
from metadb.statement import Key
from metadb.structure import Structure
from metadb.task import Task
from resolvers.filters import TaskFilter
from resolvers.states import TRIGGER_RULES, words_of

TASK_COLUMNS = structure.TASK_COLUMNS
GROUP_COLUMNS = structure.GROUP_COLUMNS
EDGE_COLUMNS = structure.EDGE_COLUMNS


class Tasks(NamedTuple):
    """Which tasks are asked for; None for all."""

    task_ids: frozenset[str] | None = None
    operators: frozenset[str] | None = None
    owners: frozenset[str] | None = None
    rules: frozenset[str] | None = None
    other_rules: bool = False
    is_mapped: bool | None = None
    group_id: str | None = None

    def keeps(self, task: Task) -> bool:
        """Whether a task is one of them, its group apart."""
        return (
            (self.task_ids is None or task.task_id in self.task_ids)
            and (
                self.operators is None
                or task.operator_name in self.operators
                or task.task_type in self.operators
            )
            and (self.owners is None or task.owner in self.owners)
            and (self.rules is None or self._has_rule(task.trigger_rule))
            and (self.is_mapped is None or task.is_mapped is self.is_mapped)
        )

    def _has_rule(self, word: str) -> bool:
        return word in (self.rules or ()) or (
            self.other_rules and word not in TRIGGER_RULES
        )


class Drawn(NamedTuple):
    """Which part of a graph is drawn: `-1` steps for all there are."""

    root: str | None
    upstream: int
    downstream: int


def tasks_args(filter: TaskFilter | None = None) -> Tasks:  # noqa: A002  # GraphQL's
    """Which tasks."""
    if filter is None:
        return Tasks()
    rules, other = words_of(filter.trigger_rule_in or (), TRIGGER_RULES)
    return Tasks(
        _chosen(filter.task_id_in),
        _chosen(filter.operator_in),
        _chosen(filter.owner_in),
        None if filter.trigger_rule_in is None else frozenset(rules),
        other,
        filter.is_mapped,
        None if filter.group_id is None else str(filter.group_id),
    )


def _chosen(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(map(str, values))


def task_args(task_id: ID) -> str:
    """Which task."""
    return str(task_id)


def graph_args(
    around: Annotated[ID | None, strawberry.argument(name="root")] = None,
    upstream: int = 0,
    downstream: int = 0,
) -> Drawn:
    """Which part of the graph; `root` itself is strawberry's word for the parent.

    Raises:
        BadInput: if a number of steps is below -1.
    """
    for name, steps in (("upstream", upstream), ("downstream", downstream)):
        if steps < -1:
            message = (
                f"{name} is {steps}; -1 for all, 0 for none, or a number of steps."
            )
            raise BadInput(message)
    return Drawn(None if around is None else str(around), upstream, downstream)


def depth_args(depth: int = 1) -> int:
    """How many steps away.

    Raises:
        BadInput: if the number of steps is below -1.
    """
    if depth < -1:
        message = f"depth is {depth}; -1 for all, or a number of steps."
        raise BadInput(message)
    return depth


def _tasks(found: Structure, args: Tasks) -> Sequence[Task]:
    if args == Tasks():
        return found.all_tasks
    tasks: Sequence[Task] = found.all_tasks
    if args.group_id is not None:
        tasks = found.tasks_in(args.group_id)
    return [task for task in tasks if args.keeps(task)]


def _task_named(found: Structure, task_id: str) -> Sequence[Task]:
    return (found.tasks[task_id],) if task_id in found.tasks else ()


def _task_of_dag(found: Structure, key: Key, args: object) -> Sequence[object]:
    del args
    dag_id, task_id = key
    return [t for t in _task_named(found, task_id) if t.dag_id == dag_id]


def _group_of_dag(found: Structure, key: Key, args: object) -> Sequence[object]:
    del args
    dag_id, group_id = key
    group = found.groups.get(group_id)
    return () if group is None or group.dag_id != dag_id else (group,)


def _tasks_inside(found: Structure, key: Key, args: object) -> Sequence[object]:
    del args
    group = found.groups.get(key[0])
    return () if group is None else [found.tasks[i] for i in group.task_ids]


def _groups_inside(found: Structure, key: Key, args: object) -> Sequence[object]:
    del args
    group = found.groups.get(key[0])
    return () if group is None else [found.groups[i] for i in group.group_ids]


def _upstream(found: Structure, key: Key, args: int) -> Sequence[object]:
    return found.neighbours(key[0], args, upstream=True)


def _downstream(found: Structure, key: Key, args: int) -> Sequence[object]:
    return found.neighbours(key[0], args, upstream=False)


def _all_edges(found: Structure, args: object) -> Sequence[object]:
    del args
    return found.edges


def _all_groups(found: Structure, args: object) -> Sequence[object]:
    del args
    return list(found.groups.values())


def _relation(  # the shape of all that is keyed by a structure
    name: str, load: Load, key: tuple[str, ...], columns: frozenset[str]
) -> Relation:
    return Relation(name, Shape.ONE, load, ("structure", *key), columns)


_STRUCTURE = ("structure",)
_TASK_NAMED = one_named(attrgetter("tasks"))
_GROUP_NAMED = one_named(attrgetter("groups"))

TASKS = Relation(
    "tasks", Shape.LIST, items(_tasks), _STRUCTURE, TASK_COLUMNS, tasks_args
)
TASK = Relation(
    "task",
    Shape.ONE,
    items(_task_named),
    _STRUCTURE,
    TASK_COLUMNS,
    task_args,
)
EDGES = Relation("edges", Shape.LIST, items(_all_edges), _STRUCTURE, EDGE_COLUMNS)
GROUPS = Relation("groups", Shape.LIST, items(_all_groups), _STRUCTURE, GROUP_COLUMNS)
TASK_OF_INSTANCE = _relation("task_of", _TASK_NAMED, ("task_id",), TASK_COLUMNS)
GROUP_OF_TASK = _relation("group_of", _GROUP_NAMED, ("group_id",), GROUP_COLUMNS)
PARENT_GROUP = _relation("parent", _GROUP_NAMED, ("parent_id",), GROUP_COLUMNS)
TASK_BY_ID = _relation(
    "task_by_id", named(_task_of_dag), ("dag_id", "task_id"), TASK_COLUMNS
)
GROUP_BY_ID = _relation(
    "group_by_id", named(_group_of_dag), ("dag_id", "group_id"), GROUP_COLUMNS
)
TASKS_INSIDE = Relation(
    "tasks_inside",
    Shape.LIST,
    named(_tasks_inside),
    ("structure", "group_id"),
    TASK_COLUMNS,
)
GROUPS_INSIDE = Relation(
    "groups_inside",
    Shape.LIST,
    named(_groups_inside),
    ("structure", "group_id"),
    GROUP_COLUMNS,
)
SOURCE = Relation(
    "source",
    Shape.ONE,
    _TASK_NAMED,
    ("source_structure", "source_id"),
    TASK_COLUMNS,
)
TARGET = Relation(
    "target",
    Shape.ONE,
    _TASK_NAMED,
    ("target_structure", "target_id"),
    TASK_COLUMNS,
)
UPSTREAM = Relation(
    "upstream",
    Shape.LIST,
    named(_upstream),
    ("structure", "task_id"),
    TASK_COLUMNS,
    depth_args,
)
DOWNSTREAM = Relation(
    "downstream",
    Shape.LIST,
    named(_downstream),
    ("structure", "task_id"),
    TASK_COLUMNS,
    depth_args,
)
TASK_OF_NODE = Relation(
    "task_of_node",
    Shape.ONE,
    _TASK_NAMED,
    ("task_structure", "task_id"),
    TASK_COLUMNS,
)
GROUP_OF_NODE = Relation(
    "group_of_node",
    Shape.ONE,
    _GROUP_NAMED,
    ("group_structure", "group_id"),
    GROUP_COLUMNS,
)
GRAPH = Relation(
    "graph",
    Shape.ONE,
    items(lambda found, drawn: [found.graph(*drawn)]),
    _STRUCTURE,
    structure.GRAPH_COLUMNS,
    graph_args,
)
GRAPH_NODES = Relation(
    "graph_nodes",
    Shape.LIST,
    structure.held(),
    ("nodes",),
    structure.GRAPH_NODE_COLUMNS,
)
GRAPH_EDGES = Relation(
    "graph_edges",
    Shape.LIST,
    structure.held(),
    ("edges",),
    structure.GRAPH_EDGE_COLUMNS,
)
PARAMS = Relation(
    "params",
    Shape.LIST,
    structure.held(structure.PARAM),
    ("params",),
    structure.PARAM_COLUMNS,
)
INLETS = Relation(
    "inlets",
    Shape.LIST,
    structure.held(structure.REFERENCE),
    ("inlets",),
    structure.REFERENCE_COLUMNS,
)
OUTLETS = Relation(
    "outlets",
    Shape.LIST,
    structure.held(structure.REFERENCE),
    ("outlets",),
    structure.REFERENCE_COLUMNS,
)
