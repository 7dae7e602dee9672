"""Every Airflow's database is answered, and what is answered is what it holds."""

import json
import pickle
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from typing import Any

import pytest
from graphql import GraphQLSchema

from dagway.operation import opened
from metadb.session import Bounds
from tests.differential.every_field import documents
from tests.support.databases import Databases, stored_names
from tests.support.documents import core
from tests.support.gateways import Asking

Rows = list[dict[str, Any]]
Read = Callable[[str], Rows]

pytestmark = pytest.mark.parametrize("name", stored_names())

# with runs to show, and without
STATEMENTS = {"graph": (4, 3), "grid": (6, 4), "grid_instances": (3, 2)}
# with tasks to show, and without: a deleted DAG has no structure any more
OF_A_RUN = (6, 5)


@pytest.fixture
def read(name: str, databases: Databases) -> Read:
    """Rows of a statement, read past the gateway; instants as it writes them."""
    address = databases.address(name)

    def from_sqlite(sql: str) -> Rows:
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]

    def from_postgres(sql: str) -> Rows:
        printed = databases.server.psql(
            f"SET TIME ZONE 'UTC'; SELECT coalesce(json_agg(q), '[]') FROM ({sql}) q",
            name,
        )
        rows: Rows = json.loads(printed)
        return rows

    return from_sqlite if address.startswith("sqlite") else from_postgres


@pytest.fixture
def columns(name: str, read: Read) -> Callable[[str], set[str]]:
    """The columns of a table."""

    def of(table: str) -> set[str]:
        sql = (
            "SELECT column_name AS name FROM information_schema.columns "
            f"WHERE table_name = '{table}'"
            if name.endswith("postgresql")
            else f"SELECT name FROM pragma_table_info('{table}')"
        )
        return {row["name"] for row in read(sql)}

    return of


@pytest.fixture
async def unbounded(name: str, databases: Databases) -> AsyncIterator[Asking]:
    """A gateway that lets one operation read everything."""
    bounds = Bounds(rows=10_000_000, structures=10_000)
    async with opened(databases.address(name), bounds=bounds) as gateway:
        yield Asking(gateway)


def instant(value: str | None) -> str | None:
    """A stored instant as we write it."""
    if value is None:
        return None
    text = value.replace(" ", "T").removesuffix("+00:00")
    whole, _, fraction = text.partition(".")
    digits = fraction.ljust(6, "0") if fraction.strip("0") else ""
    return f"{whole}.{digits}Z" if digits else f"{whole}Z"


async def test_every_document_answers_for_every_dag_with_the_same_statements(
    ask: Asking,
) -> None:
    listed = await ask(core("dag_list"), first=1000)
    assert ask.statements == 4
    dags = listed["dags"]["nodes"]
    assert len(dags) > 60
    for at, dag in enumerate(dags):
        dag_id = dag["dagId"]
        without_runs = not dag["runs"]["nodes"]
        for document, statements in STATEMENTS.items():
            if document == "grid_instances" and at % 5:
                continue  # its parts are in the others; this one takes seconds
            found = await ask(core(document), dagId=dag_id)
            assert found["dag"]["dagId"] == dag_id
            assert ask.statements == statements[without_runs], (document, dag_id)


async def test_every_run_is_shown_with_the_same_statements(
    ask: Asking, read: Read
) -> None:
    runs = read("SELECT dag_id, run_id FROM dag_run")
    assert len(runs) > 50
    for row in runs:
        key = {"dagId": row["dag_id"], "runId": row["run_id"]}
        found = (await ask(core("run"), key))["dagRun"]
        assert {"dagId": found["dagId"], "runId": found["runId"]} == key
        edges = found["taskInstances"]["edges"]
        without_tasks = all(edge["node"]["task"] is None for edge in edges)
        assert ask.statements == OF_A_RUN[without_tasks], key


async def test_every_node_is_found_by_its_id(ask: Asking) -> None:
    listed = await ask(
        """{ dags(first: 50) { nodes { id version { id } tasks { id }
             runs(first: 2) { nodes { id taskInstances(first: 2) { nodes { id } }
        } } } } }"""
    )
    ids = {
        each["id"]
        for dag in listed["dags"]["nodes"]
        for each in (
            dag,
            *filter(None, [dag["version"]]),
            *dag["tasks"][:1],
            *dag["runs"]["nodes"],
            *(i for r in dag["runs"]["nodes"] for i in r["taskInstances"]["nodes"]),
        )
    }
    chosen = sorted(ids)[::3][:100]
    found = await ask(core("node"), ids=chosen)
    assert [node and node["id"] for node in found["nodes"]] == chosen


async def test_every_field_of_every_type_answers(unbounded: Asking) -> None:
    schema: GraphQLSchema = unbounded.gateway.schema._schema
    made = documents(schema)
    assert len(made) > 30
    for name, document in made.items():
        assert await unbounded(document) is not None, name


async def test_dags_are_what_the_table_holds(
    ask: Asking, read: Read, columns: Callable[[str], set[str]]
) -> None:
    has = columns("dag")
    stale = "is_stale" if "is_stale" in has else "NOT is_active"
    shown = (
        "coalesce(dag_display_name, dag_id)" if "dag_display_name" in has else "dag_id"
    )
    rows = read(
        f"SELECT dag_id, is_paused, {stale} AS stale, {shown} AS shown, owners, "
        "description, fileloc, max_active_runs, next_dagrun FROM dag"
    )
    tags = read("SELECT dag_id, name FROM dag_tag")
    found = await ask(
        """{ dags(first: 1000) { nodes { dagId isPaused isStale displayName owners
             description fileloc maxActiveRuns tags nextRun { logicalDate } } } }"""
    )
    assert [
        (
            dag["dagId"],
            dag["isPaused"],
            dag["isStale"],
            dag["displayName"],
            ", ".join(dag["owners"]),
            dag["description"],
            dag["fileloc"],
            dag["maxActiveRuns"],
            dag["tags"],
        )
        for dag in found["dags"]["nodes"]
    ] == [
        (
            row["dag_id"],
            bool(row["is_paused"]),
            bool(row["stale"]),
            row["shown"],
            row["owners"],
            row["description"],
            row["fileloc"],
            row["max_active_runs"],
            sorted(tag["name"] for tag in tags if tag["dag_id"] == row["dag_id"]),
        )
        for row in sorted(rows, key=lambda row: str(row["dag_id"]))
    ]


async def test_runs_are_what_the_table_holds(
    ask: Asking, read: Read, columns: Callable[[str], set[str]]
) -> None:
    modern = "run_after" in columns("dag_run")
    dates = (
        "r.logical_date, r.run_after"
        if modern
        else "r.execution_date AS logical_date, "
        "coalesce(r.data_interval_end, r.execution_date) AS run_after"
    )
    rows = read(
        f"SELECT r.dag_id, r.run_id, r.state, r.run_type, {dates}, r.start_date, "
        "r.end_date, n.content AS note FROM dag_run r "
        "LEFT JOIN dag_run_note n ON n.dag_run_id = r.id"
    )
    found = await ask(
        """{ dagRuns(first: 1000) { nodes { dagId runId rawState runType logicalDate
             runAfter startDate endDate note } } }"""
    )
    ours = {(run["dagId"], run["runId"]): run for run in found["dagRuns"]["nodes"]}
    renamed = {"dataset_triggered": "ASSET_TRIGGERED"}
    assert ours == {
        (row["dag_id"], row["run_id"]): {
            "dagId": row["dag_id"],
            "runId": row["run_id"],
            "rawState": row["state"],
            "runType": renamed.get(row["run_type"], row["run_type"].upper()),
            "logicalDate": instant(row["logical_date"]),
            "runAfter": instant(row["run_after"]),
            "startDate": instant(row["start_date"]),
            "endDate": instant(row["end_date"]),
            "note": row["note"],
        }
        for row in rows
    }
    in_order = [run["runAfter"] for run in found["dagRuns"]["nodes"]]
    assert in_order == sorted(in_order, reverse=True)


async def test_a_conf_is_what_was_given_whatever_it_is_stored_as(
    ask: Asking, read: Read, columns: Callable[[str], set[str]]
) -> None:
    if "run_after" in columns("dag_run"):
        stored, plain = "CAST(conf AS text)", decoded
    elif is_postgres(ask):
        stored, plain = "encode(conf, 'hex')", unpickled
    else:
        stored, plain = "hex(conf)", unpickled
    rows = read(
        f"SELECT dag_id, run_id, {stored} AS stored FROM dag_run WHERE conf IS NOT NULL"
    )
    found = await ask("{ dagRuns(first: 1000) { nodes { dagId runId conf } } }")
    ours = {
        (run["dagId"], run["runId"]): run["conf"] for run in found["dagRuns"]["nodes"]
    }
    given = 0
    for row in rows:
        conf = plain(row["stored"])
        hidden = {"password": "***"} if conf and "password" in conf else {}
        assert ours[row["dag_id"], row["run_id"]] == (conf and {**conf, **hidden})
        given += bool(conf)
    assert given > 0


def is_postgres(ask: Asking) -> bool:
    return ask.gateway.engine.dialect.name == "postgresql"


def decoded(text: str, /) -> Any:
    return json.loads(text)


def unpickled(hexadecimal: str, /) -> Any:
    return pickle.loads(bytes.fromhex(hexadecimal))  # noqa: S301  # a fixture of ours


async def test_task_instances_are_what_the_table_holds(
    ask: Asking, read: Read, columns: Callable[[str], set[str]]
) -> None:
    has = columns("task_instance")
    behind = not columns("task_instance_history")
    by = (
        "n.ti_id = t.id"
        if "id" in has
        else "n.dag_id = t.dag_id AND n.task_id = t.task_id AND n.run_id = t.run_id "
        "AND n.map_index = t.map_index"
    )
    rows = read(
        f"SELECT t.dag_id, t.run_id, t.task_id, t.map_index, t.try_number, "
        "t.state, t.start_date, t.end_date, t.duration, t.operator, t.pool, "
        "n.content AS note "
        f"FROM task_instance t LEFT JOIN task_instance_note n ON {by}"
    )
    found = await ask(
        """{ dagRuns(first: 150) { pageInfo { hasNextPage } nodes {
             taskInstances(first: 1000) { nodes {
               dagId runId taskId mapIndex rawState tryNumber startDate endDate duration
               operator pool note } } } } }"""
    )
    assert not found["dagRuns"]["pageInfo"]["hasNextPage"]
    ours = [
        one
        for run in found["dagRuns"]["nodes"]
        for one in run["taskInstances"]["nodes"]
    ]
    assert sorted(ours, key=key_of) == sorted(
        (
            {
                "dagId": row["dag_id"],
                "runId": row["run_id"],
                "taskId": row["task_id"],
                "mapIndex": row["map_index"],
                "rawState": row["state"],
                "tryNumber": begun(row) if behind else row["try_number"],
                "startDate": instant(row["start_date"]),
                "endDate": instant(row["end_date"]),
                "duration": row["duration"],
                "operator": row["operator"],
                "pool": row["pool"],
                "note": row["note"],
            }
            for row in rows
        ),
        key=key_of,
    )


def begun(row: dict[str, Any]) -> int:
    """The try of a row before 2.10, where the column says how many are over.

    It counts one that waits to go on as not begun; and none where the scheduler
    itself said that a task without code is done.
    """
    count: int = row["try_number"]
    if row["state"] in {"scheduled", "queued", "deferred", "up_for_reschedule"}:
        return count + 1
    return max(count, 1) if row["state"] in {"success", "failed"} else count


def key_of(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["dagId"], one["runId"], one["taskId"], one["mapIndex"]
