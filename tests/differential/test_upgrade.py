"""An upgraded database tells of the runs before the upgrade what it told then.

After the upgrade Airflow went on with what had not ended; that alone may differ.
"""

from typing import Any

import pytest

from dagway.operation import opened
from tests.support.databases import Databases, stored_names
from tests.support.gateways import Asking

UPGRADED = stored_names(containing="-to-")
RUNS = """query Runs($after: String) {
  dagRuns(first: 60, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id dagId runId runType logicalDate runAfter dataIntervalStart dataIntervalEnd
      conf queuedAt startDate endDate duration queuedDuration landingTime note state
      rawState clearNumber lastSchedulingDecision stateCounts { state count }
      versions { id }
      taskInstances(first: 1000) {
        nodes {
          id taskId mapIndex state rawState tryNumber maxTries queuedAt startDate
          endDate duration landingTime operator operatorName pool poolSlots queue
          priorityWeight hostname unixname pid note renderedMapIndex displayName
          executor externalExecutorId updatedAt renderedFields version { id }
          tries { id tryNumber state startDate endDate duration }
        }
      }
      tries { id state startDate endDate }
    }
  }
}"""
LASTING = (
    *("id", "runType", "logicalDate", "runAfter"),
    *("dataIntervalStart", "dataIntervalEnd", "note", "conf"),
)

Runs = dict[str, dict[str, Any]]


async def every_run(address: str) -> Runs:
    """A database's runs, with all that belongs to them, by id."""
    runs: Runs = {}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    async with opened(address) as gateway:
        while page["hasNextPage"]:
            found = (await Asking(gateway)(RUNS, after=page["endCursor"]))["dagRuns"]
            runs.update({run["id"]: run for run in found["nodes"]})
            page = found["pageInfo"]
    for run in runs.values():
        # the upgrade of Airflow 2 makes JSON's null of an empty conf
        run["conf"] = run["conf"] or None
    return runs


@pytest.fixture(scope="module")
def remembered() -> dict[str, Runs]:
    """What was read, by fixture: nothing changes it."""
    return {}


@pytest.fixture(params=UPGRADED)
async def both(
    request: pytest.FixtureRequest, databases: Databases, remembered: dict[str, Runs]
) -> tuple[Runs, Runs]:
    """The runs before an upgrade, and after it."""
    before, _, rest = request.param.partition("-to-")
    names = f"{before}-{rest.rpartition('-')[2]}", request.param
    for name in names:
        if name not in remembered:
            remembered[name] = await every_run(databases.address(name))
    return remembered[names[0]], remembered[names[1]]


def test_there_is_an_upgrade_from_airflow_2_and_one_within_airflow_3() -> None:
    assert {name[0] for name in UPGRADED} == {"2", "3"}


async def test_a_run_that_had_ended_is_the_same_with_all_that_belongs_to_it(
    both: tuple[Runs, Runs],
) -> None:
    before, after = both
    ended = [run for run in before.values() if run["endDate"] is not None]
    assert len(ended) > 50
    for run in ended:
        assert after[run["id"]] == run, run["id"]


async def test_every_run_is_there_with_what_never_changes(
    both: tuple[Runs, Runs],
) -> None:
    before, after = both
    assert len(after) > len(before)
    for run in before.values():
        same = after[run["id"]]
        assert [same[field] for field in LASTING] == [run[field] for field in LASTING]
        assert [one["id"] for one in same["taskInstances"]["nodes"]] == [
            one["id"] for one in run["taskInstances"]["nodes"]
        ]


async def test_runs_before_the_upgrade_are_in_the_same_order(
    both: tuple[Runs, Runs],
) -> None:
    before, after = both
    assert [run_id for run_id in after if run_id in before] == list(before)
