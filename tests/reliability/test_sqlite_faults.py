"""The same on SQLite, with two workers."""

from collections.abc import Iterator

import pytest

from tests.reliability import on_sqlite
from tests.reliability.fault import Fault, met
from tests.reliability.load import PATIENCE_S, RIGHT
from tests.reliability.on_sqlite import OnSqlite
from tests.support.databases import Databases


@pytest.fixture(scope="module")
def scene(databases: Databases) -> Iterator[OnSqlite]:
    """A gateway under load from the first test to the last."""
    with on_sqlite.on_sqlite(databases) as found:
        yield found


@pytest.mark.parametrize("fault", on_sqlite.FAULTS, ids=lambda fault: fault.name)
def test_on_sqlite(scene: OnSqlite, fault: Fault[OnSqlite]) -> None:
    found = met(fault, scene, scene.load, within_s=PATIENCE_S)
    assert found.said[RIGHT]
    on_sqlite.until_whole(scene)
