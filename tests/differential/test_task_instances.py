"""Task instances, and their tries, are what Airflow's API server says they are."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.differential.said import Item, Said, of_run, word
from tests.differential.test_runs import airflows_version, version
from tests.support.gateways import Asking

INSTANCES = """query Instances($after: String) {
  dagRuns(first: 60, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      dagId runId
      taskInstances(first: 1000) {
        totalCount
        nodes {
          dagId runId taskId mapIndex renderedMapIndex displayName state rawState
          tryNumber maxTries queuedAt scheduledAt startDate endDate duration
          operator operatorName pool poolSlots queue priorityWeight executor hostname
          unixname pid note renderedFields
          trigger { classpath createdAt triggererId }
          requiredAction {
            subject body options defaults isMultiple createdAt respondedAt
            respondedByName chosenOptions params
          }
          dagRun { logicalDate runAfter }
          version { id versionNumber createdAt bundleName bundleVersion }
        }
      }
      tries { taskId mapIndex tryNumber state queuedAt scheduledAt startDate endDate }
    }
  }
}"""

IN_OUR_WORDS = {
    "dag_id": "dagId",
    "dag_run_id": "runId",
    "task_id": "taskId",
    "map_index": "mapIndex",
    "task_display_name": "displayName",
    "try_number": "tryNumber",
    "max_tries": "maxTries",
    "queued_when": "queuedAt",
    "scheduled_when": "scheduledAt",
    "start_date": "startDate",
    "end_date": "endDate",
    "duration": "duration",
    "operator": "operator",
    "operator_name": "operatorName",
    "pool": "pool",
    "pool_slots": "poolSlots",
    "queue": "queue",
    "priority_weight": "priorityWeight",
    "executor": "executor",
    "unixname": "unixname",
    "pid": "pid",
    "note": "note",
}
OF_A_TRY = {
    "task_id": "taskId",
    "map_index": "mapIndex",
    "try_number": "tryNumber",
    "queued_when": "queuedAt",
    "scheduled_when": "scheduledAt",
    "start_date": "startDate",
    "end_date": "endDate",
    "duration": "duration",
    "operator": "operator",
    "pool": "pool",
    "queue": "queue",
    "executor": "executor",
    "pid": "pid",
}

Runs = dict[tuple[str, str], Item]


async def every_run(ask: Asking) -> Runs:
    """Our runs by DAG and id, with their task instances."""
    runs: Runs = {}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        found = (await ask(INSTANCES, after=page["endCursor"]))["dagRuns"]
        runs.update({(run["dagId"], run["runId"]): run for run in found["nodes"]})
        page = found["pageInfo"]
    return runs


def instances(run: Item) -> list[Item]:
    """A run's instances."""
    found: list[Item] = run["taskInstances"]["nodes"]
    return found


def given_name(theirs: Item) -> str | None:
    """The name that an instance gave itself: Airflow says the index if it gave none."""
    name: str | None = theirs["rendered_map_index"]
    return None if name == str(theirs["map_index"]) else name


@pytest.fixture(scope="module")
def remembered() -> dict[str, Runs]:
    """What was read, by fixture: nothing changes it."""
    return {}


@pytest.fixture
async def ours(name: str, ask: Asking, remembered: dict[str, Runs]) -> Runs:
    if name not in remembered:
        remembered[name] = await every_run(ask)
    return remembered[name]


async def test_every_instance_of_every_run_has_the_same_fields(
    ours: Runs, said: Said
) -> None:
    assert ours.keys() == said.runs().keys()
    for key, run in ours.items():
        theirs = {
            (one["task_id"], one["map_index"]): one for one in said.instances(*key)
        }
        mine = {(one["taskId"], one["mapIndex"]): one for one in instances(run)}
        assert [*mine] == sorted(theirs)
        assert run["taskInstances"]["totalCount"] == len(theirs)
        for each, one in mine.items():
            other = theirs[each]
            assert {field: one[name] for field, name in IN_OUR_WORDS.items()} == {
                field: other[field] for field in IN_OUR_WORDS
            }, (key, each)
            assert one["renderedMapIndex"] == given_name(other)
            assert one["state"] == word(other["state"])
            assert one["rawState"] == other["state"]
            assert one["hostname"] == (other["hostname"] or None)
            assert one["dagRun"]["logicalDate"] == other["logical_date"]
            assert one["dagRun"]["runAfter"] == other["run_after"]
            assert (one["version"] and version(one["version"])) == (
                other["dag_version"] and airflows_version(other["dag_version"])
            )


async def test_rendered_fields_are_airflows(ours: Runs, said: Said) -> None:
    rendered = 0
    for key, run in ours.items():
        theirs = {
            (one["task_id"], one["map_index"]): one["rendered_fields"]
            for one in said.instances(*key)
        }
        for one in instances(run):
            # Airflow says {} also of an instance that has none
            expected = theirs[one["taskId"], one["mapIndex"]]
            assert (one["renderedFields"] or {}) == expected
            rendered += bool(expected)
    assert rendered > 100


async def test_mapped_instances_are_those_that_airflow_lists_for_the_task(
    ours: Runs, said: Said
) -> None:
    listed = 0
    for key, run in ours.items():
        mapped = {one["taskId"] for one in instances(run) if one["mapIndex"] != -1}
        for task_id in mapped:
            path = f"{of_run(*key)}/taskInstances/{task_id}/listMapped"
            theirs = said.items(path, "task_instances")
            mine = [one for one in instances(run) if one["taskId"] == task_id]
            assert [(one["mapIndex"], one["startDate"]) for one in mine] == [
                (one["map_index"], one["start_date"])
                for one in sorted(theirs, key=lambda one: one["map_index"])
            ]
            listed += len(theirs)
    assert listed > 50


async def test_what_an_instance_waits_for_is_airflows(ours: Runs, said: Said) -> None:
    waiting = 0
    for key, run in ours.items():
        theirs = {
            (one["task_id"], one["map_index"]): one["trigger"]
            for one in said.instances(*key)
        }
        for one in instances(run):
            trigger = theirs[one["taskId"], one["mapIndex"]]
            assert one["trigger"] == (
                trigger
                and {
                    "classpath": trigger["classpath"],
                    "createdAt": trigger["created_date"],
                    "triggererId": trigger["triggerer_id"],
                }
            )
            waiting += trigger is not None
    assert waiting > 0


async def test_questions_to_people_and_their_answers_are_airflows(
    ours: Runs, said: Said
) -> None:
    asked = 0
    for key, run in ours.items():
        theirs = {
            (one["task_instance"]["task_id"], one["task_instance"]["map_index"]): one
            for one in said.to(f"{of_run(*key)}/hitlDetails")["hitl_details"]
        }
        mine = {
            (one["taskId"], one["mapIndex"]): one["requiredAction"]
            for one in instances(run)
            if one["requiredAction"] is not None
        }
        assert mine == {each: question(one) for each, one in theirs.items()}
        asked += len(theirs)
    assert asked > 5


def question(theirs: Item) -> Item:
    """A question as we have it."""
    return {
        "subject": theirs["subject"],
        "body": theirs["body"],
        "options": theirs["options"],
        "defaults": theirs["defaults"] or [],
        "isMultiple": theirs["multiple"],
        "params": theirs["params"],
        "createdAt": theirs["created_at"],
        "respondedAt": theirs["responded_at"],
        "respondedByName": (theirs["responded_by_user"] or {}).get("name"),
        "chosenOptions": theirs["chosen_options"] or [],
    }


async def test_tries_of_an_instance_are_airflows(ask: Asking, said: Said) -> None:
    several = 0
    for dag_id, run_id in said.runs():
        for path, answer in said.asked(of_run(dag_id, run_id), "/tries").items():
            theirs = answer["task_instances"]
            found = await ask(
                """query Tries($dagId: ID!, $runId: ID!, $taskId: ID!, $index: Int!) {
                     taskInstance(dagId: $dagId, runId: $runId, taskId: $taskId,
                                  mapIndex: $index) {
                       tries { taskId mapIndex tryNumber state queuedAt scheduledAt
                               startDate endDate duration operator pool queue executor
                               hostname pid versionNumber } } }""",
                dagId=dag_id,
                runId=run_id,
                taskId=theirs[0]["task_id"],
                index=theirs[0]["map_index"],
            )
            mine = found["taskInstance"]["tries"]
            assert [try_of_ours(one) for one in mine] == [
                try_of_theirs(one) for one in theirs
            ], path
            several += len(theirs) > 1
    assert several > 3


def try_of_ours(one: Item) -> Item:
    return {
        **{field: one[name] for field, name in OF_A_TRY.items()},
        "state": one["state"],
        "hostname": one["hostname"],
        "version": one["versionNumber"],
    }


def try_of_theirs(one: Item) -> Item:
    return {
        **{field: one[field] for field in OF_A_TRY},
        "state": word(one["state"]),
        "hostname": one["hostname"] or None,
        "version": (one["dag_version"] or {}).get("version_number"),
    }


async def test_the_tries_of_a_run_are_those_of_airflows_gantt_chart(
    ours: Runs, said: Said
) -> None:
    for (dag_id, run_id), run in ours.items():
        drawn = said.to(f"/ui/gantt/{dag_id}/{quote(run_id, safe='')}")
        # the chart also has what never started, as try 0, and nothing that is mapped
        theirs = [one for one in drawn["task_instances"] if one["try_number"]]
        mine = [one for one in run["tries"] if one["mapIndex"] == -1]
        assert [
            (
                one["taskId"],
                one["tryNumber"],
                one["state"],
                one["queuedAt"],
                one["scheduledAt"],
                one["startDate"],
                one["endDate"],
            )
            for one in mine
        ] == [
            (
                one["task_id"],
                one["try_number"],
                word(one["state"]),
                *(
                    one[field]
                    for field in (
                        "queued_dttm",
                        "scheduled_dttm",
                        "start_date",
                        "end_date",
                    )
                ),
            )
            for one in sorted(
                theirs, key=lambda one: (one["task_id"], one["try_number"])
            )
        ], (dag_id, run_id)
