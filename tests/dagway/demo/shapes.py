"""The shapes of a database's tables, and how `dagway/demo/tables.sql` is made.

python -m tests.dagway.demo.shapes > dagway/demo/tables.sql
"""

import lzma
import sqlite3
import sys
from contextlib import closing
from typing import Any

from tests.support.databases import FIXTURES

HEADER = """\
-- The tables of Airflow 3.3 (head d2f4e1b3c5a7) on SQLite, as its own migration makes
-- them. Made by `python -m tests.dagway.demo.shapes` from tests/airflow/fixtures.
"""


def statements() -> str:
    """What makes the tables and indexes of the fixture of Airflow 3.3."""
    packed = (FIXTURES / "3.3.2-sqlite.sqlite.xz").read_bytes()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(lzma.decompress(packed))
        found = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
            "AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, rowid"
        ).fetchall()
    made = "".join(f"{_tidy(sql)};\n" for (sql,) in found)
    return HEADER + made


def _tidy(sql: str) -> str:
    return "\n".join(line.rstrip() for line in sql.splitlines()).replace("\t", "  ")


Shapes = dict[str, Any]


def shapes(connection: sqlite3.Connection) -> Shapes:
    """Of each table: its columns, indexes and foreign keys, as SQLite tells them."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    ).fetchall()
    return {table: _shape(connection, table) for (table,) in tables}


def _shape(connection: sqlite3.Connection, table: str) -> Shapes:
    def told(pragma: str, of: str) -> list[tuple[Any, ...]]:
        return connection.execute(f'PRAGMA {pragma}("{of}")').fetchall()

    indexes = {
        name: (
            (unique, origin, partial),
            told("index_xinfo", name),
            connection.execute(
                "SELECT replace(sql, char(9), '') FROM sqlite_master WHERE name = ?",
                (name,),
            ).fetchall(),
        )
        for _, name, unique, origin, partial in told("index_list", table)
    }
    return {
        "columns": told("table_xinfo", table),
        "indexes": indexes,
        "foreign keys": sorted(told("foreign_key_list", table)),
    }


if __name__ == "__main__":
    sys.stdout.write(statements())
