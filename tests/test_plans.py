"""Statements of the documents use the indexes that Airflow has."""

import json
import re
import sqlite3
from typing import Any

import asyncpg
import pytest

from dagway.operation import opened
from metadb.session import Executed
from tests.support.documents import CORE, VIEWS, core, view

LARGE = ("task_instance", "task_instance_history", "dag_run", "xcom", "log")
GIVEN: dict[str, Any] = {
    "dagId": "small_0000",
    "runId": "r0001",
    "taskId": "t0001",
    "ids": ["Dag/small_0000", "DagRun/small_0000/r0001"],
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-02T00:00:00Z",
    "since": "2026-01-01T00:00:00Z",
    "until": "2026-01-02T00:00:00Z",
}
MOMENT = {"schedule": {"after": "2026-01-01T00:00:00Z"}}
DOCUMENTS = [*((name, core(name)) for name in CORE), *((n, view(n)) for n in VIEWS)]


async def executed(address: str, name: str, document: str) -> list[Executed]:
    """The statements of a document."""
    known = {**GIVEN, **MOMENT.get(name, {})}
    given = {k: v for k, v in known.items() if re.search(rf"\${k}\b", document)}
    async with opened(address) as gateway:
        answer = await gateway.answer(document, given)
        assert answer.errors == []
        return answer.executed


def scanned(plan: Any) -> set[str]:
    """The tables that a PostgreSQL plan reads from end to end."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*(scanned(inner) for inner in plan.get("Plans", ())))


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=[n for n, _ in DOCUMENTS])
async def test_no_large_table_is_read_from_end_to_end_on_postgresql(
    seeded_addresses: dict[str, str], name: str, document: str
) -> None:
    statements = await executed(seeded_addresses["postgresql"], name, document)
    connection = await asyncpg.connect(seeded_addresses["postgresql"])
    try:
        # small tables are read whole whatever their indexes: ask whether they must be
        await connection.execute("SET enable_seqscan = off")
        for one in statements:
            (row,) = await connection.fetch(
                f"EXPLAIN (FORMAT JSON) {one.sql}", *one.values
            )
            (found,) = json.loads(row[0])
            assert scanned(found["Plan"]).isdisjoint(LARGE), one.sql
    finally:
        await connection.close()


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=[n for n, _ in DOCUMENTS])
async def test_no_large_table_is_read_from_end_to_end_on_sqlite(
    seeded_addresses: dict[str, str], name: str, document: str
) -> None:
    address = seeded_addresses["sqlite"]
    statements = await executed(address, name, document)
    connection = sqlite3.connect(address.removeprefix("sqlite:///"))
    try:
        for one in statements:
            aliases = {
                alias: table
                for table, alias in re.findall(r"\b([a-z_]+) ([a-z]+)\b", one.sql)
                if table in LARGE
            }
            plan = connection.execute(f"EXPLAIN QUERY PLAN {one.sql}", one.values)
            for *_, step in plan.fetchall():
                match = re.fullmatch(r"SCAN (\w+)( USING .*)?", step)
                assert match is None or match[1] not in aliases, (step, one.sql)
    finally:
        connection.close()
