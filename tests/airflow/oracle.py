"""Runs inside an Airflow environment: says how that Airflow reads its own database.

Writes one JSON object {"airflow", "dags"} to the named file. Every stored
serialization is an entry of "dags", on 3.x every version, on 2.x every SubDAG too;
read by Airflow's deserializer, never by code of ours. Durations are seconds, dates
ISO 8601. Works on 2.7 to 3.3.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
import pathlib
import sys
from collections.abc import Iterator, Mapping, Set

import airflow
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.dag_edges import dag_edges
from airflow.utils.session import create_session

Json = object


def plain(value: object) -> Json:
    """Return what JSON can say of the value: texts for what it has no form for."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Set):
        return sorted(map(plain, value))
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value)


def get(thing: object, *names: str) -> dict[str, Json]:
    """Return these attributes; one that this version does not have is None."""
    return {name.lstrip("_"): plain(getattr(thing, name, None)) for name in names}


def params(found: object) -> dict[str, Json]:
    """Return the value, description and schema of each param, in stored order."""
    return {
        name: {
            "value": plain(found[name]),
            "description": found.get_param(name).description,
            "schema": plain(found.get_param(name).schema),
        }
        for name in found
    }


def dag_entry(dag: object, number: int | None, parent: str | None) -> dict[str, Json]:
    """Return what Airflow knows of one dag; parent is the dag of a SubDAG."""
    kind = type(dag.timetable)
    groups = [
        group
        for _, group in sorted(
            dag.task_group.get_task_group_dict().items(), key=lambda one: one[0] or ""
        )
    ]
    return {
        **get(dag, "dag_id", "description", "doc_md", "start_date", "end_date"),
        **get(dag, "catchup", "max_active_runs", "max_active_tasks", "dagrun_timeout"),
        **get(dag, "default_args", "owner_links", "fileloc", "relative_fileloc"),
        "version_number": number,
        "subdag_of": parent,
        "display_name": getattr(dag, "dag_display_name", dag.dag_id),
        "timezone": dag.timezone.name,
        "tags": sorted(dag.tags),
        "params": params(dag.params),
        "timetable": {
            "class": f"{kind.__module__}.{kind.__qualname__}",
            **get(dag.timetable, "summary", "description"),
        },
        "tasks": [task_entry(task) for task in dag.tasks],
        "groups": [group_entry(group) for group in groups],
        "edges": dag_edges(dag),
    }


def task_entry(task: object) -> dict[str, Json]:
    """Return what Airflow knows of one task."""
    return {
        **get(task, "task_id", "label", "operator_name", "task_type", "owner"),
        **get(task, "trigger_rule", "depends_on_past", "wait_for_downstream"),
        **get(task, "retries", "retry_delay", "retry_exponential_backoff"),
        **get(task, "max_retry_delay", "execution_timeout", "start_date", "end_date"),
        **get(task, "pool", "pool_slots", "queue", "priority_weight"),
        **get(task, "is_setup", "is_teardown", "on_failure_fail_dagrun"),
        **get(task, "ui_color", "ui_fgcolor", "doc", "doc_md"),
        **get(task, "doc_json", "doc_yaml", "doc_rst"),
        "display_name": getattr(task, "task_display_name", task.task_id),
        "module": task._task_module,
        "weight_rule": weight_rule(task.weight_rule),
        "template_fields": list(task.template_fields),
        "is_mapped": "Mapped" in type(task).__name__,
        "in_mapped_group": any(True for _ in task.iter_mapped_task_groups()),
        "is_sensor": is_sensor(task),
        "group_id": task.task_group.group_id if task.task_group else None,
        "upstream_ids": sorted(task.upstream_task_ids),
        "downstream_ids": sorted(task.downstream_task_ids),
        "params": params(task.params),
    }


def weight_rule(rule: object) -> str:
    """Return the rule as stored: 2.10 and later make an object of it."""
    if isinstance(rule, str):
        return str(plain(rule))
    from airflow.serialization import serialized_objects

    for name in ("encode_priority_weight_strategy", "_encode_priority_weight_strategy"):
        if encode := getattr(serialized_objects, name, None):
            return str(encode(rule))
    raise LookupError(rule)


def is_sensor(task: object) -> bool:
    """Say whether it is a sensor, which Airflow keeps as something to wait for."""
    waits = any(type(dep).__name__ == "ReadyToRescheduleDep" for dep in task.deps)
    return waits or bool(getattr(task, "_is_sensor", False))


def group_entry(group: object) -> dict[str, Json]:
    """Return a group, the root too (its id is None); children as the grid has them."""
    return {
        **get(group, "group_id", "label", "group_display_name", "tooltip", "doc_md"),
        **get(group, "prefix_group_id", "ui_color", "ui_fgcolor"),
        **get(group, "upstream_group_ids", "downstream_group_ids"),
        **get(group, "upstream_task_ids", "downstream_task_ids"),
        "parent": group.parent_group.group_id if group.parent_group else None,
        "is_mapped": "Mapped" in type(group).__name__,
        "stored_children": list(group.children),
        "children": [child.node_id for child in group.topological_sort()],
    }


def entries() -> Iterator[dict[str, Json]]:
    """Yield every stored serialization, by dag id and version."""
    with create_session() as session:
        for row in session.query(SerializedDagModel):
            version = getattr(row, "dag_version", None)
            number = version.version_number if version else None
            yield dag_entry(row.dag, number, None)
            for child in getattr(row.dag, "subdags", ()):
                yield dag_entry(child, number, row.dag_id)


def main() -> None:
    """Write the file."""
    found = sorted(
        entries(), key=lambda one: (one["dag_id"], one["version_number"] or 0)
    )
    answer = {"airflow": airflow.__version__, "dags": found}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(answer))


main()
