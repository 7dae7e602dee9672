"""Pages of every list, put together again, are the list; both ways, in every order."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from dagway.operation import opened
from tests.support.cursors import opened as inside
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.seed import (
    EPOCH,
    insert,
    instance,
    one_dag,
    run,
    serialized,
    version,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
DIRECTIONS = ("ASC", "DESC")
TAIL = (None, timedelta(), timedelta(), timedelta(hours=1), None, timedelta(hours=2))


def many_rows() -> str:
    """Lists with ties, with NULLs, and with ids that collations disagree on."""
    parts = [one_dag("tied", tasks=2, runs=1)]
    for number, later in enumerate(TAIL * 2):
        start = None if later is None else EPOCH + later
        end = None if later is None else EPOCH + later * 2
        made = run(
            "tied",
            f"x{number:02}",
            EPOCH + (later or timedelta(hours=9)),
            logical_date=None if later is None else EPOCH + timedelta(days=number),
            start_date=start,
            end_date=end,
        )
        parts.append(made)
    parts.append(
        insert(
            "task_instance",
            [
                instance(
                    "tied",
                    "r0000",
                    task_id,
                    None,
                    map_index=index,
                    start_date=None if index == 1 else EPOCH,
                    end_date=None if index == 1 else EPOCH + timedelta(minutes=index),
                    duration=None if index == 1 else float(index % 2),
                )
                for task_id in ("B", "a", "_c", "Ä", "z-", "z_")
                for index in (0, 1, 2, 10)
            ],
        )
    )
    parts += [
        one_dag(dag_id, tasks=1, runs=runs, dag_display_name=name)
        for dag_id, name, runs in (
            ("page_B", None, 0),
            ("page_a", "same", 1),
            ("page_A", "same", 2),
            ("page__", "Ä", 1),
            ("page_-", "ä", 0),
            ("page_z", "Z", 1),
        )
    ]
    parts.append(insert("dag", [{"dag_id": "versioned"}]))
    parts += [
        version("versioned", serialized("versioned", {"t": []}), number)
        for number in range(1, 6)
    ]
    return "\n".join(parts)


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with such rows."""
    return databases.seeded(many_rows())


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", "postgresql"]
)
async def ask(
    request: pytest.FixtureRequest, addresses: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks a gateway on one of them."""
    async with opened(addresses[request.param]) as gateway:
        yield Asking(gateway)


LISTS: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "dags": (
        "dags({args})",
        "DagOrder",
        ("DAG_ID", "DISPLAY_NAME", "NEXT_RUN_AFTER", "LAST_PARSED_TIME", "LATEST_RUN"),
        "",
    ),
    "dagRuns": (
        "dagRuns({args})",
        "DagRunOrder",
        ("RUN_AFTER", "LOGICAL_DATE", "START_DATE", "END_DATE", "DURATION"),
        "last before",
    ),
    "runs": (
        'dag(dagId: "tied") {{ runs({args})',
        "DagRunOrder",
        ("RUN_AFTER", "LOGICAL_DATE", "START_DATE", "END_DATE", "DURATION"),
        "last before",
    ),
    "taskInstances": (
        'dagRun(dagId: "tied", runId: "r0000") {{ taskInstances({args})',
        "TaskInstanceOrder",
        ("TASK_ID", "RUN_AFTER", "START_DATE", "END_DATE", "DURATION"),
        "",
    ),
    "rootInstances": (
        'taskInstances(filter: {{dagId: {{in: ["tied", "page_A"]}}}}, {args})',
        "TaskInstanceOrder",
        ("TASK_ID", "RUN_AFTER", "START_DATE", "END_DATE", "DURATION"),
        "",
    ),
    "versions": ('dag(dagId: "{dag}") {{ versions({args})', "", (), ""),
    "eventLogs": ("eventLogs({args})", "", (), ""),
    "importErrors": ("importErrors({args})", "", (), ""),
}
ORDERS = [
    (name, by, direction)
    for name, (_, order, members, _) in LISTS.items()
    for by, direction in (
        itertools.product(members, DIRECTIONS) if order else [("", "")]
    )
]


async def read(
    ask: Asking, name: str, by: str, direction: str, **args: object
) -> dict[str, Any]:
    """One page of a list: ids, cursors, pageInfo and totalCount."""
    path, *_ = LISTS[name]
    given = [
        f"{word}: {value if isinstance(value, int) else _quoted(value)}"
        for word, value in args.items()
    ]
    if by:
        given.append(f"orderBy: {{by: {by}, direction: {direction}}}")
    field = path.format(args=", ".join(given), dag="versioned")
    closing = " }" if field.startswith(("dag(", "dagRun(")) else ""
    found = await ask(
        f"{{ {field} {{ nodes {{ id }} edges {{ cursor node {{ id }} }} {INFO} "
        f"totalCount }}{closing} }}"
    )
    while "pageInfo" not in found:
        (found,) = found.values()
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    return {
        "ids": [node["id"] for node in found["nodes"]],
        "cursors": [edge["cursor"] for edge in found["edges"]],
        "total": found["totalCount"],
        **found["pageInfo"],
    }


def _quoted(value: object) -> str:
    return "null" if value is None else f'"{value}"'


@pytest.mark.parametrize(("name", "by", "direction"), ORDERS)
async def test_pages_together_are_the_whole_list(
    ask: Asking, name: str, by: str, direction: str
) -> None:
    most = {"versions": 50, "eventLogs": 200}.get(name, 1_000)
    whole = await read(ask, name, by, direction, first=most)
    ids = whole["ids"]
    if name == "eventLogs":  # there are more than a page has
        ids = ids[:9]
    else:
        assert len(ids) == whole["total"] > 1
        assert whole["hasNextPage"] is False
    assert len(set(ids)) == len(ids)
    assert whole["hasPreviousPage"] is False

    for size in (1, 2, 7):
        if size == 1 and len(ids) > 40:
            continue
        seen: list[str] = []
        after: str | None = None
        while len(seen) < len(ids):
            page = await read(ask, name, by, direction, first=size, after=after)
            assert page["ids"] == [*whole["ids"][len(seen) : len(seen) + size]]
            seen += page["ids"]
            assert page["hasPreviousPage"] is (after is not None)
            assert page["hasNextPage"] is (len(seen) < whole["total"])
            assert page["startCursor"] == page["cursors"][0]
            assert page["endCursor"] == page["cursors"][-1]
            assert page["cursors"][0] == whole["cursors"][len(seen) - len(page["ids"])]
            assert page["total"] == whole["total"]
            after = page["endCursor"]
        assert seen[: len(ids)] == ids


@pytest.mark.parametrize(
    ("name", "by", "direction"), [one for one in ORDERS if LISTS[one[0]][3]]
)
async def test_pages_from_the_end_are_the_whole_list_too(
    ask: Asking, name: str, by: str, direction: str
) -> None:
    whole = await read(ask, name, by, direction, first=1_000)
    backwards = await read(ask, name, by, direction, last=1_000)
    assert backwards["ids"] == whole["ids"]
    assert backwards["cursors"] == whole["cursors"]
    assert backwards["hasPreviousPage"] is False

    for size in (2, 7):
        seen: list[str] = []
        before: str | None = None
        while len(seen) < len(whole["ids"]):
            page = await read(ask, name, by, direction, last=size, before=before)
            seen = page["ids"] + seen
            assert page["hasNextPage"] is (before is not None)
            assert page["hasPreviousPage"] is (len(seen) < whole["total"])
            before = page["startCursor"]
        assert seen == whole["ids"]


@pytest.mark.parametrize("name", [*LISTS])
async def test_a_page_of_nothing_still_counts(ask: Asking, name: str) -> None:
    by, direction = next((o[1], o[2]) for o in ORDERS if o[0] == name)
    page = await read(ask, name, by, direction, first=0)
    assert page["ids"] == page["cursors"] == []
    assert page["total"] > 0
    assert page["hasNextPage"] is True
    assert [page["startCursor"], page["endCursor"]] == [None, None]


async def test_after_the_last_item_comes_an_empty_page(ask: Asking) -> None:
    whole = await read(ask, "runs", "RUN_AFTER", "DESC", first=1_000)
    after = whole["endCursor"]
    page = await read(ask, "runs", "RUN_AFTER", "DESC", first=5, after=after)
    assert page["ids"] == []
    assert page["total"] == whole["total"]
    assert [page["hasNextPage"], page["hasPreviousPage"]] == [False, True]


async def test_a_page_has_50_items_unless_told(ask: Asking) -> None:
    found = await ask("{ dags { nodes { id } totalCount } }")
    assert len(found["dags"]["nodes"]) == 50
    assert found["dags"]["totalCount"] > 50


async def test_a_cursor_names_its_list_parent_order_and_row(ask: Asking) -> None:
    page = await read(ask, "runs", "DURATION", "ASC", first=1)
    version_, list_, parent, order, descending, values = inside(page["endCursor"])
    assert [version_, list_, parent] == [1, "runs", ["tied"]]
    assert [order, descending] == [["duration", "id"], False]
    assert len(values) == 2


async def test_each_list_of_many_parents_is_its_own(ask: Asking) -> None:
    found = await ask(
        f"""{{ dags(filter: {{dagId: {{startsWith: "page_"}}}}) {{ nodes {{
             dagId runs(first: 1) {{ nodes {{ runId }} totalCount {INFO} }} }} }} }}"""
    )
    runs = {node["dagId"]: node["runs"] for node in found["dags"]["nodes"]}
    assert {k: v["totalCount"] for k, v in runs.items()} == {
        "page_B": 0,
        "page_a": 1,
        "page_A": 2,
        "page__": 1,
        "page_-": 0,
        "page_z": 1,
    }
    assert [k for k, v in runs.items() if v["pageInfo"]["hasNextPage"]] == ["page_A"]
    assert runs["page_A"]["nodes"] == [{"runId": "r0001"}]
    assert runs["page_B"]["nodes"] == []


async def test_counts_of_instances_stop_at_10000(databases: Databases) -> None:
    for backend in ("sqlite", "postgresql"):
        address = databases.copy(f"3.3.2-{backend}")
        new = (
            "lower(hex(randomblob(16)))" if backend == "sqlite" else "gen_random_uuid()"
        )
        numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
        columns = (
            "id, task_id, dag_id, run_id, map_index, try_number, max_tries, pool, "
            "pool_slots, span_status"
        )
        inserts = [
            f"INSERT INTO task_instance ({columns}) {numbers} WHERE i < {last}) "
            f"SELECT {new}, 't0000', 'large', 'r000{at}', i, 1, 0, 'p', 1, 'x' FROM n;"
            for at, last in enumerate((9_998, 9_999))
        ]
        databases.write(address, one_dag("large", tasks=1, runs=2) + "\n".join(inserts))
        async with opened(address) as gateway:
            asking = Asking(gateway)
            found = await asking(
                """{ dag(dagId: "large") {
                     runs(orderBy: {by: RUN_AFTER, direction: ASC}) {
                       nodes { taskInstances(first: 1) { totalCount } } } }
                   taskInstances(filter: {dagId: {eq: "large"}}) { totalCount } }"""
            )
            runs = found["dag"]["runs"]["nodes"]
            counts = [run_["taskInstances"]["totalCount"] for run_ in runs]
            assert counts == [10_000, None]
            assert found["taskInstances"] == {"totalCount": None}
            bound = [v for e in asking.answer.executed for v in e.values]
            assert bound.count(10_001) == 2
