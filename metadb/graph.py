"""The graph as Airflow's graph view draws it: groups, join nodes, edges through them.

Where a group as a whole runs before or after something, Airflow draws one edge to a
join node of the group in place of one to each of its tasks (`utils/dag_edges.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from metadb.adjacency import Edges, Pair, after
from metadb.group import Group, Links, Member, Tree, narrowed
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


_AS_THE_TASK = ("operator_name", "is_mapped", "is_setup", "is_teardown")
"""What a task's node has as the task has it."""


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

    nodes: ColumnMembers[GraphNode]
    edges: ColumnMembers[GraphEdge]


class EdgeColumns(NamedTuple):
    """Of each edge its ends, its label, and whether it leads from setup to teardown."""

    sources: Sequence[str]
    targets: Sequence[str]
    labels: Sequence[str | None]
    are_setup_teardown: Sequence[bool]


class Marked(Protocol):
    """What is written on edges, and what kinds of tasks they join."""

    labels: Mapping[Pair, str]

    @property
    def setups(self) -> AbstractSet[str]:
        """The ids of its setup tasks."""

    @property
    def teardowns(self) -> AbstractSet[str]:
        """The ids of its teardown tasks."""


class Drawable(Marked, Protocol):
    """What a graph is drawn of; a `Structure`."""

    tasks: dict[str, Task]
    groups: dict[str, Group]
    tree: Tree
    joined: Edges

    @property
    def all_tasks(self) -> Members[Task]:
        """In display order."""

    @property
    def edge_columns(self) -> EdgeColumns:
        """Of all its edges."""


def edge_columns(structure: Marked, pairs: Sequence[Pair]) -> EdgeColumns:
    """Of some edges, which may lead through joins."""
    labels: Sequence[str | None] = [None] * len(pairs)
    if structure.labels:
        labels = list(map(structure.labels.get, pairs))
    flags = [False] * len(pairs)
    if structure.setups and structure.teardowns:
        flags = [s in structure.setups and t in structure.teardowns for s, t in pairs]
    return EdgeColumns([s for s, _ in pairs], [t for _, t in pairs], labels, flags)


def drawn(
    structure: Drawable, root: str | None, upstream: int, downstream: int
) -> Graph:
    """All of a structure, or the part around a root."""
    part = _Part(structure, root, upstream, downstream)
    return Graph(part.nodes(), part.edges())


class _Part:
    """The tasks and groups that are drawn."""

    def __init__(
        self, structure: Drawable, root: str | None, upstream: int, downstream: int
    ) -> None:
        self._structure = structure
        self._tasks = structure.all_tasks
        self._groups = structure.groups
        self._tree = tree = structure.tree
        task_ids: AbstractSet[str] = structure.tasks.keys()
        group_ids: AbstractSet[str] = structure.groups.keys()
        joined = structure.joined
        self._setups = structure.setups
        self._teardowns = structure.teardowns
        if root is not None:
            chosen = part_around(
                structure, self._setups, self._teardowns, root, upstream, downstream
            )
            task_ids = chosen & task_ids
            group_ids = {g for t in task_ids for g in tree.paths[tree.group_of[t]]}
            kept = [(s, t) for s, t in joined.pairs if {s, t} <= task_ids]
            joined = Edges.of(after(kept))
        self._task_ids = task_ids
        self._group_ids = group_ids
        self._joined = joined
        self._links = self._present_links()
        if root is not None:
            self._tree = narrowed(tree, task_ids, self._links, joined.upstream)

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

    def nodes(self) -> ColumnMembers[GraphNode]:
        """Depth first; a key that is already taken is not drawn again."""
        columns = self._task_columns()
        place = {task_id: at for at, task_id in enumerate(columns[0])}
        if self._group_ids:
            others = self._others()
            more = zip(*others, strict=True)
            columns = [[*one, *rest] for one, rest in zip(columns, more, strict=True)]
            order = self._depth_first(others, place)
        else:
            top = [task_id for task_id, _ in self._tree.members[None]]
            if top == columns[0]:
                return ColumnMembers(GraphNode, *columns)
            order = [place[task_id] for task_id in top]
        columns = [[column[at] for at in order] for column in columns]
        return ColumnMembers(GraphNode, *columns)

    def _task_columns(self) -> list[Sequence[Any]]:
        """The nodes of all tasks, by column."""
        tasks, number = self._tasks, len(self._tasks)
        ids, labels = tasks.column("task_id"), tasks.column("label")
        given = tasks.column("given_name")
        if any(given):
            labels = [
                label if name is None or name == task_id else name
                for task_id, label, name in zip(ids, labels, given, strict=True)
            ]
        columns = {
            "key": ids,
            "parent_key": tasks.column("group_id"),
            "kind": ["TASK"] * number,
            "label": labels,
            **{name: tasks.column(name) for name in _AS_THE_TASK},
            "task_structure": tasks.column("structure"),
            "task_id": ids,
        }
        otherwise = GraphNode._field_defaults
        return [
            columns[name] if name in columns else [otherwise[name]] * number
            for name in GraphNode._fields
        ]

    def _others(self) -> list[GraphNode]:
        """The nodes of groups, each with its joins behind it."""
        found = []
        for group_id in self._group_ids:
            found.append(self._group_node(self._groups[group_id]))
            links = self._links.get(group_id, Links())
            if links.upstream_groups or links.upstream_tasks:
                found.append(GraphNode(_upstream_join(group_id), group_id, "JOIN", ""))
            if links.downstream_groups or links.downstream_tasks:
                found.append(
                    GraphNode(_downstream_join(group_id), group_id, "JOIN", "")
                )
        return found

    def _depth_first(
        self, others: Sequence[GraphNode], tasks: Mapping[str, int]
    ) -> list[int]:
        """Where what is drawn is among tasks and others; a group's joins come last."""
        number = len(tasks)
        keys = [*tasks, *(node.key for node in others)]
        place: dict[Member, int] = {
            (task_id, False): at for task_id, at in tasks.items()
        }
        joins: dict[str, list[int]] = {}
        for at, node in enumerate(others, number):
            if node.kind == "GROUP":
                place[node.key, True] = at
                joins[node.key] = []
            else:
                joins[str(node.parent_key)].append(at)
        order: list[int] = []
        taken: set[str] = set()
        pending = [place[member] for member in self._tree.members[None][::-1]]
        while pending:
            at = pending.pop()
            key = keys[at]
            if key in taken:
                continue
            taken.add(key)
            order.append(at)
            if at >= number and others[at - number].kind == "GROUP":
                inside = [place[member] for member in self._tree.members[key]]
                pending += [*inside, *joins[key]][::-1]
        return order

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

    def edges(self) -> ColumnMembers[GraphEdge]:
        """By source and target."""
        pairs = self._joined.pairs
        if self._links:
            added, replaced = self._through_joins()
            kept = [pair for pair in pairs if pair not in replaced]
            pairs = sorted({*kept, *(added - replaced)})
        if pairs is self._structure.joined.pairs:
            columns = self._structure.edge_columns
        else:
            columns = edge_columns(self._structure, pairs)
        return ColumnMembers(GraphEdge, *columns)

    def _through_joins(self) -> tuple[set[Pair], set[Pair]]:
        """Edges to draw because of joins, and edges not to draw because of them."""
        ends = _Ends(
            self._tree, self._joined, self._task_ids, self._teardowns, self._setups
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
        joined: Edges,
        task_ids: Iterable[str],
        teardowns: AbstractSet[str],
        setups: AbstractSet[str],
    ) -> None:
        self._tree = tree
        self._task_ids = task_ids
        self._teardowns = teardowns
        self._setups = setups
        _, self._before, self._after = joined
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
