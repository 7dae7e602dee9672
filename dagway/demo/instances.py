"""What becomes of the tasks of one run, from its start to its end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dagway.demo.chance import Chance
from dagway.demo.declared import Task
from dagway.demo.layout import Layout

Ended = Callable[[str], tuple[datetime, str] | None]
"""When the matching run of another DAG ended, and in which state."""

_FAILED = {"failed", "upstream_failed"}
_AGAIN = 0.45
"""The chance that the try after one that failed fails too."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try of an instance; its state is success, failed or skipped."""

    number: int
    scheduled: datetime
    queued: datetime
    start: datetime
    end: datetime
    state: str


@dataclass(slots=True)
class Instance:
    """A task instance at the end of its run.

    Attributes:
        ready: When all before it was done and its fate was decided.
        tries: None if it never ran.
        structure: The number of the version it belongs to, from 0.
        length: Of its result, if others are mapped over it.
        followed: Of a branch, what it goes on with.
        is_passed_over: Whether a branch skipped it directly.
    """

    task_id: str
    map_index: int
    ready: datetime
    state: str
    tries: list[Try] = field(default_factory=list)
    structure: int = 0
    length: int | None = None
    followed: str | None = None
    is_passed_over: bool = False

    @property
    def end(self) -> datetime:
        """When it was done for good."""
        return self.tries[-1].end if self.tries else self.ready


@dataclass(frozen=True, slots=True)
class Course:
    """What a run's instances depend on.

    Attributes:
        start: When the run starts.
        slowness: What usual durations are multiplied with.
        failing: How many tries of a task fail, where that is not left to chance.
        ended: Asks for the matching run of another DAG.
        not_before: When tasks that were added while it ran exist from.
    """

    start: datetime
    chance: Chance
    slowness: float
    failing: Mapping[str, int]
    ended: Ended
    not_before: Mapping[str, datetime] = field(default_factory=dict)


class Simulation:
    """One run of a layout."""

    def __init__(self, layout: Layout, course: Course) -> None:
        self._layout = layout
        self._course = course
        self._chance = course.chance
        self._found: dict[str, list[Instance]] = {}
        self._skipped: dict[str, datetime] = {}

    def instances(self) -> list[Instance]:
        """All instances, in the order in which their tasks are declared."""
        for task_id in self._layout.order():
            self._found[task_id] = self._of(task_id)
        return [one for task_id in self._layout.tasks for one in self._found[task_id]]

    def _of(self, task_id: str) -> list[Instance]:
        if task_id in self._skipped:
            at = self._skipped[task_id]
            return [Instance(task_id, -1, at, "skipped", is_passed_over=True)]
        over = self._layout.over(task_id)
        if over is None:
            return [self._one(task_id, -1, self._before(task_id, None))]
        (source,) = self._found[over]
        if source.state == "success" and source.length:
            group = self._layout.mapped_group(task_id)
            return [
                self._one(
                    task_id, index, self._before(task_id, index if group else None)
                )
                for index in range(source.length)
            ]
        ready = source.end + self._chance.between(0.3, 1.5)
        state = "upstream_failed" if source.state in _FAILED else "skipped"
        return [Instance(task_id, -1, ready, state)]

    def _before(self, task_id: str, index: int | None) -> list[Instance]:
        """What an instance waits for; in a mapped group, its own iteration's."""
        group = self._layout.mapped_group(task_id)
        return [
            one
            for other in self._layout.upstream[task_id]
            for one in self._found[other]
            if index is None
            or self._layout.mapped_group(other) != group
            or one.map_index in {index, -1}
        ]

    def _one(self, task_id: str, index: int, before: Sequence[Instance]) -> Instance:
        task = self._layout.tasks[task_id]
        latest = max((one.end for one in before), default=self._course.start)
        ready = latest + self._chance.between(0.2, 1.4)
        ready = max(ready, self._course.not_before.get(task_id, ready))
        state = _decided(task.trigger_rule, before, self._layout)
        if state != "success":
            return Instance(task_id, index, ready, state)
        instance = Instance(task_id, index, ready, "success")
        instance.tries = self._tries(task_id, task, ready)
        instance.state = instance.tries[-1].state
        if instance.state == "success":
            self._follow(task_id, task, instance)
        return instance

    def _tries(self, task_id: str, task: Task, ready: datetime) -> list[Try]:
        if task.operator.is_empty:
            end = ready + timedelta(microseconds=self._chance.dice.randint(4, 12))
            return [Try(1, ready, ready, ready, end, "success")]
        bad = self._course.failing.get(task_id)
        found: list[Try] = []
        while True:
            number = len(found) + 1
            share = task.failing if number == 1 else _AGAIN
            fails = self._chance.happens(share) if bad is None else number <= bad
            found.append(self._try(task, ready, number, fails=fails))
            last = found[-1]
            if last.state != "failed" or number > task.retries:
                return found
            ready = last.end + task.retry_delay + self._chance.between(0.2, 1.2)

    def _try(self, task: Task, ready: datetime, number: int, *, fails: bool) -> Try:
        queued = ready + self._chance.between(0.05, 0.9)
        crowded = 1.0 if task.pool == "default_pool" else 12.0
        start = queued + self._chance.between(0.4, 2.5 * crowded)
        lasts = self._chance.about(task.seconds * self._course.slowness)
        if fails:
            lasts *= self._chance.dice.uniform(0.2, 0.9)
        end = start + lasts
        if task.external is not None:
            end, other = self._course.ended(task.external) or (end, "success")
            end = max(start + self._chance.between(1, 3), end)
            end += self._chance.between(5, 55)
            fails = other == "failed"
        state = "failed" if fails else "success"
        return Try(number, ready, queued, start, end, state)

    def _follow(self, task_id: str, task: Task, instance: Instance) -> None:
        """Settle what a task that succeeded means for those after it."""
        if task.lengths is not None:
            instance.length = self._chance.dice.randint(*task.lengths)
        if not self._chance.happens(task.goes_on):
            self._skip(self._layout.beyond(task_id), instance.end)
        elif task.often:
            names = list(task.often)
            (chosen,) = self._chance.dice.choices(names, list(task.often.values()))
            instance.followed = chosen
            kept = {chosen, *self._layout.beyond(chosen)}
            after = self._layout.downstream[task_id]
            self._skip((one for one in after if one not in kept), instance.end)

    def _skip(self, task_ids: Iterable[str], end: datetime) -> None:
        at = end - self._chance.between(0.02, 0.05)
        self._skipped.update(dict.fromkeys(task_ids, at))


def _decided(rule: str, before: Sequence[Instance], layout: Layout) -> str:
    """What a trigger rule makes of an instance: success stands for running it."""
    states = [one.state for one in before]
    has_failed = any(state in _FAILED for state in states)
    has_success = "success" in states or not states
    setups = [one.state for one in before if layout.tasks[one.task_id].is_setup]
    may_run, is_fatal = {
        "all_success": ("skipped" not in states, has_failed),
        "all_done": (True, False),
        "none_failed": (True, has_failed),
        "none_failed_min_one_success": (has_success, has_failed),
        "one_failed": (has_failed, False),
        "all_done_setup_success": (
            "success" in setups,
            has_failed and "success" not in setups,
        ),
    }[rule]
    if is_fatal:
        return "upstream_failed"
    return "success" if may_run else "skipped"


def outcome(layout: Layout, instances: Iterable[Instance]) -> str:
    """The state of a run whose instances have all ended."""
    states = [
        one.state
        for one in instances
        if one.state != "removed" and _counts(layout, one.task_id)
    ]
    return "failed" if any(state in _FAILED for state in states) else "success"


def _counts(layout: Layout, task_id: str) -> bool:
    """Whether a run's state hangs on a task: on the last ones, teardowns apart."""

    def is_ignored(other: str) -> bool:
        task = layout.tasks[other]
        return task.is_teardown and not task.fails_run

    following = layout.downstream[task_id]
    return all(map(is_ignored, following)) and not is_ignored(task_id)
