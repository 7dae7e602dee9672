"""Counts over many DAGs: what a wall display shows."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from loaders.counts import by_frequency, by_state
from loaders.errors import BadInput
from loaders.relation import Load, Rows, Wanted
from loaders.request import Request
from loaders.tables import PageArgs, counts, page
from metadb.condition import Among, Compared, Condition, Null, OfDags
from metadb.dialect import Row
from metadb.source import Source
from metadb.sources.dag import DAG
from metadb.sources.dag_run import DAG_RUN
from metadb.sources.parsing import IMPORT_ERROR
from metadb.sources.task_instance import IN_RUNS, TASK_INSTANCE, UNFINISHED
from metadb.statement import Grouped, Key, Order, Query, count_per_key, rows_per_key

LONGEST_FOR_INSTANCES = timedelta(days=7)
BY_DEFAULT = timedelta(hours=24)
_DAGS = ("dag_count", "active_count", "paused_count", "stale_count")
COLUMNS = frozenset({"scope", "kept", "import_error_count", *_DAGS})
GROUP = ("key", "dag_count", "run_counts")


class Kept(str):  # noqa: SLOT000  # a text with one attribute
    """Which DAGs are counted, as a text that cursors can name.

    Equal conditions have equal texts, in every process.
    """

    condition: Condition | None

    @classmethod
    def by(cls, condition: Condition | None) -> "Kept":
        """The text of a condition; empty for none."""
        text = "" if condition is None else repr(condition)
        made = cls(sha256(text.encode()).hexdigest()[:16] if text else "")
        made.condition = condition
        return made


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: DAGs that a condition keeps, and their runs in a window.

    Attributes:
        dags: None for all.
        since: On runAfter, included; None until the loader has looked at the clock.
        until: Likewise.
    """

    dags: Condition | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def length(self) -> timedelta:
        """Of the window, once both its ends are known."""
        if self.since is None or self.until is None:
            return timedelta(0)
        return self.until - self.since

    @property
    def of_dags(self) -> tuple[Condition, ...]:
        """What rows of other tables must meet."""
        return () if self.dags is None else (OfDags(DAG, self.dags),)

    @property
    def of_runs(self) -> tuple[Condition, ...]:
        """What rows with a run_after must meet."""
        bounds: list[Condition] = []
        if self.since is not None:
            bounds.append(Compared("run_after", ">=", self.since))
        if self.until is not None:
            bounds.append(Compared("run_after", "<=", self.until))
        return (*bounds, *self.of_dags)


async def fleet(
    request: Request, keys: Sequence[Key], args: Scope, wanted: Wanted
) -> Rows:
    """One row of counts; a statement for the DAGs, one for the import errors."""
    found: dict[str, Any] = {"scope": args, "kept": Kept.by(args.dags)}
    if "scope" in wanted.columns and (args.since is None or args.until is None):
        found["scope"] = await _timed(request, args)
    if not set(_DAGS).isdisjoint(wanted.columns):
        found |= await _dags(request, args)
    if "import_error_count" in wanted.columns:
        errors = Query(IMPORT_ERROR, (), [()], (), Order(("id",)), where=args.of_dags)
        (found["import_error_count"],) = await count_per_key(request.session, errors)
    return Rows([(1, *[found[name] for name in wanted.columns])], [1] * len(keys))


async def _timed(request: Request, scope: Scope) -> Scope:
    """The scope with both ends of its window: the last day, or a day from one end."""
    now = await request.session.now()
    until = scope.until
    if until is None:
        until = now if scope.since is None else max(now, scope.since)
    since = until - BY_DEFAULT if scope.since is None else scope.since
    return replace(scope, since=since, until=until)


async def _dags(request: Request, scope: Scope) -> dict[str, int]:
    where = () if scope.dags is None else (scope.dags,)
    by = ("is_paused", "is_stale")
    grouped = Grouped(DAG, (), [()], by, (("count", None),), where=where)
    found = dict.fromkeys(_DAGS, 0)
    for _, is_paused, is_stale, count in await rows_per_key(request.session, grouped):
        found["dag_count"] += count
        name = "paused_count" if is_paused else "active_count"
        found["stale_count" if is_stale else name] += count
    return found


def _by_state(
    source: Source, of_rows: Callable[[Scope], tuple[Condition, ...]]
) -> Load:
    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        rows: list[Row] = []
        for at, (scope,) in enumerate(keys, 1):
            one = by_state(source, (), of_rows(scope))
            found = await one(request, [()], args, wanted)
            rows += [(at, *row[1:]) for row in found.rows]
        return Rows(rows, counts(rows, len(keys)))

    return load


def _of_instances(scope: Scope) -> tuple[Condition, ...]:
    if scope.length > LONGEST_FOR_INSTANCES:
        message = (
            "taskInstanceStateCounts counts a window of at most 7 days; "
            f"this one has {scope.length / timedelta(days=1):.1f}."
        )
        raise BadInput(message)
    return scope.of_runs


def _of_unfinished(scope: Scope) -> tuple[Condition, ...]:
    return (Among("state", UNFINISHED), *scope.of_dags)


runs_by_state = _by_state(DAG_RUN, lambda scope: scope.of_runs)
instances_by_state = _by_state(IN_RUNS, _of_instances)
unfinished_by_state = _by_state(TASK_INSTANCE, _of_unfinished)


async def failing(
    request: Request, keys: Sequence[Key], args: PageArgs, wanted: Wanted
) -> Rows:
    """A page of the DAGs whose newest run failed."""
    ((kept,),) = keys
    failed = Compared("latest_run_state", "=", "failed")
    where = (failed,) if kept.condition is None else (failed, kept.condition)
    args = replace(args, where=where, parent=())
    return await page(DAG, ())(request, [()], args, wanted)


async def longest_running(
    request: Request, keys: Sequence[Key], args: int, wanted: Wanted
) -> Rows:
    """The runs that have been running longest."""
    ((scope,),) = keys
    running = (Compared("state", "=", "running"), Null("start_date", is_null=False))
    query = Query(
        DAG_RUN,
        (),
        [()],
        wanted.columns,
        Order(("start_date", "id")),
        limit=args,
        where=(*running, *scope.of_dags),
    )
    rows = await rows_per_key(request.session, query)
    return Rows(rows, [len(rows)])


async def by_dimension(
    request: Request, keys: Sequence[Key], args: str, wanted: Wanted
) -> Rows:
    """DAGs by tag, owner or bundle: (key, how many DAGs, their runs by state).

    A DAG with several tags or owners counts for each. Two statements.
    """
    ((scope,),) = keys
    where = () if scope.dags is None else (scope.dags,)
    dags = Query(DAG, (), [()], ("dag_id", args), Order(("dag_id",)), where=where)
    groups: dict[str, list[str]] = {}
    for _, dag_id, value in await rows_per_key(request.session, dags):
        for name in _names(args, value):
            groups.setdefault(name, []).append(dag_id)
    runs: dict[str, Counter[str | None]] = {}
    if "run_counts" in wanted.columns:
        by = ("dag_id", "state")
        grouped = Grouped(
            DAG_RUN, (), [()], by, (("count", None),), where=scope.of_runs
        )
        for _, dag_id, state, count in await rows_per_key(request.session, grouped):
            runs.setdefault(dag_id, Counter())[state] += count
    pick = [GROUP.index(name) for name in wanted.columns]
    rows = []
    for name in sorted(groups):
        total = Counter[str | None]()
        for dag_id in groups[name]:
            total.update(runs.get(dag_id, Counter()))
        found = (name, len(groups[name]), by_frequency(total.items()))
        rows.append((1, *[found[i] for i in pick]))
    return Rows(rows, [len(rows)])


def _names(dimension: str, value: str | None) -> Iterable[str]:
    """A DAG's tags, owners or bundle."""
    if value is None:
        return ()
    if dimension == "tags":
        names: list[str] = msgspec.json.decode(value)
        return names
    if dimension == "owners":
        return dict.fromkeys(filter(None, map(str.strip, value.split(","))))
    return (value,)
