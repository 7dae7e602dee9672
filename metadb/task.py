"""A task as its serialized definition has it, with every value in effect.

A value in effect is, in this order: a mapped task's `partial_kwargs`, the task's own,
the settings in force when Airflow (3.1 or later) parsed it, the schema's default. For
what is read here the defaults of all serializations agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import or_
from typing import Any

from msgspec import Struct

from metadb.adjacency import Edges
from metadb.dag_param import Param, params
from metadb.members import Members
from metadb.reference import Reference, references
from metadb.serialized import Body, bare, instant, unwrap
from metadb.setting import (
    FirstText,
    Setting,
    backoff,
    integer,
    is_true,
    named_fields,
    seconds,
    text,
)
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


_NOBODY: list[str] = []


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

    task_type = Setting(FirstText(_DEFAULTS["task_type"]), "_task_type", "task_type")
    """The class of its operator."""
    operator_name = Setting(
        FirstText(_DEFAULTS["task_type"]),
        "_operator_name",
        "_task_type",
        "task_type",
    )
    """As Airflow's pages show it, for example `@task`."""
    given_name = Setting(
        FirstText(),
        "task_display_name",
        "_task_display_name",
        "_task_display_property_value",
    )
    """What people call it, if they gave it a name besides its id."""

    @property
    def display_name(self) -> str:
        """What people call it, else its id."""
        return self.given_name or self.task_id

    module = Setting(text, "_task_module")
    """The Python module of its operator."""
    owner = Setting(FirstText(_DEFAULTS["owner"]), "owner")
    """Who owns it; `airflow` if nobody is named."""
    doc_md = Setting(text, "doc_md")
    """Its documentation, in Markdown."""
    trigger_rule = Setting(FirstText(_DEFAULTS["trigger_rule"]), "trigger_rule")
    """Airflow's word."""
    depends_on_past = Setting(is_true, "depends_on_past")
    """Whether it waits for its own instance in the run before."""
    wait_for_downstream = Setting(is_true, "wait_for_downstream")
    """Whether it also waits there for the tasks after it."""
    retries = Setting(integer(_DEFAULTS["retries"]), "retries")
    """How often it is tried again."""
    retry_delay = Setting(seconds, "retry_delay")
    """Seconds."""
    retry_exponential_backoff = Setting(backoff, "retry_exponential_backoff")
    """The multiplier; 0 is off, 2 where Airflow only knows on."""
    execution_timeout = Setting(seconds, "execution_timeout")
    """Seconds."""

    @property
    def start_date(self) -> datetime | None:
        """The task's, else the DAG's."""
        return self._instant("start_date", self.around.start_date)

    @property
    def end_date(self) -> datetime | None:
        """The task's, else the DAG's."""
        return self._instant("end_date", self.around.end_date)

    pool = Setting(FirstText(_DEFAULTS["pool"]), "pool")
    """The pool whose slots it takes."""
    pool_slots = Setting(integer(_DEFAULTS["pool_slots"]), "pool_slots")
    """How many slots it takes."""
    queue = Setting(text, "queue")
    """The executor's queue; None if it was set to none."""
    priority_weight = Setting(integer(_DEFAULTS["priority_weight"]), "priority_weight")
    """Its own weight, others' not added."""
    weight_rule = Setting(FirstText(_DEFAULTS["weight_rule"]), "weight_rule")
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

    is_setup = Setting(is_true, "is_setup")
    """Whether it sets something up for others."""
    is_teardown = Setting(is_true, "is_teardown")
    """Whether it takes down what a setup has set up."""

    @property
    def can_skip_downstream(self) -> bool | None:
        """Whether it may skip tasks after it; None before Airflow 3."""
        if self.around.version == 1:
            return None
        return self.value("_can_skip_downstream") is True

    template_fields = Setting(named_fields, "template_fields")
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

    ui_color = Setting(text, "ui_color")
    """Its colour in a graph."""
    ui_fgcolor = Setting(text, "ui_fgcolor")
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
    joined: Edges,
) -> Members[Task]:
    """The tasks of a structure.

    Args:
        around: What they share.
        stored: Each one's fields, by id.
        labels: Of each its label.
        group_ids: The group directly around each.
        in_mapped: Whether each is in a group that is expanded.
        joined: Which of them is directly before which.
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
        "upstream_task_ids": [joined.upstream.get(i, _NOBODY) for i in stored],
        "downstream_task_ids": [joined.downstream.get(i, _NOBODY) for i in stored],
    }
    return Members.of(Task, *[(name, columns[name]) for name in Task.__struct_fields__])


def _partial(fields: Body) -> Body:
    """What a mapped task's copies have in common."""
    partial = fields.get("partial_kwargs")
    return partial if isinstance(partial, dict) else {}


def _in_effect(fields: Body) -> Body:
    """A mapped task's own values in effect."""
    return {**fields, **{key: bare(value) for key, value in _partial(fields).items()}}
