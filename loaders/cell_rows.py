"""The task instances of runs, as grid cells begin."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from metadb.by_column import ByColumn
from metadb.condition import Compared
from metadb.session import Session
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Grouped, Key, Query, rows_of_either, rows_per_key
from metadb.structure import Structure

_RUN = ("dag_id", "run_id")
_FOLDED = {
    "start_date": "min",
    "end_date": "max",
    "version_number": "max",
    "has_note": "max",
}
_SOURCE = {"has_note": "note_flag"}
_NOTHING = {
    "start_date": "no_instant",
    "end_date": "no_instant",
    "version_number": "no_integer",
    "has_note": "no_integer",
}


async def instances_of(
    session: Session,
    runs: Sequence[Key],
    structures: Sequence[Structure],
    columns: Collection[str],
) -> ByColumn:
    """Plain instances as they are, mapped ones by task and state; in any order.

    A row is (position of its run from 1, task, state, instances, *what is folded of
    the columns, kind); the kind is mapped if one instance is.

    Mapped instances may come as they are where no structure has a mapped task: reading
    all instances, and not plain ones first and mapped ones then, takes a quarter less.
    Where most tasks are mapped, plain instances are grouped as well: that takes half as
    much again for them, but the many mapped ones are read once, a third less.
    """
    fields = [
        _SOURCE.get(name, name) if name in columns else _NOTHING[name]
        for name in _FOLDED
    ]
    plain = Query(
        TASK_INSTANCE,
        _RUN,
        runs,
        ("task_id", "state", "one", *fields, "kind"),
        order=None,
    )
    functions = [
        function if name in columns else None for name, function in _FOLDED.items()
    ]
    grouped = Grouped(
        TASK_INSTANCE,
        _RUN,
        runs,
        ("task_id", "state"),
        (("count", None), *zip(functions, fields, strict=True), ("min", "kind")),
        in_order=False,
    )
    each = {id(structure): structure for structure in structures}.values()
    mapped = sum(len(structure.mapped) for structure in each)
    if not mapped and all(structure.tasks for structure in each):
        return await rows_per_key(session, plain)
    if 2 * mapped >= sum(len(structure.tasks) for structure in each) > 0:
        return await rows_per_key(session, grouped)
    return await rows_of_either(
        session,
        replace(plain, where=(Compared("map_index", "<", 0),)),
        replace(grouped, where=(Compared("map_index", ">=", 0),)),
    )
