"""Many requests leave nothing behind."""

from tests.reliability.load import CLIENTS
from tests.reliability.on_postgres import POOL
from tests.reliability.soak import soaked

REQUESTS = 6_000
MOST = 3_000_000
"""Bytes more for each 1,000 requests: a leak of 3 kB each is seen."""


def test_requests_leave_no_descriptor_and_no_connection_and_little_memory() -> None:
    found = soaked(REQUESTS)
    assert found.wrong == set()
    assert found.memory[-1][0] >= REQUESTS > CLIENTS
    assert found.connections <= POOL
    assert found.after.descriptors <= found.before.descriptors + POOL
    assert found.slope < MOST
