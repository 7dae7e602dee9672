"""Whatever breaks, answers are right or coded errors, and soon all are right again."""

from collections.abc import Iterator

import pytest

from tests.reliability import clients, on_postgres
from tests.reliability.fault import Fault, met
from tests.reliability.load import PATIENCE_S, RIGHT
from tests.reliability.on_postgres import OnPostgres


@pytest.fixture(scope="module")
def scene() -> Iterator[OnPostgres]:
    """A gateway under load from the first test to the last."""
    with on_postgres.on_postgres() as found:
        yield found


@pytest.mark.parametrize(
    "fault", [*on_postgres.FAULTS, *clients.FAULTS], ids=lambda fault: fault.name
)
def test_on_postgresql(scene: OnPostgres, fault: Fault[OnPostgres]) -> None:
    found = met(fault, scene, scene.load, within_s=PATIENCE_S)
    assert found.said[RIGHT]
    assert scene.connections() <= on_postgres.POOL + 1  # one is for /readyz
