"""Grid cells: a run's instances, folded for each task and group of its structure.

The rules are those of Airflow 3.3's grid (`services/ui/grid.py`), for every version.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from loaders.cell_rows import instances_of
from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.by_column import ByColumn
from metadb.dialect import Row
from metadb.group import Member
from metadb.sources.task_instance import MAPPED, PLAIN
from metadb.statement import Key
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


_KIND = Cell._fields.index("kind")
_FOLDED = len(Cell._fields[: _KIND + 1])
"""How many of a cell's fields the database gives; only folded ones have more."""
COLUMNS = frozenset(Cell._fields) - {"at", "all_counts"}


class Sheet:
    """Cells by number: what was read, then what was folded of several.

    What was read of a task with one instance is its cell as it is, up to the kind.
    """

    def __init__(self, read: ByColumn) -> None:
        self.read = read
        self.folded: list[Cell] = []

    def __getitem__(self, number: int) -> Cell:
        rows = self._rows
        if number < len(rows):
            return Cell(*rows[number])
        return self.folded[number - len(rows)]

    @cached_property
    def _rows(self) -> Sequence[Row]:
        """What was read, once one is asked for: a grouped DAG asks for all."""
        return list(self.read)

    def add(self, cell: Cell) -> int:
        """The number of a cell that was folded."""
        self.folded.append(cell)
        return len(self.read) + len(self.folded) - 1

    def only(self, numbers: Sequence[int], names: Iterable[str]) -> ByColumn:
        """Some of the fields of some of the cells, of at least one."""
        numbers = [*numbers, numbers[0]]  # of a single one itemgetter gives no tuple
        pick = itemgetter(*numbers)
        return ByColumn([pick(self._column(name))[:-1] for name in names])

    def _column(self, name: str) -> Sequence[Any]:
        place = Cell._fields.index(name)
        column: Sequence[Any]
        if place < _FOLDED:
            column = self.read.columns[place]
        else:
            column = [Cell._field_defaults[name]] * len(self.read)
        return [*column, *map(itemgetter(place), self.folded)]


class Found(NamedTuple):
    """What the database has of a run.

    Attributes:
        plain: The numbers of what was read of tasks, where that was one row of one
            instance.
        parts: Of each other task one for each state, or for each instance.
    """

    plain: dict[str, int]
    parts: dict[str, list[Cell]]


async def of_runs(
    request: Request, keys: Sequence[Key], args: Cells, wanted: Wanted
) -> Rows:
    """The cells of each run: tasks and groups in display order, then unknown tasks.

    The budget has those for which no row was read yet.
    """
    structures = await request.structures.of(
        request.session, [structure for _, _, structure in keys]
    )
    runs = [(dag_id, run_id) for dag_id, run_id, _ in keys]
    rows = await instances_of(request.session, runs, structures, wanted.columns)
    sheet = Sheet(rows)
    cells: list[int] = []
    numbers = []
    found = by_run(sheet, len(keys))
    for at, (structure, run) in enumerate(zip(structures, found, strict=True), 1):
        own = cells_of(sheet, structure, run, args, at)
        cells += own
        numbers.append(len(own))
    request.session.spend(max(0, len(cells) - len(rows)))
    if not cells:
        return Rows([], numbers)
    return Rows(sheet.only(cells, ("at", *wanted.columns)), numbers)


def by_run(sheet: Sheet, number: int) -> list[Found]:
    """What was read of each of so many runs."""
    found = [Found({}, {}) for _ in range(number)]
    read = sheet.read
    columns = (read.columns[0], read.columns[1], read.columns[_KIND])
    for place, (at, task_id, kind) in enumerate(zip(*columns, strict=True)):
        plain, parts = found[at - 1]
        if kind == MAPPED or task_id in plain:
            parts.setdefault(task_id, []).append(sheet[place])
        else:
            plain[task_id] = place
    for plain, parts in found:
        for task_id in plain.keys() & parts.keys():
            parts[task_id].append(sheet[plain.pop(task_id)])
    return found


def cells_of(
    sheet: Sheet, structure: Structure, found: Found, args: Cells, at: int = 1
) -> list[int]:
    """All cells of a run that are asked for, by their numbers."""
    tasks = _of_tasks(sheet, structure, found, at)
    groups = _of_groups(sheet, structure, tasks, at)
    cells = list(tasks.values())
    if groups:
        cells = [
            groups[name] if is_group else tasks[name]
            for name, is_group in structure.members
            if is_group or name not in groups
        ]
    known = tasks | groups if groups else tasks
    others = [name for name in chain(*found) if name not in known]
    cells += _of_others(sheet, found, others, at)
    if args.group_id is not None:
        members = {(args.group_id, True), *structure.tree.walk(args.group_id)}
        cells = [cell for cell in cells if sheet[cell].member in members]
    if args.task_ids is not None:
        cells = [cell for cell in cells if sheet[cell].task_id in args.task_ids]
    return cells


def _of_tasks(
    sheet: Sheet, structure: Structure, found: Found, at: int
) -> dict[str, int]:
    """The cells of the structure's tasks; most were read as they are."""
    plain, parts = found
    own_rows = map(plain.get, structure.tasks)
    tasks: dict[str, Any] = dict(zip(structure.tasks, own_rows, strict=True))
    folded = structure.mapped
    if None in tasks.values():
        folded |= tasks.keys() - plain.keys()
    for task_id in folded:
        read = plain.get(task_id)
        own = parts.get(task_id, []) if read is None else [sheet[read]]
        tasks[task_id] = sheet.add(_of_task(at, structure.tasks[task_id], own))
    return tasks


def _of_groups(
    sheet: Sheet, structure: Structure, tasks: Mapping[str, int], at: int
) -> dict[str, int]:
    groups: dict[str, int] = {}
    for group_id in reversed(structure.groups):  # inner groups before outer ones
        inside = [
            sheet[groups[name] if is_group else tasks[name]]
            for name, is_group in structure.tree.members[group_id]
        ]
        groups[group_id] = sheet.add(_of_group(at, group_id, inside))
    return groups


def _of_others(
    sheet: Sheet, found: Found, others: Iterable[str], at: int
) -> Iterator[int]:
    """The cells of tasks that the structure has not, by id."""
    plain, parts = found
    for task_id in sorted(others):
        if task_id in plain:
            yield plain[task_id]
        else:
            own = parts[task_id]
            is_mapped = any(part.kind == MAPPED for part in own)
            yield sheet.add(_of_parts(at, task_id, own, is_mapped=is_mapped))


def _of_task(at: int, task: Task, parts: Sequence[Cell]) -> Cell:
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
