"""Serialized DAGs made by hand, small."""

from collections.abc import Iterable, Mapping
from typing import Any

from metadb.serialized import Body, Serialized
from metadb.structure import Structure

Child = list[
    Any
]  # ["operator", task_id] or ["taskgroup", fields], as Airflow writes it


def task(task_id: str, *after: str, **fields: object) -> Body:
    """A task, and the tasks directly after it."""
    body = {"task_id": task_id, "downstream_task_ids": sorted(after), **fields}
    return {"__type": "operator", "__var": body}


def group(children: Mapping[str, Child] | None = None, **fields: object) -> Child:
    """A group's entry among its parent's children."""
    return ["taskgroup", {"children": dict(children or {}), **fields}]


def leaves(*task_ids: str) -> dict[str, Child]:
    """Tasks' entries among a group's children."""
    return {task_id: ["operator", task_id] for task_id in task_ids}


def source(
    tasks: Iterable[Body],
    children: Mapping[str, Child] | None = None,
    *,
    version: int = 3,
    defaults: Body | None = None,
    **dag: object,
) -> Serialized:
    """A DAG named d; its tasks are in no group unless `children` says otherwise."""
    tasks = list(tasks)
    if children is None:
        children = leaves(*(one["__var"]["task_id"] for one in tasks))
    body = {
        "dag_id": "d",
        "tasks": tasks,
        "task_group": {"_group_id": None, "children": dict(children)},
        **dag,
    }
    return Serialized(version, body, defaults or {})


def structure(
    tasks: Iterable[Body],
    children: Mapping[str, Child] | None = None,
    *,
    name: str = "v#hash",
    number: int | None = 1,
    **more: Any,
) -> Structure:
    """The structure of such a DAG."""
    return Structure.of(
        source(tasks, children, **more), name=name, version_number=number
    )
