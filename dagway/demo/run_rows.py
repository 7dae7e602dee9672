"""Rows about runs, and about the asset events between them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dagway.demo.chance import Chance
from dagway.demo.dag_rows import CALLBACK, DagRows
from dagway.demo.declared import Dag
from dagway.demo.runs import History, Run
from dagway.demo.sheet import Sheet, as_json
from dagway.demo.standing import state_of
from dagway.demo.starts import Event


class RunRows:
    """Puts runs and events on a sheet."""

    def __init__(self, sheet: Sheet, now: datetime, seed: int) -> None:
        self._sheet = sheet
        self._now = now
        self._seed = seed
        self._backfills: dict[str, int] = {}

    def add(self, run: Run, versions: Mapping[int, str], alert: str | None) -> None:
        """All rows about a run, its instances apart."""
        begun, state = run.begun_by, state_of(run, self._now)
        has_ended = state in {"success", "failed"}
        start = run.start if state != "queued" else None
        latest = run.end if has_ended else self._now - timedelta(seconds=1.2)
        self._sheet.add(
            "dag_run",
            {
                "id": run.id,
                "dag_id": run.dag.dag_id,
                "queued_at": run.queued,
                "logical_date": begun.logical,
                "start_date": start,
                "end_date": run.end if has_ended else None,
                "state": state,
                "run_id": run.run_id,
                "creating_job_id": 2
                if begun.triggered_by in {"TIMETABLE", "ASSET"}
                else None,
                "run_type": begun.run_type,
                "triggered_by": begun.triggered_by,
                "triggering_user_name": begun.user,
                "conf": as_json(dict(begun.conf)),
                "data_interval_start": begun.interval.start if begun.interval else None,
                "data_interval_end": begun.interval.end if begun.interval else None,
                "run_after": begun.run_after,
                "last_scheduling_decision": max(latest, run.start) if start else None,
                "log_template_id": 2,
                "created_at": run.queued + timedelta(milliseconds=1.5),
                "updated_at": max(latest, run.queued),
                "clear_number": 0,
                "backfill_id": self._backfills.get(run.dag.dag_id)
                if begun.is_backfill
                else None,
                "scheduled_by_job_id": 2 if start else None,
                "context_carrier": as_json(
                    {"__var": {"traceparent": run.trace}, "__type": "dict"}
                ),
                "span_status": "not_started",
                "created_dag_version_id": versions[run.structure],
            },
        )
        if run.note is not None:
            noted = latest + timedelta(minutes=1)
            self._note(run.id, run.note, min(noted, self._now))
        for event in begun.events:
            self._sheet.add(
                "dagrun_asset_event", {"dag_run_id": run.id, "event_id": event.id}
            )
        if alert is not None:
            self._deadline(run, alert)
        if begun.user is not None and begun.run_type == "manual":
            self._log(run, begun.user)

    def _note(self, run_id: int, content: str, at: datetime) -> None:
        self._sheet.add(
            "dag_run_note",
            {
                "user_id": "oncall",
                "dag_run_id": run_id,
                "content": content,
                "created_at": at,
                "updated_at": at,
            },
        )

    def _deadline(self, run: Run, alert: str) -> None:
        """A deadline that was missed or is still ahead; one that was met is removed."""
        if run.dag.deadline is None:
            return
        by = run.queued + run.dag.deadline.after
        if run.end <= min(by, self._now):
            return
        chance = Chance.of(self._seed, run.dag.dag_id, run.run_id, "deadline")
        deadline, callback = chance.uuid(run.queued), chance.uuid(run.queued)
        is_missed = by < self._now
        data = {"path": CALLBACK, "kwargs": {}, "prefix": "deadline_alerts"}
        self._sheet.add(
            "callback",
            {
                "id": callback,
                "type": "triggerer",
                "fetch_method": "import_path",
                "data": as_json(data),
                "state": "success" if is_missed else "scheduled",
                "priority_weight": 1,
                "created_at": run.queued,
            },
        )
        self._sheet.add(
            "deadline",
            {
                "id": deadline,
                "created_at": run.queued,
                "last_updated_at": by if is_missed else run.queued,
                "dagrun_id": run.id,
                "deadline_time": by,
                "missed": is_missed,
                "callback_id": callback,
                "deadline_alert_id": alert,
            },
        )

    def _log(self, run: Run, user: str) -> None:
        asked = {
            "dag_run_id": None,
            "logical_date": run.begun_by.logical.isoformat()
            if run.begun_by.logical
            else None,
            "conf": dict(run.begun_by.conf),
            "method": "POST",
        }
        self._sheet.add(
            "log",
            {
                "dttm": run.queued - timedelta(milliseconds=9),
                "event": "trigger_dag_run",
                "dag_id": run.dag.dag_id,
                "task_id": None,
                "run_id": run.run_id,
                "map_index": None,
                "logical_date": run.begun_by.logical,
                "owner": user,
                "owner_display_name": user,
                "extra": as_json(asked),
                "try_number": None,
            },
        )

    def add_backfill(self, dag: Dag, runs: Sequence[Run]) -> None:
        """A DAG's backfill with its runs; comes before the runs themselves."""
        runs = [run for run in runs if run.begun_by.is_backfill]
        if dag.backfill is None or not runs:
            return
        number = self._backfills[dag.dag_id] = len(self._backfills) + 1
        runs.sort(key=lambda run: run.begun_by.run_after)
        made = self._now - dag.backfill.ago
        end = max(run.end for run in runs)
        done = end if end <= self._now else None
        self._sheet.add(
            "backfill",
            {
                "id": number,
                "dag_id": dag.dag_id,
                "from_date": runs[0].begun_by.logical,
                "to_date": runs[-1].begun_by.logical,
                "dag_run_conf": "{}",
                "is_paused": 0,
                "reprocess_behavior": "none",
                "max_active_runs": 1,
                "created_at": made,
                "completed_at": done,
                "updated_at": done or made,
                "triggering_user_name": dag.backfill.by,
            },
        )
        for ordinal, run in enumerate(runs, 1):
            self._sheet.add(
                "backfill_dag_run",
                {
                    "backfill_id": number,
                    "dag_run_id": run.id,
                    "logical_date": run.begun_by.logical,
                    "sort_ordinal": ordinal,
                },
            )

    def add_events(
        self, events: Iterable[Event], asset_ids: Mapping[str, int], dags: DagRows
    ) -> None:
        """Events on assets, and the assets that aliases stood for."""
        stood: set[tuple[int, int]] = set()
        for event in events:
            asset = asset_ids[event.asset.name]
            self._sheet.add(
                "asset_event",
                {
                    "id": event.id,
                    "asset_id": asset,
                    "extra": "{}",
                    "source_task_id": event.instance.task_id,
                    "source_dag_id": event.dag_id,
                    "source_run_id": event.run_id,
                    "source_map_index": event.instance.map_index,
                    "timestamp": event.at,
                },
            )
            if event.alias is not None:
                alias = dags.alias_id(event.alias)
                stood.add((alias, asset))
                self._sheet.add(
                    "asset_alias_asset_event", {"alias_id": alias, "event_id": event.id}
                )
        for alias, asset in sorted(stood):
            self._sheet.add("asset_alias_asset", {"alias_id": alias, "asset_id": asset})

    def add_waiting(self, history: History, asset_ids: Mapping[str, int]) -> None:
        """Assets that were written, and are not yet enough to start a run."""
        first: dict[int, datetime] = {}
        for event in history.waiting:
            first.setdefault(asset_ids[event.asset.name], event.at)
        for asset, at in first.items():
            self._sheet.add(
                "asset_dag_run_queue",
                {
                    "asset_id": asset,
                    "target_dag_id": history.dag.dag_id,
                    "created_at": at,
                },
            )
