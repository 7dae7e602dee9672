"""Tries are the history and the current row of each Airflow, each try once."""

from typing import Any

import pytest

from tests.support.databases import stored_names
from tests.support.gateways import Asking
from tests.views.conftest import Read

TRIES = """query Tries($after: String) {
  dagRuns(first: 20, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      dagId runId
      tries { taskId mapIndex tryNumber state duration operator }
      taskInstances(first: 1000) {
        nodes {
          taskId mapIndex tryNumber
          tries { taskId mapIndex tryNumber state duration operator }
        }
      }
    }
  }
}"""
KEY = "dag_id, run_id, task_id, map_index, state, duration, operator, try_number"
Place = tuple[str, str, str, int, int]
PUT_OFF = {"scheduled", "queued", "deferred", "up_for_reschedule"}


def begun(row: dict[str, Any]) -> int:
    """The try of a row before 2.10: what is put off is not counted as begun."""
    number: int = row["try_number"]
    if row["state"] in PUT_OFF:
        return number + 1
    return max(number, 1) if row["state"] in {"success", "failed"} else number


def stored(read: Read, *, has_history: bool) -> dict[Place, tuple[Any, ...]]:
    """Every try, by place: what the history says is preferred."""
    rows = read(f"SELECT {KEY} FROM task_instance")
    numbers = [row["try_number"] if has_history else begun(row) for row in rows]
    if has_history:
        history = read(f"SELECT {KEY} FROM task_instance_history")
        rows, numbers = rows + history, numbers + [r["try_number"] for r in history]
    found = {}
    for row, number in zip(rows, numbers, strict=True):
        if number:
            place = (*(row[name] for name in KEY.split(", ")[:4]), number)
            state = row["state"] and row["state"].upper()
            found[place] = (state, row["duration"], row["operator"])
    return found


def mine(run: dict[str, Any], one: dict[str, Any]) -> tuple[Any, ...]:
    """A try as `stored` has it."""
    place = (run["dagId"], run["runId"], one["taskId"], one["mapIndex"])
    said = (one["state"], one["duration"], one["operator"])
    return (*place, one["tryNumber"]), said


@pytest.mark.parametrize("name", stored_names())
async def test_every_try_is_there_once(ask: Asking, read: Read, name: str) -> None:
    has_history = not name.startswith(("2.7", "2.8", "2.9"))
    expected = stored(read, has_history=has_history)

    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answer = (await ask(TRIES, after=page["endCursor"]))["dagRuns"]
        page = answer["pageInfo"]
        for run in answer["nodes"]:
            tries = [mine(run, one) for one in run["tries"]]
            places = [place for place, _ in tries]
            assert places == sorted(set(places))
            found.update(tries)
            of_instances = [
                mine(run, each)
                for one in run["taskInstances"]["nodes"]
                for each in one["tries"]
            ]
            assert of_instances == tries
            for one in run["taskInstances"]["nodes"]:
                numbers = [each["tryNumber"] for each in one["tries"]]
                # before 2.10 only the last one is known
                assert (
                    numbers[-1:] == [one["tryNumber"]][: one["tryNumber"]]
                    if has_history
                    else numbers == [one["tryNumber"]][: one["tryNumber"]]
                )

    assert found.keys() == expected.keys()
    for place, said in found.items():
        assert said == pytest.approx(expected[place]), place
    retried = [place for place in found if place[2] == "flaky" and place[4] > 1]
    if any(place[0] == "fx_retry" for place in found):
        assert [place[4] for place in retried] == [2]
