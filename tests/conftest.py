"""Fixtures that have a life: databases, and gateways on them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from dagway.operation import opened
from tests.support.databases import Databases, databases_in
from tests.support.gateways import Asking


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The databases that real Airflows made."""
    yield from databases_in(tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=["3.3.2-sqlite", "3.3.2-postgresql"])
def name(request: pytest.FixtureRequest) -> str:
    """A fixture's name; parametrize it for other ones."""
    found: str = request.param
    return found


@pytest.fixture
async def ask(name: str, databases: Databases) -> AsyncIterator[Asking]:
    """Asks a gateway on that fixture, which is not written to."""
    async with opened(databases.address(name)) as gateway:
        yield Asking(gateway)
