"""How far an instance, or a run, has come at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dagway.demo.declared import Task
from dagway.demo.instances import Instance, Try
from dagway.demo.runs import Run

_SETTLES = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Standing:
    """An instance at an instant.

    Attributes:
        current: The newest try that was begun or is about to be.
        past: Failed tries before it, and itself while a retry is waited for.
    """

    state: str | None
    current: Try | None
    past: tuple[Try, ...] = ()

    @property
    def start(self) -> datetime | None:
        """None if it has not started."""
        has_started = self.state not in {None, "scheduled", "queued"}
        return self.current.start if self.current and has_started else None

    @property
    def end(self) -> datetime | None:
        """None if it has not ended."""
        ended = {"success", "failed", "skipped", "removed", "up_for_retry"}
        return self.current.end if self.current and self.state in ended else None


def standing(one: Instance, task: Task, now: datetime) -> Standing:
    """Where an instance stands."""
    begun = [each for each in one.tries if each.scheduled <= now]
    if not begun:
        decided = not one.tries and one.ready <= now
        return Standing(one.state if decided else None, None)
    last, past = begun[-1], tuple(begun[:-1])
    if last.end <= now:
        if last is not one.tries[-1]:
            return Standing("up_for_retry", last, (*past, last))
        return Standing(one.state, last, past)
    if now < last.queued:
        return Standing("scheduled", last, past)
    if now < last.start:
        return Standing("queued", last, past)
    waits = task.operator.waits
    is_waiting = waits is not None and now > last.start + _SETTLES
    return Standing(waits if is_waiting else "running", last, past)


def known(run: Run, now: datetime) -> list[Instance]:
    """A run's instances as far as they exist: tasks that wait to be mapped are one."""
    ends: dict[str, datetime] = {}
    found: list[Instance] = []
    unexpanded: set[str] = set()
    for one in run.instances:
        ends[one.task_id] = max(one.end, ends.get(one.task_id, one.end))
    for one in run.instances:
        over = run.layout(one).over(one.task_id)
        if over is None or over not in ends or ends[over] <= now or one.map_index == -1:
            found.append(one)
        elif one.task_id not in unexpanded:
            unexpanded.add(one.task_id)
            found.append(Instance(one.task_id, -1, one.ready, "success", one.tries))
    return found


def state_of(run: Run, now: datetime) -> str:
    """A run's state."""
    if now < run.start:
        return "queued"
    return "running" if now < run.end else run.state
