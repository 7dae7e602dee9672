"""Where a task's log is, by the template that Airflow keeps with each run."""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

DEFAULT = (
    "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/"
    "{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}"
    "attempt={{ try_number }}.log"
)
"""Airflow's own, for runs that name none."""


class NoPath(Exception):
    """A log has no path; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try of a task instance, as templates know it."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    logical_date: datetime | None


def log_path(template: str | None, attempt: Attempt) -> str:
    """The path of an attempt's log, beneath the log location.

    Raises:
        NoPath: if the template cannot be filled in, or leads outside.
    """
    template = template or DEFAULT
    ti = SimpleNamespace(
        dag_id=attempt.dag_id,
        run_id=attempt.run_id,
        task_id=attempt.task_id,
        map_index=attempt.map_index,
        try_number=attempt.try_number,
    )
    ts = "" if attempt.logical_date is None else attempt.logical_date.isoformat()
    names = {"ts": ts, "logical_date": ts, "execution_date": ts, **vars(ti)}
    try:
        if "{{" in template:
            environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
            found = environment.from_string(template).render(ti=ti, **names)
        else:
            found = template.format(**{k: str(v) for k, v in names.items()})
    except (TemplateError, ValueError, LookupError, TypeError, AttributeError) as error:
        message = f"The log's path cannot be made of the template {template!r}."
        raise NoPath(message) from error
    if not {"", ".", ".."}.isdisjoint(found.split("/")):
        message = "The log's path leads outside the log location."
        raise NoPath(message)
    return found
