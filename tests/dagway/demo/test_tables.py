import lzma
import sqlite3
from contextlib import closing
from importlib.resources import files

import pytest

from tests.dagway.demo.shapes import Shapes, shapes, statements
from tests.support.databases import FIXTURES


@pytest.fixture(scope="session")
def airflows() -> Shapes:
    """The shapes of the tables that Airflow 3.3 itself made."""
    packed = (FIXTURES / "3.3.2-sqlite.sqlite.xz").read_bytes()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(lzma.decompress(packed))
        return shapes(connection)


def test_every_column_index_and_key_is_airflows(
    database: sqlite3.Connection, airflows: Shapes
) -> None:
    database.row_factory = None

    assert shapes(database) == airflows
    assert len(airflows) == 59  # sqlite_sequence is one of them
    assert airflows["dag_run"]["columns"][1][1:4] == ("dag_id", "VARCHAR(250)", 1)


def test_the_file_with_the_tables_is_what_its_script_makes() -> None:
    stored = files("dagway.demo").joinpath("tables.sql").read_text(encoding="utf-8")

    assert stored == statements()
