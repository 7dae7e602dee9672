"""Grid cells: a run's instances, folded for each task and group of its structure.

The rules are those of Airflow 3.3's grid, for every version (its `services/ui/grid.py`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.condition import Compared
from metadb.dialect import Row
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Grouped, Key, Order, Query, rows_per_key_of_both
from metadb.structure import Structure

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
    count: int
    start_date: datetime | None = None
    end_date: datetime | None = None
    version_number: int | None = None
    note_flag: int | None = None


async def of_runs(
    request: Request, keys: Sequence[Key], args: Cells, wanted: Wanted
) -> Rows:
    """The cells of each run: tasks and groups in display order, then unknown tasks."""
    structures = await request.structures.of(
        request.session, [structure for _, _, structure in keys]
    )
    found = await _found(request, keys, wanted)
    pick = [Cell._fields.index(name) for name in wanted.columns]
    rows: list[Row] = []
    ends: list[int] = []
    for at, (structure, tasks) in enumerate(zip(structures, found, strict=True), 1):
        for cell in _cells(structure, tasks, args):
            rows.append((at, *[cell[i] for i in pick]))
        ends.append(len(rows))
    request.session.spend(len(rows))
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
    for half in await rows_per_key_of_both(request.session, plain, mapped):
        for at, task_id, state, count, *rest in half:
            one = Found(state, count, **dict(zip(fields, rest, strict=True)))
            per[at - 1].setdefault(task_id, []).append(one)
    return per


def _cells(
    structure: Structure, found: dict[str, list[Found]], args: Cells
) -> Iterable[Cell]:
    """All cells of a run that are asked for."""
    tasks = {
        task.task_id: _task(task.task_id, task.is_mapped, found.get(task.task_id, ()))
        for task in structure.tasks.values()
    }
    groups: dict[str, Cell] = {}
    for group_id in reversed(structure.groups):  # inner groups before outer ones
        inside = structure.groups[group_id].child_ids
        groups[group_id] = _group(
            group_id,
            [groups.get(i) or tasks[i] for i in inside if i in groups or i in tasks],
        )
    unknown = [
        _task(task_id, len(found[task_id]) > 1, found[task_id])
        for task_id in sorted(found.keys() - tasks.keys() - groups.keys())
    ]
    cells = [*tasks.values(), *(groups[g] for g in structure.groups), *unknown]
    if args.group_id is not None:
        members = {args.group_id, *structure.members_in(args.group_id)}
        cells = [c for c in cells if (c.task_id or c.group_id) in members]
    if args.task_ids is not None:
        chosen = args.task_ids
        cells = [c for c in cells if c.task_id in chosen]
    return cells


def _task(task_id: str, mapped: bool, found: Sequence[Found]) -> Cell:
    if len(found) == 1 and not mapped and found[0].count == 1:
        one = found[0]
        return Cell(
            "TASK",
            task_id,
            None,
            one.state,
            (),
            1,
            one.start_date,
            one.end_date,
            one.version_number,
            bool(one.note_flag),
            ((one.state, 1),),
        )
    kind = "MAPPED_TASK" if mapped else "TASK"
    counts = Counter[str | None]()
    for part in found:
        counts[part.state] += part.count
    folded = _ranked(counts)
    waiting = ((None, 0),) if mapped and not folded else folded
    return Cell(
        kind,
        task_id,
        None,
        folded[0][0] if folded else None,
        folded if mapped else (),
        counts.total(),
        _least(part.start_date for part in found),
        _most(part.end_date for part in found),
        _most(part.version_number for part in found),
        any(part.note_flag for part in found),
        waiting,
    )


def _group(group_id: str, inside: Sequence[Cell]) -> Cell:
    """A group's cell, of the tasks and groups directly inside."""
    counts = Counter[str | None]()
    for cell in inside:
        counts.update(dict(cell.all_counts))
    folded = _ranked(counts)
    shown = min(counts, key=_rank, default=None)
    return Cell(
        "GROUP",
        None,
        group_id,
        shown,
        folded,
        counts.total(),
        _least(cell.start_date for cell in inside),
        _most(cell.end_date for cell in inside),
        _most(cell.version_number for cell in inside),
        any(cell.has_note for cell in inside),
        tuple(counts.items()),
    )


def _rank(state: str | None) -> int:
    return RANK.get(state, RANK[""])


def _ranked(counts: Counter[str | None]) -> tuple[tuple[str | None, int], ...]:
    pairs = [(state, count) for state, count in counts.items() if count]
    return tuple(sorted(pairs, key=lambda pair: (_rank(pair[0]), pair[0] or "")))


def _least(values: Iterable[Any]) -> Any:
    return min((v for v in values if v is not None), default=None)


def _most(values: Iterable[Any]) -> Any:
    return max((v for v in values if v is not None), default=None)
