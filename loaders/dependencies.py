"""What DAGs wait for and set off: other DAGs, by task, and assets.

A trigger or a sensor is stored with one of the two DAGs that it ties, so all DAGs'
lists are read, and all references to assets: five statements, however many DAGs, and
one for the structures that name the tasks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from loaders.errors import BadInput
from loaders.lineage import Dependency, Lineage, Made, Tie
from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb import serialized
from metadb.dialect import Row
from metadb.source import Source
from metadb.sources.asset import ASSET, NICKED, OUTLET, REFERENCE
from metadb.sources.dag_version import DEPENDENCIES
from metadb.statement import Key, Order, Query, rows_per_key
from metadb.structure import Structure

COLUMNS = frozenset(Dependency._fields)


async def upstream(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """What each DAG waits for: other DAGs first, then assets."""
    del args
    lineage, dag_id = await _of_one(request, keys)
    own = await _own_ties(request, lineage, dag_id)
    found = _permitted(request, lineage, lineage.upstream(dag_id, own))
    return _rows(await _with_tasks(request, found), wanted)


async def downstream(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """What each DAG sets off: other DAGs first, then assets."""
    del args
    lineage, dag_id = await _of_one(request, keys)
    own = await _own_ties(request, lineage, dag_id)
    found = _permitted(request, lineage, lineage.downstream(dag_id, own))
    return _rows(await _with_tasks(request, found), wanted)


async def _of_one(request: Request, keys: Sequence[Key]) -> tuple[Lineage, str]:
    if len(keys) > 1:
        message = f"Dependencies are asked of {len(keys)} DAGs; of one at a time."
        raise BadInput(message)
    return await request.once(_lineage), keys[0][0]


def _permitted(
    request: Request, lineage: Lineage, found: Iterable[Dependency]
) -> list[Dependency]:
    """Those between DAGs that may be seen: the others have no structure here."""
    if request.session.visible is None:
        return [*found]
    known = lineage.structures.keys()
    return [one for one in found if {one.task_dag_id, one.dag_id} - {None} <= known]


async def _own_ties(request: Request, lineage: Lineage, dag_id: str) -> list[Tie]:
    """Ties of mapped tasks, which Airflow before 3.3 does not list."""
    token = lineage.structures.get(dag_id)
    (structure,) = await request.structures.of(request.session, [token])
    known = {tie.task_id for tie in lineage.ties if tie.owner == dag_id}
    found = []
    for task in structure.tasks.values():
        named = _NAMED_BY.get(task.task_type)
        if named is None or not task.is_mapped or task.task_id in known:
            continue
        other = task.template_field_values.get(named)
        if isinstance(other, str):
            ends = (dag_id, other) if named == "trigger_dag_id" else (other, dag_id)
            kind = "TRIGGER" if named == "trigger_dag_id" else "SENSOR"
            found.append(Tie(kind, task.display_name, *ends, task.task_id))
    return found


_ALIAS = frozenset({"asset-alias", "dataset-alias"})
_NAMED_BY = {
    "TriggerDagRunOperator": "trigger_dag_id",
    "ExternalTaskSensor": "external_dag_id",
}
"""The field that names another DAG, by a task's type."""


async def _with_tasks(
    request: Request, found: Sequence[Dependency]
) -> Iterable[Dependency]:
    """Dependencies through aliases, with the task that makes the alias."""
    lacking = [
        one for one in found if one.task_id is None and one.task_structure is not None
    ]
    tokens = [one.task_structure for one in lacking]
    made = dict(
        zip(tokens, await request.structures.of(request.session, tokens), strict=True)
    )
    return [
        one._replace(task_id=_maker(made[one.task_structure], one.task_alias))
        if one.task_id is None and one.task_structure in made
        else one
        for one in found
    ]


def _maker(structure: Structure, alias: str | None) -> str | None:
    """The first task with an alias among its outlets."""
    return next(
        (
            task.task_id
            for task in structure.tasks.values()
            if any(kind == "ALIAS" and name == alias for kind, name, _ in task.outlets)
        ),
        None,
    )


def _rows(found: Iterable[Dependency], wanted: Wanted) -> Rows:
    pick = [Dependency._fields.index(name) for name in wanted.columns]
    rows: list[Row] = [(1, *[one[i] for i in pick]) for one in found]
    return Rows(rows, [len(rows)])


async def _lineage(request: Request) -> Lineage:
    found = Lineage()
    alias_makers = await _listed(request, found)
    assets = await _assets(request, found)
    for _, asset_id, dag_id, task_id in await _all(
        request, OUTLET, "asset_id", "dag_id", "task_id"
    ):
        if dag_id in found.alive:
            made = Made(dag_id, task_id, None)
            found.makers.setdefault(asset_id, []).append(made)
    uses: dict[str, list[str]] = {}
    for _, dag_id, kind, *named in await _all(
        request, REFERENCE, "dag_id", "kind", "name", "uri"
    ):
        if dag_id in found.alive:
            if kind == "ALIAS":
                uses.setdefault(named[0], []).append(dag_id)
            elif (asset := assets.get(tuple(named))) is not None:
                found.users.setdefault(asset, {})[dag_id] = None
    members: dict[str, list[int]] = {}
    for _, alias, asset_id in await _all(request, NICKED, "name", "asset_id"):
        members.setdefault(alias, []).append(asset_id)
    _resolve(found, members, alias_makers, uses)
    return found


async def _listed(request: Request, found: Lineage) -> dict[str, list[Made]]:
    """Take up what the DAGs' own lists say; who makes which alias."""
    alias_makers: dict[str, list[Made]] = {}
    columns = ("dag_id", "is_stale", "structure", "dependencies", "data_compressed")
    for _, dag_id, is_stale, structure, *stored in await _all(
        request, DEPENDENCIES, *columns
    ):
        found.structures[dag_id] = structure
        if not is_stale:
            found.alive.add(dag_id)
            for one in _entries(*stored):
                _add(found, alias_makers, dag_id, one)
    return alias_makers


async def _assets(request: Request, found: Lineage) -> dict[Key, int]:
    """Assets by (name, uri); active ones by (name, None) and (None, uri), too."""
    assets: dict[Key, int] = {}
    for _, asset_id, name, uri, is_active in await _all(
        request, ASSET, "id", "name", "uri", "is_active"
    ):
        found.names[asset_id] = name
        assets[name, uri] = asset_id
        if is_active:
            assets[name, None] = assets[None, uri] = asset_id
    return assets


def _resolve(
    found: Lineage,
    members: Mapping[str, list[int]],
    makers: Mapping[str, list[Made]],
    uses: Mapping[str, list[str]],
) -> None:
    """Put the assets that aliases stand for in the aliases' place."""
    for alias in dict.fromkeys((*makers, *uses)):
        assets = members.get(alias, ())
        for asset_id in assets:
            found.makers.setdefault(asset_id, []).extend(makers.get(alias, ()))
            for dag_id in uses.get(alias, ()):
                found.users.setdefault(asset_id, {}).setdefault(dag_id, alias)
        if not assets:
            found.empty[alias] = (makers.get(alias, []), uses.get(alias, []))


async def _all(request: Request, source: Source, *columns: str) -> Sequence[Row]:
    """All rows of a source; none if the database lacks its tables."""
    if not request.session.catalogue.has(source):
        return []
    query = Query(source, (), [()], columns, Order(source.tie))
    return await rows_per_key(request.session, query)


def _entries(listed: str | None, compressed: bytes | None) -> Iterable[dict[str, Any]]:
    """A DAG's list of dependencies; empty if it cannot be read."""
    try:
        if compressed is not None:
            entries = serialized.decoded(None, compressed).dag.get("dag_dependencies")
        else:
            entries = msgspec.json.decode(listed or "[]")
    except (serialized.Undecodable, msgspec.DecodeError):
        return ()
    if not isinstance(entries, list):
        return ()
    return (one for one in entries if isinstance(one, dict))


def _add(
    found: Lineage,
    alias_makers: dict[str, list[Made]],
    dag_id: str,
    one: Mapping[str, Any],
) -> None:
    """Take up a trigger, a sensor, or an alias that a task makes."""
    kind, source, target = (one.get(k) for k in ("dependency_type", "source", "target"))
    named = one.get("dependency_id")
    if kind in {"trigger", "sensor"}:
        if isinstance(source, str) and isinstance(target, str):
            task_id = named if isinstance(named, str) else None
            label = one.get("label")
            label = label if isinstance(label, str) else task_id
            found.ties.append(Tie(str(kind).upper(), label, source, target, task_id))
    elif kind in _ALIAS and source == dag_id and isinstance(named, str):
        alias_makers.setdefault(named, []).append(Made(dag_id, None, named))
