"""What starts runs: schedules, people, backfills, other DAGs, and assets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dagway.demo.assets import Alias, Asset
from dagway.demo.declared import Manual, Task
from dagway.demo.instances import Instance
from dagway.demo.schedules import Window

TRIGGERED_BEFORE_END = timedelta(seconds=0.3)
"""How long before its end a task starts a run of another DAG."""


@dataclass(eq=False, slots=True)
class Event:
    """That a task wrote an asset."""

    asset: Asset
    at: datetime
    dag_id: str
    run_id: str
    instance: Instance
    alias: Alias | None
    id: int = 0

    @property
    def names(self) -> set[str]:
        """What a DAG may wait for it by."""
        return {self.asset.name, *([self.alias.name] if self.alias else ())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What starts a run; the columns of `dag_run` that follow from it."""

    run_id: str
    run_type: str
    triggered_by: str
    run_after: datetime
    created: datetime
    logical: datetime | None = None
    interval: Window | None = None
    user: str | None = None
    conf: Mapping[str, object] = field(default_factory=dict)
    failing: Mapping[str, int] = field(default_factory=dict)
    note: str | None = None
    events: tuple[Event, ...] = ()
    is_backfill: bool = False


def scheduled(window: Window) -> Start:
    """A run of a schedule, for a window of it."""
    return Start(
        run_id=f"scheduled__{window.end.isoformat()}",
        run_type="scheduled",
        triggered_by="TIMETABLE",
        run_after=window.end,
        created=window.end + timedelta(seconds=0.4 + window.end.microsecond % 7 / 5),
        logical=window.start,
        interval=window,
    )


def backfilled(window: Window, asked: datetime, by: str) -> Start:
    """A run of a backfill that somebody asked for."""
    return Start(
        run_id=f"backfill__{window.end.isoformat()}",
        run_type="backfill",
        triggered_by="BACKFILL",
        run_after=window.end,
        created=asked,
        logical=window.start,
        interval=window,
        user=by,
        is_backfill=True,
    )


def manual(manual: Manual, now: datetime) -> Start:
    """A run that somebody started."""
    at = now - manual.ago
    logical = at.replace(microsecond=0) if manual.is_dated else None
    return Start(
        run_id=f"manual__{(logical or at).isoformat()}",
        run_type="manual",
        triggered_by=manual.through,
        run_after=at,
        created=at + timedelta(milliseconds=20),
        logical=logical,
        interval=Window(logical, logical) if logical else None,
        user=manual.by,
        conf=manual.conf,
        failing=manual.failing,
        note=manual.note,
    )


def triggered(by: Start, one: Instance, task: Task) -> Start:
    """A run that an instance started, in a run that itself began as told."""
    at = one.end - TRIGGERED_BEFORE_END
    after = at + timedelta(milliseconds=40)
    return Start(
        run_id=f"manual__{at.isoformat()}",
        run_type="operator_triggered",
        triggered_by="OPERATOR",
        run_after=after,
        created=after + timedelta(milliseconds=5),
        logical=at,
        interval=Window(after, after),
        user=by.user or "airflow",
        conf=task.fields.get("conf", {}),
    )
