"""What a DAG consists of: tasks, edges and groups, in the order in which they show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain, compress
from typing import Any, NamedTuple

from metadb.adjacency import Adjacency, Edges, Pair, after, reached
from metadb.graph import EdgeColumns, Graph, drawn, edge_columns
from metadb.group import Group, Tree, group_of, tree_of, with_members
from metadb.members import ColumnMembers, Members
from metadb.serialized import (
    Body,
    Serialized,
    Undecodable,
    all_named,
    bare,
    bodies,
)
from metadb.task import Surroundings, Task, defaults_with, tasks_of

__all__ = ["Edge", "Group", "Structure", "Task"]


class Edge(NamedTuple):
    """That one task runs after another; an end's structure is what defines it."""

    source_id: str
    target_id: str
    label: str | None
    is_setup_teardown: bool
    source_structure: str
    target_structure: str


class Structure:
    """A DAG's structure, or the union of several versions of it.

    Attributes:
        name: The token that names it.
        all_tasks: In display order: depth first through the groups.
        tasks: The same by id.
        groups: Likewise; a group comes before what is inside it.
        tree: What sits where.
        members: All of it, in display order.
        joined: Which task is directly before which, by their ids.
        labels: What is written on edges; their ends may be joins.
        problem: Why it could not be read, and is empty for that reason.
    """

    def __init__(
        self,
        name: str,
        tasks: Members[Task],
        groups: Mapping[str, Group],
        tree: Tree,
        joined: Edges,
        labels: Mapping[Pair, str],
        problem: str | None = None,
    ) -> None:
        self.name = name
        self.tree = tree
        self.labels = labels
        self.problem = problem
        self.joined = joined
        self.members = tree.walk()
        self.all_tasks = tasks
        self.tasks: dict[str, Task]
        self.tasks = dict(zip(tasks.column("task_id"), tasks, strict=True))
        self.groups = {m: groups[m] for m, is_group in self.members if is_group}

    @classmethod
    def of(
        cls, serialized: Serialized, *, name: str, version_number: int | None
    ) -> "Structure":
        """The structure that one version holds.

        Args:
            serialized: What `metadb.serialized` decoded.
            name: The token that names the version.
            version_number: None where Airflow has none.

        Raises:
            Undecodable: if it is not what Airflow writes.
        """
        dag = serialized.dag
        fields = bodies(dag)
        stored = dict(zip(all_named(fields, "task_id"), fields, strict=True))
        joined = Edges.of(_downstream(stored))
        tree = tree_of(
            dag.get("task_group", dag.get("_task_group")),
            stored,
            joined.upstream,
            by_id=serialized.version > 1,
        )
        around = Surroundings(
            name=name,
            dag_id=serialized.dag_id,
            version_number=version_number,
            version=serialized.version,
            defaults=defaults_with(serialized.task_defaults),
            start_date=dag.get("start_date"),
            end_date=dag.get("end_date"),
            params=dag.get("params"),
        )
        groups: dict[str, Group] = {}
        for group_id in tree.bodies:  # outer groups first
            groups[group_id] = group_of(tree, group_id, name, around.dag_id, groups)
        tasks = _tasks(tree, stored, around, groups, joined)
        return cls(name, tasks, groups, tree, joined, _labels(dag.get("edge_info")))

    @classmethod
    def merged(
        cls, name: str, versions: Sequence["Structure"], ran: Mapping[str, str]
    ) -> "Structure":
        """The newest version, with tasks of older ones that a run still has.

        A task that the newest lacks comes at the end of its group, with those of its
        version's edges whose two ends are present. Groups in which that changes
        anything, and those around them, are `name`'s; all else keeps its version.

        Args:
            name: The token that names the union.
            versions: Newest first.
            ran: For each task with instances, the name of the version they ran.
        """
        if not versions:
            return cls.empty(name)
        return _Union(name, versions, ran).structure()

    @classmethod
    def empty(cls, name: str, problem: str | None = None) -> "Structure":
        """A structure without tasks."""
        return cls(name, Members(), {}, Tree(), Edges.of({}), {}, problem)

    @cached_property
    def setups(self) -> frozenset[str]:
        """The ids of its setup tasks."""
        return self._that_are("is_setup")

    @cached_property
    def teardowns(self) -> frozenset[str]:
        """The ids of its teardown tasks."""
        return self._that_are("is_teardown")

    @cached_property
    def mapped(self) -> frozenset[str]:
        """The ids of its tasks that are expanded, or are in a group that is."""
        return self._that_are("is_mapped")

    def _that_are(self, flag: str) -> frozenset[str]:
        return frozenset(compress(self.tasks, self.all_tasks.column(flag)))

    @cached_property
    def edge_columns(self) -> EdgeColumns:
        """Of all its edges."""
        return edge_columns(self, self.joined.pairs)

    @cached_property
    def edges(self) -> ColumnMembers[Edge]:
        """By source and target."""
        own = dict(zip(self.tasks, self.all_tasks.column("structure"), strict=True))
        sources, targets, *others = self.edge_columns
        structures = [list(map(own.__getitem__, ends)) for ends in (sources, targets)]
        return ColumnMembers(Edge, sources, targets, *others, *structures)

    @cached_property
    def _position(self) -> dict[str, int]:
        return {task_id: at for at, task_id in enumerate(self.tasks)}

    def neighbours(self, task_id: str, depth: int, *, upstream: bool) -> list[Task]:
        """Tasks at most `depth` steps away, -1 for all, in display order."""
        ways = self.joined.upstream if upstream else self.joined.downstream
        found = reached(ways, (task_id,), depth) - {task_id}
        return [self.tasks[i] for i in sorted(found, key=self._position.__getitem__)]

    def tasks_in(self, group_id: str) -> list[Task]:
        """Tasks in a group, however deep, in display order; none if it is unknown."""
        if group_id not in self.groups:
            return []
        return [self.tasks[task_id] for task_id in self.tree.task_ids(group_id)]

    def graph(self, root: str | None, upstream: int, downstream: int) -> Graph:
        """The structure as Airflow draws it, or the part of it around a root.

        Args:
            root: A task's or a group's id; None for all, unknown for nothing.
            upstream: How many steps before the root; -1 for all.
            downstream: How many steps after it; -1 for all.
        """
        if root is None:
            return self._whole
        return drawn(self, root, upstream, downstream)

    @cached_property
    def _whole(self) -> Graph:
        return drawn(self, None, -1, -1)

    def without_definition(self, task_ids: Iterable[str]) -> list[str]:
        """Those of the ids that name no task here, sorted, each once."""
        return sorted(set(task_ids) - self.tasks.keys())


def _downstream(stored: Mapping[str, Body]) -> Adjacency:
    """The tasks directly after each task, of those that are there."""
    found = [body.get("downstream_task_ids", _NONE) for body in stored.values()]
    if not set(map(type, found)) <= {list}:
        found = list(map(_listed, stored, found))
    every = list(chain.from_iterable(found))
    if not (set(map(type, every)) <= {str} and stored.keys() >= set(every)):
        found = [
            [i for i in one if isinstance(i, str) and i in stored] for one in found
        ]
    by_id = dict(zip(stored, found, strict=True))
    return {
        task_id: others if len(others) == 1 else sorted({*others})
        for task_id in sorted(by_id)
        if (others := by_id[task_id])
    }


def _listed(task_id: str, stored: object) -> list[Any]:
    others = bare(stored)
    if not isinstance(others, list):
        message = f"The downstream_task_ids of {task_id} are not a list."
        raise Undecodable(message)
    return others


_NONE: list[str] = []


def _labels(edge_info: object) -> dict[Pair, str]:
    if not isinstance(edge_info, dict):
        return {}
    return {
        (source, target): info["label"]
        for source, targets in edge_info.items()
        if isinstance(targets, dict)
        for target, info in targets.items()
        if isinstance(info, dict)
        if isinstance(info.get("label"), str) and info["label"]
    }


def _tasks(
    tree: Tree,
    stored: Mapping[str, Body],
    around: Surroundings,
    groups: Mapping[str, Group],
    joined: Edges,
) -> Members[Task]:
    ordered = {task_id: stored[task_id] for task_id in tree.task_ids()}
    group_ids = [tree.group_of[task_id] for task_id in ordered]
    prefixes: dict[str | None, str] = {None: ""}
    mapped: dict[str | None, bool] = {None: False}
    for group_id, group in groups.items():
        is_prefix = tree.bodies[group_id].get("prefix_group_id") is not False
        prefixes[group_id] = f"{group_id}." if is_prefix else ""
        mapped[group_id] = group.is_mapped
    labels = [
        task_id.removeprefix(prefixes[group_id])
        for task_id, group_id in zip(ordered, group_ids, strict=True)
    ]
    in_mapped = [mapped[group_id] for group_id in group_ids]
    return tasks_of(around, ordered, labels, group_ids, in_mapped, joined)


class _Union:
    """A union of versions while it is being put together."""

    def __init__(
        self, name: str, versions: Sequence[Structure], ran: Mapping[str, str]
    ) -> None:
        self._name = name
        self._base = base = versions[0]
        self._tree = base.tree.copy()
        self._tasks = dict(base.tasks)
        self._groups = dict(base.groups)
        self._pairs = set(base.joined.pairs)
        self._labels = dict(base.labels)
        self._changed: dict[str, None] = {}
        gone = [i for i in ran if i not in base.tasks]
        if gone:
            self._add_tasks(versions, {i: _home(i, ran[i], versions) for i in gone})

    def structure(self) -> Structure:
        """The union; the newest version itself if it lacks nothing."""
        if len(self._tasks) == len(self._base.tasks):
            return self._base
        for group_id in self._changed:
            group = replace(self._groups[group_id], structure=self._name)
            self._groups[group_id] = with_members(group, self._tree.members[group_id])
        return Structure(
            self._name,
            Members(self._tasks[task_id] for task_id in self._tree.task_ids()),
            self._groups,
            self._tree,
            Edges.of(after(sorted(self._pairs))),
            self._labels,
            self._base.problem,
        )

    def _add_tasks(
        self, versions: Sequence[Structure], homes: Mapping[str, Structure | None]
    ) -> None:
        added: list[tuple[Structure, set[str]]] = []
        for version in versions:
            own = [i for i in version.tasks if homes.get(i) is version]
            for task_id in own:
                self._add_task(version.tasks[task_id], version)
            added.append((version, set(own)))
        for version, some in added:
            for pair in version.joined.pairs:
                is_own = not some.isdisjoint(pair)
                if is_own and pair not in self._pairs and self._tasks.keys() >= {*pair}:
                    self._pairs.add(pair)
                    if pair in version.labels:
                        self._labels[pair] = version.labels[pair]

    def _add_task(self, task: Task, version: Structure) -> None:
        group_id = task.group_id
        if group_id is not None:
            self._ensure_group(group_id, version)
        self._tasks[task.task_id] = task
        self._tree.group_of[task.task_id] = group_id
        self._tree.append(group_id, (task.task_id, False))
        self._changed.update(dict.fromkeys(self._tree.paths[group_id]))

    def _ensure_group(self, group_id: str, version: Structure) -> None:
        """Have the group, and those around it, at the place it has in a version."""
        tree = self._tree
        for inner in version.tree.paths[group_id]:
            if inner in tree.paths:
                continue
            parent_id = version.groups[inner].parent_id
            tree.append(parent_id, (inner, True))
            tree.members[inner] = []
            tree.paths[inner] = (*tree.paths[parent_id], inner)
            tree.bodies[inner] = version.tree.bodies[inner]
            if inner in version.tree.links:
                tree.links[inner] = version.tree.links[inner]
            self._groups[inner] = version.groups[inner]


def _home(task_id: str, name: str, versions: Sequence[Structure]) -> Structure | None:
    """The version a task is taken from: the one named, else the newest that has it."""
    having = [version for version in versions if task_id in version.tasks]
    own = (version for version in having if version.name == name)
    return next(own, having[0] if having else None)
