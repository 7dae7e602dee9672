"""Many rows in Airflow 3.3's shapes, which the database itself makes."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support import seed

EPOCH_S = 1_767_225_600
"""2026-01-01, in seconds; a DAG's first run is then, and one follows each hour."""
WIDTH = 10
"""Tasks of a layer; each is before two of the next layer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A DAG, or several alike.

    Attributes:
        dags: How many; each has a number behind its name if there are several.
        versions: Of each DAG. All have the same structure; the last made all runs.
        mapped: Instances of the only task in each run; 0 if it is not mapped.
        groups: Of its tasks, each before the next as a whole; 0 for none.
    """

    name: str
    tasks: int
    runs: int
    dags: int = 1
    versions: int = 1
    mapped: int = 0
    groups: int = 0

    @property
    def ids(self) -> list[str]:
        """The names of its DAGs."""
        if self.dags == 1:
            return [self.name]
        return [f"{self.name}_{number:04}" for number in range(self.dags)]

    @property
    def instances(self) -> int:
        """Task instances of all its DAGs."""
        return self.dags * self.runs * self.tasks * max(self.mapped, 1)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a backend spells what the two spell differently."""

    instant: Callable[[str], str]
    new_id: str
    text: str


_POSTGRES = _Dialect(
    instant=lambda seconds: f"to_timestamp({EPOCH_S} + ({seconds}))",
    new_id="gen_random_uuid()",
    text="lpad(({value})::text, {digits}, '0')",
)
_SQLITE = _Dialect(
    instant=lambda seconds: (
        f"strftime('%Y-%m-%d %H:%M:%f000', {EPOCH_S} + ({seconds}), 'unixepoch')"
    ),
    new_id="lower(hex(randomblob(16)))",
    text="printf('%0{digits}d', {value})",
)


def script(shapes: list[Shape], address: str) -> str:
    """What makes them on a database; foreign keys hold, but are not looked up."""
    if address.startswith("sqlite:"):
        made = "\n".join(_made(shape, _SQLITE) for shape in shapes)
        return f"PRAGMA synchronous = OFF; BEGIN; {made} COMMIT;"
    made = "\n".join(_made(shape, _POSTGRES) for shape in shapes)
    return f"SET session_replication_role = replica; {made}"


def _made(shape: Shape, dialect: _Dialect) -> str:
    made = []
    for dag_id in shape.ids:
        version_id = uuid.uuid5(uuid.NAMESPACE_OID, dag_id).hex
        made += [
            seed.insert("dag", [{**_DAG, "dag_id": dag_id}]),
            seed.insert("dag_tag", _tags(dag_id)),
            _versions(shape, dag_id, version_id, dialect),
            _runs(shape, dag_id, version_id, dialect),
            _instances(shape, dag_id, version_id, dialect),
        ]
    return "\n".join(made)


_DAG: dict[str, Any] = {
    "owners": "ada, grace",
    "fileloc": "/opt/airflow/dags/bench.py",
    "relative_fileloc": "bench.py",
    "timetable_description": "Never, external triggers only",
    "max_active_runs": 16,
}


def _tags(dag_id: str) -> list[dict[str, Any]]:
    number = sum(dag_id.encode())
    names = ("benchmark", f"team_{number % 7}", f"tier_{number % 3}")
    return [{"name": name, "dag_id": dag_id} for name in names]


def _task_id(value: str, dialect: _Dialect) -> str:
    return "'task_' || " + dialect.text.format(value=value, digits=5)


def _numbers(name: str, end: int) -> str:
    """A table of 0 to end - 1, as a common table expression."""
    return (
        f"{name}(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM {name} "
        f"WHERE i + 1 < {end})"
    )


def _versions(shape: Shape, dag_id: str, version_id: str, dialect: _Dialect) -> str:
    """The last one has the id that is given."""
    last, named = shape.versions, seed.literal(dag_id)
    data = seed.literal(
        structure(dag_id, shape.tasks, mapped=bool(shape.mapped), groups=shape.groups)
    )
    if dialect is _POSTGRES:
        data += "::jsonb"
    at = dialect.instant("60 * (version_number - 1)")
    digest = dialect.text.format(value="version_number", digits=32)
    rest = f"dag_id, {data}, {at}, {at}, {digest}, id FROM dag_version"
    insert = (
        "INSERT INTO dag_version (id, version_number, dag_id, bundle_name, "
        "created_at, last_updated)"
    )
    begun = dialect.instant("60 * i")
    older = f"""WITH RECURSIVE {_numbers("n", last - 1)} {insert}
SELECT {dialect.new_id}, i + 1, {named}, 'dags-folder', {begun}, {begun} FROM n;"""
    begun = dialect.instant(f"60 * {last - 1}")
    return f"""{older if last > 1 else ""}
{insert} VALUES ('{version_id}', {last}, {named}, 'dags-folder', {begun}, {begun});
INSERT INTO serialized_dag (id, dag_id, data, created_at, last_updated, dag_hash,
dag_version_id) SELECT {dialect.new_id}, {rest} WHERE dag_id = {named};"""


def _runs(shape: Shape, dag_id: str, version_id: str, dialect: _Dialect) -> str:
    """Run `run_00000` is the oldest; ids follow on those that there are."""
    begin = dialect.instant("3600 * i")
    number = dialect.text.format(value="i", digits=5)
    return f"""WITH RECURSIVE {_numbers("n", shape.runs)}
INSERT INTO dag_run (id, dag_id, run_id, state, run_type, queued_at, logical_date,
start_date, end_date, run_after, data_interval_start, data_interval_end, created_at,
updated_at, clear_number, span_status, conf, log_template_id, triggered_by,
created_dag_version_id)
SELECT (SELECT max(id) FROM dag_run) + 1 + i, {seed.literal(dag_id)},
'run_' || {number}, CASE WHEN i % 10 = 7 THEN 'failed' ELSE 'success' END, 'scheduled',
{begin}, {begin}, {begin}, {dialect.instant("3600 * i + 900.125")}, {begin},
{begin}, {begin}, {begin}, {begin}, 0, 'not_started', '{{}}',
(SELECT min(id) FROM log_template), 'TIMETABLE', '{version_id}' FROM n;"""


def _instances(shape: Shape, dag_id: str, version_id: str, dialect: _Dialect) -> str:
    numbers = [_numbers("t", shape.tasks), _numbers("m", max(shape.mapped, 1))]
    begin = (
        "3600 * (dag_run.id - (SELECT min(id) FROM dag_run WHERE dag_id = {dag_id}))"
    )
    begin = begin.format(dag_id=seed.literal(dag_id)) + " + t.i % 600 + 0.25"
    map_index = "m.i" if shape.mapped else "-1"
    return f"""WITH RECURSIVE {", ".join(numbers)}
INSERT INTO task_instance (id, dag_id, run_id, task_id, map_index, state, start_date,
end_date, duration, try_number, max_tries, hostname, unixname, pool, pool_slots, queue,
priority_weight, operator, queued_dttm, scheduled_dttm, last_heartbeat_at, pid,
updated_at, context_carrier, span_status, next_kwargs, dag_version_id)
SELECT {dialect.new_id}, dag_run.dag_id, run_id, {_task_id("t.i", dialect)},
{map_index}, CASE WHEN (t.i + m.i + dag_run.id) % 50 = 3 THEN 'failed'
WHEN (t.i + m.i) % 20 = 9 THEN 'skipped' ELSE 'success' END,
{dialect.instant(begin)}, {dialect.instant(begin + " + 12.5")}, 12.5,
1 + (t.i + dag_run.id) % 2, 1, 'worker-7.example.org', 'airflow', 'default_pool', 1,
'default', 1 + t.i % 9, 'EmptyOperator', {dialect.instant(begin + " - 2")},
{dialect.instant(begin + " - 3")}, {dialect.instant(begin + " + 12")}, 4711 + t.i,
{dialect.instant(begin + " + 13")},
'{_CARRIER}', 'not_started', 'null', '{version_id}'
FROM dag_run CROSS JOIN t CROSS JOIN m WHERE dag_run.dag_id = {seed.literal(dag_id)};"""


_CARRIER = (
    '{"__var": {"traceparent": "00-abfbef5cd4ea2a39c35222b0f98e1d76-f987d41002d92384"}'
    ', "__type": "dict"}'
)


def structure(
    dag_id: str, tasks: int, *, mapped: bool, groups: int = 0
) -> dict[str, object]:
    """A serialized DAG that Airflow 3.3 reads, of layers of tasks.

    Groups have whole layers; each task of one's last is before all of the next one's
    first.
    """
    ids = [f"task_{number:05}" for number in range(tasks)]
    after: dict[str, list[str]] = {}
    for number, task_id in enumerate(ids):
        below = (number // WIDTH + 1) * WIDTH
        across = {below + number % WIDTH, below + (number + 1) % WIDTH}
        if groups and below % (tasks // groups) == 0:
            across = {*range(below, below + WIDTH)}
        after[task_id] = [ids[at] for at in sorted(across) if at < tasks]
    found = seed.serialized(dag_id, after, **_STRUCTURE)
    dag: Any = found["dag"]
    for task in dag["tasks"]:
        task["__var"] |= _MAPPED if mapped else _TASK
    if groups:
        dag["task_group"]["children"] = _grouped(dag["task_group"], groups)
    return found


def _grouped(root: dict[str, Any], number: int) -> dict[str, object]:
    """What is in a group, in so many groups."""
    children = list(root["children"].items())
    each = len(children) // number
    names = [f"group_{at:02}" for at in range(number)]
    return {
        name: [
            "taskgroup",
            {
                **root,
                "_group_id": name,
                "prefix_group_id": False,
                "children": dict(children[at * each : (at + 1) * each]),
                "upstream_group_ids": names[max(at - 1, 0) : at],
                "downstream_group_ids": names[at + 1 : at + 2],
            },
        ]
        for at, name in enumerate(names)
    }


_STRUCTURE: dict[str, Any] = {
    "tags": ["benchmark"],
    "params": [],
    "catchup": False,
    "deadline": None,
    "start_date": EPOCH_S,
    "max_active_runs": 16,
    "max_active_tasks": 16,
    "relative_fileloc": "bench.py",
    "allowed_run_types": None,
    "is_paused_upon_creation": False,
    "disable_bundle_versioning": False,
    "max_consecutive_failed_dag_runs": 0,
}
_TASK: dict[str, Any] = {
    "ui_color": "#e8f7e4",
    "_is_empty": True,
    "retry_delay": 300.0,
    "_task_module": "airflow.providers.standard.operators.empty",
    "template_fields": [],
    "_needs_expansion": False,
    "has_retry_policy": False,
}
_MAPPED: dict[str, Any] = {
    "ui_color": "#e8f7e4",
    "_is_empty": True,
    "_is_mapped": True,
    "_task_module": "airflow.providers.standard.operators.empty",
    "expand_input": {
        "type": "dict-of-lists",
        "value": {"__var": {"doc": ["a", "b"]}, "__type": "dict"},
    },
    "partial_kwargs": {"retry_delay": {"__var": 300.0, "__type": "timedelta"}},
    "template_fields": [],
    "_expand_input_attr": "expand_input",
    "_disallow_kwargs_override": False,
}
