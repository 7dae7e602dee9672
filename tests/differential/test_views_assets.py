"""Assets, their events and what waits for them are what Airflow's API server says."""

from typing import Any

from tests.differential.said import Item, Said, of_run, word
from tests.support.gateways import Asking

LIMIT = "?limit=100"
_EVENT = """fragment event on AssetEvent {
  id timestamp extra partitionKey sourceDagId sourceRunId sourceTaskId sourceMapIndex
  asset { id name uri group }
  createdRuns { dagId runId state startDate endDate logicalDate partitionKey }
}
"""
ASSETS = (
    _EVENT
    + """{
  assets(first: 100) {
    totalCount
    nodes {
      id name uri group extra aliases isActive
      scheduledDags { dagId }
      producingTasks { dagId taskId task { taskId } }
      consumingTasks { dagId taskId task { taskId } }
      lastEvent { id timestamp }
      events(first: 100) { totalCount nodes { ...event } }
    }
  }
}"""
)
CONSUMED = (
    _EVENT
    + """{
  dagRuns(first: 1000) { nodes { dagId runId consumedAssetEvents { ...event } } }
}"""
)
AWAITED = """{ dags(first: 1000) { nodes { dagId
  nextRunAssets { asset { name uri } queuedAt lastEventAt } } } }"""


def pairs(tasks: list[Item], dag: str, task: str) -> list[tuple[str, str]]:
    """(DAG, task) of references, in order."""
    return sorted((one[dag], one[task]) for one in tasks)


def event_of_ours(one: Item) -> Item:
    return {
        "id": one["id"],
        "timestamp": one["timestamp"],
        "extra": one["extra"],
        "partition": one["partitionKey"],
        "source": (
            one["sourceDagId"],
            one["sourceRunId"],
            one["sourceTaskId"],
            one["sourceMapIndex"],
        ),
        "asset": tuple(one["asset"][field] for field in ("id", "name", "uri", "group")),
        "runs": sorted(
            tuple(
                run[field]
                for field in (
                    "dagId",
                    "runId",
                    "state",
                    "startDate",
                    "endDate",
                    "logicalDate",
                    "partitionKey",
                )
            )
            for run in one["createdRuns"]
        ),
    }


def event_of_theirs(one: Item) -> Item:
    return {
        "id": f"AssetEvent/{one['id']}",
        "timestamp": one["timestamp"],
        "extra": one["extra"],
        "partition": one["partition_key"],
        "source": (
            one["source_dag_id"],
            one["source_run_id"],
            one["source_task_id"],
            one["source_map_index"],
        ),
        "asset": (f"Asset/{one['asset_id']}", one["name"], one["uri"], one["group"]),
        "runs": sorted(
            (
                run["dag_id"],
                run["run_id"],
                word(run["state"]),
                run["start_date"],
                run["end_date"],
                run["logical_date"],
                run["partition_key"],
            )
            for run in one["created_dagruns"]
        ),
    }


async def test_every_asset_has_the_fields_that_airflow_says(
    ask: Asking, said: Said
) -> None:
    theirs = {one["name"]: one for one in said.to(f"/api/v2/assets{LIMIT}")["assets"]}

    found = (await ask(ASSETS))["assets"]

    assert found["totalCount"] == len(theirs) > 3
    assert [one["name"] for one in found["nodes"]] == sorted(theirs)
    for one in found["nodes"]:
        other = theirs[one["name"]]
        assert one["id"] == f"Asset/{other['id']}"
        assert one["isActive"]
        for field in ("uri", "group", "extra"):
            assert one[field] == other[field]
        assert one["aliases"] == [alias["name"] for alias in other["aliases"]]
        assert [dag["dagId"] for dag in one["scheduledDags"]] == sorted(
            dag["dag_id"] for dag in other["scheduled_dags"]
        )
        for ours, airflows in (
            ("producingTasks", "producing_tasks"),
            ("consumingTasks", "consuming_tasks"),
        ):
            assert pairs(one[ours], "dagId", "taskId") == pairs(
                other[airflows], "dag_id", "task_id"
            )
            assert all(each["task"]["taskId"] == each["taskId"] for each in one[ours])
        newest = other["last_asset_event"]
        assert (one["lastEvent"] or {"id": None, "timestamp": None}) == {
            "id": newest["id"] and f"AssetEvent/{newest['id']}",
            "timestamp": newest["timestamp"],
        }


async def test_aliases_are_those_that_airflow_lists(ask: Asking, said: Said) -> None:
    theirs = said.to(f"/api/v2/assets/aliases{LIMIT}")["asset_aliases"]

    found = (await ask(ASSETS))["assets"]["nodes"]

    names = {alias for one in found for alias in one["aliases"]}
    assert names == {one["name"] for one in theirs} == {"fx_alias"}


async def test_every_event_of_an_asset_is_airflows(ask: Asking, said: Said) -> None:
    theirs = said.to(f"/api/v2/assets/events{LIMIT}")["asset_events"]

    found = (await ask(ASSETS))["assets"]["nodes"]

    mine = [event for one in found for event in one["events"]["nodes"]]
    assert len(mine) == len(theirs) > 5
    assert sorted(map(event_of_ours, mine), key=by_id) == sorted(
        map(event_of_theirs, theirs), key=by_id
    )
    for one in found:
        stamps = [event["timestamp"] for event in one["events"]["nodes"]]
        assert stamps == sorted(stamps, reverse=True)
        assert one["events"]["totalCount"] == len(stamps)


def by_id(event: Item) -> str:
    found: str = event["id"]
    return found


async def test_the_events_that_made_a_run_are_airflows(ask: Asking, said: Said) -> None:
    found = (await ask(CONSUMED))["dagRuns"]["nodes"]

    made = 0
    for run in found:
        path = f"{of_run(run['dagId'], run['runId'])}/upstreamAssetEvents"
        theirs: list[Item] = said.to(path)["asset_events"]
        mine: list[Any] = run["consumedAssetEvents"]
        assert sorted(map(event_of_ours, mine), key=by_id) == sorted(
            map(event_of_theirs, theirs), key=by_id
        ), path
        made += bool(mine)
    assert made > 3


async def test_what_a_dag_waits_for_is_what_airflow_shows_for_its_next_run(
    ask: Asking, said: Said
) -> None:
    found = (await ask(AWAITED))["dags"]["nodes"]

    queued = 0
    for dag in found:
        theirs = said.to(f"/ui/next_run_assets/{dag['dagId']}")["events"]
        mine = {one["asset"]["name"]: one for one in dag["nextRunAssets"]}
        assert mine.keys() == {one["name"] for one in theirs}
        for other in theirs:
            one = mine[other["name"]]
            assert one["asset"]["uri"] == other["uri"]
            if other["last_update"] is None:
                # Airflow says no instant of what has not come in for the next run
                assert one["queuedAt"] is None
            else:
                assert one["queuedAt"] is not None
                assert one["lastEventAt"] == other["last_update"]
                queued += 1
    assert queued > 2
