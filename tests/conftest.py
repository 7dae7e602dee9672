"""Fixtures that have a life: databases, and gateways on them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from dagway.operation import opened
from tests.support import seed
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


@pytest.fixture(scope="session")
def seeded_addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with small DAGs, large ones, and many.

    The DAG many_0000 makes one asset and small_0000 many, which many_0001 and
    many_0002 are scheduled on.
    """
    script = "\n".join(
        (
            seed.dags(120, tasks=3, runs=2, prefix="many"),
            seed.dags(1, tasks=10, runs=60, prefix="small"),
            seed.dags(1, tasks=1_000, runs=2, prefix="large"),
            *(seed.retried("small_0000", f"r{at:04}", 10) for at in range(60)),
            seed.retried("large_0000", "r0001", 1_000),
            seed.assets(1, maker="many_0000", user="many_0001", first_id=1_001),
            seed.assets(40, maker="small_0000", user="many_0002", first_id=2_001),
            seed.xcoms("small_0000", "r0000", "t0000", 1),
            seed.xcoms("small_0000", "r0000", "t0001", 50),
        )
    )
    return databases.seeded(script)


@pytest.fixture(params=["sqlite", "postgresql"])
async def seeded(
    request: pytest.FixtureRequest, seeded_addresses: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks a gateway on one of them, which is not written to."""
    async with opened(seeded_addresses[request.param]) as gateway:
        yield Asking(gateway)
