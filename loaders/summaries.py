"""Grid cells: a run's instances, folded for each task and group of its structure.

The rules are those of Airflow 3.3's grid (`services/ui/grid.py`), for every version.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.condition import Compared
from metadb.dialect import Row
from metadb.group import Member
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Grouped, Key, Order, Query, rows_per_key_of_both
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
    """A task's instances in one run, or a group's.

    Attributes:
        counts: (state, instances) pairs, the state that is shown first.
        all_counts: The same, also where `counts` is left empty. A mapped task that
            has no instances yet counts as none of no state, which keeps its group
            from looking finished.
    """

    kind: str
    task_id: str | None
    group_id: str | None
    state: str | None
    counts: tuple[tuple[str | None, int], ...]
    instance_count: int
    start_date: datetime | None
    end_date: datetime | None
    version_number: int | None
    has_note: bool
    all_counts: tuple[tuple[str | None, int], ...]

    @property
    def member(self) -> Member:
        """What of the structure it stands for."""
        if self.group_id is not None:
            return self.group_id, True
        return self.task_id or "", False


COLUMNS = frozenset(Cell._fields) - {"all_counts"}
_FOLDED = ("start_date", "end_date", "version_number", "note_flag")
_READ_FOR = {
    "start_date": "start_date",
    "end_date": "end_date",
    "version_number": "version_number",
    "has_note": "note_flag",
}


class Found(NamedTuple):
    """Some instances of one task, in one state."""

    state: str | None
    instances: int
    start_date: datetime | None = None
    end_date: datetime | None = None
    version_number: int | None = None
    note_flag: int | None = None
    is_mapped: bool = False


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
    pick = [Cell._fields.index(name) for name in wanted.columns]
    rows: list[Row] = []
    ends: list[int] = []
    for at, (structure, tasks) in enumerate(zip(structures, found, strict=True), 1):
        cells = cells_of(structure, tasks, args)
        rows += [(at, *[cell[i] for i in pick]) for cell in cells]
        ends.append(len(rows))
    folded = sum(len(parts) for tasks in found for parts in tasks.values())
    request.session.spend(max(0, len(rows) - folded))
    starts = [0, *ends]
    return Rows(rows, [b - a for a, b in zip(starts, ends, strict=False)])


async def _found(
    request: Request, keys: Sequence[Key], wanted: Wanted
) -> list[dict[str, list[Found]]]:
    """For each run its instances by task: plain ones as they are, mapped ones grouped.

    Grouping all of them takes three times as long (5,000 tasks of 25 runs, PostgreSQL).
    """
    fields = [name for column, name in _READ_FOR.items() if column in wanted.columns]
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
    function = {"start_date": "min"}
    mapped = Grouped(
        TASK_INSTANCE,
        match,
        runs,
        ("task_id", "state"),
        (("count", None), *((function.get(name, "max"), name) for name in fields)),
        where=(Compared("map_index", ">=", 0),),
    )
    per: list[dict[str, list[Found]]] = [{} for _ in keys]
    halves = await rows_per_key_of_both(request.session, plain, mapped)
    for is_mapped, half in zip((False, True), halves, strict=True):
        for at, task_id, state, instances, *rest in half:
            folded = dict(zip(fields, rest, strict=True))
            one = Found(state, instances, **folded, is_mapped=is_mapped)
            per[at - 1].setdefault(task_id, []).append(one)
    return per


def cells_of(
    structure: Structure, found: dict[str, list[Found]], args: Cells
) -> Iterable[Cell]:
    """All cells of a run that are asked for."""
    tasks = {
        task_id: _of_task(task, found.get(task_id, ()))
        for task_id, task in structure.tasks.items()
    }
    groups: dict[str, Cell] = {}
    for group_id in reversed(structure.groups):  # inner groups before outer ones
        inside = structure.tree.members[group_id]
        groups[group_id] = _of_group(
            group_id,
            [groups[name] if is_group else tasks[name] for name, is_group in inside],
        )
    cells = [
        groups[name] if is_group else tasks[name]
        for name, is_group in structure.tree.walk()
        if is_group or name not in groups
    ]
    for task_id in sorted(found.keys() - tasks.keys() - groups.keys()):
        is_mapped = any(part.is_mapped for part in found[task_id])
        cells.append(_of_instances(task_id, found[task_id], is_mapped=is_mapped))
    if args.group_id is not None:
        members = {(args.group_id, True), *structure.tree.walk(args.group_id)}
        cells = [c for c in cells if c.member in members]
    if args.task_ids is not None:
        chosen = args.task_ids
        cells = [c for c in cells if c.task_id in chosen]
    return cells


def _of_task(task: Task, found: Sequence[Found]) -> Cell:
    cell = _of_instances(task.task_id, found, is_mapped=task.is_mapped)
    if task.is_mapped_itself and not found:
        return cell._replace(all_counts=((None, 0),))
    return cell


def _of_instances(task_id: str, found: Sequence[Found], *, is_mapped: bool) -> Cell:
    """A task's cell."""
    if len(found) == 1:  # most of them: what folding gives, at a third of the time
        one = found[0]
        counts = ((one.state, one.instances),)
        return Cell(
            "MAPPED_TASK" if is_mapped else "TASK",
            task_id,
            None,
            one.state,
            counts if is_mapped else (),
            one.instances,
            one.start_date,
            one.end_date,
            one.version_number,
            bool(one.note_flag),
            counts,
        )
    each = Counter[str | None]()
    for part in found:
        each[part.state] += part.instances
    ranked = _ranked(each)
    return Cell(
        "MAPPED_TASK" if is_mapped else "TASK",
        task_id,
        None,
        ranked[0][0] if ranked else None,
        ranked if is_mapped else (),
        each.total(),
        _least(part.start_date for part in found),
        _most(part.end_date for part in found),
        _most(part.version_number for part in found),
        any(part.note_flag for part in found),
        ranked,
    )


def _of_group(group_id: str, inside: Sequence[Cell]) -> Cell:
    """A group's cell, of the cells of what is directly inside."""
    each = Counter[str | None]()
    for cell in inside:
        each.update(dict(cell.all_counts))
    return Cell(
        "GROUP",
        None,
        group_id,
        min(each, key=_rank, default=None),
        _ranked(each),
        each.total(),
        _least(cell.start_date for cell in inside),
        _most(cell.end_date for cell in inside),
        _most(cell.version_number for cell in inside),
        any(cell.has_note for cell in inside),
        tuple(each.items()),
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
