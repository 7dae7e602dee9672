"""Groups, for the limit: what sits where, in which order, and what leads to joins.

Written without dagway's own code, so that each is a check of the other.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import msgspec

INTO, OUT_OF = ".upstream_join_id", ".downstream_join_id"
Pair = tuple[str, str]


class Task(msgspec.Struct):
    """A task's fields."""

    task_id: str
    task_type: str
    operator: str | None = msgspec.field(name="_operator_name", default=None)
    display_name: str | None = msgspec.field(name="_task_display_name", default=None)
    trigger_rule: str | None = None
    is_setup: bool = False
    is_teardown: bool = False
    is_mapped: bool = msgspec.field(name="_is_mapped", default=False)
    partial: dict[str, Any] | None = msgspec.field(name="partial_kwargs", default=None)
    downstream_task_ids: list[str] = msgspec.field(default_factory=list)


class Operator(msgspec.Struct):
    """A task in its wrapping."""

    task: Task = msgspec.field(name="__var")


class Group(msgspec.Struct):
    """A group's fields."""

    children: dict[str, tuple[str, "str | Group"]]
    own_id: str | None = msgspec.field(name="_group_id", default=None)
    display_name: str | None = msgspec.field(name="group_display_name", default=None)
    tooltip: str | None = None
    is_mapped: bool = False
    prefix_group_id: bool = True
    upstream_group_ids: list[str] = msgspec.field(default_factory=list)
    upstream_task_ids: list[str] = msgspec.field(default_factory=list)
    downstream_group_ids: list[str] = msgspec.field(default_factory=list)
    downstream_task_ids: list[str] = msgspec.field(default_factory=list)


class Placed(msgspec.Struct):
    """A group that the walk has reached."""

    path: tuple[str, ...]
    body: Group
    label: str
    prefix: str
    is_mapped: bool
    members: list[str]


def placed(root: Group) -> tuple[dict[str, Placed], dict[str, str]]:
    """The groups by id, the top's is empty; and the group around each task."""
    groups = {"": Placed((), root, "", "", False, sorted(root.children))}
    group_of: dict[str, str] = {}
    pending = [""]
    while pending:
        group_id = pending.pop()
        own = groups[group_id]
        for key, (_, inner) in own.body.children.items():
            if isinstance(inner, str):
                group_of[inner] = group_id
                continue
            groups[key] = Placed(
                (*own.path, key),
                inner,
                inner.display_name or inner.own_id or key,
                f"{key}." if inner.prefix_group_id else "",
                own.is_mapped or inner.is_mapped,
                sorted(inner.children),
            )
            pending.append(key)
    return groups, group_of


def waits(
    groups: Mapping[str, Placed],
    group_of: Mapping[str, str],
    upstream: Mapping[str, Sequence[str]],
) -> dict[str, list[str]]:
    """Of each member, those of its group that are before it."""
    waits: dict[str, list[str]] = {}
    paths = {task_id: (*groups[g].path, task_id) for task_id, g in group_of.items()}
    for task_id, before in upstream.items():
        path, found = paths[task_id], []
        for other in before:
            depth, its = 0, paths[other]
            while path[depth] == its[depth]:
                depth += 1
            found.append((depth, its[depth]))
        deepest = max(found, default=(0, ""))[0]
        waits.setdefault(path[deepest], []).extend(
            member for depth, member in found if depth == deepest
        )
    paths |= {group_id: group.path for group_id, group in groups.items()}
    for group_id, group in groups.items():
        around = group.path[:-1]
        for other in (*group.body.upstream_group_ids, *group.body.upstream_task_ids):
            its = paths[other]
            if its[: len(around)] == around:
                waits.setdefault(group_id, []).append(its[len(around)])
    return waits


def ordered(members: Sequence[str], waits: Mapping[str, Sequence[str]]) -> list[str]:
    """As Airflow lists them: again and again those whose turn has come."""
    left, order = dict.fromkeys(members), []
    while left:
        for member in list(left):
            if left.keys().isdisjoint(waits.get(member, ())):
                del left[member]
                order.append(member)
    return order


def walk(groups: Mapping[str, Placed], group_id: str, walked: list[str]) -> None:
    """All that is drawn, in order: a group, what is in it, its joins."""
    for member in groups[group_id].members:
        walked.append(member)
        if member in groups:
            body = groups[member].body
            walk(groups, member, walked)
            if body.upstream_group_ids or body.upstream_task_ids:
                walked.append(member + INTO)
            if body.downstream_group_ids or body.downstream_task_ids:
                walked.append(member + OUT_OF)


def through_joins(
    groups: Mapping[str, Placed],
    tasks: Mapping[str, Task],
    upstream: Mapping[str, Sequence[str]],
    pairs: Sequence[Pair],
) -> list[Pair]:
    """The edges, with those between groups as a whole led through joins."""
    ends = {group_id: _ends(groups, group_id, tasks, upstream) for group_id in groups}
    added: set[Pair] = set()
    without: set[Pair] = set()
    for group_id, group in groups.items():
        first, last = ends[group_id]
        into, out_of = group_id + INTO, group_id + OUT_OF
        for other in group.body.downstream_group_ids:
            its_into, its_first = other + INTO, ends[other][0]
            added |= {(out_of, its_into), *product(last, [out_of])}
            added |= {*product([its_into], its_first)}
            without |= {*product([*last, out_of], its_first)}
            without |= {*product(last, [its_into])}
        for other in group.body.downstream_task_ids:
            added |= {(out_of, other), *product(last, [out_of])}
            without |= {*product(last, [other])}
        for other in group.body.upstream_task_ids:
            added |= {(other, into), *product([into], first)}
            without |= {*product([other], first)}
    return sorted(({*pairs} | added) - without)


def _ends(
    groups: Mapping[str, Placed],
    group_id: str,
    tasks: Mapping[str, Task],
    upstream: Mapping[str, Sequence[str]],
) -> tuple[list[str], list[str]]:
    """A group's tasks that have none of it before them, and none after them.

    In place of a teardown come the tasks before it that only teardowns of it follow,
    but for its setups.
    """
    walked: list[str] = []
    walk(groups, group_id, walked)
    inside = {member for member in walked if member in tasks}
    first = [one for one in inside if inside.isdisjoint(upstream[one])]
    pending = [
        one for one in inside if inside.isdisjoint(tasks[one].downstream_task_ids)
    ]
    last, seen = [], set(pending)
    for one in pending:
        if not tasks[one].is_teardown:
            last.append(one)
            continue
        for other in inside.intersection(upstream[one]) - seen:
            after = inside.intersection(tasks[other].downstream_task_ids)
            follows = tasks[other].is_teardown or not tasks[other].is_setup
            if follows and (
                tasks[other].is_teardown or all(tasks[i].is_teardown for i in after)
            ):
                seen.add(other)
                pending.append(other)
    return first, last
