"""What the tests of views read of a database past the gateway."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.databases import Databases

Read = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def read(name: str, databases: Databases) -> Read:
    """Rows of a statement on the fixture that the gateway is asked on."""
    address = databases.address(name)
    return lambda sql: databases.read(address, sql)
