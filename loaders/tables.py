"""Rows of Airflow's tables for many keys: one, a page of each, or a count."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat

from loaders.relation import Load, Rows, Wanted, column_of
from loaders.request import Request
from metadb.by_column import ByColumn
from metadb.condition import Condition
from metadb.dialect import Row, Value
from metadb.source import Source
from metadb.statement import (
    Beyond,
    Key,
    Order,
    Query,
    count_per_key,
    rows_per_key,
)


@dataclass(frozen=True, slots=True)
class PageArgs:
    """Which page of each list. Hashable: it names graphql-core's loader.

    Attributes:
        size: At most so many rows.
        beyond: Where the page starts: the order's values there, and the key of the
            parent that the cursor belongs to.
        group_id: Only instances of this task group's tasks.
    """

    size: int
    order: Order
    where: tuple[Condition, ...] = ()
    beyond: tuple[Value | None, ...] | None = None
    parent: Key = ()
    group_id: str | None = None


def one(
    source: Source,
    match: tuple[str, ...],
    newest: Order | None = None,
    where: tuple[Condition, ...] = (),
) -> Load:
    """The row of each key; with `newest`, the first in that order."""

    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        del args
        query = Query(
            source,
            match,
            keys,
            wanted.columns,
            newest or Order(source.tie),
            limit=1 if newest else None,
            where=where,
        )
        rows = await rows_per_key(request.session, query)
        return Rows(rows, counts(rows, len(keys)))

    return load


def every(source: Source, match: tuple[str, ...], order: Order) -> Load:
    """All rows of each key, in an order; none if the database lacks the table."""

    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        del args
        if not request.session.catalogue.has(source):
            return Rows([], [0] * len(keys))
        query = Query(source, match, keys, wanted.columns, order)
        rows = await rows_per_key(request.session, query)
        return Rows(rows, counts(rows, len(keys)))

    return load


def first(source: Source) -> Load:
    """The first row that meets the arguments' conditions, in their order."""

    async def load(
        request: Request, keys: Sequence[Key], args: PageArgs, wanted: Wanted
    ) -> Rows:
        query = Query(
            source, (), keys, wanted.columns, args.order, limit=1, where=args.where
        )
        rows = await rows_per_key(request.session, query)
        return Rows(rows, counts(rows, len(keys)))

    return load


def by_argument(source: Source, match: tuple[str, ...]) -> Load:
    """The row that the arguments name beneath each key."""

    async def load(
        request: Request, keys: Sequence[Key], args: Key, wanted: Wanted
    ) -> Rows:
        full = [(*key, *args) for key in keys]
        return await one(source, match)(request, full, None, wanted)

    return load


def page(source: Source, match: tuple[str, ...], count_to: int | None = None) -> Load:
    """A page of each key's rows; totals are counted no further than `count_to`."""

    async def load(
        request: Request, keys: Sequence[Key], args: PageArgs, wanted: Wanted
    ) -> Rows:
        return await paged(
            request, query_of(source, match, keys, args, wanted), args, wanted, count_to
        )

    return load


def query_of(
    source: Source,
    match: tuple[str, ...],
    keys: Sequence[Key],
    args: PageArgs,
    wanted: Wanted,
) -> Query:
    """The query of a page, one row longer than the page."""
    return Query(
        source,
        match,
        keys,
        wanted.columns,
        args.order,
        limit=args.size + 1,
        where=args.where,
        beyond=beyond(args),
    )


async def paged(
    request: Request,
    query: Query,
    args: PageArgs,
    wanted: Wanted,
    count_to: int | None = None,
) -> Rows:
    """The pages that a query gives, and what of them is wanted."""
    totals: list[int | None] | None = None
    if wanted.total:
        up_to = None if count_to is None else count_to + 1
        found = await count_per_key(request.session, query, up_to)
        totals = [None if up_to == n else n for n in found]
    if not wanted.rows:
        none = [0] * len(query.keys)
        return Rows([], none, [False] * len(query.keys), totals)
    rows = await rows_per_key(request.session, query)
    return cut(rows, args, len(query.keys), totals)


def beyond(args: PageArgs) -> Beyond | None:
    """Where the page starts; `Relation.refusal` says whether it is of this parent."""
    return None if args.beyond is None else Beyond(args.order, args.beyond)


def counts(rows: Sequence[Row], keys: int) -> list[int]:
    """How many rows each key has."""
    found = Counter(column_of(rows, 0))
    return list(map(found.get, range(1, keys + 1), repeat(0)))


def cut(
    rows: ByColumn, args: PageArgs, keys: int, totals: list[int | None] | None
) -> Rows:
    """Pages of rows that were fetched one longer, each in the list's own order."""
    found = counts(rows, keys)
    more = [n > args.size for n in found]
    if not any(more) and not args.order.backwards:
        return Rows(rows, found, more, totals)
    numbers = [min(n, args.size) for n in found]
    starts = accumulate(found, initial=0)  # it has the end, too
    spans = [(start, start + n) for start, n in zip(starts, numbers, strict=False)]
    kept = rows.joined(spans, turned=args.order.backwards)
    return Rows(kept, numbers, more, totals)
