"""Pages of the audit log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from loaders.relation import Load, Rows, Wanted
from loaders.request import Request
from loaders.tables import PageArgs, page
from metadb.condition import Compared, columns_of
from metadb.sources.event_log import EVENT_LOG
from metadb.statement import Key


def recent(within: timedelta, count_to: int) -> Load:
    """A page of all entries; of those so recent, if the filter names no time."""
    plain = page(EVENT_LOG, (), count_to)

    async def load(
        request: Request, keys: Sequence[Key], args: PageArgs, wanted: Wanted
    ) -> Rows:
        if "timestamp" not in set().union(*map(columns_of, args.where)):
            since = await request.session.now() - within
            where = (*args.where, Compared("timestamp", ">=", since))
            args = replace(args, where=where)
        return await plain(request, keys, args, wanted)

    return load
