"""Rows on their way into the database, spelt as Airflow spells them on SQLite."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime

Value = str | int | float | bytes | datetime | None
Stored = str | int | float | bytes | None
Row = dict[str, Value]
"""Values by column."""


def as_json(value: object) -> str:
    """A value as a column of JSON holds it; None becomes JSON's null."""
    return json.dumps(value)


class Sheet:
    """Rows by table; all rows of a table name the same columns."""

    def __init__(self) -> None:
        self._tables: dict[str, tuple[tuple[str, ...], list[tuple[Stored, ...]]]] = {}

    def add(self, table: str, row: Mapping[str, Value]) -> None:
        """Remember a row.

        Raises:
            ValueError: if it names other columns than the rows before it.
        """
        named = tuple(row)
        columns, rows = self._tables.setdefault(table, (named, []))
        if columns != named:
            message = f"A row of {table} has {named}, the others have {columns}."
            raise ValueError(message)
        rows.append(
            tuple(
                _instant(value) if isinstance(value, datetime) else value
                for value in row.values()
            )
        )

    def write(self, connection: sqlite3.Connection) -> None:
        """Insert all rows; those of the log in the order of their instants."""
        for table, (columns, rows) in self._tables.items():
            if table == "log":
                rows.sort(key=lambda row: str(row[0]))
            names = ", ".join(f'"{column}"' for column in columns)
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows
            )


def _instant(value: datetime) -> str:
    """An instant in UTC, as Airflow has it on SQLite."""
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")
