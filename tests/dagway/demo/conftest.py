"""One demo database for all tests that only read it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagway import demo

NOW = datetime(2026, 11, 25, 10, 17, 33, 250_000, tzinfo=UTC)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo of a Wednesday at a quarter past ten."""
    path = tmp_path_factory.mktemp("demo") / "airflow.db"
    demo.build(path, NOW)
    return path


@pytest.fixture
def database(demo_file: Path) -> Iterator[sqlite3.Connection]:
    """A connection to that demo; its rows go by the names of their columns."""
    with closing(sqlite3.connect(f"file:{demo_file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection
