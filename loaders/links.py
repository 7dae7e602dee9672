"""Links from task instances to other pages."""

from collections.abc import Sequence

import msgspec

from loaders.relation import Rows, Wanted
from loaders.request import Request
from loaders.tables import counts
from metadb.dialect import Row
from metadb.sources.xcom import XCOM
from metadb.statement import Key, Order, Query, rows_per_key
from metadb.xcom_value import shown

INSTANCE = ("dag_id", "run_id", "task_id", "map_index")
LINK = ("name", "stored")


async def of_instances(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The links of each (instance, structure): a name, and what its XCom holds.

    A link that the task has not pushed yet has no value, nor has one of Airflow 2.
    """
    del args
    structures = await request.structures.of(request.session, [key[4] for key in keys])
    named = [
        task.extra_links if (task := s.tasks.get(key[2])) is not None else ()
        for s, key in zip(structures, keys, strict=True)
    ]
    texts = [[key for _, key in links if key is not None] for links in named]
    query = Query(
        XCOM,
        INSTANCE,
        [
            (*key[:4], msgspec.json.encode(text).decode())
            for key, text in zip(keys, texts, strict=True)
        ],
        ("key", "value"),
        Order(("key",)),
        within="key",
    )
    found = {
        (at, key): shown(stored).value
        for at, key, stored in await rows_per_key(request.session, query)
    }
    pick = [LINK.index(name) for name in wanted.columns]
    rows: list[Row] = [
        (at, *[(name, found.get((at, key)))[i] for i in pick])
        for at, links in enumerate(named, 1)
        for name, key in links
    ]
    return Rows(rows, counts(rows, len(keys)))
