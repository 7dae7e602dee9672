"""Pages of task instances, which may be those of a task group only."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from loaders.relation import Load, Rows, Wanted
from loaders.request import Request
from loaders.tables import PageArgs, paged, query_of
from loaders.tables import page as page_of_table
from metadb.condition import Among, Compared, Condition, Every
from metadb.source import Source
from metadb.sources.dag import DAG
from metadb.sources.dag_run import DAG_RUN
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Key, Order, Query, rows_per_key


def page(match: tuple[str, ...], count_to: int) -> Load:
    """A page of each key's instances; a group is looked up in the key's structure."""
    plain = page_of_table(TASK_INSTANCE, match, count_to)

    async def load(
        request: Request, keys: Sequence[Key], args: PageArgs, wanted: Wanted
    ) -> Rows:
        group_id = args.group_id
        if group_id is None:
            return await plain(request, keys, args, wanted)
        members = await _members(request, match, keys, args.where, group_id)
        narrowed = [(*key, tasks) for key, tasks in zip(keys, members, strict=True)]
        query = query_of(TASK_INSTANCE, match, keys, args, wanted)
        query = replace(query, keys=narrowed, within="task_id")
        return await paged(request, query, args, wanted, count_to)

    return load


async def _members(
    request: Request,
    match: tuple[str, ...],
    keys: Sequence[Key],
    where: Sequence[Condition],
    group_id: str,
) -> list[str]:
    """For each key the ids of the group's tasks, as JSON."""
    source: Source = DAG_RUN
    parents = keys
    if not match:  # of any run: the newest structure of the DAG that the filter names
        source, parents = DAG, [(dag_of(where),)]
    columns = ("dag_id", "run_id") if source is DAG_RUN else ("dag_id",)
    query = Query(source, columns, parents, ("structure",), Order(source.tie))
    found = {row[0]: row[1] for row in await rows_per_key(request.session, query)}
    tokens = [found.get(at) for at in range(1, len(parents) + 1)]
    structures = await request.structures.of(request.session, tokens)
    return [
        msgspec.json.encode([t.task_id for t in s.tasks_in(group_id)]).decode()
        for s in structures
    ]


def dag_of(conditions: Sequence[Condition]) -> str | None:
    """The one DAG that conditions leave."""
    for condition in conditions:
        match condition:
            case Every(inner) if (found := dag_of(inner)) is not None:
                return found
            case Compared("dag_id", "=", str(value)):
                return value
            case Among("dag_id", values) if len(values) == 1:
                return str(values[0])
    return None
