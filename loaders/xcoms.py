"""XComs of task instances."""

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.relation import Rows, Wanted
from loaders.request import Request
from loaders.tables import counts
from metadb.condition import Among
from metadb.sources.xcom import XCOM
from metadb.statement import Key, Order, Query, rows_per_key

COLUMNS = frozenset(XCOM.columns)
_INSTANCE = ("dag_id", "run_id", "task_id", "map_index")


@dataclass(frozen=True, slots=True)
class Few:
    """Which XComs: at most so many of each instance, of some keys or of all."""

    first: int
    keys: tuple[str, ...] | None = None


async def of_instances(
    request: Request, keys: Sequence[Key], args: Few, wanted: Wanted
) -> Rows:
    """The XComs of each instance, by key."""
    query = Query(
        XCOM,
        _INSTANCE,
        keys,
        wanted.columns,
        Order(("key",)),
        limit=args.first,
        where=() if args.keys is None else (Among("key", args.keys),),
    )
    rows = await rows_per_key(request.session, query)
    return Rows(rows, counts(rows, len(keys)))
