"""Deadlines of runs."""

from collections.abc import Sequence

from loaders.relation import Rows, Wanted
from loaders.request import Request
from loaders.tables import counts
from metadb.sources.deadline import DEADLINE
from metadb.statement import Key, Order, Query, rows_per_key

COLUMNS = frozenset(DEADLINE.columns)


async def of_runs(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The deadlines of each run, by its number, the earliest first.

    None before Airflow 3.1, whose tables do not have them.
    """
    del args
    if not request.session.catalogue.has(DEADLINE):
        return Rows([], [0] * len(keys))
    query = Query(DEADLINE, ("run_pk",), keys, wanted.columns, Order(("time",)))
    rows = await rows_per_key(request.session, query)
    return Rows(rows, counts(rows, len(keys)))
