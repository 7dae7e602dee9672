"""Sample DAGs as Airflow 3.3 serializes them (`__version` 3)."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dagway.demo.assets import Alias, Asset
from dagway.demo.declared import COMPANY_RETRIES, Dag, Group, Param, Task
from dagway.demo.layout import Layout

Json = dict[str, Any]  # Any: JSON

FOLDER = "/opt/airflow/dags"
_PARAM = "airflow.sdk.definitions.param.Param"


def serialized(
    dag: Dag, layout: Layout, start: datetime, deadline_ids: Sequence[str]
) -> Json:
    """A version of a DAG, as Airflow's parser would write it."""
    default_args: Json = {"owner": dag.owner}
    found: Json = {
        "dag_id": dag.dag_id,
        "fileloc": f"{FOLDER}/{dag.file}",
        "relative_fileloc": dag.file,
        "_processor_dags_folder": FOLDER,
        "timezone": dag.timezone,
        "timetable": dag.schedule.serialized(),
        "start_date": start.timestamp(),
        "catchup": False,
        "default_args": _wrapped("dict", default_args),
        "is_paused_upon_creation": False,
        "disable_bundle_versioning": False,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "max_consecutive_failed_dag_runs": 0,
        "tasks": [
            _wrapped("operator", _task(dag, layout, task_id))
            for task_id in layout.tasks
        ],
        "task_group": _root(layout),
        "edge_info": {
            source: {target: {"label": label} for target, label in targets.items()}
            for source, targets in layout.labels.items()
        },
        "dag_dependencies": _dependencies(dag, layout),
        "params": [_param(param, "dag") for param in dag.params],
        "deadline": list(deadline_ids) or None,
        "allowed_run_types": None,
    }
    optional = {
        "tags": list(dag.tags),
        "owner_links": dict(dag.owner_links),
        "description": dag.description,
        "dag_display_name": dag.display_name,
        "doc_md": dag.doc,
    }
    found.update({key: value for key, value in optional.items() if value})
    return {
        "__version": 3,
        "dag": found,
        "client_defaults": {"tasks": {"retries": COMPANY_RETRIES}},
    }


def hashed(data: Json) -> str:
    """The hash by which Airflow tells versions apart: 32 hex digits."""
    text = json.dumps(data, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _wrapped(kind: str, value: object) -> Json:
    return {"__var": value, "__type": kind}


def _param(param: Param, source: str) -> list[Any]:
    body = {
        "__class": _PARAM,
        "default": param.default,
        "description": param.description,
        "schema": _wrapped("dict", dict(param.schema)),
        "source": source,
    }
    return [param.name, body]


def _task(dag: Dag, layout: Layout, task_id: str) -> Json:
    task = layout.tasks[task_id]
    operator = task.operator
    found: Json = {
        "task_id": task_id,
        "task_type": operator.task_type,
        "_task_module": operator.module,
        "template_fields": list(operator.template_fields),
        **operator.fields,
    }
    if operator.color != "#fff":
        found["ui_color"] = operator.color
    if operator.renderers:
        found["template_fields_renderers"] = dict(operator.renderers)
    if operator.shown:
        found["_operator_name"] = operator.shown
    if operator.is_decorated:
        found["python_callable_name"] = task.name
    if layout.downstream[task_id]:
        found["downstream_task_ids"] = list(layout.downstream[task_id])
    if task.display_name:
        found["_task_display_name"] = task.display_name
    if task.over is None:
        found |= _settings(dag, task) | _plain(layout, task_id)
    else:
        found |= _mapped(dag, task, task.over)
    return found


def _settings(dag: Dag, task: Task) -> Json:
    """What differs from the defaults in force."""
    found: Json = {"owner": task.owner or dag.owner, "has_retry_policy": False}
    found["retry_delay"] = task.retry_delay.total_seconds()
    if task.execution_timeout:
        found["execution_timeout"] = task.execution_timeout.total_seconds()
    declared = {
        "retries": (task.retries, COMPANY_RETRIES),
        "trigger_rule": (task.trigger_rule, "all_success"),
        "pool": (task.pool, "default_pool"),
        "pool_slots": (task.pool_slots, 1),
        "queue": (task.queue, "default"),
        "priority_weight": (task.weight, 1),
        "is_setup": (task.is_setup, False),
        "is_teardown": (task.is_teardown, False),
        "on_failure_fail_dagrun": (task.fails_run, False),
        "doc_md": (task.doc, None),
        "inlets": ([_asset(one) for one in task.inlets], []),
        "outlets": (_outlets(task), []),
    }
    found.update({key: at for key, (at, usual) in declared.items() if at != usual})
    return found


def _plain(layout: Layout, task_id: str) -> Json:
    """What only a task that is not mapped itself has."""
    task = layout.tasks[task_id]
    found: Json = {"_needs_expansion": layout.mapped_group(task_id) is not None}
    if task.operator.is_decorated:
        found |= {"op_args": [], "op_kwargs": {}}
    if task.external:
        found["external_dag_id"] = task.external
    if task.triggers:
        found["trigger_dag_id"] = task.triggers
    if task.question:
        found |= {"subject": task.question.subject, "body": task.question.body}
    return found | dict(task.fields)


def _mapped(dag: Dag, task: Task, over: str) -> Json:
    partial: Json = dict(task.fields)
    if task.operator.is_decorated:
        partial |= {"op_args": [], "op_kwargs": _wrapped("dict", {})}
    if task.shows_items:
        partial["map_index_template"] = "{{ task.op_kwargs['item'] }}"
    settings = _settings(dag, task)
    del settings["has_retry_policy"]
    settings["retry_delay"] = _wrapped("timedelta", settings["retry_delay"])
    attribute = (
        "op_kwargs_expand_input" if task.operator.is_decorated else "expand_input"
    )
    argument = (
        "item" if task.operator.is_decorated else task.operator.template_fields[0]
    )
    return {
        "_is_mapped": True,
        "_disallow_kwargs_override": False,
        "_expand_input_attr": attribute,
        attribute: _expanded(argument, over),
        "partial_kwargs": partial | settings,
    }


def _expanded(argument: str, over: str) -> Json:
    reference = _wrapped("xcomref", {"task_id": over, "key": "return_value"})
    return {"type": "dict-of-lists", "value": _wrapped("dict", {argument: reference})}


def _asset(asset: Asset) -> Json:
    return _wrapped("asset", asset.fields())


def _outlets(task: Task) -> list[Json]:
    if task.alias is not None:
        alias = {"name": task.alias.name, "group": task.alias.group}
        return [_wrapped("asset_alias", alias)]
    return [_asset(one) for one in task.outlets]


def _root(layout: Layout) -> Json:
    root = Group("", layout.structure.members)
    return _group(layout, None, root)


def _group(layout: Layout, group_id: str | None, group: Group) -> Json:
    inside = (group_id,) if group_id else ()
    around = layout.around[group_id] + inside if group_id else ()
    children: Json = {
        full: ["operator", full]
        if full in layout.tasks
        else ["taskgroup", _group(layout, full, layout.groups[full])]
        for full, outer in layout.around.items()
        if outer == around
    }
    found: Json = {
        "_group_id": group.name if group_id else None,
        "group_display_name": group.display_name,
        "prefix_group_id": group.prefix,
        "tooltip": group.tooltip,
        "ui_color": group.color,
        "ui_fgcolor": "#000",
        "children": children,
        "upstream_group_ids": [],
        "downstream_group_ids": [],
        "upstream_task_ids": [],
        "downstream_task_ids": [],
    }
    if group_id:
        links = layout.links[group_id]
        found["upstream_group_ids"] = sorted(links.upstream_groups)
        found["downstream_group_ids"] = sorted(links.downstream_groups)
        found["upstream_task_ids"] = sorted(links.upstream_tasks)
        found["downstream_task_ids"] = sorted(links.downstream_tasks)
    if group.doc:
        found["doc_md"] = group.doc
    if group.over:
        found |= {"is_mapped": True, "expand_input": _expanded("item", group.over)}
    return found


def _dependencies(dag: Dag, layout: Layout) -> list[Json]:
    found: list[Json] = []
    condition = dag.schedule.condition
    if condition is not None:
        found += [_asset_dependency(one, "", dag.dag_id) for one in condition.leaves()]
    for task_id, task in layout.tasks.items():
        if task.triggers:
            found.append(_dependency(dag.dag_id, task.triggers, "trigger", task_id))
        if task.external:
            found.append(_dependency(task.external, dag.dag_id, "sensor", task_id))
        outlets = (task.alias,) if task.alias else task.outlets
        found += [_asset_dependency(one, dag.dag_id, "") for one in outlets]
    return sorted(found, key=lambda one: (one["dependency_type"], one["label"]))


def _dependency(source: str, target: str, kind: str, label: str) -> Json:
    return {
        "source": source,
        "target": target,
        "label": label,
        "dependency_type": kind,
        "dependency_id": label,
    }


def _asset_dependency(one: Asset | Alias, source: str, target: str) -> Json:
    kind = "asset" if isinstance(one, Asset) else "asset-alias"
    found = _dependency(source or kind, target or kind, kind, one.name)
    if isinstance(one, Asset):
        identity = {"name": one.name, "uri": one.uri}
        found["dependency_id"] = json.dumps(identity, sort_keys=True)
    return found
