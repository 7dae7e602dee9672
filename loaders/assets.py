"""Assets that references name."""

from collections.abc import Sequence

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.dialect import Row
from metadb.sources.asset import ASSET
from metadb.statement import Key, Order, Query, rows_per_key_of_both

_READ = ("name", "uri", "is_active")


async def of_references(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The asset of each (kind, name, uri); none of an alias, which stands for several.

    A name or a URI alone means the active asset that has it. One statement.
    """
    del args
    names = [*dict.fromkeys((key[1],) for key in keys if key[1] is not None)]
    uris = [*dict.fromkeys((key[2],) for key in keys if key[2] is not None)]
    columns = (*_READ, *wanted.columns)
    by_name, by_uri = await rows_per_key_of_both(
        request.session,
        Query(ASSET, ("name",), names, columns, Order(("id",))),
        Query(ASSET, ("uri",), uris, columns, Order(("id",))),
    )
    found: dict[Key, Row] = {}
    for _, name, uri, is_active, *row in (*by_name, *by_uri):
        found["ASSET", name, uri] = row
        if is_active:
            found["NAME_REF", name, None] = found["URI_REF", None, uri] = row
    rows = [(at, *found[key]) for at, key in enumerate(keys, 1) if key in found]
    return Rows(rows, [int(key in found) for key in keys])
