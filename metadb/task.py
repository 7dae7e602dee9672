"""A task as its serialized definition has it, with every value in effect.

A value in effect is, in this order: a mapped task's `partial_kwargs`, the task's own,
the settings in force when Airflow (3.1 or later) parsed it, the schema's default. For
what is read here the defaults of all serializations agree.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import or_
from typing import Any, Generic, TypeVar, overload

from msgspec import Struct

from metadb.adjacency import Adjacency
from metadb.dag_param import Param, params
from metadb.members import Members
from metadb.reference import Reference, references
from metadb.serialized import Body, bare, instant, unwrap
from metadb.tied import untied

_DEFAULTS: Body = {
    "task_type": "BaseOperator",
    "owner": "airflow",
    "trigger_rule": "all_success",
    "retries": 0,
    "retry_delay": 300.0,
    "pool": "default_pool",
    "pool_slots": 1,
    "queue": "default",
    "priority_weight": 1,
    "weight_rule": "downstream",
    "ui_color": "#fff",
    "ui_fgcolor": "#000",
}


T = TypeVar("T")

_NOBODY: list[str] = []
_INTEGER = 2**31 - 1
"""GraphQL knows no larger one."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the tasks of one structure share.

    Attributes:
        name: The structure's.
        dag_id: Its DAG.
        version_number: None in Airflow 2.
        version: The serialization's.
        defaults: What a task's fields are where the task says nothing.
        start_date: The DAG's, as stored; tasks inherit it.
        end_date: Likewise.
        params: The DAG's, as stored.
    """

    name: str
    dag_id: str
    version_number: int | None
    version: int
    defaults: Mapping[str, Any]  # Any: JSON
    start_date: object
    end_date: object
    params: object


def defaults_with(task_defaults: Mapping[str, object]) -> Mapping[str, object]:
    """The schema's defaults, and over them the settings in force at parsing."""
    return {**_DEFAULTS, **task_defaults}


class _FirstText:
    """Of several values the first that is text, and not empty."""

    def __init__(self, otherwise: str | None = None) -> None:
        self._otherwise = otherwise

    def __call__(self, *values: object) -> Any:
        """Of one task."""
        for value in values:
            if value and isinstance(value, str):
                return value
        return self._otherwise

    def column(self, columns: Iterator[Sequence[Any]]) -> Sequence[Any]:
        """Of many, which mostly have all the same of the values."""
        first: Sequence[Any] = ()
        for first in columns:
            if first.count(None) == len(first):
                continue
            if set(map(type, first)) == {str} and "" not in first:
                return first
            return list(map(self, first, *columns))
        return [self._otherwise] * len(first)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class _IsTrue:
    """Whether a value is true, and nothing else."""

    def __call__(self, value: object) -> bool:
        return value is True

    def column(self, columns: Iterator[Sequence[Any]]) -> Sequence[bool]:
        """Of many."""
        return [value is True for value in next(columns)]


_is_true = _IsTrue()


def _integer(otherwise: int) -> Callable[[object], int]:
    def of(value: object) -> int:
        number = value if isinstance(value, int | float) else otherwise
        return int(max(-_INTEGER, min(number, _INTEGER)))

    return of


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _backoff(value: object) -> float:
    if isinstance(value, bool):
        return 2.0 if value else 0.0
    return float(value) if isinstance(value, int | float) else 0.0


def _named_fields(value: object) -> tuple[str, ...]:
    found = bare(value)
    if not isinstance(found, list):
        return ()
    return tuple(field for field in found if isinstance(field, str))


class Setting(Generic[T]):
    """A function of a task's values in effect: an attribute of it, or many tasks'."""

    def __init__(self, of: Callable[..., T], *keys: str) -> None:
        self._of = of
        self._keys = keys

    @overload
    def __get__(self, task: None, owner: type) -> "Setting[T]": ...
    @overload
    def __get__(self, task: "Task", owner: type) -> T: ...
    def __get__(self, task: "Task | None", owner: type) -> "T | Setting[T]":
        """Its value; of the class itself, how to read it of many."""
        if task is None:
            return self
        return self._of(*map(task.value, self._keys))

    def column(self, tasks: Members["Task"]) -> Sequence[T]:
        """Its value for each task."""
        inputs = (_values(tasks, key) for key in self._keys)
        whole = getattr(self._of, "column", None)
        found: Sequence[T]
        found = list(map(self._of, *inputs)) if whole is None else whole(inputs)
        return found


def _values(tasks: Members["Task"], key: str) -> list[Any]:
    values, around = tasks.column("values"), tasks.column("around")
    if around.count(around[0]) == len(around):
        default = around[0].defaults.get(key)
        return [own.get(key, default) for own in values]
    return [
        own[key] if key in own else other.defaults.get(key)
        for own, other in zip(values, around, strict=True)
    ]


class Task(Struct, eq=False):
    """A task; what costs is read from its definition when it is asked for.

    Attributes:
        fields: As stored.
        values: Its own values in effect; the defaults are `around`'s.
        around: What it shares with the structure's other tasks.
        structure: The structure that defines it.
        dag_id: The DAG that its structure is of.
        task_id: In full, as Airflow's pages name it.
        label: The id without its groups' prefixes.
        group_id: The group directly around it.
        is_mapped_itself: Whether it is expanded while it runs.
        is_mapped: Whether it is, or a group around it.
        upstream_task_ids: Those of the tasks directly before it, sorted.
        downstream_task_ids: Those of the tasks directly after it, sorted.
    """

    fields: Body
    values: Body
    around: Surroundings
    structure: str
    dag_id: str
    task_id: str
    label: str
    group_id: str | None
    is_mapped_itself: bool
    is_mapped: bool
    upstream_task_ids: list[str]
    downstream_task_ids: list[str]

    def value(self, key: str) -> Any:  # Any: JSON
        """The value in effect, out of its wrapping."""
        if key in self.values:
            return self.values[key]
        return self.around.defaults.get(key)

    @property
    def _partial(self) -> Body:
        return _partial(self.fields) if self.is_mapped_itself else {}

    def _instant(self, key: str, inherited: object) -> datetime | None:
        own = instant(self.value(key))
        return instant(inherited) if own is None else own

    @property
    def version(self) -> str:
        """The version of its structure, without the hash."""
        return self.structure.partition("#")[0]

    @property
    def version_number(self) -> int | None:
        """The number of its version; None in Airflow 2."""
        return self.around.version_number

    task_type = Setting(_FirstText(_DEFAULTS["task_type"]), "_task_type", "task_type")
    """The class of its operator."""
    operator_name = Setting(
        _FirstText(_DEFAULTS["task_type"]),
        "_operator_name",
        "_task_type",
        "task_type",
    )
    """As Airflow's pages show it, for example `@task`."""
    given_name = Setting(
        _FirstText(),
        "task_display_name",
        "_task_display_name",
        "_task_display_property_value",
    )
    """What people call it, if they gave it a name besides its id."""

    @property
    def display_name(self) -> str:
        """What people call it, else its id."""
        return self.given_name or self.task_id

    module = Setting(_text, "_task_module")
    """The Python module of its operator."""
    owner = Setting(_FirstText(_DEFAULTS["owner"]), "owner")
    """Who owns it; `airflow` if nobody is named."""
    doc_md = Setting(_text, "doc_md")
    """Its documentation, in Markdown."""
    trigger_rule = Setting(_FirstText(_DEFAULTS["trigger_rule"]), "trigger_rule")
    """Airflow's word."""
    depends_on_past = Setting(_is_true, "depends_on_past")
    """Whether it waits for its own instance in the run before."""
    wait_for_downstream = Setting(_is_true, "wait_for_downstream")
    """Whether it also waits there for the tasks after it."""
    retries = Setting(_integer(_DEFAULTS["retries"]), "retries")
    """How often it is tried again."""
    retry_delay = Setting(_seconds, "retry_delay")
    """Seconds."""
    retry_exponential_backoff = Setting(_backoff, "retry_exponential_backoff")
    """The multiplier; 0 is off, 2 where Airflow only knows on."""
    execution_timeout = Setting(_seconds, "execution_timeout")
    """Seconds."""

    @property
    def start_date(self) -> datetime | None:
        """The task's, else the DAG's."""
        return self._instant("start_date", self.around.start_date)

    @property
    def end_date(self) -> datetime | None:
        """The task's, else the DAG's."""
        return self._instant("end_date", self.around.end_date)

    pool = Setting(_FirstText(_DEFAULTS["pool"]), "pool")
    """The pool whose slots it takes."""
    pool_slots = Setting(_integer(_DEFAULTS["pool_slots"]), "pool_slots")
    """How many slots it takes."""
    queue = Setting(_text, "queue")
    """The executor's queue; None if it was set to none."""
    priority_weight = Setting(_integer(_DEFAULTS["priority_weight"]), "priority_weight")
    """Its own weight, others' not added."""
    weight_rule = Setting(_FirstText(_DEFAULTS["weight_rule"]), "weight_rule")
    """Airflow's word, or the import path of a class."""

    @property
    def is_sensor(self) -> bool:
        """Whether it waits for something outside."""
        if self.fields.get("_is_sensor") is True:
            return True
        deps = self.fields.get("deps")
        return isinstance(deps, list) and any(
            isinstance(dep, str) and dep.endswith(".ReadyToRescheduleDep")
            for dep in deps
        )

    is_setup = Setting(_is_true, "is_setup")
    """Whether it sets something up for others."""
    is_teardown = Setting(_is_true, "is_teardown")
    """Whether it takes down what a setup has set up."""

    @property
    def can_skip_downstream(self) -> bool | None:
        """Whether it may skip tasks after it; None before Airflow 3."""
        if self.around.version == 1:
            return None
        return self.value("_can_skip_downstream") is True

    template_fields = Setting(_named_fields, "template_fields")
    """Names of fields that are rendered before it runs, in stored order."""

    @property
    def template_field_values(self) -> dict[str, Any]:  # Any: JSON
        """The fields' values before rendering; a field without one is missing."""
        return {
            field: unwrap(stored[field])
            for field in self.template_fields
            for stored in (self.fields, self._partial)
            if field in stored
        }

    @property
    def untied_field_values(self) -> dict[str, Any]:  # Any: JSON
        """The same, without what they name of other DAGs."""
        return untied(self.template_field_values)

    @property
    def params(self) -> tuple[Param, ...]:
        """The DAG's with the task's own over them."""
        own = self.fields.get("params")
        partial = self._partial.get("params")
        return params(self.around.params, partial, own)

    ui_color = Setting(_text, "ui_color")
    """Its colour in a graph."""
    ui_fgcolor = Setting(_text, "ui_fgcolor")
    """Its text's colour there."""

    @property
    def extra_links(self) -> tuple[tuple[str, str | None], ...]:
        """Names of links to other pages, each with the XCom key that holds it.

        Airflow 2 has no such key: it makes the link of the DAG file when it is asked.
        """
        stored = bare(self.value("_operator_extra_links"))
        if isinstance(stored, dict):
            return tuple(
                (name, key if isinstance(key, str) else None)
                for name, key in stored.items()
            )
        if not isinstance(stored, list):
            return ()
        paths = [path for one in stored if isinstance(one, dict) for path in one]
        return tuple((path.rpartition(".")[2], None) for path in paths)

    @property
    def inlets(self) -> tuple[Reference, ...]:
        """The assets it reads, in stored order."""
        return references(self.value("inlets"))

    @property
    def outlets(self) -> tuple[Reference, ...]:
        """The assets it writes, in stored order."""
        return references(self.value("outlets"))


def tasks_of(
    around: Surroundings,
    stored: Mapping[str, Body],
    labels: Sequence[str],
    group_ids: Sequence[str | None],
    in_mapped: Sequence[bool],
    upstream: Adjacency,
    downstream: Adjacency,
) -> Members[Task]:
    """The tasks of a structure.

    Args:
        around: What they share.
        stored: Each one's fields, by id.
        labels: Of each its label.
        group_ids: The group directly around each.
        in_mapped: Whether each is in a group that is expanded.
        upstream: The tasks directly before each.
        downstream: Those directly after it.
    """
    fields = list(stored.values())
    mapped = [own.get("_is_mapped") is True for own in fields]
    values = fields
    if True in mapped:
        values = [
            _in_effect(own) if is_mapped else own
            for own, is_mapped in zip(fields, mapped, strict=True)
        ]
    number = len(fields)
    columns: dict[str, Sequence[Any]] = {
        "fields": fields,
        "values": values,
        "around": [around] * number,
        "structure": [around.name] * number,
        "dag_id": [around.dag_id] * number,
        "task_id": list(stored),
        "label": labels,
        "group_id": group_ids,
        "is_mapped_itself": mapped,
        "is_mapped": list(map(or_, mapped, in_mapped)),
        "upstream_task_ids": [upstream.get(task_id, _NOBODY) for task_id in stored],
        "downstream_task_ids": [downstream.get(task_id, _NOBODY) for task_id in stored],
    }
    return Members.of(Task, *[(name, columns[name]) for name in Task.__struct_fields__])


def _partial(fields: Body) -> Body:
    """What a mapped task's copies have in common."""
    partial = fields.get("partial_kwargs")
    return partial if isinstance(partial, dict) else {}


def _in_effect(fields: Body) -> Body:
    """A mapped task's own values in effect."""
    return {**fields, **{key: bare(value) for key, value in _partial(fields).items()}}
