"""Grid cells: a run's instances, folded for each task and group of its structure.

The rules are those of Airflow 3.3's grid (`services/ui/grid.py`), for every version.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.condition import Compared
from metadb.group import Member
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Grouped, Key, Order, Query, marked_rows
from metadb.structure import Structure
from metadb.task import Task

RANK = {
    state: rank
    for rank, state in enumerate(
        (
            "failed",
            "upstream_failed",
            "up_for_retry",
            "up_for_reschedule",
            "running",
            "restarting",
            "shutdown",
            "deferred",
            "awaiting_input",
            "queued",
            "scheduled",
            "",  # any word that is not listed
            None,
            "success",
            "skipped",
            "removed",
        )
    )
}
"""Which state of several a cell shows: the first."""


class Cells(NamedTuple):
    """Which cells are asked for; None for all."""

    task_ids: frozenset[str] | None
    group_id: str | None


class Cell(NamedTuple):
    """A task's instances in one run, or a group's; or those of a task in one state.

    It begins as the database gives what one state has.

    Attributes:
        at: The position of its run, from 1.
        has_note: A number where it was read from the database.
        counts: (state, instances) pairs, the state that is shown first.
        all_counts: The same, also where `counts` is left empty; None if all are in
            `state`. A mapped task that has no instances yet counts as none of no
            state, which keeps its group from looking finished.
    """

    at: int
    task_id: str | None
    state: str | None
    instance_count: int
    start_date: datetime | None
    end_date: datetime | None
    version_number: int | None
    has_note: bool | int | None
    kind: str
    group_id: str | None = None
    counts: tuple[tuple[str | None, int], ...] = ()
    all_counts: tuple[tuple[str | None, int], ...] | None = None

    @property
    def each(self) -> tuple[tuple[str | None, int], ...]:
        """(state, instances) pairs."""
        if self.all_counts is None:
            return ((self.state, self.instance_count),)
        return self.all_counts

    @property
    def member(self) -> Member:
        """What of the structure it stands for."""
        if self.group_id is not None:
            return self.group_id, True
        return self.task_id or "", False


_READ = ("start_date", "end_date", "version_number", "has_note")
COLUMNS = frozenset(Cell._fields) - {"at", "all_counts"}
PLAIN, MAPPED = "TASK", "MAPPED_TASK"
_SOURCE = {"has_note": "note_flag"}
_UNWANTED = {
    "start_date": "no_instant",
    "end_date": "no_instant",
    "version_number": "no_integer",
    "has_note": "no_integer",
}


async def of_runs(
    request: Request, keys: Sequence[Key], args: Cells, wanted: Wanted
) -> Rows:
    """The cells of each run: tasks and groups in display order, then unknown tasks.

    The budget has those for which no row was read yet.
    """
    structures = await request.structures.of(
        request.session, [structure for _, _, structure in keys]
    )
    found = await _found(request, keys, wanted)
    cells: list[Cell] = []
    ends = [0]
    for at, (structure, tasks) in enumerate(zip(structures, found, strict=True), 1):
        cells += cells_of(structure, tasks, args, at)
        ends.append(len(cells))
    folded = sum(len(parts) for tasks in found for parts in tasks.values())
    request.session.spend(max(0, len(cells) - folded))
    numbers = [b - a for a, b in pairwise(ends)]
    return Rows(cells, numbers, columns=Cell._fields[1:])


async def _found(
    request: Request, keys: Sequence[Key], wanted: Wanted
) -> list[dict[str, list[Cell]]]:
    """For each run its instances by task: plain ones as they are, mapped ones by state.

    Grouping all of them takes three times as long (5,000 tasks of 25 runs, PostgreSQL).
    """
    fields = [
        _SOURCE.get(name, name) if name in wanted.columns else _UNWANTED[name]
        for name in _READ
    ]
    runs = [(dag_id, run_id) for dag_id, run_id, _ in keys]
    match = ("dag_id", "run_id")
    plain = Query(
        TASK_INSTANCE,
        match,
        runs,
        ("task_id", "state", "one", *fields),
        Order(("task_id",)),
        where=(Compared("map_index", "<", 0),),
    )
    functions = ("min", "max", "max", "max")
    mapped = Grouped(
        TASK_INSTANCE,
        match,
        runs,
        ("task_id", "state"),
        (("count", None), *zip(functions, fields, strict=True)),
        where=(Compared("map_index", ">=", 0),),
    )
    rows = await marked_rows(request.session, {PLAIN: plain, MAPPED: mapped})
    per: list[dict[str, list[Cell]]] = [{} for _ in keys]
    for cell in map(Cell._make, [(*row, None, (), None) for row in rows]):
        per[cell[0] - 1].setdefault(cell[1] or "", []).append(cell)
    return per


def cells_of(
    structure: Structure, found: dict[str, list[Cell]], args: Cells, at: int = 1
) -> list[Cell]:
    """All cells of a run that are asked for."""
    tasks = {
        task_id: _of_task(at, task, found.get(task_id, ()))
        for task_id, task in structure.tasks.items()
    }
    groups: dict[str, Cell] = {}
    for group_id in reversed(structure.groups):  # inner groups before outer ones
        inside = structure.tree.members[group_id]
        groups[group_id] = _of_group(
            at,
            group_id,
            [groups[name] if is_group else tasks[name] for name, is_group in inside],
        )
    cells = [
        groups[name] if is_group else tasks[name]
        for name, is_group in structure.members
        if is_group or name not in groups
    ]
    for task_id in sorted(found.keys() - tasks.keys() - groups.keys()):
        is_mapped = any(part.kind == MAPPED for part in found[task_id])
        cells.append(_of_parts(at, task_id, found[task_id], is_mapped=is_mapped))
    if args.group_id is not None:
        members = {(args.group_id, True), *structure.tree.walk(args.group_id)}
        cells = [c for c in cells if c.member in members]
    if args.task_ids is not None:
        chosen = args.task_ids
        cells = [c for c in cells if c.task_id in chosen]
    return cells


def _of_task(at: int, task: Task, parts: Sequence[Cell]) -> Cell:
    if len(parts) == 1 and not task.is_mapped and parts[0].kind == PLAIN:
        return parts[0]  # what most are: what folding gives, at a fraction of the time
    cell = _of_parts(at, task.task_id, parts, is_mapped=task.is_mapped)
    if task.is_mapped_itself and not parts:
        return cell._replace(all_counts=((None, 0),))
    return cell


def _of_parts(at: int, task_id: str, parts: Sequence[Cell], *, is_mapped: bool) -> Cell:
    """A task's cell."""
    each = Counter[str | None]()
    for part in parts:
        each[part.state] += part.instance_count
    ranked = _ranked(each)
    return Cell(
        at=at,
        task_id=task_id,
        state=ranked[0][0] if ranked else None,
        instance_count=each.total(),
        start_date=_least(part.start_date for part in parts),
        end_date=_most(part.end_date for part in parts),
        version_number=_most(part.version_number for part in parts),
        has_note=any(part.has_note for part in parts),
        kind=MAPPED if is_mapped else PLAIN,
        counts=ranked if is_mapped else (),
        all_counts=ranked,
    )


def _of_group(at: int, group_id: str, inside: Sequence[Cell]) -> Cell:
    """A group's cell, of the cells of what is directly inside."""
    each = Counter[str | None]()
    for cell in inside:
        each.update(dict(cell.each))
    return Cell(
        at=at,
        task_id=None,
        state=min(each, key=_rank, default=None),
        instance_count=each.total(),
        start_date=_least(cell.start_date for cell in inside),
        end_date=_most(cell.end_date for cell in inside),
        version_number=_most(cell.version_number for cell in inside),
        has_note=any(cell.has_note for cell in inside),
        kind="GROUP",
        group_id=group_id,
        counts=_ranked(each),
        all_counts=tuple(each.items()),
    )


def _rank(state: str | None) -> tuple[int, str]:
    return RANK.get(state, RANK[""]), state or ""


def _ranked(each: Counter[str | None]) -> tuple[tuple[str | None, int], ...]:
    return tuple(
        (state, each[state]) for state in sorted(each, key=_rank) if each[state]
    )


def _least(values: Iterable[Any]) -> Any:
    return min((v for v in values if v is not None), default=None)


def _most(values: Iterable[Any]) -> Any:
    return max((v for v in values if v is not None), default=None)
