"""What Airflow said about the fixture that a test asks a gateway on."""

from functools import cache

import pytest

from tests.differential.said import Said

_said = cache(Said)


@pytest.fixture
def said(name: str) -> Said:
    """Airflow's answers about that fixture."""
    return _said(name)
