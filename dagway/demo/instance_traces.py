"""What instances leave behind: results, rendered fields, questions, the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dagway.demo.chance import Chance
from dagway.demo.declared import Task
from dagway.demo.instances import Instance, Try
from dagway.demo.runs import Run
from dagway.demo.sheet import Row, Sheet, as_json
from dagway.demo.standing import Standing
from dagway.demo.starts import TRIGGERED_BEFORE_END

Json = Any  # Any: JSON

POKE = timedelta(minutes=5)
"""How often a rescheduled sensor looks."""
_LOGGED = timedelta(days=2)
"""How long the log is kept."""
_NOTES = (
    "Known: the provider was down.",
    "Gesehen, läuft morgen wieder.",
    "Retried by hand, see the incident of that night.",
    "再実行済み",
)
_WAITING = {"deferred", "awaiting_input", "up_for_reschedule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An instance of a run, where it stands, and which host it came to."""

    run: Run
    one: Instance
    task: Task
    stands: Standing
    host: str
    chance: Chance


class InstanceTraces:
    """Puts on a sheet what instances that started left behind."""

    def __init__(self, sheet: Sheet, now: datetime) -> None:
        self._sheet = sheet
        self._now = now
        self._triggers = 0
        self._reschedules = 0

    def add_trigger(self, current: Try) -> int:
        """What a deferred instance waits for; its id."""
        self._triggers += 1
        kwargs = {"moment": current.end.isoformat(), "end_from_trigger": False}
        module = "airflow.providers.standard.triggers.temporal"
        self._sheet.add(
            "trigger",
            {
                "id": self._triggers,
                "classpath": f"{module}.DateTimeTrigger",
                "kwargs": as_json(kwargs),
                "created_date": current.start,
                "triggerer_id": 3,
            },
        )
        return self._triggers

    def add(self, subject: Subject, current: Try, uuid: str) -> None:
        """All of it, for an instance with this UUID."""
        run, one, task = subject.run, subject.one, subject.task
        key: Row = {
            "dag_id": run.dag.dag_id,
            "task_id": one.task_id,
            "run_id": run.run_id,
            "map_index": one.map_index,
        }
        if task.operator.template_fields:
            rendered = as_json(_rendered(run, task))
            row = {**key, "rendered_fields": rendered, "k8s_pod_yaml": "null"}
            self._sheet.add("rendered_task_instance_fields", row)
        if subject.stands.state == "success":
            self._results(subject, current, key)
        if task.question is not None:
            self._question(subject, current, uuid)
        if subject.stands.state == "failed" and subject.chance.happens(0.4):
            self._note(subject, current, uuid)
        if task.operator.waits == "up_for_reschedule":
            self._reschedule(current, uuid)
        if current.start > self._now - _LOGGED and not task.operator.is_empty:
            self._log(subject, current, key)

    def _results(self, subject: Subject, current: Try, key: Row) -> None:
        for name, value in _results(subject, current).items():
            self._sheet.add(
                "xcom",
                {
                    "dag_run_id": subject.run.id,
                    **key,
                    "key": name,
                    "dag_result": 0,
                    "value": as_json(value),
                    "timestamp": current.end - timedelta(milliseconds=15),
                },
            )
        length = subject.one.length
        if length is not None:
            self._sheet.add("task_map", {**key, "length": length, "keys": "null"})

    def _note(self, subject: Subject, current: Try, uuid: str) -> None:
        at = min(current.end + timedelta(minutes=25), self._now)
        self._sheet.add(
            "task_instance_note",
            {
                "ti_id": uuid,
                "user_id": "oncall",
                "content": subject.chance.dice.choice(_NOTES),
                "created_at": at,
                "updated_at": at,
            },
        )

    def _question(self, subject: Subject, current: Try, uuid: str) -> None:
        question, moment = subject.task.question, timedelta(seconds=0.4)
        if question is None:
            return
        is_answered = subject.stands.state == "success"
        name = subject.task.owner or subject.run.dag.owner
        by = {"id": name, "name": name}
        self._sheet.add(
            "hitl_detail",
            {
                "ti_id": uuid,
                "options": as_json(question.options),
                "subject": question.subject,
                "body": question.body.replace("{{ run_id }}", subject.run.run_id),
                "defaults": "null",
                "multiple": 0,
                "params": "{}",
                "assignees": as_json([by]),
                "created_at": min(current.start + moment, self._now),
                "responded_at": current.end - moment if is_answered else None,
                "responded_by": as_json(by) if is_answered else None,
                "chosen_options": as_json(question.options[:1])
                if is_answered
                else None,
                "params_input": "{}",
            },
        )

    def _reschedule(self, current: Try, uuid: str) -> None:
        """One row for each time that a sensor looked, and went on waiting."""
        poke = current.start
        while poke < min(current.end, self._now):
            self._reschedules += 1
            self._sheet.add(
                "task_reschedule",
                {
                    "id": self._reschedules,
                    "ti_id": uuid,
                    "start_date": poke,
                    "end_date": poke + timedelta(seconds=0.4),
                    "duration": 0,
                    "reschedule_date": poke + POKE,
                },
            )
            poke += POKE

    def _log(self, subject: Subject, current: Try, key: Row) -> None:
        state = subject.stands.state
        moments = {"running": current.start}
        if subject.stands.end is not None:
            moments[str(state)] = subject.stands.end
        elif state in _WAITING:
            moments[state] = current.start + timedelta(seconds=0.5)
        for event, at in moments.items():
            self._sheet.add(
                "log",
                {
                    "dttm": at + timedelta(milliseconds=12),
                    "event": event,
                    **key,
                    "logical_date": subject.run.begun_by.logical,
                    "owner": subject.task.owner or subject.run.dag.owner,
                    "owner_display_name": None,
                    "extra": as_json({"host_name": subject.host}),
                    "try_number": current.number,
                },
            )


def _rendered(run: Run, task: Task) -> dict[str, Json]:
    """The template fields of a task in a run."""
    own: dict[str, Json] = {}
    if task.operator.is_decorated:
        own |= {"op_args": [], "op_kwargs": {}}
    own |= task.fields
    if task.external is not None:
        own["external_dag_id"] = task.external
    if task.triggers is not None:
        own["trigger_dag_id"] = task.triggers
    if task.question is not None:
        own |= {"subject": task.question.subject, "body": task.question.body}
    day = run.begun_by.logical or run.begun_by.run_after
    words = {"{{ ds }}": f"{day:%Y-%m-%d}", "{{ run_id }}": run.run_id}
    return {
        field: _filled(own.get(field), words) for field in task.operator.template_fields
    }


def _filled(value: Json, words: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(word, text)
    return value


def _results(subject: Subject, current: Try) -> dict[str, Json]:
    """The XComs of an instance that succeeded, by key."""
    task, one = subject.task, subject.one
    found: dict[str, Json] = {}
    if isinstance(task.returns, list):
        found["return_value"] = task.returns[: one.length]
    elif isinstance(task.returns, int):
        varied = subject.chance.dice.lognormvariate(0, 0.1)
        found["return_value"] = round(task.returns * varied)
    if one.followed is not None:
        found["skipmixin_key"] = {"followed": [one.followed]}
    if task.triggers is not None:
        child = f"manual__{(current.end - TRIGGERED_BEFORE_END).isoformat()}"
        found["trigger_run_id"] = child
        found["_link_TriggerDagRunLink"] = f"/dags/{task.triggers}/runs/{child}"
    if task.external is not None:
        run_id = subject.run.run_id
        found["_link_ExternalDagLink"] = f"/dags/{task.external}/runs/{run_id}"
    return found
