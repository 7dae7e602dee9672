"""Structures of DAGs: fetched and decoded once an operation, however many ask.

A structure is named by a token, which `metadb.sources` selects as the column
`structure`:

- `VERSION`: a version's id in Airflow 3, a dag_id in Airflow 2, which has one;
- `VERSION#HASH`: the same, only if it still has that hash; what ids hold;
- `VERSION,VERSION@DAG|RUN`: what a run's instances really ran, newest first;
- each with a mark at its end that says which kind of row named it: `@` a run, `~` a
  task instance, `^` a version, none a DAG. Each kind fetches in a statement of its
  own, so that the number of statements never depends on which versions are met.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count, repeat
from typing import Any, NamedTuple

from loaders.kept_structures import (
    IDENTITY,
    TEXT,
    Decoded,
    KeptStructures,
    decoded,
    rows_of,
)
from loaders.relation import Load, Rows, Wanted
from loaders.request import Request
from metadb.by_column import ByColumn, is_constant
from metadb.dialect import Row
from metadb.graph import Graph, GraphEdge, GraphNode
from metadb.group import Group
from metadb.members import ColumnMembers, Members
from metadb.serialized import Serialized
from metadb.session import Session
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Key, Order, Query, rows_per_key, rows_per_key_of_both
from metadb.structure import Edge, Structure
from metadb.task import Task

_MARKS = "~^@"
_PADDING = {TEXT: ("no_text", "no_bytes"), IDENTITY: ("no_instant",)}
"""Columns without values, of the kinds of what follows the fourth of such columns."""


class Token(NamedTuple):
    """A token's parts.

    Attributes:
        versions: Newest first.
        hash: What the version's hash must be; None for any.
        run: The run whose instances tell which task is of which version.
    """

    versions: tuple[str, ...]
    hash: str | None
    run: tuple[str, str] | None


def parsed(token: str) -> Token:
    """A token's parts, without its mark."""
    names, at, run = token.partition("@")  # a run's id may end with any sign
    names, _, expected = names.rstrip("~^").partition("#")
    dag_id, bar, run_id = run.partition("|")
    return Token(
        tuple(name for name in names.split(",") if name),
        expected or None,
        (dag_id, run_id) if at and bar else None,
    )


class Structures:
    """The structures of one operation.

    Args:
        kept: Those of other operations; None for none.
    """

    def __init__(self, kept: KeptStructures | None = None) -> None:
        self._kept = kept
        self._versions: dict[str, asyncio.Future[Structure]] = {}
        self._sources: dict[str, Serialized | None] = {}
        self._merged: dict[str, Structure] = {}
        self._ran: dict[tuple[str, str], asyncio.Future[dict[str, set[str]]]] = {}
        self._asked: set[str] = set()

    async def of(
        self, session: Session, tokens: Sequence[str | None]
    ) -> list[Structure]:
        """Each token's structure; an empty one where the database has none."""
        new = [
            token
            for token in dict.fromkeys(tokens)
            if token is not None and token not in self._asked and not self._has(token)
        ]
        if new:
            self._asked.update(new)
            await self._fetch(session, new)
        found = {
            token: await self._structure(token or "") for token in dict.fromkeys(tokens)
        }
        return [found[token] for token in tokens]

    def _has(self, token: str) -> bool:
        """Whether it is of a structure whose members are being read."""
        return "#" in token and self._versions.keys() >= {*parsed(token).versions}

    async def sources(
        self, session: Session, tokens: Sequence[str | None]
    ) -> list[tuple[Serialized | None, str | None]]:
        """Each token's serialized DAG, and why it cannot be read if it cannot."""
        found = await self.of(session, tokens)
        newest = [parsed(token or "").versions[:1] for token in tokens]
        return [
            (self._sources.get(version[0]) if version else None, structure.problem)
            for version, structure in zip(newest, found, strict=True)
        ]

    async def _structure(self, token: str) -> Structure:
        found = self._merged.get(token)
        if found is None:
            found = self._merged[token] = await self._built(token)
        return found

    async def _built(self, token: str) -> Structure:
        versions, expected, run = parsed(token)
        if not versions:
            return Structure.empty(token)
        each = [await self._versions[version] for version in versions]
        if run is not None:
            ran = await self._ran[run]
            newest = {
                task_id: next(
                    s.name for s, v in zip(each, versions, strict=True) if v in own
                )
                for task_id, own in ran.items()
                if not own.isdisjoint(versions)
            }
            return Structure.merged(token, each, newest)
        if expected is not None and not each[0].name.endswith(f"#{expected}"):
            return Structure.empty(token)
        return each[0]

    async def _fetch(self, session: Session, tokens: Sequence[str]) -> None:
        """Fetch what the tokens name and is not there, in one statement."""
        parts = [parsed(token) for token in tokens]
        loop = asyncio.get_running_loop()
        named = dict.fromkeys(v for p in parts for v in p.versions)
        versions = [v for v in named if v not in self._versions]
        runs = [
            r for r in dict.fromkeys(p.run for p in parts) if r and r not in self._ran
        ]
        futures: list[asyncio.Future[Any]] = []
        for version in versions:
            self._versions[version] = loop.create_future()
            futures.append(self._versions[version])
        for run in runs:
            self._ran[run] = loop.create_future()
            futures.append(self._ran[run])
        try:
            await self._fill(session, versions, runs)
        except BaseException as error:
            for future in futures:
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # looked at: nobody else may wait for it
            raise

    async def _fill(
        self,
        session: Session,
        versions: Sequence[str],
        runs: Sequence[tuple[str, str]],
    ) -> None:
        columns = TEXT if self._kept is None else IDENTITY
        texts = rows_of(versions, columns)
        ran: Sequence[Row] = []
        rows: Sequence[Row]
        if runs:
            pairs = Query(
                TASK_INSTANCE,
                ("dag_id", "run_id"),
                runs,
                (
                    "dag_id",
                    "own_version",
                    "no_integer",
                    "task_id",
                    *_PADDING[columns],
                ),
                Order(("task_id",)),
                distinct=True,
            )
            rows, ran = await rows_per_key_of_both(session, texts, pairs)
        else:
            rows = await rows_per_key(session, texts)
        session.spend_structures(len(rows))
        named = {versions[at - 1]: tuple(row) for at, *row in rows}
        if self._kept is None:
            found = {version: decoded(row) for version, row in named.items()}
        else:
            found = await self._kept.of(session, named)
        for version in versions:
            one = found.get(version) or Decoded(Structure.empty(version), None)
            self._sources[version] = one.source
            self._versions[version].set_result(one.structure)
        own: list[dict[str, set[str]]] = [{} for _ in runs]
        for at, _dag_id, version, _, task_id, *_ in ran:
            if version is not None:
                own[at - 1].setdefault(task_id, set()).add(version)
        for run, instances in zip(runs, own, strict=True):
            self._ran[run].set_result(instances)


MembersOf = Callable[
    [Structure, Any], Sequence[object]
]  # Any: the relation's arguments


def items(members: MembersOf) -> Load:
    """Members of each key's structure; the key is (structure,)."""

    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        structures = await request.structures.of(
            request.session, [key[0] for key in keys]
        )
        found = [members(structure, args) for structure in structures]
        return _rows(request, found, wanted)

    return load


Member = Callable[[Structure, Key, Any], Sequence[object]]


def named(member: Member) -> Load:
    """Members of each key's structure that the rest of the key names."""

    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        structures = await request.structures.of(
            request.session, [key[0] for key in keys]
        )
        found = [
            member(structure, key[1:], args)
            for structure, key in zip(structures, keys, strict=True)
        ]
        return _rows(request, found, wanted)

    return load


def one_named(members: Callable[[Structure], Mapping[str, object]]) -> Load:
    """The member of each key's structure that the rest of the key, an id, names."""

    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        del args
        tokens, names = zip(*keys, strict=True)
        structures = await request.structures.of(request.session, tokens)
        if is_constant(structures):
            found = list(map(members(structures[0]).get, names))
        else:
            pairs = zip(structures, names, strict=True)
            found = [members(structure).get(name) for structure, name in pairs]
        there = Members(one for one in found if one is not None)
        return _read(request, there, [int(one is not None) for one in found], wanted)

    return load


def _rows(request: Request, found: Sequence[Sequence[object]], wanted: Wanted) -> Rows:
    """The rows of each key's members, which are all of one class."""
    return _read(request, _joined(found), list(map(len, found)), wanted)


def _read(
    request: Request, members: "_ByColumn", numbers: list[int], wanted: Wanted
) -> Rows:
    """The rows of so many members of each key."""
    request.session.spend(len(members))
    columns = [_column(members, c) for c in _permitted(request, wanted.columns)]
    return Rows(ByColumn([_positions(numbers), *columns]), numbers)


def _positions(numbers: Sequence[int]) -> Sequence[int]:
    """Of each row the position of its key, from 1; so many rows has each key."""
    if numbers.count(1) == len(numbers):
        return range(1, len(numbers) + 1)
    return list(chain.from_iterable(map(repeat, count(1), numbers)))


_ByColumn = Members[object] | ColumnMembers[object]


def _joined(found: Sequence[Sequence[object]]) -> _ByColumn:
    """All members; those of one key as they are, as their columns may be known."""
    if len(found) == 1 and isinstance(found[0], Members | ColumnMembers):
        return found[0]
    return Members(chain.from_iterable(found))


def _column(members: _ByColumn, name: str) -> Sequence[Any]:
    values = members.column(name)
    if name in HELD:
        return [Held(value) if value else _NOTHING for value in values]
    return values


def _permitted(request: Request, columns: Sequence[str]) -> Sequence[str]:
    """The columns to read in place of others, where not all DAGs may be seen."""
    if request.session.visible is None:
        return columns
    return [_UNTIED.get(name, name) for name in columns]


_UNTIED = {"template_field_values": "untied_field_values"}


def _columns(row: type) -> frozenset[str]:
    """What can be read of a class's instances."""
    return frozenset(name for name in dir(row) if not name.startswith("_"))


TASK_COLUMNS = _columns(Task) - {
    "around",
    "fields",
    "value",
    "values",
}  # what reads the rest
GROUP_COLUMNS = _columns(Group)
GRAPH_COLUMNS = _columns(Graph)
EDGE_COLUMNS = frozenset(Edge._fields)
GRAPH_NODE_COLUMNS = frozenset(GraphNode._fields)
GRAPH_EDGE_COLUMNS = frozenset(GraphEdge._fields)
PARAM = ("name", "value", "description", "schema")
PARAM_COLUMNS = frozenset(PARAM)
REFERENCE = ("kind", "name", "uri")
REFERENCE_COLUMNS = frozenset(REFERENCE)


class Held:
    """Members that a row holds in one column, equal only to itself.

    A relation can then be keyed by the column, whatever the members are.
    """

    __slots__ = ("members",)

    def __init__(self, members: Sequence[object]) -> None:
        self.members = members


_NOTHING = Held(())


def held(fields: Sequence[str] | None = None) -> Load:
    """The members that the key's one column holds; no statement.

    Members are objects, or tuples of `fields`.
    """

    async def load(
        request: Request, keys: Sequence[Key], args: object, wanted: Wanted
    ) -> Rows:
        del args
        found = [holder.members for (holder,) in keys]
        if fields is None:
            return _rows(request, found, wanted)
        pick = [fields.index(name) for name in wanted.columns]
        rows: list[Row] = [
            (at, *[member[i] for i in pick])
            for at, members in enumerate(found, 1)
            for member in members
        ]
        request.session.spend(len(rows))
        return Rows(rows, list(map(len, found)))

    return load


HELD = frozenset({"params", "inlets", "outlets", "nodes", "edges"})
"""Columns whose values are members of their own."""
