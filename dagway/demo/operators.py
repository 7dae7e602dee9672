"""The kinds of tasks that the sample DAGs use, as Airflow serializes each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Fields = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Operator:
    """A class of operators.

    Attributes:
        task_type: The class's name.
        module: Where it is defined.
        shown: What Airflow's pages call it, if that is not the class's name.
        waits: The state in which an instance waits outside a worker, if it does.
        fields: What its tasks' definitions have besides.
    """

    task_type: str
    module: str
    color: str = "#fff"
    shown: str | None = None
    template_fields: tuple[str, ...] = ()
    renderers: Mapping[str, str] = field(default_factory=dict)
    waits: str | None = None
    fields: Fields = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether its tasks succeed without being run."""
        return self.fields.get("_is_empty") is True

    @property
    def is_decorated(self) -> bool:
        """Whether its tasks are functions."""
        return "op_kwargs" in self.template_fields


_STANDARD = "airflow.providers.standard"
_PYTHON_FIELDS = ("templates_dict", "op_args", "op_kwargs")
_PYTHON_RENDERERS = {"templates_dict": "json", "op_args": "py", "op_kwargs": "py"}
_SKIPS = {"_can_skip_downstream": True}

EMPTY = Operator(
    "EmptyOperator",
    f"{_STANDARD}.operators.empty",
    "#e8f7e4",
    fields={"_is_empty": True},
)
PYTHON = Operator(
    "_PythonDecoratedOperator",
    f"{_STANDARD}.decorators.python",
    "#ffefeb",
    "@task",
    _PYTHON_FIELDS,
    _PYTHON_RENDERERS,
)
BRANCH = Operator(
    "_BranchPythonDecoratedOperator",
    f"{_STANDARD}.decorators.branch_python",
    "#ffefeb",
    "@task.branch",
    _PYTHON_FIELDS,
    _PYTHON_RENDERERS,
    fields=_SKIPS,
)
SHORT_CIRCUIT = Operator(
    "_ShortCircuitDecoratedOperator",
    f"{_STANDARD}.decorators.short_circuit",
    "#ffefeb",
    "@task.short_circuit",
    _PYTHON_FIELDS,
    _PYTHON_RENDERERS,
    fields=_SKIPS,
)
BASH = Operator(
    "BashOperator",
    f"{_STANDARD}.operators.bash",
    "#f0ede4",
    template_fields=("bash_command", "env", "cwd"),
    renderers={"bash_command": "bash", "env": "json"},
    fields={"template_ext": [".sh", ".bash"]},
)
SQL = Operator(
    "SQLExecuteQueryOperator",
    "airflow.providers.common.sql.operators.sql",
    "#cdaaed",
    template_fields=("sql", "parameters", "conn_id", "database"),
    renderers={"sql": "sql", "parameters": "json"},
    fields={"template_ext": [".sql", ".json"]},
)
SENSOR = Operator(
    "DecoratedSensorOperator",
    f"{_STANDARD}.decorators.sensor",
    "#e6f1f2",
    "@task.sensor",
    _PYTHON_FIELDS,
    _PYTHON_RENDERERS,
    fields={"_is_sensor": True, "reschedule": False},
)
RESCHEDULED = Operator(
    SENSOR.task_type,
    SENSOR.module,
    SENSOR.color,
    SENSOR.shown,
    _PYTHON_FIELDS,
    _PYTHON_RENDERERS,
    waits="up_for_reschedule",
    fields={"_is_sensor": True, "reschedule": True},
)
DEFERRED = Operator(
    "DateTimeSensorAsync",
    f"{_STANDARD}.sensors.date_time",
    "#e6f1f2",
    template_fields=("target_time",),
    waits="deferred",
    fields={"_is_sensor": True, "reschedule": False},
)
EXTERNAL = Operator(
    "ExternalTaskSensor",
    f"{_STANDARD}.sensors.external_task",
    "#4db7db",
    template_fields=(
        "external_dag_id",
        "external_task_id",
        "external_task_ids",
        "external_task_group_id",
    ),
    waits="up_for_reschedule",
    fields={
        "_is_sensor": True,
        "reschedule": True,
        "_operator_extra_links": {"External DAG": "_link_ExternalDagLink"},
    },
)
TRIGGER = Operator(
    "TriggerDagRunOperator",
    f"{_STANDARD}.operators.trigger_dagrun",
    "#ffefeb",
    template_fields=(
        "trigger_dag_id",
        "trigger_run_id",
        "logical_date",
        "conf",
        "wait_for_completion",
        "skip_when_already_exists",
    ),
    renderers={"conf": "py"},
    fields={
        "_operator_extra_links": {"Triggered DAG": "_link_TriggerDagRunLink"},
        "logical_date": "NOTSET",
        "wait_for_completion": False,
        "skip_when_already_exists": False,
    },
)
APPROVAL = Operator(
    "ApprovalOperator",
    f"{_STANDARD}.operators.hitl",
    template_fields=("subject", "body"),
    waits="awaiting_input",
    fields=_SKIPS,
)
