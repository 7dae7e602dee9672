from collections.abc import AsyncIterator

import pytest

from dagway.operation import opened
from tests.support.databases import Databases, stored_names
from tests.support.documents import core
from tests.support.gateways import Asking

KINDS = "{ dags(first: 1000) { nodes { dagId schedule { kind timetableType } } } }"
WITH_TICKS = """query Some($after: String) { dags(first: 40, after: $after) {
  nodes { dagId schedule { kind timetableType cron } }
  pageInfo { hasNextPage endCursor }
} }"""
DETAILS = """{ dag(dagId: "fx_texts") {
  docMd timezone startDate endDate catchup dagRunTimeout defaultArgs
  params { name } version { problem }
} }"""


@pytest.mark.parametrize("name", stored_names())
async def test_a_list_tells_kinds_of_schedules_without_reading_structures(
    name: str, ask: Asking
) -> None:
    """An operation may read 50 structures, and a list has up to 1,000 DAGs."""
    listed = await ask(core("dag_list"), first=1_000)
    assert ask.statements == 4
    assert len(listed["dags"]["nodes"]) == listed["dags"]["totalCount"]

    found = await ask(KINDS)
    assert ask.statements == 1
    kinds = {dag["dagId"]: dag["schedule"] for dag in found["dags"]["nodes"]}
    page = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        some = (await ask(WITH_TICKS, after=page["endCursor"]))["dags"]
        page = some["pageInfo"]
        for dag in some["nodes"]:
            assert dag["schedule"].pop("cron") is not None
            assert kinds.pop(dag["dagId"]) == dag["schedule"]
    assert not kinds, name


@pytest.fixture(params=["2.7.3-sqlite", "3.0.6-postgresql"])
async def broken(
    request: pytest.FixtureRequest, databases: Databases
) -> AsyncIterator[Asking]:
    """A database with structures that Airflow would not have written."""
    address = databases.copy(request.param)
    odd = r"""'"a\u0000\ud800": 1, "__version"'"""
    nul = f"""replace(CAST(data AS text), '"__version"', {odd})"""
    data = f"CAST({nul} AS json)" if "postgresql" in request.param else nul
    databases.write(
        address,
        f"UPDATE serialized_dag SET data = {data} WHERE dag_id = 'fx_chain';"
        "UPDATE serialized_dag SET data = '[5]' WHERE dag_id = 'fx_texts';",
    )
    async with opened(address) as gateway:
        yield Asking(gateway)


async def test_a_structure_that_sql_cannot_look_into_breaks_no_list(
    broken: Asking,
) -> None:
    found = await broken(KINDS)

    kinds = {dag["dagId"]: dag["schedule"]["kind"] for dag in found["dags"]["nodes"]}
    assert (kinds["fx_chain"], kinds["fx_texts"]) == ("CRON", "NONE")


async def test_a_dag_whose_structure_cannot_be_read_has_no_details(
    broken: Asking,
) -> None:
    found = await broken(DETAILS)

    problem = "The structure is of type list, not an object."
    assert found["dag"] == {
        "docMd": None,
        "timezone": None,
        "startDate": None,
        "endDate": None,
        "catchup": None,
        "dagRunTimeout": None,
        "defaultArgs": None,
        "params": [],
        "version": {"problem": problem},
    }
