"""The runs of the sample DAGs: what started them, and what became of them by now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dagway.demo.assets import Asset
from dagway.demo.chance import Chance
from dagway.demo.declared import Dag, Task
from dagway.demo.instances import Course, Instance, Simulation, outcome
from dagway.demo.layout import Layout
from dagway.demo.schedules import Window
from dagway.demo.starts import Event, Start, backfilled, manual, scheduled, triggered

_HOW_LONG_BACK = timedelta(days=45)
_A_DAY = timedelta(days=1)


@dataclass(eq=False, slots=True)
class Run:
    """A run to its end, which may be later than now."""

    dag: Dag
    layouts: Sequence[Layout]
    begun_by: Start
    queued: datetime
    start: datetime
    structure: int
    instances: list[Instance]
    end: datetime
    state: str
    trace: str
    note: str | None = None
    id: int = 0

    @property
    def run_id(self) -> str:
        """Unique among its DAG's runs."""
        return self.begun_by.run_id

    def layout(self, instance: Instance) -> Layout:
        """The structure that an instance belongs to."""
        return self.layouts[instance.structure]


@dataclass(eq=False, slots=True)
class History:
    """All that a DAG did; `changed` says when each of its versions came."""

    dag: Dag
    layouts: list[Layout]
    changed: list[datetime]
    runs: list[Run]
    waiting: list[Event]


class World:
    """The sample DAGs' histories up to now, each after those that it hangs on."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.now = now
        self._seed = seed
        self.histories: dict[str, History] = {}
        self.events: list[Event] = []
        self._triggered: dict[str, list[Start]] = {}

    def add(self, dag: Dag) -> None:
        """Have a DAG's history."""
        layouts = [Layout(structure) for structure in dag.structures]
        first = self.now - _HOW_LONG_BACK
        changed = [first, *(self.now - ago for ago in dag.changed)]
        history = History(dag, layouts, changed, [], [])
        self.histories[dag.dag_id] = history
        starts = sorted(self._starts(history), key=lambda one: one.created)
        if starts:
            changed[0] = min(first, starts[0].created - _A_DAY)
        if dag.schedule.is_continuous:
            self._run_on_and_on(history)
        for number, start in enumerate(starts):
            self._run(history, start, number / len(starts))
        self._change_amid_runs(history)
        for run in history.runs:
            self._note_effects(run)
        history.runs.sort(key=lambda run: run.begun_by.created)
        for ago, note in dag.notes.items():
            history.runs[-1 - ago].note = note

    def number(self) -> None:
        """Give runs and events their ids, in the order in which they came."""
        runs = [run for history in self.histories.values() for run in history.runs]
        runs.sort(key=lambda run: (run.begun_by.created, run.dag.dag_id, run.run_id))
        for number, run in enumerate(runs, 1):
            run.id = number
        self.events.sort(key=lambda event: (event.at, event.dag_id))
        for number, event in enumerate(self.events, 1):
            event.id = number

    def _chance(self, *names: object) -> Chance:
        return Chance.of(self._seed, *names)

    # what starts runs

    def _starts(self, history: History) -> Iterator[Start]:
        dag = history.dag
        latest = self.now - dag.quiet
        windows = dag.schedule.rhythm.windows(latest, dag.runs)
        for window in windows:
            yield scheduled(window)
        if dag.backfill is not None:
            asked = self.now - dag.backfill.ago
            earlier = dag.schedule.rhythm.windows(
                windows[0].end - timedelta(seconds=1), dag.backfill.days
            )
            for window in earlier:
                yield backfilled(window, asked, dag.backfill.by)
        for one in dag.manual:
            yield manual(one, self.now)
        yield from self._triggered.get(dag.dag_id, ())
        if dag.schedule.condition is not None:
            yield from self._on_assets(history)

    def _on_assets(self, history: History) -> Iterator[Start]:
        """Runs that assets started; what is left over waits for the next."""
        condition = history.dag.schedule.condition
        if condition is None:
            return
        names = {one.name for one in condition.leaves()}
        pending: list[Event] = []
        for event in sorted(self.events, key=lambda one: one.at):
            if not names & event.names:
                continue
            pending.append(event)
            written = {name for one in pending for name in one.names}
            if condition.is_met(written):
                chance = self._chance(history.dag.dag_id, event.at)
                yield Start(
                    run_id=f"asset_triggered__{event.at.isoformat()}_{chance.word(8)}",
                    run_type="asset_triggered",
                    triggered_by="ASSET",
                    run_after=event.at,
                    created=event.at + chance.between(0.5, 2),
                    events=tuple(pending),
                )
                pending = []
        history.waiting = pending

    # what becomes of them

    def _run(self, history: History, start: Start, share: float) -> None:
        """Add a run, unless it would come later than now."""
        chance = self._chance(history.dag.dag_id, start.run_id)
        created = start.created
        if history.dag.max_active_runs == 1 or start.is_backfill:
            like = [
                one for one in history.runs if one.begun_by.run_type == start.run_type
            ]
            begin = max([created, *(one.end for one in like)])
        else:
            begin = created
        begin += chance.between(0.1, 1.2)
        if created > self.now:
            return
        number = sum(begin >= instant for instant in history.changed) - 1
        history.runs.append(
            self._simulated(history, start, begin, max(number, 0), share)
        )

    def _simulated(
        self,
        history: History,
        start: Start,
        begin: datetime,
        structure: int,
        share: float,
        not_before: Mapping[str, datetime] | None = None,
    ) -> Run:
        dag = history.dag
        chance = self._chance(dag.dag_id, start.run_id, "tasks")

        def ended(other: str) -> tuple[datetime, str] | None:
            return self._ended(other, start.logical)

        course = Course(
            start=begin,
            chance=chance,
            slowness=1 + dag.slowing * share,
            failing=start.failing,
            ended=ended,
            not_before=not_before or {},
        )
        layout = history.layouts[structure]
        instances = Simulation(layout, course).instances()
        for one in instances:
            one.structure = structure
        end = max(one.end for one in instances) + chance.between(0.3, 1.5)
        return Run(
            dag=dag,
            layouts=history.layouts,
            begun_by=start,
            queued=start.created,
            start=begin,
            structure=structure,
            instances=instances,
            end=end,
            state=outcome(layout, instances),
            trace=f"00-{chance.hexadecimal(32)}-{chance.hexadecimal(16)}-00",
            note=start.note,
        )

    def _ended(
        self, dag_id: str, logical: datetime | None
    ) -> tuple[datetime, str] | None:
        for run in self.histories[dag_id].runs:
            if logical is not None and run.begun_by.logical == logical:
                return run.end, run.state
        return None

    def _run_on_and_on(self, history: History) -> None:
        """Runs one after another, the last of them under way."""
        dag = history.dag
        layout = history.layouts[-1]
        usual = sum(task.seconds for task in layout.tasks.values()) + 10
        last = self.now - dag.quiet - timedelta(seconds=usual * dag.runs * 1.3)
        while last < self.now:
            chance = self._chance(dag.dag_id, "gap", last)
            created = last + chance.between(0.5, 2)
            start = scheduled(Window(last, created))
            self._run(history, start, 0)
            if not history.runs:
                return
            last = history.runs[-1].end

    def _change_amid_runs(self, history: History) -> None:
        """Let each new version come while a run is under way, which then has both."""
        for number in range(1, len(history.layouts)):
            about = history.changed[number]
            run = max(
                (
                    run
                    for run in history.runs
                    if run.start < about and run.structure == number - 1
                    if run.state == "success" and not run.begun_by.is_backfill
                ),
                key=lambda run: run.start,
            )
            at = run.start + (run.end - run.start) * 0.4
            history.changed[number] = at
            for other in history.runs:
                if other.structure == number - 1 and other.start >= at:
                    changed = self._simulated(
                        history, other.begun_by, other.start, number, 1.0
                    )
                    history.runs[history.runs.index(other)] = changed
            mixed = self._mixed(history, run, number, at)
            history.runs[history.runs.index(run)] = mixed

    def _mixed(self, history: History, run: Run, number: int, at: datetime) -> Run:
        """A run that began on one version and ended on the next."""
        old, new = history.layouts[number - 1 : number + 1]
        noticed = at + timedelta(seconds=20)
        added = dict.fromkeys(set(new.tasks) - set(old.tasks), noticed)
        mixed = self._simulated(history, run.begun_by, run.start, number, 1.0, added)
        for one in mixed.instances:
            is_empty = new.tasks[one.task_id].operator.is_empty
            is_late = bool(one.tries) and one.tries[0].start > at and not is_empty
            if one.task_id in old.tasks and not is_late:
                one.structure = number - 1
        for one in run.instances:
            if one.task_id not in new.tasks:
                tries = one.tries if one.end < at else []
                gone = replace(one, state="removed", tries=tries, ready=noticed)
                mixed.instances.append(gone)
        mixed.structure = number - 1
        return mixed

    def _note_effects(self, run: Run) -> None:
        """Remember what the run wrote and started, as far as that has happened."""
        for one in run.instances:
            task = run.layout(one).tasks[one.task_id]
            if one.state != "success" or not one.tries or one.end > self.now:
                continue
            if task.outlets:
                self.events += _events(run, one, task, self._seed)
            if task.triggers is not None:
                begun = triggered(run.begun_by, one, task)
                self._triggered.setdefault(task.triggers, []).append(begun)


def _events(run: Run, one: Instance, task: Task, seed: int) -> Iterator[Event]:
    chance = Chance.of(seed, run.dag.dag_id, run.run_id, one.task_id, one.map_index)
    outlets: Sequence[Asset] = task.outlets
    if task.alias is not None:
        outlets = (chance.dice.choice(task.outlets),)
    for asset in outlets:
        at = one.end - chance.between(0.01, 0.04)
        yield Event(asset, at, run.dag.dag_id, run.run_id, one, task.alias)
