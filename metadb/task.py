"""A task as its serialized definition has it, with every value in effect.

A value in effect is, in this order: a mapped task's `partial_kwargs`, the task's own,
the settings in force when Airflow (3.1 or later) parsed it, the schema's default. For
what is read here the defaults of all serializations agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metadb.dag_param import Param, params
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
        upstream: The ids of the tasks directly before each task, sorted; a task
            without any is missing.
        downstream: Those directly after it.
    """

    name: str
    dag_id: str
    version_number: int | None
    version: int
    defaults: Mapping[str, Any]  # Any: JSON
    start_date: object
    end_date: object
    params: object
    upstream: Mapping[str, tuple[str, ...]]
    downstream: Mapping[str, tuple[str, ...]]


def defaults_with(task_defaults: Mapping[str, object]) -> Mapping[str, object]:
    """The schema's defaults, and over them the settings in force at parsing."""
    return {**_DEFAULTS, **task_defaults}


class Task:
    """A task; what costs is read from its definition when it is asked for.

    Attributes:
        task_id: In full, as Airflow's pages name it.
        label: The id without its groups' prefixes.
        group_id: The group directly around it.
        is_mapped: Whether it, or a group around it, is expanded while it runs.
        is_mapped_itself: Whether it is, groups apart.
    """

    __slots__ = (
        "_around",
        "_fields",
        "_partial",
        "group_id",
        "is_mapped",
        "is_mapped_itself",
        "label",
        "task_id",
    )

    def __init__(
        self,
        fields: Body,
        around: Surroundings,
        task_id: str,
        label: str,
        group_id: str | None,
        is_in_mapped: bool,
    ) -> None:
        self._fields = fields
        self._around = around
        self.task_id = task_id
        self.label = label
        self.group_id = group_id
        self.is_mapped_itself = fields.get("_is_mapped") is True
        self.is_mapped = self.is_mapped_itself or is_in_mapped
        partial = fields.get("partial_kwargs") if self.is_mapped_itself else None
        self._partial: Body = partial if isinstance(partial, dict) else {}

    def _value(self, key: str) -> Any:  # Any: JSON
        """The value in effect, out of its wrapping."""
        if key in self._partial:
            return bare(self._partial[key])
        if key in self._fields:
            return self._fields[key]
        return self._around.defaults.get(key)

    def _text(self, key: str) -> str | None:
        value = self._value(key)
        return value if isinstance(value, str) else None

    def _integer(self, key: str) -> int:
        value = self._value(key)
        if not isinstance(value, int | float):
            value = _DEFAULTS[key]
        return int(max(-_INTEGER, min(value, _INTEGER)))

    def _seconds(self, key: str) -> float | None:
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value)

    def _instant(self, key: str, inherited: object) -> datetime | None:
        own = instant(self._value(key))
        return instant(inherited) if own is None else own

    @property
    def structure(self) -> str:
        """The structure that defines it."""
        return self._around.name

    @property
    def version(self) -> str:
        """The version of its structure, without the hash."""
        return self._around.name.partition("#")[0]

    @property
    def dag_id(self) -> str:
        """The DAG that its structure is of."""
        return self._around.dag_id

    @property
    def version_number(self) -> int | None:
        """The number of its version; None in Airflow 2."""
        return self._around.version_number

    @property
    def upstream_task_ids(self) -> tuple[str, ...]:
        """Sorted."""
        return self._around.upstream.get(self.task_id, ())

    @property
    def downstream_task_ids(self) -> tuple[str, ...]:
        """Sorted."""
        return self._around.downstream.get(self.task_id, ())

    @property
    def task_type(self) -> str:
        """The class of its operator."""
        return (
            self._text("_task_type")
            or self._text("task_type")
            or _DEFAULTS["task_type"]
        )

    @property
    def operator_name(self) -> str:
        """As Airflow's pages show it, for example `@task`."""
        return self._text("_operator_name") or self.task_type

    @property
    def display_name(self) -> str:
        """What people call it, else its id."""
        return (
            self._text("task_display_name")
            or self._text("_task_display_name")
            or self._text("_task_display_property_value")
            or self.task_id
        )

    @property
    def module(self) -> str | None:
        """The Python module of its operator."""
        return self._text("_task_module")

    @property
    def owner(self) -> str:
        """Who owns it; `airflow` if nobody is named."""
        return self._text("owner") or _DEFAULTS["owner"]

    @property
    def doc_md(self) -> str | None:
        """Its documentation, in Markdown."""
        return self._text("doc_md")

    @property
    def trigger_rule(self) -> str:
        """Airflow's word."""
        return self._text("trigger_rule") or _DEFAULTS["trigger_rule"]

    @property
    def depends_on_past(self) -> bool:
        """Whether it waits for its own instance in the run before."""
        return self._value("depends_on_past") is True

    @property
    def wait_for_downstream(self) -> bool:
        """Whether it also waits there for the tasks after it."""
        return self._value("wait_for_downstream") is True

    @property
    def retries(self) -> int:
        """How often it is tried again."""
        return self._integer("retries")

    @property
    def retry_delay(self) -> float | None:
        """Seconds."""
        return self._seconds("retry_delay")

    @property
    def retry_exponential_backoff(self) -> float:
        """The multiplier; 0 is off, 2 where Airflow only knows on."""
        value = self._value("retry_exponential_backoff")
        if isinstance(value, bool):
            return 2.0 if value else 0.0
        return float(value) if isinstance(value, int | float) else 0.0

    @property
    def execution_timeout(self) -> float | None:
        """Seconds."""
        return self._seconds("execution_timeout")

    @property
    def start_date(self) -> datetime | None:
        """The task's, else the DAG's."""
        return self._instant("start_date", self._around.start_date)

    @property
    def end_date(self) -> datetime | None:
        """The task's, else the DAG's."""
        return self._instant("end_date", self._around.end_date)

    @property
    def pool(self) -> str:
        """The pool whose slots it takes."""
        return self._text("pool") or _DEFAULTS["pool"]

    @property
    def pool_slots(self) -> int:
        """How many slots it takes."""
        return self._integer("pool_slots")

    @property
    def queue(self) -> str | None:
        """The executor's queue; None if it was set to none."""
        return self._text("queue")

    @property
    def priority_weight(self) -> int:
        """Its own weight, others' not added."""
        return self._integer("priority_weight")

    @property
    def weight_rule(self) -> str:
        """Airflow's word, or the import path of a class."""
        return self._text("weight_rule") or _DEFAULTS["weight_rule"]

    @property
    def is_sensor(self) -> bool:
        """Whether it waits for something outside."""
        if self._fields.get("_is_sensor") is True:
            return True
        deps = self._fields.get("deps")
        return isinstance(deps, list) and any(
            isinstance(dep, str) and dep.endswith(".ReadyToRescheduleDep")
            for dep in deps
        )

    @property
    def is_setup(self) -> bool:
        """Whether it sets something up for others."""
        return self._value("is_setup") is True

    @property
    def is_teardown(self) -> bool:
        """Whether it takes down what a setup has set up."""
        return self._value("is_teardown") is True

    @property
    def can_skip_downstream(self) -> bool | None:
        """Whether it may skip tasks after it; None before Airflow 3."""
        if self._around.version == 1:
            return None
        return self._value("_can_skip_downstream") is True

    @property
    def template_fields(self) -> tuple[str, ...]:
        """Names of fields that are rendered before it runs, in stored order."""
        found = bare(self._value("template_fields"))
        if not isinstance(found, list):
            return ()
        return tuple(field for field in found if isinstance(field, str))

    @property
    def template_field_values(self) -> dict[str, Any]:  # Any: JSON
        """The fields' values before rendering; a field without one is missing."""
        return {
            field: unwrap(stored[field])
            for field in self.template_fields
            for stored in (self._fields, self._partial)
            if field in stored
        }

    @property
    def untied_field_values(self) -> dict[str, Any]:  # Any: JSON
        """The same, without what they name of other DAGs."""
        return untied(self.template_field_values)

    @property
    def params(self) -> tuple[Param, ...]:
        """The DAG's with the task's own over them."""
        own = self._fields.get("params")
        partial = self._partial.get("params")
        return params(self._around.params, partial, own)

    @property
    def ui_color(self) -> str | None:
        """Its colour in a graph."""
        return self._text("ui_color")

    @property
    def ui_fgcolor(self) -> str | None:
        """Its text's colour there."""
        return self._text("ui_fgcolor")

    @property
    def extra_links(self) -> tuple[tuple[str, str | None], ...]:
        """Names of links to other pages, each with the XCom key that holds it.

        Airflow 2 has no such key: it makes the link of the DAG file when it is asked.
        """
        stored = bare(self._value("_operator_extra_links"))
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
        return references(self._value("inlets"))

    @property
    def outlets(self) -> tuple[Reference, ...]:
        """The assets it writes, in stored order."""
        return references(self._value("outlets"))
