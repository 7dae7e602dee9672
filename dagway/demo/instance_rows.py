"""Rows of task instances and of the tries before their newest one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dagway.demo.chance import Chance
from dagway.demo.instance_traces import POKE, InstanceTraces, Subject
from dagway.demo.instances import Try
from dagway.demo.runs import Run
from dagway.demo.sheet import Row, Sheet, as_json
from dagway.demo.standing import Standing, known, standing

_EMPTY_PICKLE = b"\x80\x05}\x94."
_HOSTS = tuple(f"airflow-worker-{number}" for number in range(4))
_SCHEDULER = 2
"""The id of the scheduler's job."""


class InstanceRows:
    """Puts the instances of runs on a sheet."""

    def __init__(self, sheet: Sheet, now: datetime, seed: int) -> None:
        self._sheet = sheet
        self._now = now
        self._seed = seed
        self._traces = InstanceTraces(sheet, now)

    def add(
        self,
        run: Run,
        versions: Mapping[int, str],
        weights: Sequence[Mapping[str, int]],
    ) -> None:
        """All rows about a run's instances.

        Args:
            run: The run.
            versions: The ids of its DAG's versions, by their numbers from 0.
            weights: The priority of each task of each version.
        """
        chance = Chance.of(self._seed, run.dag.dag_id, run.run_id, "rows")
        for one in known(run, self._now):
            task = run.layout(one).tasks[one.task_id]
            subject = Subject(
                run=run,
                one=one,
                task=task,
                stands=standing(one, task, self._now),
                host=chance.dice.choice(_HOSTS),
                chance=chance,
            )
            same = _same(subject)
            same["dag_version_id"] = versions[one.structure]
            same["priority_weight"] = weights[one.structure][one.task_id]
            self._add(subject, same)

    def _add(self, subject: Subject, same: Row) -> None:
        chance, stands = subject.chance, subject.stands
        uuid = chance.uuid(subject.run.queued)
        for each in stands.past:
            row = {"task_instance_id": uuid, **same, **_past(subject, each)}
            self._sheet.add("task_instance_history", row)
            uuid = chance.uuid(each.end)
        row = {"id": uuid, **same, **self._current(subject)}
        if stands.state == "deferred" and stands.current is not None:
            row["trigger_id"] = self._traces.add_trigger(stands.current)
        self._sheet.add("task_instance", row)
        if stands.start is not None and stands.current is not None:
            self._traces.add(subject, stands.current, uuid)

    def _current(self, subject: Subject) -> Row:
        """The columns that tell how far the newest try has come."""
        stands, one = subject.stands, subject.one
        current, state = stands.current, stands.state
        is_empty = subject.task.operator.is_empty
        start, end, duration = self._span(subject)
        is_queued = state not in {None, "scheduled"} and not is_empty
        is_run = stands.start is not None and not is_empty
        waits = state in {"deferred", "awaiting_input"}
        queued = current if is_queued else None
        return {
            "start_date": start,
            "end_date": end,
            "duration": duration,
            "state": state,
            "try_number": current.number if current else 0,
            "hostname": subject.host if is_run else "",
            "queued_dttm": queued.queued if queued else None,
            "scheduled_dttm": current.scheduled if current and not is_empty else None,
            "queued_by_job_id": _SCHEDULER if queued else None,
            "last_heartbeat_at": self._heartbeat(stands) if is_run else None,
            "pid": subject.chance.dice.randint(40, 32_000) if is_run else None,
            "updated_at": end or start or min(one.ready, self._now),
            "trigger_id": None,
            "next_method": "execute_complete" if waits else None,
            "next_kwargs": as_json({} if waits else None) if is_run else None,
        }

    def _span(
        self, subject: Subject
    ) -> tuple[datetime | None, datetime | None, float | None]:
        """The start, end and duration that Airflow shows."""
        stands, one = subject.stands, subject.one
        start, end = stands.start, stands.end
        if stands.current is None and stands.state in {"skipped", "upstream_failed"}:
            return one.ready, one.ready, None if one.is_passed_over else 0.0
        if stands.state == "up_for_reschedule" and start is not None:
            start += (self._now - start) // POKE * POKE
            end = min(start + timedelta(seconds=0.4), self._now)
        if start is None or end is None:
            return start, end, None
        return start, end, round((end - start).total_seconds(), 3)

    def _heartbeat(self, stands: Standing) -> datetime:
        latest = self._now - timedelta(seconds=2.5)
        if stands.start is not None:
            latest = max(latest, stands.start)
        return min(latest, stands.end) if stands.end else latest


def _same(subject: Subject) -> Row:
    """Columns that an instance and its tries share."""
    run, one, task = subject.run, subject.one, subject.task
    trace = {"__var": {"traceparent": run.trace}, "__type": "dict"}
    return {
        "task_id": one.task_id,
        "dag_id": run.dag.dag_id,
        "run_id": run.run_id,
        "map_index": one.map_index,
        "max_tries": task.retries,
        "unixname": "airflow",
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "queue": task.queue,
        "operator": task.operator.task_type,
        "custom_operator_name": task.operator.shown or task.operator.task_type,
        "executor_config": _EMPTY_PICKLE,
        "context_carrier": as_json(trace),
        "rendered_map_index": _item(subject),
        "span_status": "not_started",
        "task_display_name": task.display_name or one.task_id,
    }


def _item(subject: Subject) -> str | None:
    """What a mapped instance that has run is named after."""
    run, one, task = subject.run, subject.one, subject.task
    if not task.shows_items or task.over is None or subject.stands.start is None:
        return None
    return str(run.layout(one).tasks[task.over].returns[one.map_index])


def _past(subject: Subject, each: Try) -> Row:
    """The columns of a try that failed."""
    return {
        "start_date": each.start,
        "end_date": each.end,
        "duration": round((each.end - each.start).total_seconds(), 6),
        "state": "failed",
        "try_number": each.number,
        "hostname": subject.host,
        "queued_dttm": each.queued,
        "scheduled_dttm": each.scheduled,
        "queued_by_job_id": _SCHEDULER,
        "pid": subject.chance.dice.randint(40, 32_000),
        "updated_at": each.end,
        "next_kwargs": as_json(None),
    }
