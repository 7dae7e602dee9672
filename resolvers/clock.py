"""The instant whose state an answer shows."""

from collections.abc import Sequence

from loaders.relation import Relation, Rows, Shape, Wanted
from loaders.request import Request
from metadb.statement import Key


async def _now(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    del args, wanted
    return Rows([(1, await request.session.now())], [1] * len(keys))


NOW = Relation("now", Shape.ONE, _now, (), frozenset({"now"}))
