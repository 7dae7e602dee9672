"""Rows about the DAGs themselves: their versions, sources, tags, and schedules."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from dagway.demo.assets import Alias, Asset
from dagway.demo.chance import Chance
from dagway.demo.declared import Deadline
from dagway.demo.layout import Layout
from dagway.demo.runs import History
from dagway.demo.schedules import Window
from dagway.demo.serialize import FOLDER, hashed, serialized
from dagway.demo.sheet import Sheet, Value, as_json
from dagway.demo.source import source_of

BUNDLE = "dags-folder"
CALLBACK = "nordlicht.alerts.tell_the_team"


class DagRows:
    """Puts DAGs on a sheet, given the ids of the assets."""

    def __init__(
        self, sheet: Sheet, now: datetime, seed: int, asset_ids: Mapping[str, int]
    ) -> None:
        self._sheet = sheet
        self._now = now
        self._seed = seed
        self._asset_ids = asset_ids
        self._alias_ids: dict[str, int] = {}
        self.alert_ids: dict[str, str] = {}

    def add(self, history: History) -> dict[int, str]:
        """All rows about a DAG; the ids of its versions by their numbers from 0."""
        dag = history.dag
        chance = Chance.of(self._seed, dag.dag_id, "definition")
        parsed = self._now - chance.between(2, 28)
        if dag.is_stale:
            parsed = self._now - dag.quiet
        versions: dict[int, str] = {}
        alerts: list[str] = []
        for number, layout in enumerate(history.layouts):
            made = history.changed[number]
            version, alerts = self._version(history, layout, number, made, chance)
            versions[number] = version
        self._sheet.add("dag", self._row(history, parsed, alerts, chance))
        for tag in dag.tags:
            self._sheet.add("dag_tag", {"name": tag, "dag_id": dag.dag_id})
        for owner, link in dag.owner_links.items():
            row: dict[str, Value] = {"dag_id": dag.dag_id, "owner": owner, "link": link}
            self._sheet.add("dag_owner_attributes", row)
        if dag.warning:
            self._sheet.add(
                "dag_warning",
                {
                    "dag_id": dag.dag_id,
                    "warning_type": dag.warning[0],
                    "message": dag.warning[1],
                    "timestamp": parsed,
                },
            )
        self._references(history, parsed)
        return versions

    def _version(
        self,
        history: History,
        layout: Layout,
        number: int,
        made: datetime,
        chance: Chance,
    ) -> tuple[str, list[str]]:
        dag = history.dag
        version, structure, code = (chance.uuid(made) for _ in range(3))
        alerts = [chance.uuid(made)] if dag.deadline else []
        start = min([made, *(run.begun_by.run_after for run in history.runs)])
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        data = serialized(dag, layout, midnight, [_dashed(alert) for alert in alerts])
        when: dict[str, Value] = {"created_at": made, "last_updated": made}
        self._sheet.add(
            "dag_version",
            {
                "id": version,
                "version_number": number + 1,
                "dag_id": dag.dag_id,
                "bundle_name": BUNDLE,
                "version_data": "null",
                **when,
            },
        )
        self._sheet.add(
            "serialized_dag",
            {
                "id": structure,
                "dag_id": dag.dag_id,
                "data": as_json(data),
                **when,
                "dag_hash": hashed(data),
                "dag_version_id": version,
            },
        )
        source = source_of(dag, layout)
        self._sheet.add(
            "dag_code",
            {
                "id": code,
                "dag_id": dag.dag_id,
                "fileloc": f"{FOLDER}/{dag.file}",
                **when,
                "source_code": source,
                "source_code_hash": hashlib.md5(
                    source.encode(), usedforsecurity=False
                ).hexdigest(),
                "dag_version_id": version,
            },
        )
        if dag.deadline:
            (alert,) = alerts
            self.alert_ids[dag.dag_id] = alert
            self._sheet.add(
                "deadline_alert", _alert(alert, dag.deadline, structure, made)
            )
        return version, [_dashed(alert) for alert in alerts]

    def _row(
        self, history: History, parsed: datetime, alerts: list[str], chance: Chance
    ) -> dict[str, Value]:
        dag, schedule = history.dag, history.dag.schedule
        condition = schedule.condition
        owners = {dag.owner} | {
            task.owner for task in history.layouts[-1].tasks.values() if task.owner
        }
        coming = self._coming(history)
        running = sum(
            run.end > self._now for run in history.runs if not run.begun_by.is_backfill
        )
        return {
            "dag_id": dag.dag_id,
            "is_paused": dag.is_paused,
            "is_stale": dag.is_stale,
            "exceeds_max_non_backfill": running >= dag.max_active_runs,
            "last_parsed_time": parsed,
            "last_parse_duration": chance.between(0.05, 0.9).total_seconds(),
            "fileloc": f"{FOLDER}/{dag.file}",
            "relative_fileloc": dag.file,
            "bundle_name": BUNDLE,
            "owners": ", ".join(sorted(owners)),
            "dag_display_name": dag.display_name,
            "description": dag.description,
            "timetable_type": schedule.name,
            "timetable_summary": schedule.summary,
            "timetable_description": schedule.description,
            "timetable_partitioned": False,
            "timetable_periodic": schedule.is_periodic,
            "partition_mapper_info": "[]",
            "asset_expression": as_json(condition.expression(self._asset_ids))
            if condition
            else None,
            "deadline": as_json(alerts) if alerts else None,
            "max_active_tasks": dag.max_active_tasks,
            "max_active_runs": dag.max_active_runs,
            "max_consecutive_failed_dag_runs": 0,
            "has_task_concurrency_limits": False,
            "has_import_errors": dag.import_error is not None,
            "fail_fast": False,
            "allowed_run_types": "null",
            "next_dagrun": coming.start if coming else None,
            "next_dagrun_data_interval_start": coming.start if coming else None,
            "next_dagrun_data_interval_end": coming.end if coming else None,
            "next_dagrun_create_after": coming.end if coming else None,
        }

    def _coming(self, history: History) -> Window | None:
        """What Airflow says of the next scheduled run."""
        dag = history.dag
        if dag.schedule.is_continuous:
            interval = history.runs[-1].begun_by.interval
            return Window(interval.end, self._now) if interval else None
        if dag.is_paused:
            missed = dag.schedule.rhythm.windows(self._now, 1)
            return missed[0] if missed and dag.schedule.is_periodic else None
        return dag.schedule.rhythm.following(self._now - dag.quiet)

    def _references(self, history: History, parsed: datetime) -> None:
        """Which assets a DAG waits for and writes."""
        dag = history.dag
        when: dict[str, Value] = {
            "created_at": history.changed[0],
            "updated_at": parsed,
        }
        condition = dag.schedule.condition
        for one in condition.leaves() if condition else ():
            if isinstance(one, Asset):
                row: dict[str, Value] = {
                    "asset_id": self._asset_ids[one.name],
                    "dag_id": dag.dag_id,
                    "allow_producer_teams": "[]",
                    "allow_global_producers": 1,
                }
                self._sheet.add("dag_schedule_asset_reference", row | when)
            else:
                row = {"alias_id": self.alias_id(one), "dag_id": dag.dag_id}
                self._sheet.add("dag_schedule_asset_alias_reference", row | when)
        for task_id, task in history.layouts[-1].tasks.items():
            same: dict[str, Value] = {"dag_id": dag.dag_id, "task_id": task_id}
            for asset in task.inlets:
                row = {"asset_id": self._asset_ids[asset.name], **same, **when}
                self._sheet.add("task_inlet_asset_reference", row)
            for asset in task.outlets if task.alias is None else ():
                row = {
                    "asset_id": self._asset_ids[asset.name],
                    **same,
                    "allow_consumer_teams": "null",
                    "allow_global_consumers": 1,
                    **when,
                }
                self._sheet.add("task_outlet_asset_reference", row)

    def alias_id(self, alias: Alias) -> int:
        """An alias's id; its row is added when it is first asked for."""
        known = self._alias_ids.get(alias.name)
        if known is None:
            known = self._alias_ids[alias.name] = len(self._alias_ids) + 1
            row: dict[str, Value] = {"id": known, "name": alias.name}
            self._sheet.add("asset_alias", row | {"group": alias.group})
        return known


def _dashed(uuid: str) -> str:
    """A UUID as JSON holds it."""
    parts = (uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:])
    return "-".join(parts)


def _alert(
    uuid: str, deadline: Deadline, structure: str, made: datetime
) -> dict[str, Value]:
    return {
        "id": uuid,
        "created_at": made,
        "serialized_dag_id": structure,
        "name": deadline.name,
        "description": deadline.description,
        "reference": as_json({"reference_type": "DagRunQueuedAtDeadline"}),
        "interval": as_json(_interval(deadline.after)),
        "callback_def": as_json({"path": CALLBACK, "kwargs": {}}),
    }


def _interval(after: timedelta) -> dict[str, object]:
    return {
        "__classname__": "datetime.timedelta",
        "__version__": 2,
        "__data__": after.total_seconds(),
    }
