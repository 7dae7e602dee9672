"""The graph as Airflow's graph view draws it: groups, join nodes, edges through them.

Where a group as a whole runs before or after something, Airflow draws one edge to a
join node of the group in place of one to each of its tasks (`utils/dag_edges.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from metadb.adjacency import Adjacency, Pair, after, before
from metadb.group import Group, Links, Tree, narrowed
from metadb.members import ColumnMembers, Members
from metadb.part import part_around
from metadb.task import Task


class GraphNode(NamedTuple):
    """A task, a group, or a join of a group's edges.

    Attributes:
        key: A task's or group's id, or a group's with `.upstream_join_id` or
            `.downstream_join_id` behind it.
        parent_key: The group directly around it.
        kind: TASK, GROUP or JOIN.
    """

    key: str
    parent_key: str | None
    kind: str
    label: str
    tooltip: str | None = None
    operator_name: str | None = None
    is_mapped: bool = False
    is_setup: bool = False
    is_teardown: bool = False
    task_structure: str | None = None
    task_id: str | None = None
    group_structure: str | None = None
    group_id: str | None = None


class GraphEdge(NamedTuple):
    """An edge between two nodes."""

    source_key: str
    target_key: str
    label: str | None
    is_setup_teardown: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """A drawn graph.

    Attributes:
        nodes: Depth first in display order, each group's joins after its members.
        edges: By source and target.
    """

    nodes: Members[GraphNode]
    edges: ColumnMembers[GraphEdge]


class Drawable(Protocol):
    """What a graph is drawn of; a `Structure`."""

    tasks: dict[str, Task]
    groups: dict[str, Group]
    tree: Tree
    pairs: list[Pair]
    labels: Mapping[Pair, str]

    @property
    def all_tasks(self) -> Members[Task]:
        """In display order."""

    @property
    def setups(self) -> AbstractSet[str]:
        """The ids of its setup tasks."""

    @property
    def teardowns(self) -> AbstractSet[str]:
        """The ids of its teardown tasks."""


def between(
    pairs: Sequence[Pair], setups: AbstractSet[str], teardowns: AbstractSet[str]
) -> list[bool]:
    """Of each edge whether it leads from a setup to a teardown."""
    if not setups or not teardowns:
        return [False] * len(pairs)
    return [source in setups and target in teardowns for source, target in pairs]


def drawn(
    structure: Drawable, root: str | None, upstream: int, downstream: int
) -> Graph:
    """All of a structure, or the part around a root."""
    part = _Part(structure, root, upstream, downstream)
    return Graph(Members(part.nodes()), part.edges())


class _Part:
    """The tasks and groups that are drawn."""

    def __init__(
        self, structure: Drawable, root: str | None, upstream: int, downstream: int
    ) -> None:
        self._tasks = structure.all_tasks
        self._groups = structure.groups
        self._tree = tree = structure.tree
        self._labels = structure.labels
        task_ids: AbstractSet[str] = structure.tasks.keys()
        group_ids: AbstractSet[str] = structure.groups.keys()
        pairs = structure.pairs
        self._setups = structure.setups
        self._teardowns = structure.teardowns
        if root is not None:
            chosen = part_around(
                structure, self._setups, self._teardowns, root, upstream, downstream
            )
            task_ids = chosen & task_ids
            group_ids = {g for t in task_ids for g in tree.paths[tree.group_of[t]]}
            pairs = [(s, t) for s, t in pairs if s in task_ids and t in task_ids]
        self._task_ids = task_ids
        self._group_ids = group_ids
        self._pairs = pairs
        self._links = self._present_links()
        if root is not None:
            self._tree = narrowed(tree, task_ids, self._links, before(pairs))

    def _present_links(self) -> dict[str, Links]:
        groups, tasks = self._group_ids, self._task_ids
        found = {}
        for group_id, links in self._tree.links.items():
            if group_id in groups:
                present = Links(
                    tuple(g for g in links.upstream_groups if g in groups),
                    tuple(t for t in links.upstream_tasks if t in tasks),
                    tuple(g for g in links.downstream_groups if g in groups),
                    tuple(t for t in links.downstream_tasks if t in tasks),
                )
                if present != Links():
                    found[group_id] = present
        return found

    def nodes(self) -> Iterator[GraphNode]:
        """Depth first; a key that is already taken is not drawn again."""
        taken: set[str] = set()
        pending = self._inside(None)
        while pending:
            node = pending.pop()
            if node.key not in taken:
                taken.add(node.key)
                yield node
                if node.kind == "GROUP":
                    pending += self._inside(node.key)

    def _inside(self, group_id: str | None) -> list[GraphNode]:
        """A group's members and then its joins, last first."""
        groups, tasks = self._groups, self._task_nodes
        found = [
            self._group_node(groups[member]) if is_group else tasks[member]
            for member, is_group in self._tree.members[group_id]
        ]
        links = self._links.get(group_id) if group_id is not None else None
        if group_id is not None and links is not None:
            if links.upstream_groups or links.upstream_tasks:
                found.append(GraphNode(_upstream_join(group_id), group_id, "JOIN", ""))
            if links.downstream_groups or links.downstream_tasks:
                found.append(
                    GraphNode(_downstream_join(group_id), group_id, "JOIN", "")
                )
        return found[::-1]

    def _group_node(self, group: Group) -> GraphNode:
        return GraphNode(
            key=group.group_id,
            parent_key=group.parent_id,
            kind="GROUP",
            label=group.label,
            tooltip=group.tooltip,
            is_mapped=group.is_mapped,
            group_structure=group.structure,
            group_id=group.group_id,
        )

    @cached_property
    def _task_nodes(self) -> dict[str, GraphNode]:
        """The node of each task."""
        operators = self._tasks.column("operator_name")
        names = self._tasks.column("given_name")
        setups, teardowns = self._setups, self._teardowns
        return {
            task.task_id: GraphNode(
                task.task_id,
                task.group_id,
                "TASK",
                task.label if name is None or name == task.task_id else name,
                None,
                operator,
                task.is_mapped,
                task.task_id in setups,
                task.task_id in teardowns,
                task.structure,
                task.task_id,
            )
            for task, operator, name in zip(self._tasks, operators, names, strict=True)
        }

    def edges(self) -> ColumnMembers[GraphEdge]:
        """By source and target."""
        pairs = self._pairs
        if self._links:
            added, replaced = self._through_joins()
            pairs = sorted(({*pairs} | added) - replaced)
        return ColumnMembers(
            GraphEdge,
            [source for source, _ in pairs],
            [target for _, target in pairs],
            list(map(self._labels.get, pairs)),
            between(pairs, self._setups, self._teardowns),
        )

    def _through_joins(self) -> tuple[set[Pair], set[Pair]]:
        """Edges to draw because of joins, and edges not to draw because of them."""
        ends = _Ends(
            self._tree, self._pairs, self._task_ids, self._teardowns, self._setups
        )
        added: set[Pair] = set()
        replaced: set[Pair] = set()
        for group_id, links in self._links.items():
            into, out_of = _upstream_join(group_id), _downstream_join(group_id)
            targets = set(links.downstream_tasks)
            for other in links.downstream_groups:
                roots = ends.roots(other)
                targets |= roots
                join = _upstream_join(other)
                added.add((out_of, join))
                added |= {(join, root) for root in roots}
                replaced |= {(out_of, root) for root in roots}
                replaced |= {(leaf, join) for leaf in ends.leaves(group_id)}
            added |= {(out_of, task_id) for task_id in links.downstream_tasks}
            if targets or links.downstream_groups:
                for leaf in ends.leaves(group_id):
                    added.add((leaf, out_of))
                    replaced |= {(leaf, t) for t in ends.after(leaf) if t in targets}
            for source in links.upstream_tasks:
                roots = ends.roots(group_id)
                added.add((source, into))
                added |= {(into, root) for root in roots}
                replaced |= {(source, t) for t in ends.after(source) if t in roots}
        return added, replaced


class _Ends:
    """Where a group begins and where it ends."""

    def __init__(
        self,
        tree: Tree,
        pairs: Iterable[Pair],
        task_ids: Iterable[str],
        teardowns: AbstractSet[str],
        setups: AbstractSet[str],
    ) -> None:
        pairs = list(pairs)
        self._tree = tree
        self._task_ids = task_ids
        self._teardowns = teardowns
        self._setups = setups
        self._before: Adjacency = before(pairs)
        self._after: Adjacency = after(pairs)
        self._inside: dict[str, set[str]] = {}
        self._roots: dict[str, set[str]] = {}
        self._leaves: dict[str, set[str]] = {}

    def after(self, task_id: str) -> Sequence[str]:
        """The tasks directly after one."""
        return self._after.get(task_id, ())

    def inside(self, group_id: str) -> set[str]:
        """All tasks in a group, however deep."""
        if group_id not in self._inside:
            tasks = {m for m, is_group in self._tree.walk(group_id) if not is_group}
            self._inside[group_id] = tasks.intersection(self._task_ids)
        return self._inside[group_id]

    def roots(self, group_id: str) -> set[str]:
        """Its tasks that have none before them in it."""
        if group_id not in self._roots:
            inside = self.inside(group_id)
            self._roots[group_id] = {
                i for i in inside if inside.isdisjoint(self._before.get(i, ()))
            }
        return self._roots[group_id]

    def leaves(self, group_id: str) -> set[str]:
        """Its tasks that have none after them in it.

        In place of a teardown come the nearest tasks before it that are neither
        teardowns nor its setups and that lead to no other such task in the group.
        """
        if group_id not in self._leaves:
            inside = self.inside(group_id)
            last = {i for i in inside if inside.isdisjoint(self.after(i))}
            pending = list(last & self._teardowns)
            last -= self._teardowns
            passed = set(pending)
            while pending:
                for other in self._before.get(pending.pop(), ()):
                    if other not in inside or other in passed:
                        continue
                    if other in self._teardowns:
                        passed.add(other)
                        pending.append(other)
                    elif other not in self._setups and self._ends_in_teardown(
                        other, inside
                    ):
                        last.add(other)
            self._leaves[group_id] = last
        return self._leaves[group_id]

    def _ends_in_teardown(self, task_id: str, inside: set[str]) -> bool:
        return all(
            other in self._teardowns or other not in inside
            for other in self.after(task_id)
        )


def _upstream_join(group_id: str) -> str:
    return f"{group_id}.upstream_join_id"


def _downstream_join(group_id: str) -> str:
    return f"{group_id}.downstream_join_id"
