"""Filters keep what they say: compared with plain Python over all rows."""

import itertools
import random
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from dagway.operation import opened
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.seed import EPOCH, insert, instance, one_dag, run

pytestmark = pytest.mark.asyncio(loop_scope="module")

Row = dict[str, Any]
Test = Callable[[Row], bool]

TEXTS = {
    "percent%": "half 100%_done",
    "under_score": "half 100x_done",
    "underXscore": "back\\slash",
    "Case": "CASE",
    "case": "case",
    "[brackets]*?": "[a-z]*?",
    "star*": "Straße",
    "quote'": "STRASSE",
}
"""Ids and display names with what is a wildcard somewhere."""
STATES = ("QUEUED", "RUNNING", "SUCCESS", "FAILED")


def script() -> str:
    """Rows that a careless filter would mix up."""
    parts = []
    for number, (dag_id, name) in enumerate(TEXTS.items()):
        owners = ("ada", "ada, grace", "adam", "grace,ada", None, "", "Ada", "a da")
        parts.append(
            one_dag(
                dag_id,
                tasks=1,
                runs=number % 3,
                dag_display_name=None if number == 4 else name,
                is_paused=number % 2 == 0,
                is_stale=number == 5,
                has_import_errors=None if number == 6 else number == 7,
            )
        )
        owner = owners[number]
        quoted = "NULL" if owner is None else f"'{owner}'"
        where = f"WHERE dag_id = '{dag_id.replace(chr(39), chr(39) * 2)}'"
        parts.append(f"UPDATE dag SET owners = {quoted} {where};")
        tags = [
            {"name": tag, "dag_id": dag_id} for tag in ("x", "y", "%")[: number % 4]
        ]
        parts.append(insert("dag_tag", tags))
    parts.append(one_dag("moments", tasks=1, runs=0))
    for number in range(7):  # a microsecond apart
        at = EPOCH + timedelta(microseconds=number - 3)
        parts.append(
            run(
                "moments",
                f"m{number}",
                at,
                state=(None, "dreaming", "", "running", "queued", "failed", "success")[
                    number
                ],
                run_type=("manual", "backfill", "sideways")[number % 3],
                end_date=None if number == 0 else at + timedelta(microseconds=number),
                triggering_user_name=(None, "", "Ada", "ada")[number % 4],
            )
        )
        parts.append(
            insert(
                "task_instance",
                [
                    instance(
                        "moments",
                        f"m{number}",
                        task_id,
                        None,
                        map_index=number % 3 - 1,
                        state=(None, "dreaming", "deferred")[number % 3],
                        start_date=at if number else None,
                        end_date=at,
                        duration=(None, 0.0, 1.5)[number % 3],
                        try_number=number,
                        operator=(None, "Op", "op")[number % 3],
                        pool=("default_pool", "p_1", "pX1")[number % 3],
                        queue=(None, "", "q%")[number % 3],
                    )
                    for task_id in ("t%", "t_")
                ],
            )
        )
    return "\n".join(parts)


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with such rows, beside the real ones."""
    return databases.seeded(script())


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", "postgresql"]
)
async def ask(
    request: pytest.FixtureRequest, addresses: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks a gateway on one of them."""
    async with opened(addresses[request.param]) as gateway:
        yield Asking(gateway)


def knowing(check: Callable[[Any, Any], bool], known: object) -> Callable[[Any], bool]:
    """A test of one value, which knows another."""
    return lambda value: check(value, known)


def text_cases(name: str, get: Callable[[Row], str | None]) -> list[tuple[Row, Test]]:
    """Filters of a text, each with what it means."""

    def test(check: Callable[[str], bool]) -> Test:
        return lambda row: (value := get(row)) is not None and check(value)

    cases: list[tuple[Row, Test]] = []
    for word in (
        "percent%",
        "under_score",
        "_",
        "%",
        "case",
        "Case",
        "",
        "*",
        "[",
        "\\",
    ):
        cases += [
            ({name: {"eq": word}}, test(knowing(lambda v, w: v == w, word))),
            (
                {name: {"startsWith": word}},
                test(knowing(lambda v, w: v.startswith(w), word)),
            ),
            ({name: {"contains": word}}, test(knowing(lambda v, w: w in v, word))),
            (
                {name: {"in": [word, "Straße"]}},
                test(knowing(lambda v, w: v in {w, "Straße"}, word)),
            ),
        ]
    both = {name: {"startsWith": "u", "contains": "score", "eq": None}}
    cases.append((both, test(lambda v: v.startswith("u") and "score" in v)))
    cases.append(({name: {}}, lambda _row: True))
    cases.append(({name: None}, lambda _row: True))
    return cases


def time_cases(name: str) -> list[tuple[Row, Test]]:
    """Filters of an instant to the microsecond, each with what it means."""
    signs: dict[str, Callable[[datetime, datetime], bool]] = {
        "gte": lambda a, b: a >= b,
        "gt": lambda a, b: a > b,
        "lte": lambda a, b: a <= b,
        "lt": lambda a, b: a < b,
    }

    def at(row: Row) -> datetime | None:
        text: str | None = row[name]
        return None if text is None else datetime.fromisoformat(text)

    def test(sign: str, bound: datetime) -> Test:
        return lambda row: (v := at(row)) is not None and signs[sign](v, bound)

    cases: list[tuple[Row, Test]] = [
        ({name: {sign: bound.isoformat()}}, test(sign, bound))
        for sign in signs
        for bound in (EPOCH, EPOCH + timedelta(microseconds=1))
    ]
    first, last = EPOCH - timedelta(microseconds=1), EPOCH + timedelta(microseconds=2)
    window = {name: {"gt": first.isoformat(), "lte": last.isoformat()}}
    cases.append((window, lambda r: (v := at(r)) is not None and first < v <= last))
    offset = {name: {"gte": "2026-01-01T05:30:00+05:30"}}
    cases.append((offset, test("gte", EPOCH)))
    cases += [
        ({name: {"isNull": True}}, lambda row: row[name] is None),
        ({name: {"isNull": False}}, lambda row: row[name] is not None),
        ({name: {"gte": None, "isNull": None}}, lambda _row: True),
    ]
    return cases


def number_cases(name: str) -> list[tuple[Row, Test]]:
    """Filters of a number, each with what it means."""
    found: list[tuple[Row, Test]] = []
    for bound in (0, 1.5, 60, -1):
        found += [
            (
                {name: {"gte": bound}},
                _numbered(name, knowing(lambda v, b: v >= b, bound)),
            ),
            (
                {name: {"gt": bound}},
                _numbered(name, knowing(lambda v, b: v > b, bound)),
            ),
            (
                {name: {"lte": bound}},
                _numbered(name, knowing(lambda v, b: v <= b, bound)),
            ),
            (
                {name: {"lt": bound}},
                _numbered(name, knowing(lambda v, b: v < b, bound)),
            ),
        ]
    return found


def _numbered(name: str, check: Callable[[float], bool]) -> Test:
    return lambda row: row[name] is not None and check(row[name])


def word_cases(part: str, name: str, words: tuple[str, ...]) -> list[tuple[Row, Test]]:
    """Filters by members of an enum, each with what it means."""
    chosen = [[word] for word in words] + [[], ["OTHER"], [words[0], "OTHER"], [*words]]
    return [
        ({part: some}, knowing(lambda row, s: row[name] in s, some)) for some in chosen
    ]


DAG_CASES: list[tuple[Row, Test]] = [
    *text_cases("dagId", lambda row: row["dagId"]),
    *text_cases("displayName", lambda row: row["displayName"]),
    *text_cases("bundleName", lambda row: row["bundleName"]),
    *(
        (
            {part: value},
            knowing(
                lambda row, pv: pv[1] is None or row[pv[0]] is pv[1], (part, value)
            ),
        )
        for part in ("isPaused", "isStale", "hasImportErrors")
        for value in (True, False, None)
    ),
    *(
        (
            {"tagsAny": tags},
            knowing(lambda row, t: any(tag in row["tags"] for tag in t), tags),
        )
        for tags in ([], ["x"], ["y", "nope"], ["%"], ["X"], ["x", "x"])
    ),
    *(
        (
            {"tagsAll": tags},
            knowing(lambda row, t: all(tag in row["tags"] for tag in t), tags),
        )
        for tags in ([], ["x"], ["x", "y"], ["x", "nope"], ["%", "x", "x"])
    ),
    *(
        (
            {"ownersAny": some},
            knowing(lambda row, s: any(o in row["owners"] for o in s), some),
        )
        for some in ([], ["ada"], ["grace", "nope"], ["ad"], ["Ada"], ["a da"], [""])
    ),
    *(
        (
            {"latestRunStateIn": states},
            knowing(lambda row, s: (row["latestRun"] or {}).get("state") in s, states),
        )
        for states in ([], ["SUCCESS"], ["FAILED", "RUNNING"], ["OTHER"])
    ),
    ({}, lambda _row: True),
    ({"and": [], "not": None, "or": None}, lambda _row: True),
    ({"or": []}, lambda _row: False),
    ({"not": {}}, lambda _row: False),
]
RUN_CASES: list[tuple[Row, Test]] = [
    *text_cases("dagId", lambda row: row["dagId"]),
    *text_cases("runId", lambda row: row["runId"]),
    *text_cases("triggeringUserName", lambda row: row["triggeringUserName"]),
    *word_cases("stateIn", "state", STATES),
    *word_cases("runTypeIn", "runType", ("SCHEDULED", "MANUAL", "BACKFILL")),
    *time_cases("runAfter"),
    *time_cases("logicalDate"),
    *time_cases("startDate"),
    *time_cases("endDate"),
    *number_cases("duration"),
]
INSTANCE_CASES: list[tuple[Row, Test]] = [
    *text_cases("pool", lambda row: row["pool"]),
    *text_cases("queue", lambda row: row["queue"]),
    *text_cases("runId", lambda row: row["runId"]),
    *(
        ({"taskIdIn": ids}, knowing(lambda row, i: row["taskId"] in i, ids))
        for ids in ([], ["t%"], ["t_", "t0000"])
    ),
    *(
        ({"operatorIn": some}, knowing(lambda row, s: row["operator"] in s, some))
        for some in ([], ["Op"], ["op", "BashOperator"])
    ),
    *(
        ({"mapIndexIn": some}, knowing(lambda row, s: row["mapIndex"] in s, some))
        for some in ([], [-1], [0, 1])
    ),
    *word_cases("stateIn", "state", ("SUCCESS", "DEFERRED", "FAILED")),
    ({"stateIsNull": True}, lambda row: row["state"] is None),
    ({"stateIsNull": False}, lambda row: row["state"] is not None),
    *time_cases("startDate"),
    *time_cases("endDate"),
    *number_cases("duration"),
    *(
        ({"tryNumberGte": n}, knowing(lambda row, n: row["tryNumber"] >= n, n))
        for n in (0, 1, 3, 2147483647)
    ),
]

DAGS = """query ($filter: DagFilter) { dags(first: 1000, filter: $filter) {
  totalCount nodes { id dagId displayName bundleName isPaused isStale hasImportErrors
    tags owners latestRun { state } } } }"""
RUNS = """query ($filter: DagRunFilter) { dagRuns(first: 1000, filter: $filter) {
  totalCount nodes { id dagId runId triggeringUserName state runType runAfter
    logicalDate startDate endDate duration } } }"""
INSTANCES = """query ($filter: TaskInstanceFilter!) {
  taskInstances(first: 10000, filter: $filter) { totalCount nodes {
    id dagId runId taskId mapIndex pool queue operator state startDate endDate duration
    tryNumber } } }"""
BOUND = {"runAfter": {"gte": "2000-01-01T00:00:00Z"}}


async def listed(ask: Asking, document: str, given: Row | None) -> list[Row]:
    """All rows that a filter keeps."""
    (page,) = (await ask(document, filter=given)).values()
    assert page["totalCount"] == len(page["nodes"])
    rows: list[Row] = page["nodes"]
    return rows


async def compared(
    ask: Asking, document: str, cases: list[tuple[Row, Test]], bound: Row
) -> None:
    """Assert that each filter keeps what its test keeps of all rows."""
    everything = await listed(ask, document, bound)
    assert len(everything) > 60
    kept_some = dropped_some = 0
    for given, keeps in cases:
        found = await listed(ask, document, bound | given)
        assert found == [row for row in everything if keeps(row)], given
        kept_some += bool(found)
        dropped_some += len(found) < len(everything)
    assert kept_some > len(cases) / 3
    assert dropped_some > len(cases) / 3


async def test_each_part_of_a_dag_filter_keeps_what_it_says(ask: Asking) -> None:
    await compared(ask, DAGS, DAG_CASES, {})


async def test_each_part_of_a_run_filter_keeps_what_it_says(ask: Asking) -> None:
    await compared(ask, RUNS, RUN_CASES, {})


async def test_each_part_of_an_instance_filter_keeps_what_it_says(
    ask: Asking,
) -> None:
    await compared(ask, INSTANCES, INSTANCE_CASES, BOUND)


def combined(at: random.Random, depth: int) -> tuple[Row, Test]:
    """A random filter of DAGs, and what it means."""
    parts = at.sample(DAG_CASES, at.randint(0, 1))
    given: Row = {}
    tests: list[Test] = []
    for part, keeps in parts:
        if given.keys().isdisjoint(part):
            given |= part
            tests.append(keeps)
    for word in ("and", "or", "not") if depth < 3 else ():
        if at.random() < (0.3 if word == "or" else 0.6) or word in given:
            continue
        inner = [combined(at, depth + 1) for _ in range(at.randint(1, 3))]
        if word == "not":
            inside, keeps = inner[0]
            given["not"] = inside
            tests.append(knowing(lambda row, k: not k(row), keeps))
        else:
            joined = all if word == "and" else any
            given[word] = [each for each, _ in inner]
            tests.append(
                knowing(
                    lambda row, ij: ij[1](k(row) for _, k in ij[0]), (inner, joined)
                )
            )
    return given, lambda row: all(keeps(row) for keeps in tests)


async def test_combinations_keep_what_their_parts_say_together(ask: Asking) -> None:
    at = random.Random(4)  # noqa: S311  # a seed for tests
    everything = await listed(ask, DAGS, None)
    sizes = set()
    for _ in range(200):
        given, keeps = combined(at, 1)
        found = await listed(ask, DAGS, given)
        assert found == [row for row in everything if keeps(row)], given
        sizes.add(len(found))
    assert len(sizes) > 7


async def test_parts_of_a_run_filter_hold_side_by_side(ask: Asking) -> None:
    everything = await listed(ask, RUNS, None)
    at = random.Random(5)  # noqa: S311  # a seed for tests
    pairs = [*itertools.combinations(RUN_CASES, 2)]
    for (one, keeps), (two, keeps_too) in at.sample(pairs, 150):
        if one.keys().isdisjoint(two):
            found = await listed(ask, RUNS, one | two)
            assert found == [r for r in everything if keeps(r) and keeps_too(r)]


async def test_a_group_keeps_the_instances_of_its_tasks(ask: Asking) -> None:
    found = await ask(
        """{ dags(first: 45, filter: {dagId: {startsWith: "fx_"}}) { nodes {
             dagId taskGroups { groupId } latestRun { runId } } } }"""
    )
    checked = 0
    for dag in found["dags"]["nodes"]:
        if dag["latestRun"] is None:
            continue
        for group in dag["taskGroups"]:
            same = await ask(
                """query ($dag: ID!, $text: String!, $run: String!, $id: ID!,
                          $group: ID!) {
                  dag(dagId: $dag) { tasks(filter: {groupId: $group}) { taskId } }
                  dagRun(dagId: $dag, runId: $id) {
                    all: taskInstances(first: 1000) { nodes { id taskId } }
                    taskInstances(first: 1000, filter: {groupId: $group}) {
                      nodes { id taskId } totalCount } }
                  taskInstances(first: 1000, filter: {dagId: {eq: $text},
                    runId: {eq: $run}, groupId: $group}) { nodes { id taskId } } }""",
                dag=dag["dagId"],
                text=dag["dagId"],
                run=dag["latestRun"]["runId"],
                id=dag["latestRun"]["runId"],
                group=group["groupId"],
            )
            members = {task["taskId"] for task in same["dag"]["tasks"]}
            kept = same["dagRun"]["taskInstances"]
            assert kept["nodes"] == same["taskInstances"]["nodes"]
            assert kept["nodes"] == [
                i for i in same["dagRun"]["all"]["nodes"] if i["taskId"] in members
            ]
            assert kept["totalCount"] == len(kept["nodes"])
            checked += bool(kept["nodes"])
    assert checked > 3


TASKS = """query ($filter: TaskFilter) { dags(first: 45,
  filter: {dagId: {startsWith: "fx_"}}) { nodes { tasks(filter: $filter) {
    id taskId operatorName taskType owner triggerRule isMapped } } } }"""


async def test_each_part_of_a_task_filter_keeps_what_it_says(ask: Asking) -> None:
    def rows(found: Any) -> list[Row]:
        return [task for dag in found["dags"]["nodes"] for task in dag["tasks"]]

    everything = rows(await ask(TASKS))
    a_task = everything[3]
    cases: list[tuple[Row, Test]] = [
        (
            {"taskIdIn": [a_task["taskId"], "nope"]},
            lambda r: r["taskId"] == a_task["taskId"],
        ),
        ({"taskIdIn": []}, lambda _r: False),
        ({"isMapped": True}, lambda r: r["isMapped"]),
        ({"isMapped": False}, lambda r: not r["isMapped"]),
        ({"ownerIn": ["airflow"]}, lambda r: r["owner"] == "airflow"),
        ({"ownerIn": ["AIRFLOW"]}, lambda r: r["owner"] == "AIRFLOW"),
        ({"triggerRuleIn": ["OTHER"]}, lambda r: r["triggerRule"] == "OTHER"),
        ({}, lambda _r: True),
    ]
    cases += [
        ({"triggerRuleIn": [rule]}, knowing(lambda r, x: r["triggerRule"] == x, rule))
        for rule in sorted({task["triggerRule"] for task in everything})
    ]
    cases += [
        (
            {"operatorIn": [operator]},
            knowing(lambda r, x: x in {r["operatorName"], r["taskType"]}, operator),
        )
        for operator in sorted({task["operatorName"] for task in everything})
    ]
    for given, keeps in cases:
        found = rows(await ask(TASKS, filter=given))
        assert found == [task for task in everything if keeps(task)], given
