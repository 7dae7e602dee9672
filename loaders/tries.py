"""Tries of task instances: those that are over, and the current one."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.condition import Compared
from metadb.dialect import Row
from metadb.session import Session
from metadb.source import Source
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.sources.task_try import TASK_TRY
from metadb.statement import Key, Order, Query, rows_per_key, rows_per_key_of_both

COLUMNS = frozenset(TASK_TRY.columns)
Place = tuple[str, int, int]
"""A try within its run: task id, map index, try number."""

_PLACE = ("task_id", "map_index", "try_number")
_STARTED = (Compared("try_number", ">", 0),)


async def of_runs(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """All tries of each run, by task id, map index and try number."""
    del args
    found = await _found(request.session, keys, None, wanted.columns)
    rows = [(at, *row) for at, each in enumerate(found, 1) for row in each.values()]
    return Rows(rows, [len(each) for each in found])


async def of_instances(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The tries of each (dag_id, run_id, task_id, map_index), by try number."""
    del args
    each = await _of_some(request.session, keys, wanted.columns)
    mine: dict[Key, list[Row]] = {key: [] for key in keys}
    for (run, (task_id, map_index, _)), row in each:
        if (key := (*run, task_id, map_index)) in mine:
            mine[key].append(row)
    rows = [(at, *row) for at, key in enumerate(keys, 1) for row in mine[key]]
    return Rows(rows, [len(mine[key]) for key in keys])


async def by_number(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The try of each (dag_id, run_id, task_id, map_index, try_number)."""
    del args
    each = await _of_some(request.session, keys, wanted.columns)
    found = {(*run, *place): row for (run, place), row in each}
    rows = [(at, *found[k]) for at, k in enumerate(keys, 1) if k in found]
    return Rows(rows, [int(key in found) for key in keys])


async def _of_some(
    session: Session, keys: Sequence[Key], columns: Sequence[str]
) -> Iterable[tuple[tuple[Key, Place], Row]]:
    """All tries of the tasks that keys name, run by run."""
    tasks: dict[Key, dict[str, None]] = {}
    for dag_id, run_id, task_id, *_ in keys:
        tasks.setdefault((dag_id, run_id), {})[task_id] = None
    found = await _found(session, [*tasks], [[*ids] for ids in tasks.values()], columns)
    return [
        ((run, place), row)
        for run, each in zip(tasks, found, strict=True)
        for place, row in each.items()
    ]


async def _found(
    session: Session,
    runs: Sequence[Key],
    tasks: Sequence[list[str]] | None,
    columns: Sequence[str],
) -> list[dict[Place, Row]]:
    """For each run its tries, of all tasks or of some; one statement.

    A try in the history is preferred: an instance that waits for its retry is in both.
    Reading run by run: 3.6 ms where reading instance by instance took 171 (PostgreSQL).
    """
    keys = runs
    if tasks is not None:
        texts = [msgspec.json.encode(ids).decode() for ids in tasks]
        keys = [(*run, text) for run, text in zip(runs, texts, strict=True)]

    def query(source: Source) -> Query:
        return Query(
            source,
            ("dag_id", "run_id"),
            keys,
            (*_PLACE, *columns),
            Order(_PLACE),
            where=_STARTED,
            within=None if tasks is None else "task_id",
        )

    history: Sequence[Row] = []
    current: Sequence[Row]
    if session.catalogue.has(TASK_TRY):
        history, current = await rows_per_key_of_both(
            session, query(TASK_TRY), query(TASK_INSTANCE)
        )
    else:
        current = await rows_per_key(session, query(TASK_INSTANCE))
    found: list[dict[Place, Any]] = [{} for _ in runs]
    for at, task_id, map_index, number, *rest in (*history, *current):
        found[at - 1].setdefault((task_id, map_index, number), rest)
    return [{place: each[place] for place in sorted(each)} for each in found]
