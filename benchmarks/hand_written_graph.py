"""The limit, of graphs: an endpoint written by hand for the page.

It reads all that it answers, so that it answers as dagway does for every DAG that
Airflow 3.3 has parsed (`tests/test_benchmarks.py`). It knows one version of Airflow on
one database, limits and hides nothing, and fails where a structure is not what Airflow
writes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
import orjson

from benchmarks.hand_written_groups import (
    INTO,
    OUT_OF,
    Group,
    Operator,
    Pair,
    Placed,
    ordered,
    placed,
    through_joins,
    waits,
    walk,
)

_STRUCTURE = """SELECT d.is_paused, coalesce(d.dag_display_name, d.dag_id), v.id,
s.dag_hash, s.data::text FROM dag d, dag_version v JOIN serialized_dag s ON
s.dag_version_id = v.id WHERE d.dag_id = $1 AND v.dag_id = $1
ORDER BY v.version_number DESC LIMIT 1"""
_LATEST = """SELECT r.run_id, r.state, t.task_id, t.map_index, t.state FROM (SELECT *
FROM dag_run WHERE dag_id = $1 ORDER BY run_after DESC, id DESC LIMIT 1) r
LEFT JOIN task_instance t ON t.dag_id = $1 AND t.run_id = r.run_id
ORDER BY t.task_id COLLATE "C", t.map_index LIMIT 10001"""
_MOST = 10_000


class _Dag(msgspec.Struct):
    tasks: list[Operator]
    task_group: Group
    edge_info: dict[str, dict[str, dict[str, Any]]] = msgspec.field(
        default_factory=dict
    )


class _Defaults(msgspec.Struct):
    tasks: dict[str, Any] = msgspec.field(default_factory=dict)


class _Serialized(msgspec.Struct):
    dag: _Dag
    client_defaults: _Defaults = msgspec.field(default_factory=_Defaults)


_decoder = msgspec.json.Decoder(_Serialized)


async def graph(pool: asyncpg.Pool, dag_id: str) -> bytes:
    """The answer to documents/core/graph.graphql."""
    async with pool.acquire() as connection:
        row = await connection.fetchrow(_STRUCTURE, dag_id)
        instances = await connection.fetch(_LATEST, dag_id)
    is_paused, name, version, digest, data = row
    dag = {
        "id": f"Dag/{dag_id}",
        "dagId": dag_id,
        "displayName": name,
        "isPaused": is_paused,
        **_structure(f"{dag_id}/{version.hex}#{digest}/", _decoder.decode(data)),
        "latestRun": _latest(dag_id, instances) if instances else None,
    }
    return orjson.dumps({"data": {"dag": dag}}, option=orjson.OPT_UTC_Z)


def _structure(place: str, found: _Serialized) -> dict[str, Any]:
    dag, defaults = found.dag, found.client_defaults.tasks
    rule = defaults.get("trigger_rule", "all_success")
    tasks = {one.task.task_id: one.task for one in dag.tasks}
    setups = {task_id for task_id, task in tasks.items() if task.is_setup}
    teardowns = {task_id for task_id, task in tasks.items() if task.is_teardown}
    upstream: dict[str, list[str]] = {task_id: [] for task_id in tasks}
    pairs = []
    for task_id in sorted(tasks):
        for target in sorted(tasks[task_id].downstream_task_ids):
            upstream[target].append(task_id)
            pairs.append((task_id, target))
    groups, group_of = placed(dag.task_group)
    is_flat = len(groups) == 1
    before = upstream if is_flat else waits(groups, group_of, upstream)
    for group in groups.values():
        group.members = ordered(group.members, before)
    walked: list[str] = []
    walk(groups, "", walked)
    names = {
        group_id: {"id": f"TaskGroup/{place}{group_id}", "groupId": group_id}
        for group_id in groups
    }
    listed, nodes, references = [], [], {}
    for member in walked:
        if member in groups:
            nodes.append(_group_node(member, groups[member]))
            continue
        if member not in tasks:
            nodes.append(_join_node(member))
            continue
        task, group_id = tasks[member], group_of[member]
        around = groups[group_id]
        label = member.removeprefix(around.prefix)
        operator = task.operator or task.task_type
        own_rule = task.trigger_rule or rule
        if task.partial is not None:
            own_rule = task.partial.get("trigger_rule", own_rule)
        is_mapped = task.is_mapped or around.is_mapped
        reference = {"id": f"Task/{place}{member}", "taskId": member}
        references[member] = reference
        listed.append(
            {
                **reference,
                "label": label,
                "operatorName": operator,
                "triggerRule": own_rule.upper(),
                "isMapped": is_mapped,
                "isSetup": task.is_setup,
                "isTeardown": task.is_teardown,
                "upstreamTaskIds": upstream[member],
                "downstreamTaskIds": task.downstream_task_ids,
                "group": names[group_id] if group_id else None,
            }
        )
        nodes.append(
            {
                "key": member,
                "parentKey": group_id or None,
                "kind": "TASK",
                "label": task.display_name or label,
                "operatorName": operator,
                "isMapped": is_mapped,
                "isSetup": task.is_setup,
                "isTeardown": task.is_teardown,
            }
        )
    labels = {
        (source, target): info.get("label")
        for source, targets in dag.edge_info.items()
        for target, info in targets.items()
    }
    drawn: Sequence[Pair]
    drawn = pairs if is_flat else through_joins(groups, tasks, upstream, pairs)
    return {
        "tasks": listed,
        "edges": [
            {
                "sourceId": source,
                "targetId": target,
                "label": labels.get((source, target)),
                "isSetupTeardown": source in setups and target in teardowns,
                "source": references[source],
                "target": references[target],
            }
            for source, target in pairs
        ],
        "taskGroups": [
            _group(groups[member], names) for member in walked if member in groups
        ],
        "graph": {
            "nodes": nodes,
            "edges": [
                {
                    "sourceKey": source,
                    "targetKey": target,
                    "label": labels.get((source, target)),
                    "isSetupTeardown": source in setups and target in teardowns,
                }
                for source, target in drawn
            ],
        },
    }


def _group(group: Placed, names: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    return {
        **names[group.path[-1]],
        "label": group.label,
        "tooltip": group.body.tooltip,
        "isMapped": group.is_mapped,
        "parent": names[group.path[-2]] if len(group.path) > 1 else None,
        "childIds": group.members,
    }


def _group_node(group_id: str, group: Placed) -> dict[str, Any]:
    return {
        "key": group_id,
        "parentKey": group.path[-2] if len(group.path) > 1 else None,
        "kind": "GROUP",
        "label": group.label,
        "operatorName": None,
        "isMapped": group.is_mapped,
        "isSetup": False,
        "isTeardown": False,
    }


def _join_node(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "parentKey": key.removesuffix(INTO).removesuffix(OUT_OF),
        "kind": "JOIN",
        "label": "",
        "operatorName": None,
        "isMapped": False,
        "isSetup": False,
        "isTeardown": False,
    }


def _latest(dag_id: str, rows: Sequence[Any]) -> dict[str, Any]:
    run_id, run_state = rows[0][:2]
    return {
        "id": f"DagRun/{dag_id}/{run_id}",
        "runId": run_id,
        "state": run_state.upper(),
        "taskInstances": {
            "nodes": [
                {
                    "id": f"TaskInstance/{dag_id}/{run_id}/{task_id}/{map_index}",
                    "taskId": task_id,
                    "mapIndex": map_index,
                    "state": state and state.upper(),
                }
                for _, _, task_id, map_index, state in rows[:_MOST]
                if task_id is not None
            ],
            "pageInfo": {"hasNextPage": len(rows) > _MOST},
        },
    }
