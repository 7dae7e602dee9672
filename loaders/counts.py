"""How many rows are in each state, for many parents at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from loaders.relation import Load, Rows, Wanted
from loaders.request import Request
from loaders.tables import counts
from metadb.condition import Compared, Condition
from metadb.dialect import Row
from metadb.source import Source
from metadb.sources.dag import DAG_TAG
from metadb.sources.dag_run import DAG_RUN
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Grouped, Key, rows_per_key

COLUMNS = frozenset({"state", "count"})
TAG_COLUMNS = frozenset({"name", "dag_count"})
Window = tuple[datetime | None, datetime | None]


def by_name(state: str | None) -> tuple[bool, str]:
    """What states are ordered by: none first, which is not the empty word."""
    return state is not None, state or ""


def by_frequency(
    counted: Iterable[tuple[str | None, int]],
) -> tuple[tuple[str | None, int], ...]:
    """(state, count) pairs, the most frequent first."""
    return tuple(sorted(counted, key=lambda pair: (-pair[1], by_name(pair[0]))))


def window(since: datetime | None = None, until: datetime | None = None) -> Window:
    """Of runs whose runAfter lies between, both ends included."""
    return since, until


async def runs_by_state(
    request: Request, keys: Sequence[Key], args: Window, wanted: Wanted
) -> Rows:
    """Runs of each DAG, by state; the most frequent state first."""
    since, until = args
    where: list[Condition] = []
    if since is not None:
        where.append(Compared("run_after", ">=", since))
    if until is not None:
        where.append(Compared("run_after", "<=", until))
    load = by_state(DAG_RUN, ("dag_id",), tuple(where))
    return await load(request, keys, None, wanted)


async def runs_of_backfills(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """Runs of each backfill, by state; the most frequent state first."""
    load = by_state(DAG_RUN, ("backfill_id",))
    return await load(request, keys, args, wanted)


async def dags_by_tag(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """Tags by name, each with the DAGs that have it and are not stale."""
    del args
    grouped = Grouped(DAG_TAG, (), keys, ("name", "is_stale"), (("count", None),))
    found: dict[str, int] = {}
    for _, name, is_stale, count in await rows_per_key(request.session, grouped):
        found[name] = found.get(name, 0) + (0 if is_stale else count)
    pick = [("name", "dag_count").index(name) for name in wanted.columns]
    tags = sorted(found.items())
    return Rows([(1, *[tag[i] for i in pick]) for tag in tags], [len(tags)])


def by_state(
    source: Source, match: tuple[str, ...], where: tuple[Condition, ...] = ()
) -> Load:
    """What counts the rows of each key by state, the most frequent first."""

    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        del args
        grouped = Grouped(
            source, match, keys, ("state",), (("count", None),), where=where
        )
        found = sorted(
            await rows_per_key(request.session, grouped),
            key=lambda row: (row[0], -row[2], by_name(row[1])),
        )
        pick = [("state", "count").index(name) + 1 for name in wanted.columns]
        rows: list[Row] = [(row[0], *[row[i] for i in pick]) for row in found]
        return Rows(rows, counts(rows, len(keys)))

    return load


instances_by_state = by_state(TASK_INSTANCE, ("dag_id", "run_id"))


async def unpacked(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """Pairs that the parent's row already holds, as rows; no statement."""
    del request, args
    pick = [("state", "count").index(name) for name in wanted.columns]
    return Rows(
        [
            (at, *[pair[i] for i in pick])
            for at, (pairs,) in enumerate(keys, 1)
            for pair in pairs
        ],
        [len(pairs) for (pairs,) in keys],
    )
