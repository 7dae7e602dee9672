"""The grants that the gateway prints are all that it needs, and keep secrets away."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from dagway.check import check, grants
from dagway.errors import StartError
from dagway.operation import opened
from dagway.settings import Settings
from metadb.aborted import OperationAborted
from metadb.address import in_schema
from tests.support.databases import Databases
from tests.test_read_only import DOCUMENTS, variables

SECRETS = (
    "SELECT * FROM connection",
    "SELECT * FROM variable",
    "SELECT executor_config FROM task_instance",
    "SELECT executor_config FROM task_instance_history",
)
NAMES = ["2.11.2-postgresql", "3.3.2-postgresql"]
SCHEMA = 'Air "flow"'
"""Where Airflow's tables are in one of the databases."""


@pytest.fixture(params=[*NAMES, SCHEMA])
def owner(databases: Databases, request: pytest.FixtureRequest) -> str:
    """The address of a copy, for the role that owns it."""
    if request.param != SCHEMA:
        return databases.copy(request.param)
    address = databases.copy("3.3.2-postgresql")
    named = SCHEMA.replace('"', '""')
    databases.write(
        address, f'ALTER SCHEMA public RENAME TO "{named}"; CREATE SCHEMA public'
    )
    return in_schema(address, SCHEMA)


@pytest.fixture
def reader(databases: Databases, owner: str) -> Iterator[str]:
    """The same for a role with the printed grants, and no others."""
    name = owner.removeprefix("postgresql://postgres@/").partition("?")[0]
    printed = asyncio.run(grants(Settings.from_env({}, owner), "clerk"))
    databases.server.psql(f"CREATE ROLE clerk LOGIN; {printed}", name)
    address = databases.server.address(name, role="clerk")
    yield in_schema(address, SCHEMA) if "search_path" in owner else address
    databases.server.run("DROP OWNED BY clerk", "DROP ROLE clerk", database=name)


def timeless(answer: Any) -> Any:
    """An answer but for what depends on when it was computed."""
    if isinstance(answer, dict):
        moving = {"asOf", "now", "next", "following", "between"}
        return {k: timeless(v) for k, v in answer.items() if k not in moving}
    return [timeless(one) for one in answer] if isinstance(answer, list) else answer


async def test_every_document_answers_as_it_does_to_the_owner(
    owner: str, reader: str
) -> None:
    async with opened(owner) as whole, opened(reader) as limited:
        assert limited.catalogue.database.columns != whole.catalogue.database.columns
        for name, document in DOCUMENTS.items():
            given = variables(document)
            expected = await whole.answer(document, given)
            found = await limited.answer(document, given)
            assert timeless(found.response) == timeless(expected.response), name


async def test_secrets_cannot_be_read(reader: str) -> None:
    async with opened(reader) as gateway:
        for sql in SECRETS:
            session = gateway.request().session
            with pytest.raises(OperationAborted) as caught:
                await session.fetch(sql, ())
            await session.close()
            said = str(caught.value.__cause__)
            assert "permission denied" in said or "does not exist" in said
        assert not any(
            gateway.catalogue.database.has(table)
            for table in ("connection", "variable")
        )


async def test_check_warns_of_an_owner_and_not_of_such_a_role(
    owner: str, reader: str
) -> None:
    assert (await check(Settings.from_env({}, owner))).warnings
    assert (await check(Settings.from_env({}, reader))).warnings == []


async def test_a_file_has_no_roles(databases: Databases) -> None:
    settings = Settings.from_env({}, databases.address("3.3.2-sqlite"))
    with pytest.raises(StartError, match="has no roles"):
        await grants(settings, "clerk")


async def test_a_name_that_needs_quotes_is_refused(databases: Databases) -> None:
    settings = Settings.from_env({}, databases.address("3.3.2-postgresql"))
    with pytest.raises(ValueError, match="small letters"):
        await grants(settings, 'clerk"; DROP TABLE dag; --')
