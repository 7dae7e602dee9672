"""Versions of DAGs are what Airflow's API server says they are."""

import pytest

from tests.differential.said import Item, Said
from tests.differential.test_runs import airflows_version, version
from tests.support.gateways import Asking

VERSIONS = """{
  dags(first: 100) {
    nodes {
      dagId sourceCode
      version { id }
      versions(first: 50) {
        totalCount
        nodes {
          id versionNumber createdAt bundleName bundleVersion sourceCode
          dag { displayName }
        }
      }
    }
  }
}"""


async def every_dag(ask: Asking) -> dict[str, Item]:
    """Our DAGs by id."""
    found = await ask(VERSIONS)
    return {dag["dagId"]: dag for dag in found["dags"]["nodes"]}


@pytest.fixture(scope="module")
def remembered() -> dict[str, dict[str, Item]]:
    """What was read, by fixture: nothing changes it."""
    return {}


@pytest.fixture
async def ours(
    name: str, ask: Asking, remembered: dict[str, dict[str, Item]]
) -> dict[str, Item]:
    if name not in remembered:
        remembered[name] = await every_dag(ask)
    return remembered[name]


async def test_every_version_of_every_dag_is_airflows(
    ours: dict[str, Item], said: Said
) -> None:
    assert ours.keys() == {*said.dag_ids()}
    for dag_id, dag in ours.items():
        theirs = said.items(f"/api/v2/dags/{dag_id}/dagVersions", "dag_versions")
        newest_first = sorted(theirs, key=lambda one: -one["version_number"])
        mine = dag["versions"]["nodes"]
        assert [version(one) for one in mine] == [
            airflows_version(one) for one in newest_first
        ]
        assert [one["dag"]["displayName"] for one in mine] == [
            one["dag_display_name"] for one in newest_first
        ]
        assert dag["versions"]["totalCount"] == len(theirs)
        assert dag["version"]["id"] == mine[0]["id"]
    assert len(ours["fx_versioned"]["versions"]["nodes"]) == 2


async def test_every_source_code_is_airflows(ours: dict[str, Item], said: Said) -> None:
    for dag_id, dag in ours.items():
        newest = said.to(f"/api/v2/dagSources/{dag_id}")
        assert dag["sourceCode"] == newest["content"]
        assert dag["versions"]["nodes"][0]["sourceCode"] == newest["content"]
    first = said.to("/api/v2/dagSources/fx_versioned?version_number=1")["content"]
    assert ours["fx_versioned"]["versions"]["nodes"][1]["sourceCode"] == first


async def test_a_version_is_found_by_its_number(ask: Asking, said: Said) -> None:
    for number in (1, 2):
        found = await ask(
            """query Version($number: Int!) { dag(dagId: "fx_versioned") {
                 versionByNumber(versionNumber: $number) {
                   id versionNumber createdAt bundleName bundleVersion } } }""",
            number=number,
        )
        theirs = said.to(f"/api/v2/dags/fx_versioned/dagVersions/{number}")
        assert version(found["dag"]["versionByNumber"]) == airflows_version(theirs)
