"""The statements' shapes: rows, and counts, for many keys at once.

Their texts depend on which columns are asked for and on the filters' form, never on
how many keys there are, on the page's size or on the budget: those are bound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from metadb.by_column import ByColumn
from metadb.column import Kind
from metadb.condition import Condition, Writer, columns_of
from metadb.dialect import Row, Value
from metadb.session import Session
from metadb.source import Fitted, Source
from metadb.tied import untied_json

Key = tuple[Any, ...]  # values of a parent's columns


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows: by columns, all in one direction, NULLs always last.

    Attributes:
        columns: The last ones are the source's tie columns, which make it total.
        descending: The direction.
        backwards: Read from the end: every direction and the NULLs' place turned.
    """

    columns: tuple[str, ...]
    descending: bool = False
    backwards: bool = False

    @property
    def falling(self) -> bool:
        """Whether rows come with falling values."""
        return self.descending is not self.backwards

    def sql(self, fitted: Fitted, collate: str) -> str:
        """What follows ORDER BY."""
        direction = " DESC" if self.falling else ""
        nulls = " NULLS FIRST" if self.backwards else " NULLS LAST"
        return ", ".join(
            _ordered(fitted, name, collate)
            + direction
            + (nulls if fitted.expressions[name].nullable else "")
            for name in self.columns
        )


@dataclass(frozen=True, slots=True)
class Beyond:
    """The rows after a place in an order: the place's values, one a column."""

    order: Order
    values: tuple[Value | None, ...]


def _ordered(fitted: Fitted, name: str, collate: str) -> str:
    expression = fitted.expressions[name]
    if expression.kind is Kind.INSTANT and expression.nullable:
        return expression.read  # as a cursor has it: what cannot be read is NULL
    return expression.sql + (collate if expression.kind is Kind.TEXT else "")


class _Statement:
    """One statement in the making: its source, and the values bound so far."""

    def __init__(self, session: Session, source: Source, values: list[object]) -> None:
        self.dialect = session.dialect
        self.fitted = session.fitted(source)
        self.values = values
        self.catalogue = session.catalogue

    def number(self, value: Value) -> int:
        """The number under which a value is bound."""
        self.values.append(self.dialect.bound(value))
        return len(self.values)

    def bind(self, value: Value) -> str:
        """A value's placeholder."""
        return self.dialect.placeholder(self.number(value), value)

    def keys(
        self, match: Sequence[str], keys: Sequence[Key], *, extra: bool = False
    ) -> str:
        """The keys, as a relation `k`; `extra`: a last element that is JSON."""
        kinds = [self.fitted.expressions[name].kind for name in match]
        kinds += [Kind.JSON] if extra else []
        sql, values = self.dialect.keys(kinds, keys, len(self.values) + 1)
        self.values += values
        return sql

    def where(
        self,
        match: Sequence[str],
        conditions: Sequence[Condition],
        beyond: Beyond | None = None,
    ) -> str:
        """Key, filters, place in the order, and the caller's permission."""
        found = [
            f"{self.fitted.expressions[name].sql} = k.k{i}"
            for i, name in enumerate(match)
        ]
        if conditions:
            # kept nowhere: it and the statement would be a cycle, which lives long
            writer = Writer(self.catalogue, self.fitted, self.bind, self.number)
            found += map(writer.sql, conditions)
        if beyond is not None:
            found.append(self._beyond(beyond))
        if self.fitted.shown:
            found.append(f"({self.fitted.shown})")
        return " AND ".join(found) or "1 = 1"

    def within(self, query: "Query") -> str:
        """That a column is in the list that each key brings."""
        if query.within is None:
            return ""
        listed = self.dialect.listed(f"k.k{len(query.match)}")
        return f" AND {self.fitted.expressions[query.within].sql} {listed}"

    def table(self, match: Sequence[str], columns: set[str]) -> str:
        """FROM: the table, its index on SQLite, and the joins that columns need."""
        hint = self.fitted.indexes.get(tuple(match), "")
        return self.fitted.table + hint + self.fitted.joined(columns)

    def _beyond(self, beyond: Beyond) -> str:
        """Rows after a place: equal in the first columns, beyond in the next."""
        order, collate = beyond.order, self.dialect.collate
        sign = "<" if order.falling else ">"
        cases: list[str] = []
        equal: list[str] = []
        for name, value in zip(order.columns, beyond.values, strict=True):
            column = _ordered(self.fitted, name, collate)
            nullable = self.fitted.expressions[name].nullable
            if value is None:
                if order.backwards:  # NULLs come first: all others are beyond
                    cases.append(" AND ".join([*equal, f"{column} IS NOT NULL"]))
                equal.append(f"{column} IS NULL")
                continue
            place = self.bind(value)  # once: PostgreSQL refuses what is never used
            further = f"{column} {sign} {place}"
            if nullable and not order.backwards:
                further = f"({further} OR {column} IS NULL)"
            cases.append(" AND ".join([*equal, further]))
            equal.append(f"{column} = {place}")
        return "(" + (" OR ".join(f"({case})" for case in cases) or "1 = 0") + ")"


Reads = Sequence[Callable[[Any], Any] | None]
"""What each value of a row still needs, once fetched."""


@dataclass(frozen=True, slots=True)
class Query:
    """Rows asked of a source for each of some keys.

    Attributes:
        match: The source's columns that a key gives values for.
        columns: What is read.
        order: The rows' order within a key; None for any, also of the keys, where
            there is no limit.
        limit: At most so many rows a key.
        within: A column that must be in a JSON list, which each key has as its last
            element, after the values for `match`.
        distinct: Equal rows once.
    """

    source: Source
    match: Sequence[str]
    keys: Sequence[Key]
    columns: Sequence[str]
    order: Order | None
    limit: int | None = None
    where: Sequence[Condition] = ()
    beyond: Beyond | None = None
    within: str | None = None
    distinct: bool = False

    def written(self, session: Session, values: list[object]) -> tuple[str, Reads]:
        """Its SQL, which binds into `values`, and what the rows need afterwards."""
        s = _Statement(session, self.source, values)
        expressions = s.fitted.expressions
        k = s.keys(self.match, self.keys, extra=self.within is not None)
        cond = s.where(self.match, self.where, self.beyond) + s.within(self)
        limited = "" if self.limit is None else f" LIMIT {s.bind(self.limit)}"
        read = [f"{expressions[c].read} AS c{i}" for i, c in enumerate(self.columns)]
        sorting = self.order and self.order.sql(s.fitted, s.dialect.collate)
        used = {*self.match}.union(*map(columns_of, self.where))
        used |= {*self.order.columns} if self.order else set()
        table = s.table(self.match, used | {*self.columns})
        distinct = "DISTINCT " if self.distinct else ""
        reads = [_conversion(s, c) for c in self.columns]
        if s.dialect.laterally:
            # OFFSET 0: or it may be joined by reading the whole table
            ordered = f" ORDER BY {sorting}" if sorting else " OFFSET 0"
            ordered = "" if self.distinct else ordered
            inner = (
                f"SELECT {distinct}{', '.join(read)} FROM {table} "
                f"WHERE {cond}{ordered}{limited}"
            )
            return f"SELECT k.at, x.* FROM {k} CROSS JOIN LATERAL ({inner}) x", reads
        if self.limit is not None:
            inside = s.table(self.match, used)
            row = f"{s.fitted.alias}.rowid"
            table = s.table((), used | {*self.columns})  # by rowid: no other index
            cond = (
                f"{row} IN (SELECT {row} FROM {inside} WHERE {cond} "
                f"ORDER BY {sorting}{limited})"
            )
        ordered = "k.at" if self.distinct else f"k.at, {sorting}"
        ordered = f" ORDER BY {ordered}" if sorting else ""
        return (
            f"SELECT {distinct}{', '.join(['k.at', *read])} FROM {k} "
            f"CROSS JOIN {table} WHERE {cond}{ordered}"
        ), reads


@dataclass(frozen=True, slots=True)
class Grouped:
    """Aggregates of a source's rows for each of some keys.

    Attributes:
        by: The columns that rows are grouped by, and that come first in a row.
        aggregates: (function, column); ("count", None) counts rows, and a column
            without a function is the same in all of them.
        in_order: Whether rows come key after key.
    """

    source: Source
    match: Sequence[str]
    keys: Sequence[Key]
    by: Sequence[str]
    aggregates: Sequence[tuple[str | None, str | None]]
    where: Sequence[Condition] = ()
    in_order: bool = True

    def written(self, session: Session, values: list[object]) -> tuple[str, Reads]:
        """Its SQL, which binds into `values`, and what the rows need afterwards."""
        s = _Statement(session, self.source, values)
        k = s.keys(self.match, self.keys)
        cond = s.where(self.match, self.where)
        names = [name for _, name in self.aggregates if name is not None]
        used = {*self.match, *self.by, *names}.union(*map(columns_of, self.where))
        by = [_grouped(s, name) for name in self.by]
        read = by + [_aggregated(s, *aggregate) for aggregate in self.aggregates]
        selected = [f"{sql} AS c{i}" for i, sql in enumerate(read)]
        ordered = " ORDER BY k.at" if self.in_order else ""
        reads = [_conversion(s, name) for name in self.by]
        reads += [
            None if name is None else _conversion(s, name)
            for _, name in self.aggregates
        ]
        return (
            f"SELECT {', '.join(['k.at', *selected])} FROM {k} CROSS JOIN "
            f"{s.table(self.match, used)} WHERE {cond} "
            f"GROUP BY {', '.join(['k.at', *by])}{ordered}"
        ), reads


def _grouped(s: _Statement, name: str) -> str:
    """A column to group by: texts by code point, which sorts several times as fast."""
    expression = s.fitted.expressions[name]
    is_text = expression.kind is Kind.TEXT
    return expression.read + (s.dialect.collate if is_text else "")


def _aggregated(s: _Statement, function: str | None, name: str | None) -> str:
    if name is None:
        return f"{function}(*)"
    expression = s.fitted.expressions[name]
    if function is None:
        return expression.read
    sql = f"{function}({expression.sql})"
    is_instant = expression.kind is Kind.INSTANT  # which may be infinite
    return s.dialect.read(expression.kind, sql) if is_instant else sql


async def rows_per_key(session: Session, query: Query | Grouped) -> ByColumn:
    """For each key its rows, key after key; one statement.

    A row is (position of its key from 1, *columns).
    """
    values = [*session.opening.values]
    sql, reads = query.written(session, values)
    rows = await session.fetch(_bounded(session, sql, values), values)
    return converted(rows, reads)


async def rows_per_key_of_both(
    session: Session, first: Query | Grouped, second: Query | Grouped
) -> tuple[list[Row], list[Row]]:
    """What `rows_per_key` gives for two queries with like columns; one statement."""
    rows = await _united(session, ((first, ", '1' AS mark"), (second, ", '2' AS mark")))
    one, two = ([r[:-1] for r in rows if r[-1] == mark] for mark in ("1", "2"))
    return one, two


async def rows_of_either(
    session: Session, first: Query | Grouped, second: Query | Grouped
) -> ByColumn:
    """The same, of both together, in any order."""
    return await _united(session, ((first, ""), (second, "")))


async def _united(
    session: Session, queries: Sequence[tuple[Query | Grouped, str]]
) -> ByColumn:
    """Rows of queries with like columns; with each what is read besides."""
    values = [*session.opening.values]
    parts = []
    reads: Reads = []
    for query, besides in queries:
        sql, reads = query.written(session, values)
        parts.append(f"SELECT q.*{besides} FROM ({sql}) q")
    sql = _bounded(session, " UNION ALL ".join(parts), values)
    return converted(await session.fetch(sql, values), reads)


def _bounded(session: Session, sql: str, values: list[object]) -> str:
    values.append(session.rows_left + 1)
    limit = f"{'$' if session.dialect.laterally else '?'}{len(values)}"
    return f"{session.opening.sql}{sql} LIMIT {limit}"


async def count_per_key(
    session: Session, query: Query, up_to: int | None = None
) -> list[int]:
    """How many rows each key has, however many are read; one statement.

    Counts no further than `up_to`.
    """
    s = _Statement(session, query.source, [*session.opening.values])
    k = s.keys(query.match, query.keys, extra=query.within is not None)
    cond = s.where(query.match, query.where) + s.within(query)
    table = s.table(query.match, {*query.match}.union(*map(columns_of, query.where)))
    limited = "" if up_to is None else f" LIMIT {s.bind(up_to)}"
    inner = f"SELECT 1 AS one FROM {table} WHERE {cond}{limited}"
    sql = session.opening.sql
    sql += f"SELECT k.at, (SELECT count(*) FROM ({inner}) q) FROM {k}"
    found = {row[0]: row[1] for row in await session.fetch(sql, s.values)}
    return [found.get(i + 1, 0) for i in range(len(query.keys))]


def _conversion(s: _Statement, name: str) -> Callable[[Any], Any] | None:
    if name in s.fitted.tied:
        return untied_json
    expression = s.fitted.expressions[name]
    return s.dialect.convert(expression.kind, nullable=expression.nullable)


def converted(
    rows: Sequence[Row], conversions: Sequence[Callable[[Any], Any] | None]
) -> ByColumn:
    """Rows (position, *values) with the values that need it converted."""
    if not rows:
        return ByColumn([()] * (len(conversions) + 1))
    columns: list[Any] = list(zip(*rows, strict=True))
    for i, convert in enumerate(conversions, 1):
        if convert is not None:
            columns[i] = [None if v is None else convert(v) for v in columns[i]]
    return ByColumn(columns)
