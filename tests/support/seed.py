"""Rows in Airflow 3.3's shapes, as many as a test needs, for a copy of a fixture."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

Value = str | int | float | bool | datetime | None | dict[str, object] | list[object]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)

# what Airflow's tables want that no test cares about
_DEFAULTS: Mapping[str, Mapping[str, Value]] = {
    "dag": {
        "is_paused": False,
        "is_stale": False,
        "exceeds_max_non_backfill": False,
        "bundle_name": "dags-folder",
        "timetable_type": "airflow.timetables.simple.NullTimetable",
        "timetable_summary": "None",
        "timetable_partitioned": False,
        "timetable_periodic": False,
        "partition_mapper_info": {},
        "max_active_tasks": 16,
        "max_consecutive_failed_dag_runs": 0,
        "has_task_concurrency_limits": False,
        "has_import_errors": False,
        "fail_fast": False,
    },
    "dag_version": {"created_at": EPOCH, "last_updated": EPOCH},
    "serialized_dag": {"created_at": EPOCH, "last_updated": EPOCH},
    "dag_run": {
        "run_type": "manual",
        "clear_number": 0,
        "span_status": "not_started",
        "conf": {},
    },
    "task_instance_history": {
        "map_index": -1,
        "max_tries": 0,
        "pool": "default_pool",
        "pool_slots": 1,
        "span_status": "not_started",
        "state": "failed",
    },
    "asset": {"extra": {}, "group": "asset", "created_at": EPOCH, "updated_at": EPOCH},
    "dag_schedule_asset_reference": {"created_at": EPOCH, "updated_at": EPOCH},
    "task_outlet_asset_reference": {"created_at": EPOCH, "updated_at": EPOCH},
    "asset_event": {"extra": {}, "source_map_index": -1},
    "xcom": {"map_index": -1, "timestamp": EPOCH},
    "task_instance": {
        "map_index": -1,
        "try_number": 1,
        "max_tries": 0,
        "pool": "default_pool",
        "pool_slots": 1,
        "span_status": "not_started",
    },
}


def new_id() -> str:
    """A fresh UUID as SQLite holds it; PostgreSQL takes the spelling too."""
    return uuid.uuid4().hex


def insert(table: str, rows: Iterable[Mapping[str, Value]]) -> str:
    """INSERT statements, the columns that a row does not name filled in."""
    return "\n".join(_inserted(table, row) for row in rows)


def _inserted(table: str, row: Mapping[str, Value]) -> str:
    values = {**_DEFAULTS.get(table, {}), **row}
    names = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(map(literal, values.values()))});"  # noqa: E501


def literal(value: Value) -> str:
    """A value as SQL that both backends read; instants as they are stored."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case datetime():
            return f"'{value:%Y-%m-%d %H:%M:%S.%f}'"
        case dict() | list():
            return literal(json.dumps(value))
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


def serialized(
    dag_id: str, edges: Mapping[str, Iterable[str]], **dag: object
) -> dict[str, object]:
    """A serialized DAG: its tasks, each with those directly after it."""
    return {
        "__version": 3,
        "dag": {
            "dag_id": dag_id,
            "fileloc": f"{dag_id}.py",
            "timezone": "UTC",
            "timetable": {
                "__type": "airflow.timetables.simple.NullTimetable",
                "__var": {},
            },
            "edge_info": {},
            "dag_dependencies": [],
            "tasks": [
                {
                    "__type": "operator",
                    "__var": {
                        "task_id": task_id,
                        "task_type": "EmptyOperator",
                        "_task_module": "made.up",
                        "downstream_task_ids": sorted(after),
                    },
                }
                for task_id, after in edges.items()
            ],
            "task_group": {
                "_group_id": None,
                "prefix_group_id": True,
                "group_display_name": "",
                "tooltip": "",
                "ui_color": "CornflowerBlue",
                "ui_fgcolor": "#000",
                "children": {task_id: ["operator", task_id] for task_id in edges},
                "upstream_group_ids": [],
                "downstream_group_ids": [],
                "upstream_task_ids": [],
                "downstream_task_ids": [],
            },
            **dag,
        },
    }


def chained(tasks: int) -> dict[str, list[str]]:
    """Tasks one after another: t0000, t0001, …"""
    ids = [f"t{number:04}" for number in range(tasks)]
    return {task_id: ids[number + 1 : number + 2] for number, task_id in enumerate(ids)}


def version(
    dag_id: str, data: dict[str, object] | None, number: int = 1, version_id: str = ""
) -> str:
    """A version of a DAG, with its structure if it has one."""
    version_id = version_id or new_id()
    made = insert(
        "dag_version",
        [{"id": version_id, "version_number": number, "dag_id": dag_id}],
    )
    if data is None:
        return made
    return made + insert(
        "serialized_dag",
        [
            {
                "id": new_id(),
                "dag_id": dag_id,
                "data": data,
                "dag_hash": new_id(),
                "dag_version_id": version_id,
            }
        ],
    )


def dags(
    number: int, *, tasks: int = 3, runs: int = 2, prefix: str = "many", **dag: Value
) -> str:
    """DAGs named by prefix and number, each with its version, runs and instances.

    Their runs are an hour apart, r0000 the oldest.
    """
    return "\n".join(
        one_dag(f"{prefix}_{at:04}", tasks=tasks, runs=runs, **dag)
        for at in range(number)
    )


def one_dag(dag_id: str, *, tasks: int = 3, runs: int = 2, **dag: Value) -> str:
    """A DAG of tasks in a chain; see `dags`."""
    version_id = new_id()
    made = [
        insert("dag", [{"dag_id": dag_id, "owners": "ada, grace", **dag}]),
        insert("dag_tag", [{"name": "seeded", "dag_id": dag_id}]),
        version(dag_id, serialized(dag_id, chained(tasks)), version_id=version_id),
    ]
    for at in range(runs):
        made.append(run(dag_id, f"r{at:04}", EPOCH + timedelta(hours=at)))
        made.append(
            insert(
                "task_instance",
                [
                    instance(dag_id, f"r{at:04}", task_id, version_id)
                    for task_id in chained(tasks)
                ],
            )
        )
    return "\n".join(made)


def run(dag_id: str, run_id: str, after: datetime, **columns: Value) -> str:
    """A run that took a minute."""
    row: dict[str, Value] = {
        "id": 1_000_000 + next(_numbers),
        "dag_id": dag_id,
        "run_id": run_id,
        "state": "success",
        "run_after": after,
        "logical_date": after,
        "queued_at": after,
        "start_date": after,
        "end_date": after + timedelta(minutes=1),
        **columns,
    }
    return insert("dag_run", [row])


def instance(
    dag_id: str, run_id: str, task_id: str, version_id: str | None, **columns: Value
) -> dict[str, Value]:
    """A task instance's row."""
    return {
        "id": new_id(),
        "dag_id": dag_id,
        "run_id": run_id,
        "task_id": task_id,
        "state": "success",
        "start_date": EPOCH,
        "end_date": EPOCH + timedelta(seconds=2),
        "duration": 2.0,
        "dag_version_id": version_id,
        **columns,
    }


def retried(dag_id: str, run_id: str, tasks: int) -> str:
    """A first try in the history of each task; the instances then are at their second.

    The instances must be there.
    """
    rows: list[dict[str, Value]] = [
        {
            "task_instance_id": new_id(),
            "dag_id": dag_id,
            "run_id": run_id,
            "task_id": task_id,
            "try_number": 1,
            "start_date": EPOCH,
            "end_date": EPOCH + timedelta(seconds=1),
        }
        for task_id in chained(tasks)
    ]
    second = (
        f"UPDATE task_instance SET try_number = 2 WHERE dag_id = {literal(dag_id)} "
        f"AND run_id = {literal(run_id)};"
    )
    return insert("task_instance_history", rows) + second


def assets(number: int, *, maker: str, user: str, first_id: int) -> str:
    """Assets that a DAG's first task makes and another DAG is scheduled on.

    Each has an event that made a run of the user: its first one. All must be there.
    """
    made = []
    for asset_id in range(first_id, first_id + number):
        name = f"{maker}_{asset_id}"
        made += [
            insert("asset", [{"id": asset_id, "name": name, "uri": f"x://{name}"}]),
            insert("asset_active", [{"name": name, "uri": f"x://{name}"}]),
            insert(
                "dag_schedule_asset_reference",
                [{"asset_id": asset_id, "dag_id": user}],
            ),
            insert(
                "task_outlet_asset_reference",
                [{"asset_id": asset_id, "dag_id": maker, "task_id": "t0000"}],
            ),
            insert(
                "asset_event",
                [
                    {
                        "id": asset_id,
                        "asset_id": asset_id,
                        "timestamp": EPOCH,
                        "source_dag_id": maker,
                        "source_run_id": "r0000",
                        "source_task_id": "t0000",
                    }
                ],
            ),
            (
                "INSERT INTO dagrun_asset_event (dag_run_id, event_id) "
                f"SELECT id, {asset_id} FROM dag_run "
                f"WHERE dag_id = {literal(user)} AND run_id = 'r0000';"
            ),
        ]
    return "\n".join(made)


def xcoms(dag_id: str, run_id: str, task_id: str, number: int) -> str:
    """Values that an instance handed on: k0000, k0001, …"""
    return "\n".join(
        "INSERT INTO xcom (dag_run_id, task_id, map_index, key, dag_id, run_id, value, "
        f"timestamp) SELECT id, {literal(task_id)}, -1, 'k{at:04}', dag_id, run_id, "
        f"'{at}', {literal(EPOCH)} FROM dag_run WHERE dag_id = {literal(dag_id)} "
        f"AND run_id = {literal(run_id)};"
        for at in range(number)
    )
