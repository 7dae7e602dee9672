"""The groups of a DAG: which member sits where, and in which order they show."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from metadb.adjacency import Adjacency
from metadb.display_order import swept
from metadb.serialized import DEPTH_MAXIMUM, Body, Undecodable, an_object, bare

Member = tuple[str, bool]
"""A task's or group's id, and whether it is a group."""


class Links(NamedTuple):
    """Edges that were drawn to or from a group as a whole, by the other end's id."""

    upstream_groups: tuple[str, ...] = ()
    upstream_tasks: tuple[str, ...] = ()
    downstream_groups: tuple[str, ...] = ()
    downstream_tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group; its members' ids are in display order.

    Attributes:
        structure: The structure that defines it.
        group_id: In full, as Airflow's pages name it.
        label: Its display name, else its id without its parents' prefixes.
        is_mapped: Whether it, or a group around it, is expanded while it runs.
    """

    structure: str
    dag_id: str
    group_id: str
    label: str
    tooltip: str | None
    doc_md: str | None
    is_mapped: bool
    ui_color: str | None
    ui_fgcolor: str | None
    parent_id: str | None
    child_ids: tuple[str, ...]
    group_ids: tuple[str, ...]
    task_ids: tuple[str, ...]


@dataclass(slots=True)
class Tree:
    """Where each member sits. None stands for the top.

    Attributes:
        members: Of each group, in display order.
        paths: The groups from the top down to each group, itself included.
        group_of: The group directly around each task.
        links: Of each group that has any.
        bodies: Each group's fields, as stored.
        unordered: Members before they were put into display order, where that differs.
    """

    members: dict[str | None, list[Member]] = field(default_factory=lambda: {None: []})
    paths: dict[str | None, tuple[str, ...]] = field(default_factory=lambda: {None: ()})
    group_of: dict[str, str | None] = field(default_factory=dict)
    links: dict[str, Links] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    unordered: dict[str | None, list[Member]] = field(default_factory=dict)

    def copy(self) -> "Tree":
        """A tree that can be changed without changing this one."""
        return Tree(
            {group: list(inside) for group, inside in self.members.items()},
            dict(self.paths),
            dict(self.group_of),
            dict(self.links),
            dict(self.bodies),
            {group: list(inside) for group, inside in self.unordered.items()},
        )

    def append(self, group_id: str | None, member: Member) -> None:
        """Put a member at the end of a group, whatever it waits for."""
        self.members[group_id].append(member)
        if group_id in self.unordered:
            self.unordered[group_id].append(member)

    def walk(self, group_id: str | None = None) -> list[Member]:
        """All that is inside a group, depth first, a group before its members."""
        found: list[Member] = []
        for member in self.members.get(group_id, ()):
            found.append(member)
            if member[1]:
                found += self.walk(member[0])
        return found

    def task_ids(self, group_id: str | None = None) -> list[str]:
        """The tasks inside a group, however deep, likewise."""
        return [name for name, is_group in self.walk(group_id) if not is_group]


def tree_of(
    root: object, task_ids: Iterable[str], upstream: Adjacency, *, by_id: bool
) -> Tree:
    """The tree of a serialized task group.

    A member that is no task of the DAG is left out, one that is in no group is put at
    the end of the top.

    Args:
        root: The group that is around everything; None where Airflow wrote none.
        task_ids: Those of the DAG, in stored order.
        upstream: The tasks directly before each task.
        by_id: Whether members are sorted by id before their order is computed, as
            Airflow 3 does.

    Raises:
        Undecodable: if the groups are not what Airflow writes.
    """
    known = dict.fromkeys(task_ids)
    tree = Tree()
    if root is not None:
        _read(tree, an_object(root, "The task group"), known, by_id=by_id)
    group_of, top = tree.group_of, tree.members[None]
    for task_id in known:
        if task_id not in group_of:
            group_of[task_id] = None
            top.append((task_id, False))
    _arrange(tree, upstream)
    return tree


def narrowed(
    tree: Tree, task_ids: Collection[str], links: dict[str, Links], upstream: Adjacency
) -> Tree:
    """The part of a tree that has these tasks, in the order that it has by itself.

    Args:
        tree: The whole.
        task_ids: Those to keep; groups without any of them are dropped.
        links: Those between what is kept.
        upstream: The tasks directly before each task, of those that are kept.
    """
    groups = {None, *(g for t in task_ids for g in tree.paths[tree.group_of[t]])}
    part = Tree(
        members={
            group_id: [
                (name, is_group)
                for name, is_group in tree.unordered.get(group_id, inside)
                if name in (groups if is_group else task_ids)
            ]
            for group_id, inside in tree.members.items()
            if group_id in groups
        },
        paths={g: path for g, path in tree.paths.items() if g in groups},
        group_of={t: g for t, g in tree.group_of.items() if t in task_ids},
        links=links,
        bodies={g: body for g, body in tree.bodies.items() if g in groups},
    )
    _arrange(part, upstream)
    return part


def _read(tree: Tree, root: Body, known: Mapping[str, None], *, by_id: bool) -> None:
    pending: list[tuple[str | None, Body]] = [(None, root)]
    group_of = tree.group_of
    while pending:
        group_id, body = pending.pop()
        if len(tree.paths[group_id]) > DEPTH_MAXIMUM:
            message = f"Groups are nested more than {DEPTH_MAXIMUM} deep."
            raise Undecodable(message)
        members, children = tree.members[group_id], _children(body)
        for key in sorted(children) if by_id else children:
            kind, inner = children[key]
            if kind == "operator":
                is_new = isinstance(inner, str) and inner not in group_of
                if is_new and inner in known:
                    group_of[inner] = group_id
                    members.append((inner, False))
            elif kind == "taskgroup" and key not in tree.bodies:
                inside = an_object(inner, "A group")
                _place_group(tree, key, group_id, inside)
                pending.append((key, inside))


def _place_group(tree: Tree, key: str, group_id: str | None, body: Body) -> None:
    tree.members[group_id].append((key, True))
    tree.members[key] = []
    tree.paths[key] = (*tree.paths[group_id], key)
    tree.bodies[key] = body
    if any(links := _links(body)):
        tree.links[key] = Links(*links)


def _children(body: Body) -> Mapping[str, tuple[Any, Any]]:  # Any: JSON
    """What is directly in a group: of each its kind and its body."""
    found = an_object(body.get("children"), "A group's children")
    pairs = found.values()
    if set(map(type, pairs)) <= {list} and set(map(len, pairs)) <= {2}:
        return found
    message = "A group's child is not a pair of kind and body."
    raise Undecodable(message)


_LINKS = (
    "upstream_group_ids",
    "upstream_task_ids",
    "downstream_group_ids",
    "downstream_task_ids",
)


def _links(body: Body) -> list[tuple[str, ...]]:
    return [_texts(body.get(key)) for key in _LINKS]


def group_of(
    tree: Tree, group_id: str, structure: str, dag_id: str, outer: Mapping[str, Group]
) -> Group:
    """A group's row, given the rows of the groups around it."""
    body = tree.bodies[group_id]
    path = tree.paths[group_id]
    parent_id = path[-2] if len(path) > 1 else None
    group = Group(
        structure=structure,
        dag_id=dag_id,
        group_id=group_id,
        label=_text(body, "group_display_name") or _text(body, "_group_id") or group_id,
        tooltip=_text(body, "tooltip"),
        doc_md=_text(body, "doc_md"),
        is_mapped=body.get("is_mapped") is True
        or (parent_id is not None and outer[parent_id].is_mapped),
        ui_color=_text(body, "ui_color"),
        ui_fgcolor=_text(body, "ui_fgcolor"),
        parent_id=parent_id,
        child_ids=(),
        group_ids=(),
        task_ids=(),
    )
    return with_members(group, tree.members[group_id])


def with_members(group: Group, members: Iterable[Member]) -> Group:
    """The group with these members."""
    members = list(members)
    return replace(
        group,
        child_ids=tuple(member for member, _ in members),
        group_ids=tuple(member for member, is_group in members if is_group),
        task_ids=tuple(member for member, is_group in members if not is_group),
    )


def _text(body: Body, key: str) -> str | None:
    value = body.get(key)
    return value if isinstance(value, str) else None


def _texts(stored: object) -> tuple[str, ...]:
    """A list of texts; nothing if it is none, and without what is no text."""
    found = bare(stored)
    if not isinstance(found, list):
        return ()
    return tuple([item for item in found if isinstance(item, str)])


def _arrange(tree: Tree, upstream: Adjacency) -> None:
    """Put the members of each group into display order.

    A task waits for the tasks before it; a group for what was drawn to it as a whole,
    and for the tasks before those of its tasks that have none before them inside it
    (Airflow 3.3, `TaskGroupMixin._topological_upstream_ids`). Each wait holds between
    the two members, of the innermost group around both, that contain the two ends.
    """
    waits = _Waits(tree)
    waits.of_tasks(upstream)
    waits.of_groups()
    for group_id, waiting in waits.found.items():
        members = tree.members[group_id]
        tree.unordered[group_id] = members
        tree.members[group_id] = [members[position] for position in swept(waiting)]


class _Waits:
    """Which members of a group come after which.

    Attributes:
        found: Of each group in which any do: for each member, by position, the
            positions of those that come after it.
    """

    def __init__(self, tree: Tree) -> None:
        self.found: dict[str | None, list[list[int]]] = {}
        self._tree = tree
        self._tasks: dict[str, int] = {}
        self._groups: dict[str, int] = {}
        for members in tree.members.values():
            for position, (name, is_group) in enumerate(members):
                if is_group:
                    self._groups[name] = position
                else:
                    self._tasks[name] = position

    def of_tasks(self, upstream: Adjacency) -> None:
        """Those of the tasks before each task."""
        paths, group_of, tasks = self._tree.paths, self._tree.group_of, self._tasks
        is_flat = len(paths) == 1
        for task_id, before in upstream.items():
            own = group_of[task_id]
            around = {own} if is_flat else {group_of[other] for other in before}
            if around == {own}:
                later, waiting = tasks[task_id], self._of(own)
                for other in before:
                    waiting[tasks[other]].append(later)
                continue
            path = paths[own]
            shared = {group_id: _shared(path, paths[group_id]) for group_id in around}
            depth = max(shared.values())
            waiting = self._of(path[depth - 1] if depth else None)
            later = self._position(path, depth, task_id)
            nearest = {other for other in before if shared[group_of[other]] == depth}
            for earlier in {
                self._position(paths[group_of[other]], depth, other)
                for other in nearest
            }:
                waiting[earlier].append(later)

    def of_groups(self) -> None:
        """Those that were drawn to groups as a whole."""
        paths, group_of = self._tree.paths, self._tree.group_of
        for group_id, links in self._tree.links.items():
            around = paths[group_id][:-1]
            depth = len(around)
            earlier = []
            for other in links.upstream_groups:
                path = paths.get(other, ())
                if len(path) > depth and path[:depth] == around:
                    earlier.append(self._groups[path[depth]])
            for other in links.upstream_tasks:
                if other in group_of:
                    path = paths[group_of[other]]
                    if path[:depth] == around:
                        earlier.append(self._position(path, depth, other))
            if earlier:
                waiting = self._of(around[-1] if around else None)
                for position in earlier:
                    waiting[position].append(self._groups[group_id])

    def _of(self, group_id: str | None) -> list[list[int]]:
        found = self.found.get(group_id)
        if found is None:
            members = self._tree.members[group_id]
            found = self.found[group_id] = [[] for _ in members]
        return found

    def _position(self, path: tuple[str, ...], depth: int, task_id: str) -> int:
        """Of the member at a depth that is the task, or that the task is in."""
        if len(path) > depth:
            return self._groups[path[depth]]
        return self._tasks[task_id]


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many groups two paths have in common."""
    if one is other:
        return len(one)
    count = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        count += 1
    return count
