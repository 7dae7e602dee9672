"""A task as its serialized definition has it, with every value in effect.

A value in effect is, in this order: a mapped task's `partial_kwargs`, the task's own,
the settings in force when Airflow (3.1 or later) parsed it, the schema's default. For
what is read here the defaults of all serializations agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metadb.serialized import Body, bare, instant, unwrap

Param = tuple[str, Any, str | None, Any]  # Any: JSON
"""A parameter's name, default, description and schema."""
Reference = tuple[str, str | None, str | None]
"""A reference to an asset: what it goes by, a name, a URI."""

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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the tasks of one structure share.

    Attributes:
        name: The structure's.
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
    """A task; what costs is read from its definition when it is asked for."""

    __slots__ = (
        "_around",
        "_fields",
        "_partial",
        "group_id",
        "is_mapped",
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
        itself = fields.get("_is_mapped") is True
        self.is_mapped = itself or is_in_mapped
        partial = fields.get("partial_kwargs") if itself else None
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
        if isinstance(value, int | float):
            return int(value)
        default = _DEFAULTS[key]
        return default if isinstance(default, int) else 0

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
    def dag_id(self) -> str:
        return self._around.dag_id

    @property
    def version_number(self) -> int | None:
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
        return (
            self._text("task_display_name")
            or self._text("_task_display_name")
            or self._text("_task_display_property_value")
            or self.task_id
        )

    @property
    def module(self) -> str | None:
        return self._text("_task_module")

    @property
    def owner(self) -> str:
        return self._text("owner") or _DEFAULTS["owner"]

    @property
    def doc_md(self) -> str | None:
        return self._text("doc_md")

    @property
    def trigger_rule(self) -> str:
        """Airflow's word."""
        return self._text("trigger_rule") or _DEFAULTS["trigger_rule"]

    @property
    def depends_on_past(self) -> bool:
        return self._value("depends_on_past") is True

    @property
    def wait_for_downstream(self) -> bool:
        return self._value("wait_for_downstream") is True

    @property
    def retries(self) -> int:
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
        return self._text("pool") or _DEFAULTS["pool"]

    @property
    def pool_slots(self) -> int:
        return self._integer("pool_slots")

    @property
    def queue(self) -> str | None:
        return self._text("queue")

    @property
    def priority_weight(self) -> int:
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
        return self._value("is_setup") is True

    @property
    def is_teardown(self) -> bool:
        return self._value("is_teardown") is True

    @property
    def can_skip_downstream(self) -> bool | None:
        """Whether it may skip tasks after it; None before Airflow 3."""
        if self._around.version == 1:
            return None
        return self._value("_can_skip_downstream") is True

    @property
    def template_fields(self) -> tuple[str, ...]:
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
    def params(self) -> tuple[Param, ...]:
        """The DAG's with the task's own over them."""
        own = self._fields.get("params")
        partial = self._partial.get("params")
        return params(self._around.params, partial, own)

    @property
    def ui_color(self) -> str | None:
        return self._text("ui_color")

    @property
    def ui_fgcolor(self) -> str | None:
        return self._text("ui_fgcolor")

    @property
    def inlets(self) -> tuple[Reference, ...]:
        return references(self._value("inlets"))

    @property
    def outlets(self) -> tuple[Reference, ...]:
        return references(self._value("outlets"))


def params(*stored: object) -> tuple[Param, ...]:
    """Parameters as serialized, later ones over earlier ones of the same name."""
    found: dict[str, Param] = {}
    for some in stored:
        for name, body in _pairs(bare(some)):
            found[name] = _param(name, body)
    return tuple(found.values())


def _pairs(stored: object) -> list[tuple[str, object]]:
    """Airflow writes a list of pairs; before 2.7 and in partial_kwargs, an object."""
    if isinstance(stored, dict):
        return list(stored.items())
    if not isinstance(stored, list):
        return []
    return [
        (pair[0], pair[1])
        for pair in stored
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)  # noqa: PLR2004  # a pair
    ]


def _param(name: str, body: object) -> Param:
    body = bare(body)
    if not isinstance(body, dict) or not ("__class" in body or "default" in body):
        return name, unwrap(body), None, {}
    description = unwrap(body.get("description"))
    return (
        name,
        unwrap(body.get("default")),
        description if isinstance(description, str) else None,
        unwrap(body.get("schema")),
    )


_KINDS = {
    "asset": "ASSET",
    "dataset": "ASSET",
    "asset_alias": "ALIAS",
    "dataset_alias": "ALIAS",
}


def references(stored: object) -> tuple[Reference, ...]:
    """References to assets, as inlets and outlets have them; 2.x has no names."""
    stored = bare(stored)
    if not isinstance(stored, list):
        return ()
    return tuple(_reference(item) for item in stored)


def _reference(item: object) -> Reference:
    wrapping = item.get("__type") if isinstance(item, dict) else None
    body = bare(item)
    name = body.get("name") if isinstance(body, dict) else None
    uri = body.get("uri") if isinstance(body, dict) else None
    name = name if isinstance(name, str) else None
    uri = uri if isinstance(uri, str) else None
    if wrapping == "asset_ref":
        return ("NAME_REF" if name is not None else "URI_REF"), name, uri
    kind = _KINDS.get(wrapping, "OTHER") if isinstance(wrapping, str) else "OTHER"
    if kind == "ASSET" and name is None:
        name = uri
    return kind, name, uri
