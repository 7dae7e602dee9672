"""What a client gets wrong: its root field says so, and the others are answered."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from dagway.operation import opened
from tests.support.cursors import forged
from tests.support.databases import Databases
from tests.support.gateways import Asking

pytestmark = pytest.mark.asyncio(loop_scope="module")
RUN_AFTER = ["run_after", "id"]
INSTANT = "2026-01-01T00:00:00Z"

Said = tuple[str, str]  # extensions.code, and what the message has


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["3.3.2-sqlite", "3.3.2-postgresql"]
)
async def ask(
    request: pytest.FixtureRequest, databases: Databases
) -> AsyncIterator[Asking]:
    """Asks one gateway on each backend, for all tests here."""
    async with opened(databases.address(request.param)) as gateway:
        yield Asking(gateway)


async def refused(ask: Asking, field: str, said: Said, **variables: Any) -> None:
    """Assert that a root field is refused before any statement, and no other."""
    types = {
        "after": "String",
        "id": "ID!",
        "ids": "[ID!]!",
        "dags": "DagFilter",
        "many": "[String!]",
    }
    declared = ", ".join(f"${name}: {types[name]}" for name in variables)
    head = f"query ({declared})" if declared else ""
    await ask("{ dags(first: 1) { nodes { id } } }")
    plain = ask.answer

    errors = await ask.errors(
        f"{head} {{ dags(first: 1) {{ nodes {{ id }} }} bad: {field} }}", **variables
    )

    code, words = said
    assert [error["extensions"] for error in errors] == [{"code": code}]
    assert errors[0]["path"] == ["bad"]
    assert words in errors[0]["message"]
    assert len(errors[0]["message"]) < 400
    assert ask.answer.data == {**(plain.data or {}), "bad": None}
    assert [e.sql for e in ask.answer.executed] == [e.sql for e in plain.executed]


@pytest.mark.parametrize(
    "after",
    [
        "",
        "garbage!",
        "é",
        "\x00",
        "\ud800",
        "A" * 100_000,
        forged([1]),
        forged({"a": 1}),
        forged(b"[" * 100_000),
        forged(b"[1," + b"[" * 5_000 + b"]" * 5_001),
        forged([2, "runs", [], RUN_AFTER, True, [INSTANT, 1]]),
        forged([1, ["runs"], 5, None, None, None]),
        forged([1, "runs", [], RUN_AFTER, True, []]),
        forged([1, "runs", [], RUN_AFTER, True, [INSTANT]]),
        forged([1, "runs", [], RUN_AFTER, True, [INSTANT, 1, 1]]),
        forged([1, "runs", [], RUN_AFTER, True, [INSTANT, 2**70]]),
        forged([1, "runs", [], RUN_AFTER, True, [INSTANT, 1.5]]),
        forged([1, "runs", [], RUN_AFTER, True, [INSTANT, True]]),
        forged([1, "runs", [], RUN_AFTER, True, [INSTANT, "1"]]),
        forged([1, "runs", [], RUN_AFTER, True, [[1], {}]]),
        forged([1, "runs", [], RUN_AFTER, True, [None, 1]]),
        forged([1, "runs", [], RUN_AFTER, True, [INSTANT, None]]),
        forged([1, "runs", [], RUN_AFTER, True, ["2026-01-01", 1]]),
        forged([1, "runs", [], RUN_AFTER, True, ["0001-01-01T00:00:00+14:00", 1]]),
        forged([1, "runs", [], RUN_AFTER, True, ["10000-01-01T00:00:00Z", 1]]),
        forged([1, "runs", [[1]], RUN_AFTER, True, [INSTANT, 1]]),
    ],
)
async def test_what_is_no_cursor_is_refused(ask: Asking, after: str) -> None:
    said = ("BAD_CURSOR", "is no cursor; take one from a page of this list.")
    await refused(ask, "dagRuns(after: $after) { totalCount }", said, after=after)


@pytest.mark.parametrize("number", [10**400, float("nan"), float("inf"), "1", [1]])
async def test_a_cursor_with_a_number_that_is_none_is_refused(
    ask: Asking, number: object
) -> None:
    after = forged([1, "runs", [], ["duration", "id"], True, [number, 1]])
    await refused(
        ask,
        "dagRuns(after: $after, orderBy: {by: DURATION}) { totalCount }",
        ("BAD_CURSOR", "is no cursor"),
        after=after,
    )


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("dags(after: $after) { totalCount }", "of the list 'runs', not of 'dags'"),
        ("dagRuns(after: $after, orderBy: {by: START_DATE}) { totalCount }", "order"),
        (
            (
                "dagRuns(after: $after, orderBy: {by: RUN_AFTER, direction: ASC}) "
                "{ totalCount }"
            ),
            "another order; use the order it came from",
        ),
        (
            'taskInstances(after: $after, filter: {dagId: {eq: "x"}}) { totalCount }',
            "of the list 'runs', not of 'task_instances'",
        ),
    ],
)
async def test_a_cursor_of_another_list_or_order_is_refused(
    ask: Asking, field: str, words: str
) -> None:
    found = await ask("{ dagRuns(first: 1) { pageInfo { endCursor } } }")
    after = found["dagRuns"]["pageInfo"]["endCursor"]
    await refused(ask, field, ("BAD_CURSOR", words), after=after)


async def test_a_cursor_of_another_parent_ends_its_root_field_only(
    ask: Asking,
) -> None:
    """Which parent it is shows only when the parents are there."""
    found = await ask(
        """{ dags(filter: {latestRunStateIn: [SUCCESS, FAILED]}, first: 2) { nodes {
             dagId runs(first: 1) { pageInfo { endCursor } } } } }"""
    )
    one, other = found["dags"]["nodes"]
    after = one["runs"]["pageInfo"]["endCursor"]
    query = """query ($own: ID!, $other: ID!, $after: String) {
        asOf
        right: dag(dagId: $own) { runs(after: $after) { totalCount } }
        wrong: dag(dagId: $other) { runs(after: $after) { totalCount } }
        many: dags { nodes { runs(after: $after) { totalCount } } }
        top: dagRuns(after: $after) { totalCount }
    }"""

    errors = await ask.errors(
        query, own=one["dagId"], other=other["dagId"], after=after
    )

    assert {error["path"][0] for error in errors} == {"wrong", "many", "top"}
    for error in errors:
        assert error["extensions"] == {"code": "BAD_CURSOR"}
        assert "another parent; page on through that parent" in error["message"]
    data = ask.answer.data or {}
    assert data["right"]["runs"]["totalCount"] > 0
    assert data["asOf"] is not None
    assert [data["wrong"], data["many"], data["top"]] == [None, None, None]


async def test_a_forged_place_far_outside_is_an_empty_or_a_whole_page(
    ask: Asking,
) -> None:
    everything = await ask("{ dagRuns(first: 1000) { nodes { id } } }")
    for instant, whole in (
        ("0001-01-01T00:00:00Z", False),
        ("9999-12-31T23:59:59.999999Z", True),
    ):
        for key in (1, 2**40, -(2**63), 2**63 - 1):
            after = forged([1, "runs", [], RUN_AFTER, True, [instant, key]])
            page = await ask(
                "query ($c: String) {dagRuns(first: 1000, after: $c) {nodes {id}}}",
                c=after,
            )
            assert page == (everything if whole else {"dagRuns": {"nodes": []}})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("first: -1", "first is -1; 0 or more is allowed"),
        ("last: -1", "last is -1; 0 or more is allowed"),
        ("first: 1, last: 1", "first goes with after, last goes with before"),
        ('first: 1, before: ""', "first goes with after, last goes with before"),
        ('last: 1, after: ""', "first goes with after, last goes with before"),
        ('after: "", before: ""', "first goes with after, last goes with before"),
    ],
)
async def test_a_page_that_makes_no_sense_is_refused(
    ask: Asking, arguments: str, words: str
) -> None:
    said = ("BAD_USER_INPUT", words)
    await refused(ask, f"dagRuns({arguments}) {{ totalCount }}", said)
    await refused(
        ask, f'dag(dagId: "nobody") {{ runs({arguments}) {{ totalCount }} }}', said
    )


@pytest.mark.parametrize(
    "given",
    [
        "filter: {}",
        "filter: {stateIn: [RUNNING, SUCCESS]}",
        "filter: {stateIn: [RUNNING, OTHER]}",
        "filter: {stateIsNull: true}",
        'filter: {dagId: {startsWith: "a", contains: "b"}}',
        "filter: {runAfter: {isNull: false}}",
        'filter: {startDate: {gte: "2026-01-01T00:00:00Z"}}',
        'filter: {taskIdIn: ["a"]}',
    ],
)
async def test_instances_of_all_runs_need_a_bound(ask: Asking, given: str) -> None:
    said = ("UNBOUNDED_LIST", "needs a bound in its filter: dagId or runId with eq")
    await refused(ask, f"taskInstances({given}) {{ nodes {{ id }} }}", said)


@pytest.mark.parametrize(
    "given",
    [
        'dagId: {eq: "x"}',
        "dagId: {in: []}",
        'runId: {in: ["x"]}',
        "stateIn: []",
        "stateIn: [SCHEDULED, QUEUED, RUNNING, RESTARTING, UP_FOR_RETRY, DEFERRED]",
        'runAfter: {gt: "2026-01-01T00:00:00Z"}',
        'runAfter: {lte: "2026-01-01T00:00:00Z", isNull: false}',
    ],
)
async def test_a_bound_is_enough(ask: Asking, given: str) -> None:
    await ask(f"{{ taskInstances(filter: {{{given}}}) {{ nodes {{ id }} }} }}")


async def test_a_group_needs_its_dag(ask: Asking) -> None:
    for dag in ('{in: ["x"]}', '{startsWith: "x"}'):
        await refused(
            ask,
            f'taskInstances(filter: {{dagId: {dag}, runId: {{eq: "r"}}, '
            'groupId: "g"}) { totalCount }',
            ("BAD_USER_INPUT", "groupId needs dagId: {eq: …} beside it"),
        )


async def test_a_list_of_1000_values_is_one_test(ask: Asking) -> None:
    for name in ("tagsAny", "tagsAll", "ownersAny"):
        found = await ask(
            f"query ($many: [String!]) {{ dags(filter: {{{name}: $many}}) "
            "{ totalCount } }",
            many=["x"] * 1_000,
        )
        assert found == {"dags": {"totalCount": 0}}


async def test_a_filter_of_4_levels_and_50_tests_is_answered(ask: Asking) -> None:
    filter_ = {"not": {"not": {"or": [{"isPaused": True}] * 49 + [{}]}}}
    found = await ask(
        "query ($f: DagFilter) { all: dags { totalCount } "
        "dags(filter: $f) { totalCount } }",
        f=filter_,
    )
    assert found["dags"] == found["all"]


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "/",
        "a\x00b",
        "\ud800",
        "x" * 100_000,
        "Foo/a",
        "Dag",
        "Dag/a/b",
        "DagRun/a",
        "TaskInstance/a/b/c",
        "TaskInstance/a/b/c/x",
        "TaskInstance/a/b/c/1.5",
        "TaskInstance/a/b/c/--1",
        "TaskInstance/a/b/c/\u0661",
        "TaskInstance/a/b/c/99999999999999999999",
        "TaskInstanceTry/a/b/c/1/",
        "Pool/x",
        "Backfill/",
    ],
)
async def test_what_is_no_id_is_refused(ask: Asking, id_: str) -> None:
    said = ("BAD_USER_INPUT", "is no id of this API; take one from a field `id` of Dag")
    await refused(ask, "node(id: $id) { id }", said, id=id_)


@pytest.mark.parametrize(
    "id_",
    [
        "Dag/\x00",
        "Dag/\ud800",
        "Dag/%zz",
        "DagRun/a/b",
        "TaskInstance/a/b/c/999999999999999999",
        "TaskInstanceTry/a/b/c/-1/999999999999999999",
        "Task/a/b/c",
        "Task/a/b#c/d",
        "Task/a/00000000000000000000000000000000#x/c",
        "Task/a/'/c",
        "TaskGroup/a/b/c",
        "DagVersion/a/b/c",
        "DagVersion/a/0000000000000000000000000000000g/c",
        "DagVersion/a/00000000000000000000000000000000/c",
        "Pool/999999999999999999",
        "Backfill/-1",
        "EventLog/999999999999999999",
        "ImportError/999999999999999999",
    ],
)
async def test_an_id_of_nothing_is_null(ask: Asking, id_: str) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id, $id]) { id } }"
    assert await ask(query, id=id_) == {"node": None, "nodes": [None, None]}


@pytest.mark.parametrize(
    ("document", "variables", "words"),
    [
        (
            "{ dagRuns(filter: {stateIn: [NOPE]}) { totalCount } }",
            {},
            "Allowed are QUEUED, RUNNING, SUCCESS, FAILED, OTHER.",
        ),
        (
            (
                "query ($s: [DagRunState!]) { dagRuns(filter: {stateIn: $s}) "
                "{ totalCount } }"
            ),
            {"s": ["success"]},
            "Allowed are QUEUED, RUNNING, SUCCESS, FAILED, OTHER.",
        ),
        (
            "{ dags(orderBy: {by: NOPE}) { totalCount } }",
            {},
            (
                "Allowed are DAG_ID, DISPLAY_NAME, NEXT_RUN_AFTER, LAST_PARSED_TIME, "
                "LATEST_RUN."
            ),
        ),
        (
            (
                "query ($d: OrderDirection!){dags(orderBy: {by: DAG_ID, direction: $d})"
                " { totalCount } }"
            ),
            {"d": 5},
            "Allowed are ASC, DESC.",
        ),
    ],
)
async def test_an_unknown_word_of_an_enum_tells_the_known_ones(
    ask: Asking, document: str, variables: dict[str, Any], words: str
) -> None:
    errors = await ask.errors(document, **variables)

    assert [error["extensions"] for error in errors] == [{"code": "BAD_USER_INPUT"}]
    assert words in errors[0]["message"]
    assert ask.answer.data is None
    assert ask.answer.executed == []


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T00:00:00Z\x00",
        "\ud800",
        "\u0662026-01-01T00:00:00Z",
        5,
        True,
        [],
        {},
        "x" * 100_000,
    ],
)
async def test_what_is_no_instant_is_refused(ask: Asking, given: object) -> None:
    errors = await ask.errors(
        "query ($t: DateTime) { dagRuns(filter: {runAfter: {gte: $t}}) "
        "{ totalCount } }",
        t=given,
    )

    assert [error["extensions"] for error in errors] == [{"code": "BAD_USER_INPUT"}]
    assert "RFC 3339" in errors[0]["message"]
    assert "2026-01-31T09:30:00Z" in errors[0]["message"]
    assert len(errors[0]["message"]) < 400
    assert ask.answer.executed == []


@pytest.mark.parametrize(
    "given",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-01-01t00:00:00z",
        "2026-01-01 00:00:00+05:30",
        "2026-01-01T00:00:00.123456789-08:00",
    ],
)
async def test_any_other_instant_is_taken(ask: Asking, given: str) -> None:
    await ask(
        "query ($t: DateTime) { dagRuns(filter: {runAfter: {gte: $t, gt: $t, "
        "lte: $t, lt: $t}, startDate: {gte: $t}, endDate: {lt: $t}}) "
        "{ totalCount nodes { id } } }",
        t=given,
    )


@pytest.mark.parametrize(
    ("type_", "use", "value"),
    [
        ("Int", "dagRuns(first: $v) { totalCount }", 2**31),
        ("Int", "dagRuns(first: $v) { totalCount }", -(2**31) - 1),
        ("Int", "dagRuns(first: $v) { totalCount }", 2**70),
        ("Int", "dagRuns(first: $v) { totalCount }", 1.5),
        ("Int", "dagRuns(first: $v) { totalCount }", "1"),
        ("Int", "dagRuns(first: $v) { totalCount }", True),
        ("Int", "dagRuns(first: $v) { totalCount }", [1]),
        ("Float", "dagRuns(filter: {duration: {gt: $v}}) { totalCount }", float("nan")),
        ("Float", "dagRuns(filter: {duration: {gt: $v}}) { totalCount }", float("inf")),
        ("Float", "dagRuns(filter: {duration: {gt: $v}}) { totalCount }", 10**400),
        ("Float", "dagRuns(filter: {duration: {gt: $v}}) { totalCount }", "1"),
        ("Boolean", "dags(filter: {isPaused: $v}) { totalCount }", 1),
        ("Boolean", "dags(filter: {isPaused: $v}) { totalCount }", "true"),
        ("ID!", "node(id: $v) { id }", True),
        ("ID!", "node(id: $v) { id }", 1.5),
        ("ID!", "node(id: $v) { id }", None),
        ("ID!", "node(id: $v) { id }", ["Dag/x"]),
        ("String", "dagRuns(after: $v) { totalCount }", 5),
        ("DagFilter", "dags(filter: $v) { totalCount }", {"nope": 1}),
        ("DagFilter", "dags(filter: $v) { totalCount }", "x"),
        ("DagFilter", "dags(filter: $v) { totalCount }", {"or": [{"dagId": 5}]}),
    ],
)
async def test_a_variable_of_a_wrong_type_is_refused(
    ask: Asking, type_: str, use: str, value: object
) -> None:
    errors = await ask.errors(f"query ($v: {type_}) {{ {use} }}", v=value)

    assert errors
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}
    assert "$v" in errors[0]["message"]
    assert ask.answer.executed == []


TEXTS = """query ($id: ID!, $text: String!) {
  dag(dagId: $id) { id }
  dagRun(dagId: $id, runId: $id) { id }
  taskInstance(dagId: $id, runId: $id, taskId: $id, mapIndex: 2147483647) { id }
  dags(filter: {
    dagId: {eq: $text, in: [$text], startsWith: $text, contains: $text}
    displayName: {eq: $text, in: [$text], startsWith: $text, contains: $text}
    bundleName: {eq: $text}, tagsAny: [$text], tagsAll: [$text], ownersAny: [$text]
    not: {dagId: {contains: $text}}
  }) { nodes { id } totalCount }
  dagRuns(filter: {
    dagId: {in: [$text]}, runId: {startsWith: $text}
    triggeringUserName: {contains: $text}
  }) { nodes { id } totalCount }
  taskInstances(filter: {
    dagId: {eq: $text}, runId: {eq: $text}, taskIdIn: [$id], groupId: $id
    operatorIn: [$text], pool: {contains: $text}, queue: {startsWith: $text}
  }) { nodes { id } totalCount }
  eventLogs(filter: {
    event: {eq: $text}, dagId: {in: [$text]}, owner: {startsWith: $text}
    runId: {contains: $text}, taskId: {eq: $text}
  }) { nodes { id } totalCount }
  fleet(filter: {dagId: {startsWith: $text}, tagsAny: [$text]}) { dagCount }
  real: dags(first: 1, filter: {latestRunStateIn: [SUCCESS]}) { nodes {
    task(taskId: $id) { id }
    tasks(filter: {
      taskIdIn: [$id], groupId: $id, operatorIn: [$text], ownerIn: [$text]
    }) { id }
    graph(root: $id) { nodes { label } }
    run(runId: $id) { id }
    latestRun {
      taskInstance(taskId: $id, mapIndex: -2147483648) { id }
      taskSummaries(taskIdIn: [$id], groupId: $id) { state }
      taskInstances(filter: {groupId: $id, taskIdIn: [$id]}) { totalCount }
    }
  } }
}"""


@pytest.mark.parametrize(
    "text",
    ["nul\x00in it", "half \ud800 of a pair", "\udfff", "￿", "'; DROP TABLE dag; --"],
)
async def test_any_text_may_be_asked_for(ask: Asking, text: str) -> None:
    found = await ask(TEXTS, id=text, text=text)

    assert [found["dag"], found["dagRun"], found["taskInstance"]] == [None] * 3
    for name in ("dags", "dagRuns", "taskInstances", "eventLogs"):
        assert found[name] == {"nodes": [], "totalCount": 0}
    assert found["fleet"] == {"dagCount": 0}
    assert found["real"]["nodes"] == [
        {
            "task": None,
            "tasks": [],
            "graph": {"nodes": []},
            "run": None,
            "latestRun": {
                "taskInstance": None,
                "taskSummaries": [],
                "taskInstances": {"totalCount": 0},
            },
        }
    ]


async def test_an_empty_list_of_values_matches_nothing(ask: Asking) -> None:
    found = await ask(
        """{ tis: taskInstances(filter: {dagId: {startsWith: ""}, runAfter:
             {gte: "2000-01-01T00:00:00Z"}, mapIndexIn: []}) { totalCount }
           tasks: taskInstances(filter: {runAfter: {gte: "2000-01-01T00:00:00Z"},
             taskIdIn: []}) { totalCount }
           dags(filter: {dagId: {in: []}}) { totalCount }
           states: dagRuns(filter: {stateIn: []}) { totalCount }
           tags: dags(filter: {tagsAny: []}) { totalCount }
           owners: dags(filter: {ownersAny: []}) { totalCount }
           either: dags(filter: {or: []}) { totalCount } }"""
    )
    assert found == {key: {"totalCount": 0} for key in found}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ('dag(dagId: "x") { graph(root: "a", upstream: -2) { __typename } }', "-1 for"),
        ('dag(dagId: "x") { graph(downstream: -9) { __typename } }', "-1 for all"),
        ('dag(dagId: "x") { task(taskId: "a") { upstream(depth: -2) { id } } }', "-1"),
        (
            (
                'fleet(since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z") '
                "{ dagCount }"
            ),
            "until is before since",
        ),
    ],
)
async def test_numbers_out_of_range_are_refused(
    ask: Asking, field: str, words: str
) -> None:
    await refused(ask, field, ("BAD_USER_INPUT", words))


async def test_many_clients_that_are_wrong_hold_no_connection(ask: Asking) -> None:
    """More of them at once than the pool has connections, and then one who is right."""
    wrong = "{ a: dagRuns(first: -1) { totalCount } dags { totalCount } }"
    answers = await asyncio.gather(*(ask.gateway.answer(wrong) for _ in range(20)))
    assert {len(answer.errors) for answer in answers} == {1}
    assert {str(answer.data) for answer in answers} == {str(answers[0].data)}
    await ask("{ dags { totalCount } }")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ dags { totalCount }", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($v: Int) { dags { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ dags(first: $v) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($v: ID) { node(id: $v) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($v: ID!) { node(id: $v) { id } }", "BAD_USER_INPUT"),
    ],
)
async def test_a_document_that_is_wrong_says_in_which_way(
    ask: Asking, document: str, code: str
) -> None:
    errors = await ask.errors(document)
    assert [error["extensions"] for error in errors] == [{"code": code}]
    assert ask.answer.executed == []
