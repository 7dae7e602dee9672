"""Runs a plan level by level: one load for a relation, whatever the number of parents.

An object that several parents share is made once.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, Protocol

from execution.columns import (
    Anomaly,
    Bulk,
    Column,
    Table,
    Types,
    answered,
    objects,
)
from execution.plan import (
    TYPENAME,
    ChildPlan,
    ChoicePlan,
    EmbeddedPlan,
    Leaf,
    ObjectPlan,
    PagePart,
    RelationPlan,
)
from loaders.keys import Keys
from loaders.relation import Relation, Rows, Shape, Wanted


class Page(Protocol):
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    total: int | None

    def cursor(self, row: Any) -> str:
        """A row's cursor."""


class Loading(Protocol):
    """What an operation's context does for a run."""

    async def load(
        self, relation: Relation, keys: Sequence[Any], args: Any, wanted: Wanted
    ) -> Rows:
        """Rows of each key; each is there once, and can have rows."""

    def page(
        self,
        relation: Relation,
        args: Any,
        key: Any,
        wanted: Wanted,
        at: int,
        got: Rows,
    ) -> Page:
        """The page of the key at a position, without its rows."""


class _Span(NamedTuple):
    """One key's rows, among all: most pages are answered without looking at them."""

    all: Sequence[Any]
    start: int
    end: int

    def cursor(self, page: Page, at: int) -> str | None:
        """The cursor of a row; None where there is none."""
        return page.cursor(self.all[at]) if self.start < self.end else None


class Run:
    """One operation's run."""

    def __init__(self, loading: Loading, bulk: Bulk) -> None:
        self._loading = loading
        self._bulk = bulk
        self._types = Types()

    async def objects(self, plan: ObjectPlan, table: Table) -> list[Any]:
        """The answers to a selection on rows, an object a row.

        Raises:
            Anomaly: if graphql-core must answer it.
        """
        if not table.rows:
            return []
        columns = await self.columns(plan, table)
        return objects(plan.responses, columns, len(table.rows))

    async def columns(self, plan: ObjectPlan, table: Table) -> list[Column]:
        """The answers to each field of a selection, one a row.

        Raises:
            Anomaly: if graphql-core must answer it.
        """
        made: dict[str, Column] = {}
        for leaf in plan.leaves:
            made[leaf.response] = self._leaf(leaf, table)
        for (relation, args), leaves in plan.vias.items():
            made |= await self._vias(relation, args, leaves, table)
        for response, child in plan.children:
            if isinstance(child, RelationPlan):
                made |= await self._related_by(
                    {response: child.relation.key, **child.also}, child, table
                )
            else:
                made[response] = await self._child(child, table)
        return [made[name] for name in plan.responses]

    def _leaf(self, leaf: Leaf, table: Table) -> Column:
        if leaf.read is None:
            return [leaf.constant] * len(table.rows)
        return answered(leaf.type, leaf.read, table, self._bulk, self._types)

    async def _vias(
        self, relation: Relation, args: Any, leaves: Sequence[Leaf], table: Table
    ) -> dict[str, Column]:
        """Leaves that read a relation's one row, or NULLs where there is none."""
        columns = tuple(
            dict.fromkeys(c for leaf in leaves if leaf.read for c in leaf.read.columns)
        )
        keys = table.keys(relation.key)
        unique, got = await self._loaded(relation, keys, args, Wanted(columns))
        columns = got.columns or columns
        nothing = (0, *[None] * len(columns))
        rows = dict.fromkeys(keys.each, nothing)
        for key, row in zip(unique, _firsts(got), strict=True):
            rows[key] = nothing if row is None else row
        inside = Table(columns, [rows[key] for key in keys.each])
        return {leaf.response: self._leaf(leaf, inside) for leaf in leaves}

    async def _child(self, child: ChildPlan, table: Table) -> Column:
        match child:
            case EmbeddedPlan():
                return await self._embedded(child, table)
            case ChoicePlan():
                return [await self._chosen(child)]
        raise Anomaly(type(child).__name__)

    async def _embedded(self, child: EmbeddedPlan, table: Table) -> Column:
        present = child.embedded.present
        if present is None:
            return await self.objects(child.plan, table)
        there = [value is not None for value in table.column(present)]
        rows = [
            row for row, is_there in zip(table.rows, there, strict=True) if is_there
        ]
        found = iter(await self.objects(child.plan, Table(table.columns, rows)))
        return [next(found) if is_there else None for is_there in there]

    async def _related_by(
        self, keys: Mapping[str, Sequence[str]], child: RelationPlan, table: Table
    ) -> dict[str, Column]:
        """What a relation leads to by the key of each field."""
        found = await self._related(child, table.keys(*keys.values()))
        number = len(table.rows)
        return {
            name: found[at * number : (at + 1) * number] for at, name in enumerate(keys)
        }

    async def _related(self, child: RelationPlan, keys: Keys) -> Column:
        relation, args, wanted = child.relation, child.args, child.wanted
        unique, got = await self._loaded(relation, keys, args, wanted)
        if relation.shape is Shape.PAGE:
            pages = await self._pages(child, wanted, list(unique.values()), got)
            found = dict(zip(unique, pages, strict=True))
            return [found[key] for key in keys.each]
        made = await self.objects(
            child.nodes[0], Table(got.columns or wanted.columns, got.rows)
        )
        if relation.shape is Shape.LIST:
            ends = _ends(got)
            lists = {k: made[a:b] for k, (a, b) in zip(unique, ends, strict=True)}
            return [lists.get(key, []) for key in keys.each]
        if got.counts.count(1) == len(keys.each):
            return made  # each row has a key of its own
        ordered = list(map(_ones(unique, made, got.counts).get, keys.each))
        if child.nonnull and None in ordered:
            message = f"no row of {relation.name}, which must have one"
            raise Anomaly(message)
        return ordered

    async def _loaded(
        self, relation: Relation, keys: Keys, args: Any, wanted: Wanted
    ) -> tuple[dict[Any, Any], Rows]:
        """The keys that can have rows, by what stands for them, and their rows.

        Of a page every key has rows, if none at all.
        """
        unique = keys.unique
        if relation.shape is Shape.PAGE:
            for key in unique.values():
                refused = relation.refusal(args, key)
                if refused is not None:
                    raise refused
        else:
            leading = relation.leading(unique.values())
            if len(leading) < len(unique):
                kept = {*leading}
                unique = {one: key for one, key in unique.items() if key in kept}
        if not unique:
            return unique, Rows([], [], [], [])
        loaded = await self._loading.load(relation, list(unique.values()), args, wanted)
        return unique, loaded

    async def _pages(
        self, child: RelationPlan, wanted: Wanted, keys: Sequence[Any], got: Rows
    ) -> list[dict[str, Any]]:
        """The page of each key."""
        nodes = [
            await self.objects(plan, Table(got.columns or wanted.columns, got.rows))
            for plan in child.nodes
        ]
        found = []
        for at, (key, (a, b)) in enumerate(zip(keys, _ends(got), strict=True)):
            page = self._loading.page(child.relation, child.args, key, wanted, at, got)
            mine = [each[a:b] for each in nodes]
            rows = _Span(got.rows, a, b)
            found.append(
                {p.response: self._part(p, page, rows, mine) for p in child.parts}
            )
        return found

    def _part(
        self, part: PagePart, page: Page, rows: _Span, nodes: list[list[Any]]
    ) -> Any:
        match part.kind:
            case "nodes":
                return nodes[part.node]
            case "edges":
                return self._edges(part, page, rows, nodes)
            case "pageInfo":
                return self._info(part, page, rows)
            case "totalCount":
                if part.nonnull and page.total is None:
                    message = "no total where there must be one"
                    raise Anomaly(message)
                return page.total
        return part.type_name

    def _edges(
        self, part: PagePart, page: Page, rows: _Span, nodes: list[list[Any]]
    ) -> list[Any]:
        number = rows.end - rows.start
        columns: list[Column] = []
        for _, kind, node in part.inside:
            if kind == "cursor":
                columns.append(list(map(page.cursor, rows.all[rows.start : rows.end])))
            elif kind == "node":
                columns.append(nodes[node])
            else:
                columns.append([kind] * number)
        names = [response for response, _, _ in part.inside]
        return objects(names, columns, number)

    def _info(self, part: PagePart, page: Page, rows: _Span) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for leaf in part.info.leaves if part.info is not None else ():
            name = TYPENAME if leaf.read is None else leaf.read.columns[0]
            match name:
                case "has_next_page":
                    found[leaf.response] = page.has_next_page
                case "has_previous_page":
                    found[leaf.response] = page.has_previous_page
                case "start_cursor":
                    found[leaf.response] = rows.cursor(page, rows.start)
                case "end_cursor":
                    found[leaf.response] = rows.cursor(page, rows.end - 1)
                case _:
                    found[leaf.response] = leaf.constant
        return found

    async def _chosen(self, child: ChoicePlan) -> Any:
        """What arguments name: an object or None, or a list of them."""
        plans = {id(one[0]): one[0] for one in child.chosen if one is not None}
        found: dict[tuple[int, Any], Any] = {}
        for number, plan in plans.items():
            keys = [
                one[1] for one in child.chosen if one is not None and one[0] is plan
            ]
            each = await self._related(plan, Keys.of(keys))
            found |= {(number, key): made for key, made in zip(keys, each, strict=True)}
        answers = [
            None if one is None else found[id(one[0]), one[1]] for one in child.chosen
        ]
        return answers if child.is_list else answers[0]


def _ones(
    keys: Mapping[Any, Any], made: Sequence[Any], counts: Sequence[int]
) -> dict[Any, Any]:
    """The first object of each key that has one."""
    if len(made) != len(keys) or 0 in counts:
        starts = accumulate(counts, initial=0)
        each = zip(keys, starts, counts, strict=False)  # starts has the end, too
        return {key: made[start] for key, start, count in each if count}
    return dict(zip(keys, made, strict=True))


def _ends(got: Rows) -> list[tuple[int, int]]:
    """Where each key's rows begin and end."""
    return list(pairwise([0, *accumulate(got.counts)]))


def _firsts(got: Rows) -> list[Any]:
    """The first row of each key, or None."""
    rows = list(got.rows)
    return [rows[a] if a < b else None for a, b in _ends(got)]
