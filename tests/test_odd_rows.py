"""Rows that no Airflow should have made are answered like any others."""

import json
import random
import sqlite3
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from dagway.operation import opened
from metadb.session import Bounds
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.seed import (
    EPOCH,
    Value,
    chained,
    insert,
    instance,
    literal,
    new_id,
    one_dag,
    run,
    serialized,
    version,
)
from tests.support.selections import everything

pytestmark = pytest.mark.asyncio(loop_scope="module")

ODD_IDS = (
    "a/b",
    "a%2Fb",
    "100%",
    "%25",
    "q?x=1&y#z",
    " leading and trailing ",
    "naïve ☃ 日本",
    'it\'s "quoted" \\ and ; --',
    "tilde~",
    "caret^",
    "at@sign",
    "comma,pipe|hash#",
    "..",
    "/",
    "%",
    "line\nbreak\ttab",
)
"""Ids of DAGs, runs and tasks."""
MASKED = "***"
DEEP = "[" * 5_000 + "]" * 5_000

SHAPES: Mapping[str, Any] = {
    "null": None,
    "list": [],
    "number": 5,
    "text": "x",
    "empty": {},
    "no_dag": {"__version": 3},
    "word_version": {"__version": "3", "dag": {}},
    "future_version": {"__version": 99, "dag": {"dag_id": "x", "tasks": []}},
    "dag_null": {"__version": 3, "dag": None},
    "dag_list": {"__version": 3, "dag": [1]},
    "id_number": {"__version": 3, "dag": {"dag_id": 5, "tasks": []}},
    "tasks_number": {
        "__version": 3,
        "dag": {"dag_id": "shape_tasks_number", "tasks": 5},
    },
    "task_number": {
        "__version": 3,
        "dag": {"dag_id": "shape_task_number", "tasks": [5]},
    },
    "task_without_id": {
        "__version": 3,
        "dag": {"dag_id": "shape_task_without_id", "tasks": [{"__var": {}}]},
    },
    "task_id_list": {
        "__version": 3,
        "dag": {"dag_id": "shape_task_id_list", "tasks": [{"__var": {"task_id": []}}]},
    },
}
"""What `serialized_dag.data` must not be, by the end of the DAG's id."""
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "x",
    [],
    [None, 5, ["x"]],
    {},
    {"__type": "set", "__var": [[], {}, "x"]},
    {"__type": "datetime", "__var": 1e300},
    {"__type": "timedelta", "__var": "x"},
    {"__type": 5, "__var": {"__type": "dict"}},
    {"a": {"b": [1, {"c": None}]}},
)


def mutated(dag_id: str, at: random.Random) -> dict[str, object]:
    """A structure in which a few values, anywhere, are something else."""
    found: dict[str, Any] = deepcopy(
        serialized(
            dag_id,
            chained(4),
            params=[["p", {"__class": "Param", "default": 1, "schema": {}}]],
            default_args={"__type": "dict", "__var": {"retries": 1}},
            edge_info={"t0000": {"t0001": {"label": "x"}}},
            timetable={
                "__type": "airflow.timetables.interval.CronDataIntervalTimetable",
                "__var": {"expression": "@daily", "timezone": "UTC"},
            },
        )
    )
    for _ in range(at.randint(1, 3)):
        inside: Any = found["dag"]
        while True:
            key = at.choice(
                [*inside] if isinstance(inside, dict) else range(len(inside))
            )
            below = inside[key]
            if isinstance(below, dict | list) and below and at.random() < 0.7:
                inside = below
                continue
            inside[key] = at.choice(ODD_VALUES)
            break
    return found


def dag(dag_id: str, **columns: Value) -> str:
    """A DAG's row alone."""
    return insert("dag", [{"dag_id": dag_id, **columns}])


def script(backend: str) -> str:
    """All odd rows."""
    at = random.Random(2)  # noqa: S311  # a seed for tests
    is_sqlite = backend == "sqlite"
    no_keys = "" if is_sqlite else "SET session_replication_role = replica;"
    parts = [no_keys, dag("no_structure"), dag("no_text"), version("no_text", None)]
    parts.append(run("no_structure", "r", EPOCH))
    parts.append(
        insert("task_instance", [instance("no_structure", "r", "t", None, state=None)])
    )
    for shape, data in SHAPES.items():
        parts += [dag(f"shape_{shape}"), version(f"shape_{shape}", {})]
        parts.append(
            f"UPDATE serialized_dag SET data = {literal(json.dumps(data))} "
            f"WHERE dag_id = 'shape_{shape}';"
        )
        parts.append(run(f"shape_{shape}", "r", EPOCH))
        parts.append(
            insert("task_instance", [instance(f"shape_{shape}", "r", "t", None)])
        )
    texts = [] if not is_sqlite else ["", "{broken", DEEP, "NaN", '"\\ud800"', "\x01"]
    for number, text in enumerate(texts):
        parts += [dag(f"text_{number}"), version(f"text_{number}", {})]
        parts.append(
            f"UPDATE serialized_dag SET data = {literal(text)} "
            f"WHERE dag_id = 'text_{number}';"
        )
    whole = zlib.compress(json.dumps(serialized("z", chained(2))).encode())
    for number, packed in enumerate((b"", b"\x00", b"not zlib", whole[:-9], whole[5:])):
        blob = f"X'{packed.hex()}'" if is_sqlite else f"decode('{packed.hex()}', 'hex')"
        parts += [dag(f"packed_{number}"), version(f"packed_{number}", {})]
        parts.append(
            f"UPDATE serialized_dag SET data = NULL, data_compressed = {blob} "
            f"WHERE dag_id = 'packed_{number}';"
        )
    for number in range(48):
        dag_id, version_id = f"mutated_{number:02}", new_id()
        parts.append(dag(dag_id))
        parts.append(version(dag_id, mutated(dag_id, at), version_id=version_id))
        parts.append(run(dag_id, "r", EPOCH))
        parts.append(
            insert(
                "task_instance",
                [instance(dag_id, "r", t, version_id) for t in chained(4)],
            )
        )
    parts += [one_dag("empty_run", runs=0), run("empty_run", "r", EPOCH)]
    parts += [one_dag("gone_version", tasks=2, runs=1)]
    parts.append("DELETE FROM serialized_dag WHERE dag_id = 'gone_version';")
    parts.append("DELETE FROM dag_version WHERE dag_id = 'gone_version';")
    parts += [one_dag("orphan", tasks=2, runs=1)]
    for table in ("serialized_dag", "dag_version", "dag_tag", "dag"):
        parts.append(f"DELETE FROM {table} WHERE dag_id = 'orphan';")
    parts.append(one_dag("words", tasks=3, runs=3))
    parts.append(
        "UPDATE dag_run SET state = 'dreaming', run_type = 'sideways', "
        "triggered_by = 'MOON' WHERE dag_id = 'words' AND run_id = 'r0000';"
        "UPDATE dag_run SET state = NULL, run_type = '', triggered_by = NULL "
        "WHERE dag_id = 'words' AND run_id = 'r0001';"
        "UPDATE dag_run SET state = '', run_type = 'dataset_triggered', "
        "triggered_by = 'DATASET' WHERE dag_id = 'words' AND run_id = 'r0002';"
        "UPDATE task_instance SET state = 'dreaming' WHERE dag_id = 'words' "
        "AND task_id = 't0000';"
        "UPDATE task_instance SET state = NULL WHERE dag_id = 'words' "
        "AND task_id = 't0001';"
        "UPDATE task_instance SET state = '' WHERE dag_id = 'words' "
        "AND task_id = 't0002';"
    )
    parts.append(one_dag("indexes", tasks=1, runs=1))
    parts.append(
        insert(
            "task_instance",
            [
                instance("indexes", "r0000", "t0000", None, map_index=index)
                for index in (-2, -7, 0, 2147483647, -2147483648)
            ],
        )
    )
    parts.append(one_dag("conf", tasks=1, runs=5))
    confs = [
        {"password": "p", "nested": [{"api_key": 5, "fine": "x"}], "token": None},
        {"n": 10**40, "text": "ünï", "deep": {"a": [[[]]]}},
    ]
    for number, conf in enumerate(confs):
        parts.append(
            f"UPDATE dag_run SET conf = {literal(json.dumps(conf))} "
            f"WHERE dag_id = 'conf' AND run_id = 'r000{number}';"
        )
    parts.append(
        "UPDATE dag_run SET conf = 'null' WHERE dag_id = 'conf' AND run_id = 'r0002';"
        "UPDATE dag_run SET conf = NULL WHERE dag_id = 'conf' AND run_id = 'r0003';"
        "UPDATE dag_run SET conf = '5' WHERE dag_id = 'conf' AND run_id = 'r0004';"
    )
    for number, odd in enumerate(ODD_IDS):
        parts.append(odd_ids(odd, number))
    parts.append(one_dag("far", tasks=2, runs=4))
    parts.append(far_dates(is_sqlite=is_sqlite))
    return "\n".join(parts)


def odd_ids(odd: str, number: int) -> str:
    """A DAG, run and task that are all called by an odd name."""
    version_id = new_id()
    return "\n".join(
        (
            dag(odd, owners="odd one"),
            version(odd, serialized(odd, {odd: []}), version_id=version_id),
            run(odd, odd, EPOCH + timedelta(days=number)),
            insert("task_instance", [instance(odd, odd, odd, version_id)]),
        )
    )


def far_dates(*, is_sqlite: bool) -> str:
    """Instants at the ends of time, and beyond them."""
    if is_sqlite:
        dates = (
            "0001-01-01 00:00:00.000000",
            "0999-12-31 23:59:59.999999",
            "2026-01-01 00:00:00.000001",
            "9999-12-31 23:59:59.999999",
        )
    else:
        dates = ("infinity", "-infinity", "0044-03-15 12:00:00 BC", "12026-01-01")
    statements = []
    for number, date in enumerate(dates):
        where = f"WHERE dag_id = 'far' AND run_id = 'r000{number}';"
        statements.append(
            f"UPDATE dag_run SET start_date = '{date}', "
            f"end_date = '{date}', logical_date = '{date}', "
            f"queued_at = '{date}' {where}"
            f"UPDATE task_instance SET start_date = '{date}', end_date = '{date}', "
            f"queued_dttm = '{date}', updated_at = '{date}' {where}"
        )
        if is_sqlite or number < 2:
            statements.append(f"UPDATE dag_run SET run_after = '{date}' {where}")
    statements.append(
        "UPDATE dag SET next_dagrun_create_after = (SELECT max(run_after) FROM dag_run "
        "WHERE dag_id = 'far'), last_parsed_time = (SELECT min(run_after) FROM dag_run "
        "WHERE dag_id = 'far'), next_dagrun = (SELECT min(run_after) FROM dag_run "
        "WHERE dag_id = 'far') WHERE dag_id = 'far';"
    )
    if not is_sqlite:
        floats = ("NaN", "Infinity", "-Infinity", "1e308")
        statements += [
            f"UPDATE task_instance SET duration = '{value}' "
            f"WHERE dag_id = 'far' AND run_id = 'r000{number}';"
            for number, value in enumerate(floats)
        ]
        statements.append(
            "UPDATE dag SET last_parse_duration = 'NaN' WHERE dag_id = 'far';"
        )
    return "\n".join(statements)


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with all odd rows."""
    found = {}
    for backend in ("sqlite", "postgresql"):
        found[backend] = databases.copy(f"3.3.2-{backend}")
        databases.write(found[backend], script(backend))
    return found


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", "postgresql"]
)
async def ask(
    request: pytest.FixtureRequest, addresses: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks a gateway on one of them."""
    async with opened(
        addresses[request.param], airflow_url="https://airflow.example"
    ) as gateway:
        yield Asking(gateway)


ALL = f"""query ($where: DagFilter) {{
  dags(first: 50, filter: $where) {{ nodes {everything("Dag", 1)} totalCount }}
}}"""
INSIDE = f"""query ($where: DagFilter) {{ dags(first: 50, filter: $where) {{ nodes {{
  version {everything("DagVersion", 1)}
  tasks {everything("Task", 1)}
  taskGroups {everything("TaskGroup", 1)}
  edges {everything("Edge", 1)}
  graph {everything("Graph", 1)}
  runs {{ nodes {everything("DagRun", 1)} }}
  instances: runs {{ nodes {{
    taskInstances {{ nodes {everything("TaskInstance", 1)} }} }} }}
}} }} }}"""


@pytest.mark.parametrize(
    "prefix",
    [
        "no_",
        "shape_",
        "text_",
        "packed_",
        "mutated_",
        "empty_",
        "gone_",
        "words",
        "far",
    ],
)
async def test_everything_about_odd_dags_is_answered(ask: Asking, prefix: str) -> None:
    found = await ask(ALL, where={"dagId": {"startsWith": prefix}})
    dags = found["dags"]["nodes"]
    assert len(dags) == found["dags"]["totalCount"]
    inside = await ask(INSIDE, where={"dagId": {"startsWith": prefix}})
    assert len(inside["dags"]["nodes"]) == len(dags)


PROBLEM = """query ($id: ID!) { dag(dagId: $id) {
  tasks { id } edges { label } taskGroups { id } graph { nodes { label } }
  version { id versionNumber problem tasks { id } dag { dagId } }
  latestRun { tasks { id } isStructureExact taskIdsWithoutDefinition
    taskSummaries { taskId state instanceCount }
    taskInstances { nodes { id task { id } version { id } } } }
} }"""


async def test_a_dag_without_a_structure_has_no_tasks(ask: Asking) -> None:
    for dag_id in ("no_structure", "no_text"):
        found = (await ask(PROBLEM, id=dag_id))["dag"]
        assert found["version"] is None
        assert [found["tasks"], found["edges"], found["taskGroups"]] == [[], [], []]
        assert found["graph"] == {"nodes": []}

    run_ = (await ask(PROBLEM, id="no_structure"))["dag"]["latestRun"]
    assert run_["tasks"] == []
    assert run_["isStructureExact"] is False
    assert run_["taskIdsWithoutDefinition"] == ["t"]
    assert run_["taskSummaries"] == [{"taskId": "t", "state": None, "instanceCount": 1}]
    assert [i["task"] for i in run_["taskInstances"]["nodes"]] == [None]


async def test_a_structure_that_cannot_be_decoded_is_empty_and_says_why(
    ask: Asking,
) -> None:
    found = await ask(
        """{ shape: dags(first: 50, filter: {dagId: {startsWith: "shape_"}}) { nodes {
               dagId tasks { id } version { problem versionNumber dag { dagId } } } }
             text: dags(first: 50, filter: {dagId: {startsWith: "text_"}}) { nodes {
               dagId tasks { id } version { problem versionNumber dag { dagId } } } }
             packed: dags(first: 50, filter: {dagId: {startsWith: "packed_"}}) { nodes {
               dagId tasks { id } version { problem versionNumber dag { dagId } } } }
           }"""
    )
    assert len(found["shape"]["nodes"]) == len(SHAPES)
    assert len(found["packed"]["nodes"]) == 5
    for dag_ in [node for page in found.values() for node in page["nodes"]]:
        assert dag_["tasks"] == []
        assert dag_["version"]["versionNumber"] == 1
        assert dag_["version"]["dag"] == {"dagId": dag_["dagId"]}
        assert len(dag_["version"]["problem"]) > 20


async def test_a_run_without_instances_still_has_its_cells(ask: Asking) -> None:
    found = await ask(
        """{ dagRun(dagId: "empty_run", runId: "r") {
             stateCounts { count } tries { id }
             taskInstances { nodes { id } totalCount }
             versions { id } isStructureExact taskIdsWithoutDefinition
             taskSummaries { taskId state instanceCount } tasks { taskId } } }"""
    )
    assert found["dagRun"] == {
        "stateCounts": [],
        "taskInstances": {"nodes": [], "totalCount": 0},
        "tries": [],
        "versions": [],
        "isStructureExact": False,
        "taskIdsWithoutDefinition": [],
        "taskSummaries": [
            {"taskId": f"t000{i}", "state": None, "instanceCount": 0} for i in range(3)
        ],
        "tasks": [{"taskId": f"t000{i}"} for i in range(3)],
    }


async def test_an_instance_whose_version_is_gone_has_no_task(ask: Asking) -> None:
    found = (await ask(PROBLEM, id="gone_version"))["dag"]
    assert found["version"] is None
    run_ = found["latestRun"]
    assert run_["taskIdsWithoutDefinition"] == ["t0000", "t0001"]
    assert [(i["task"], i["version"]) for i in run_["taskInstances"]["nodes"]] == [
        (None, None)
    ] * 2


async def test_a_run_whose_dag_is_gone_is_answered(ask: Asking) -> None:
    selection = everything("DagRun", 1)
    found = await ask(f'{{ dagRun(dagId: "orphan", runId: "r0000") {selection} }}')
    assert found["dagRun"]["dag"] is None
    assert [c["taskId"] for c in found["dagRun"]["taskSummaries"]] == ["t0000", "t0001"]
    listed = await ask(
        f"""{{ dag(dagId: "orphan") {{ id }}
             dagRuns(filter: {{dagId: {{eq: "orphan"}}}}) {{ nodes {selection} }}
             taskInstances(filter: {{dagId: {{eq: "orphan"}}}}) {{
               nodes {everything("TaskInstance", 1)} totalCount }} }}"""
    )
    assert listed["dag"] is None
    assert len(listed["dagRuns"]["nodes"]) == 1
    assert listed["taskInstances"]["totalCount"] == 2
    for node in listed["taskInstances"]["nodes"]:
        assert node["dag"] is None
        assert node["dagRun"]["runId"] == "r0000"


async def test_unknown_words_are_other_and_their_raw_word_stands_beside(
    ask: Asking,
) -> None:
    found = await ask(
        """{ dag(dagId: "words") { runs { nodes {
             runId state rawState runType triggeredBy stateCounts { state count }
             taskInstances { nodes { state rawState } }
             taskSummaries { state instanceCount } } }
             runStateCounts { state count } } }"""
    )
    runs = {node.pop("runId"): node for node in found["dag"]["runs"]["nodes"]}
    words = ("state", "rawState", "runType", "triggeredBy")
    assert [runs["r0000"][word] for word in words] == [
        "OTHER",
        "dreaming",
        "OTHER",
        "OTHER",
    ]
    assert [runs["r0001"][word] for word in words] == [None, None, "OTHER", None]
    assert [runs["r0002"][word] for word in words] == [
        "OTHER",
        "",
        "ASSET_TRIGGERED",
        "ASSET",
    ]
    for run_ in runs.values():
        assert run_["taskInstances"]["nodes"] == [
            {"state": "OTHER", "rawState": "dreaming"},
            {"state": None, "rawState": None},
            {"state": "OTHER", "rawState": ""},
        ]
        assert [cell["state"] for cell in run_["taskSummaries"]] == [
            "OTHER",
            None,
            "OTHER",
        ]
    counted = found["dag"]["runStateCounts"]
    assert {c["state"] for c in counted} == {"OTHER", None}
    assert sum(c["count"] for c in counted) == 3


async def test_any_map_index_is_answered_and_found_again(ask: Asking) -> None:
    found = await ask(
        """{ dagRun(dagId: "indexes", runId: "r0000") {
             taskInstances { nodes { id mapIndex } totalCount }
             taskSummaries { instanceCount } tries { id mapIndex } } }"""
    )
    nodes = found["dagRun"]["taskInstances"]["nodes"]
    indexes = [-2147483648, -7, -2, -1, 0, 2147483647]
    assert [node["mapIndex"] for node in nodes] == indexes
    assert found["dagRun"]["taskSummaries"] == [{"instanceCount": 6}]
    assert [t["mapIndex"] for t in found["dagRun"]["tries"]] == indexes
    again = await ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[n["id"] for n in nodes]
    )
    assert again["nodes"] == [{"id": node["id"]} for node in nodes]


async def test_confs_are_shown_without_their_secrets(ask: Asking) -> None:
    found = await ask(
        '{ dag(dagId: "conf") { runs(orderBy: {by: RUN_AFTER, direction: ASC}) '
        "{ nodes { conf } } } }"
    )
    confs = [node["conf"] for node in found["dag"]["runs"]["nodes"]]
    assert confs[0] == {
        "password": MASKED,
        "nested": [{"api_key": MASKED, "fine": "x"}],
        "token": None,
    }
    assert confs[1] == {"n": 10**40, "text": "ünï", "deep": {"a": [[[]]]}}
    assert confs[2:] == [None, None, 5]


async def test_ids_that_hold_anything_are_found_again(ask: Asking) -> None:
    query = """query ($dag: ID!, $run: ID!, $task: ID!) {
      dag(dagId: $dag) { id dagId url version { id tasks { id } }
        task(taskId: $task) { id taskId }
        run(runId: $run) { id runId url tries { id }
          tasks { id } taskSummaries { taskId state }
          taskInstance(taskId: $task) { id taskId url task { id } } } } }"""
    for odd in ODD_IDS:
        dag_ = (await ask(query, dag=odd, run=odd, task=odd))["dag"]
        run_ = dag_["run"]
        assert [dag_["dagId"], run_["runId"], dag_["task"]["taskId"]] == [odd] * 3
        assert run_["taskSummaries"] == [{"taskId": odd, "state": "SUCCESS"}]
        assert run_["taskInstance"]["task"] == run_["tasks"][0]
        ids = [
            dag_["id"],
            dag_["version"]["id"],
            dag_["task"]["id"],
            run_["id"],
            run_["taskInstance"]["id"],
            run_["tries"][0]["id"],
        ]
        assert len(set(ids)) == 6
        again = await ask(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=ids
        )
        assert [node and node["id"] for node in again["nodes"]] == ids


async def test_a_run_of_two_versions_with_an_odd_id_is_their_union(
    databases: Databases, ask: Asking
) -> None:
    """Its structure is named by the run's id, whatever that holds."""
    backend = ask.gateway.engine.dialect.name
    address = databases.copy(f"3.3.2-{backend}")
    parts = [dag("twice")]
    ids = (new_id(), new_id())
    for number, (version_id, tasks) in enumerate(zip(ids, "ab", strict=True), 1):
        structure = serialized("twice", {tasks: [], "both": []})
        parts.append(version("twice", structure, number, version_id))
    for number, odd in enumerate(ODD_IDS):
        parts.append(run("twice", odd, EPOCH + timedelta(days=number)))
        parts.append(
            insert(
                "task_instance",
                [
                    instance("twice", odd, task, version_id)
                    for version_id, task in zip(ids, "ab", strict=True)
                ],
            )
        )
    databases.write(address, "\n".join(parts))
    async with opened(address) as gateway:
        again = Asking(gateway)
        for odd in ODD_IDS:
            found = await again(
                'query ($run: ID!) { dagRun(dagId: "twice", runId: $run) '
                "{ tasks { id taskId } taskIdsWithoutDefinition } }",
                run=odd,
            )
            shown = [task["taskId"] for task in found["dagRun"]["tasks"]]
            assert sorted(shown) == ["a", "b", "both"], odd
            assert found["dagRun"]["taskIdsWithoutDefinition"] == []


async def test_instants_at_the_ends_of_time_are_answered(ask: Asking) -> None:
    for order in ("RUN_AFTER", "START_DATE", "END_DATE", "LOGICAL_DATE", "DURATION"):
        for direction in ("ASC", "DESC"):
            seen: list[str] = []
            after: str | None = None
            for _ in range(6):
                page = await ask(
                    f"""query ($c: String) {{ dag(dagId: "far") {{ runs(first: 1,
                      after: $c, orderBy: {{by: {order}, direction: {direction}}})
                      {{ nodes {{ runId runAfter startDate endDate duration landingTime
                         queuedDuration }}
                      pageInfo {{ endCursor hasNextPage }} }} }} }}""",
                    c=after,
                )
                runs = page["dag"]["runs"]
                seen += [node["runId"] for node in runs["nodes"]]
                after = runs["pageInfo"]["endCursor"]
                if not runs["pageInfo"]["hasNextPage"]:
                    break
            assert sorted(seen) == [f"r000{i}" for i in range(4)]


async def test_numbers_that_are_none_are_missing_numbers(ask: Asking) -> None:
    is_sqlite = ask.gateway.engine.dialect.name == "sqlite"  # it has no NaN to store
    numbers: list[float | None] = [2.0] * 8 if is_sqlite else [1e308] * 2 + [None] * 6
    for direction in ("ASC", "DESC"):
        found = await ask(
            f"""{{ taskInstances(filter: {{dagId: {{eq: "far"}}}}, orderBy:
              {{by: DURATION, direction: {direction}}}) {{ nodes {{ duration }} }}
              many: taskInstances(filter:
                {{dagId: {{eq: "far"}}, duration: {{gte: 0}}}})
              {{ totalCount }} dag(dagId: "far") {{ lastParseDuration }} }}"""
        )
        durations = [node["duration"] for node in found["taskInstances"]["nodes"]]
        assert durations == numbers
        assert found["many"] == {"totalCount": 8 - numbers.count(None)}
        assert found["dag"] == {"lastParseDuration": None}


def nulled(databases: Databases, address: str, table: str, where: str) -> str:
    """An UPDATE that makes everything NULL that may be."""
    if address.startswith("sqlite:"):
        path = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
        names = [row[1] for row in rows if not row[3] and not row[5]]
    else:
        name = address.removeprefix("postgresql://postgres@/").partition("?")[0]
        names = databases.server.psql(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = "
            f"'public' AND table_name = '{table}' AND is_nullable = 'YES'",
            name,
        ).split()
    assert len(names) > 1
    return f"UPDATE {table} SET {', '.join(f'{n} = NULL' for n in names)} {where};"


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_every_column_that_may_be_null_may_be(
    databases: Databases, backend: str
) -> None:
    address = databases.copy(f"3.3.2-{backend}")
    databases.write(address, one_dag("nulls", tasks=2, runs=2))
    keys = "" if backend == "sqlite" else "SET session_replication_role = replica;"
    tables = [
        "dag",
        "dag_version",
        "serialized_dag",
        "dag_run",
        "task_instance",
        "task_instance_history",
        "dag_run_note",
        "task_instance_note",
        "hitl_detail",
        "trigger",
        "log",
        "import_error",
        "slot_pool",
        "backfill",
        "job",
    ]
    updates = [nulled(databases, address, table, "") for table in tables]
    databases.write(address, "\n".join((keys, *updates)))
    async with opened(
        address,
        airflow_url="https://airflow.example",
        bounds=Bounds(structures=10_000),
    ) as gateway:
        asking = Asking(gateway)
        found = await asking(
            f"""{{ dags(first: 100) {{ nodes {everything("Dag", 1)} }}
              dagRuns(first: 200) {{ nodes {everything("DagRun", 1)} }}
              taskInstances(filter: {{runAfter: {{gte: "2000-01-01T00:00:00Z"}}}},
                first: 2000) {{ nodes {everything("TaskInstance", 1)} }}
              importErrors {{ nodes {everything("ImportError", 1)} }}
              eventLogs {{ nodes {everything("EventLog", 1)} }}
              pools {everything("Pool", 1)}
              airflow {everything("Airflow", 1)}
              fleet {everything("Fleet", 1)} }}"""
        )
    (one,) = [d for d in found["dags"]["nodes"] if d["dagId"] == "nulls"]
    assert one["displayName"] == "nulls"
    assert one["isPaused"] is False
    assert one["hasImportErrors"] is False
    assert one["owners"] == []
    assert one["latestRun"]["state"] is None
    (two,) = [
        i
        for i in found["taskInstances"]["nodes"]
        if (i["dagId"], i["taskId"], i["runId"]) == ("nulls", "t0000", "r0000")
    ]
    assert two["displayName"] == "t0000"
    assert [two["state"], two["rawState"], two["duration"], two["hostname"]] == [
        None
    ] * 4


async def test_what_only_sqlite_can_hold_is_answered(databases: Databases) -> None:
    address = databases.copy("3.3.2-sqlite")
    databases.write(
        address,
        one_dag("loose", tasks=3, runs=2)
        + """UPDATE dag SET is_paused = 'true', is_stale = 'f', has_import_errors = 'x',
               max_active_tasks = 'many', max_active_runs = 1.5, last_parsed_time = 5,
               asset_expression = '{broken', description = CAST(X'fffe41' AS TEXT),
               next_dagrun_create_after = 'soon' WHERE dag_id = 'loose';
             UPDATE dag_run SET conf = '{"a": NaN}', run_after = 'then',
               start_date = 20260101
               WHERE dag_id = 'loose' AND run_id = 'r0000';
             UPDATE dag_run SET conf = 17, clear_number = 'x'
               WHERE dag_id = 'loose' AND run_id = 'r0001';
             UPDATE task_instance SET duration = 9e999, pid = 'x', try_number = 'one',
               hostname = CAST(X'80' AS TEXT), start_date = ''
               WHERE dag_id = 'loose' AND task_id = 't0000';
             UPDATE task_instance SET duration = 'long', queued_dttm = 'x'
               WHERE dag_id = 'loose' AND task_id = 't0001';""",
    )
    async with opened(address, pool_size=1) as gateway:
        asking = Asking(gateway)
        found = await asking(ALL, where={"dagId": {"eq": "loose"}})
        inside = await asking(INSIDE, where={"dagId": {"eq": "loose"}})
        listed = await asking(
            'query { taskInstances(filter: {dagId: {eq: "loose"}}, orderBy: '
            "{by: DURATION}) { nodes { duration hostname pid tryNumber } } }"
        )
        plain = await asking("{ dags(first: 1) { nodes { description } } }")
    (one,) = found["dags"]["nodes"]
    assert [one["isPaused"], one["isStale"], one["hasImportErrors"]] == [
        True,
        False,
        False,
    ]
    assert [one["maxActiveTasks"], one["maxActiveRuns"]] == [None, None]
    assert one["lastParsedTime"] is None
    assert one["schedule"]["assetExpression"] is None
    assert one["description"].endswith("A")
    assert len(inside["dags"]["nodes"][0]["runs"]["nodes"]) == 2
    durations = [node["duration"] for node in listed["taskInstances"]["nodes"]]
    assert durations == [2.0, 2.0, None, None, None, None]
    assert plain["dags"]["nodes"]


async def test_a_deep_conf_does_not_break_the_answer(databases: Databases) -> None:
    address = databases.copy("3.3.2-sqlite")
    databases.write(
        address,
        one_dag("deep", tasks=1, runs=1)
        + f"UPDATE dag_run SET conf = '{DEEP}' WHERE dag_id = 'deep'",
    )
    async with opened(address) as gateway:
        found = await Asking(gateway)(
            '{ dagRun(dagId: "deep", runId: "r0000") { conf state } }'
        )
    assert found == {"dagRun": {"conf": None, "state": "SUCCESS"}}
