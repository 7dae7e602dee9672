"""What a DAG's serialized form says of the DAG itself."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from loaders.relation import Rows, Wanted
from loaders.request import Request
from loaders.structure import PARAM
from loaders.tables import counts
from metadb.dag_details import DagDetails
from metadb.dialect import Row
from metadb.serialized import Serialized
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Grouped, Key, rows_per_key
from metadb.timetable import Timetable, described

COLUMNS = frozenset(
    {
        "catchup",
        "dagrun_timeout",
        "default_args",
        "doc_md",
        "end_date",
        "problem",
        "start_date",
        "timezone",
    }
)
SCHEDULE_COLUMNS = frozenset(Timetable._fields)
OWNER_LINK = ("owner", "link")
_FROM_THE_ROW = frozenset({"kind", "summary", "timetable_type"})
"""What the DAG's own row tells, which a list of thousands of DAGs needs.

Airflow 3.2 and later write the timetable's class there; from older structures
`metadb.sources.dag` reads that one word. Only where a structure is compressed, the text
in the row must do.
"""


async def of_structures(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The details of each structure, NULLs where it cannot be read; and its problem."""
    del args
    found = await request.structures.sources(request.session, [key[0] for key in keys])
    columns = wanted.columns
    read = _reader([name for name in columns if name != "problem"])
    rows: list[Row] = []
    for at, (source, problem) in enumerate(found, 1):
        if source is None:
            rows.append((at, *[problem if c == "problem" else None for c in columns]))
            continue
        values = iter(read(DagDetails(source)))
        rows.append(
            (at, *[problem if c == "problem" else next(values) for c in columns])
        )
    return Rows(rows, [1] * len(keys))


async def schedules(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """Schedules of (timetable_type, timetable_summary, structure)."""
    del args
    session = request.session
    sources: list[Serialized | None] = [None] * len(keys)
    if not _FROM_THE_ROW.issuperset(wanted.columns):
        found = await request.structures.sources(session, [key[2] for key in keys])
        sources = [source for source, _ in found]
    read = _reader(wanted.columns)
    return Rows(
        [
            (at, *read(described(source, summary=summary, timetable_type=name)))
            for at, (source, (name, summary, _)) in enumerate(
                zip(sources, keys, strict=True), 1
            )
        ],
        [1] * len(keys),
    )


async def params(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """The params of each structure's DAG."""
    del args
    found = await request.structures.sources(request.session, [key[0] for key in keys])
    pick = [PARAM.index(name) for name in wanted.columns]
    rows: list[Row] = [
        (at, *[param[i] for i in pick])
        for at, (source, _) in enumerate(found, 1)
        if source is not None
        for param in DagDetails(source).params
    ]
    return Rows(rows, counts(rows, len(keys)))


async def owner_links(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """Owners and links, from the JSON list that the DAG's row holds; no statement."""
    del request, args
    pick = [OWNER_LINK.index(name) for name in wanted.columns]
    rows: list[Row] = []
    for at, (text,) in enumerate(keys, 1):
        flat = msgspec.json.decode(text)
        pairs = zip(flat[::2], flat[1::2], strict=True)
        rows += [(at, *[pair[i] for i in pick]) for pair in pairs]
    return Rows(rows, counts(rows, len(keys)))


async def undefined(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """For each run the ids of tasks that its structure does not have, as one value."""
    del args, wanted
    structures = await request.structures.of(request.session, [key[2] for key in keys])
    ran = Grouped(
        TASK_INSTANCE, ("dag_id", "run_id"), [key[:2] for key in keys], ("task_id",), ()
    )
    missing: list[list[str]] = [[] for _ in keys]
    for at, task_id in await rows_per_key(request.session, ran):
        if task_id not in structures[at - 1].tasks:
            missing[at - 1].append(task_id)
    return Rows([(at, sorted(m)) for at, m in enumerate(missing, 1)], [1] * len(keys))


def _reader(columns: Sequence[str]) -> Callable[[object], tuple[Any, ...]]:
    """An object's attributes, in order."""
    gets = [attrgetter(name) for name in columns]
    return lambda one: tuple(get(one) for get in gets)
