"""XComs are what Airflow's API server says they are."""

from typing import Any
from urllib.parse import unquote

from tests.differential.said import Item, Said
from tests.support.gateways import Asking

XCOMS = """query XComs($dagId: ID!, $runId: ID!, $taskId: ID!, $index: Int!) {
  taskInstance(dagId: $dagId, runId: $runId, taskId: $taskId, mapIndex: $index) {
    xcoms(first: 1000) {
      id key value isTruncated problem timestamp taskId mapIndex
    }
    xcom { key value }
  }
}"""
_INSTANT = "datetime.datetime"


def asked_of(path: str) -> tuple[dict[str, Any], str | None]:
    """The instance that a path of Airflow's is about, and the key if it names one."""
    bare, _, query = path.partition("?")
    parts = bare.split("/")
    at = parts.index("dagRuns")
    index = query.rpartition("map_index=")[2] if "map_index=" in query else "-1"
    variables = {
        "dagId": parts[at - 1],
        "runId": unquote(parts[at + 1]),
        "taskId": unquote(parts[at + 3]),
        "index": int(index),
    }
    return variables, unquote(parts[at + 5]) if len(parts) > at + 5 else None


def plain(value: Any) -> Any:
    """Airflow's value as we show it: secrets hidden, instants as text."""
    if isinstance(value, dict):
        if value.get("__classname__") == _INSTANT:
            assert value["__data__"]["timestamp"] == 1793536200.0
            return "2026-11-01T12:30:00Z"
        return {
            key: "***" if key == "password" else plain(each)
            for key, each in value.items()
        }
    return [plain(each) for each in value] if isinstance(value, list) else value


async def test_every_instance_has_the_xcoms_that_airflow_lists(
    ask: Asking, said: Said
) -> None:
    listed = 0
    for path, answer in said.asked("/api/v2/dags", "/xcomEntries").items():
        variables, _ = asked_of(path)
        theirs: list[Item] = answer["xcom_entries"]

        found = (await ask(XCOMS, variables))["taskInstance"]

        # Airflow is asked of -1 of mapped tasks, too, which have no such instance
        mine = [] if found is None else found["xcoms"]
        assert [
            (one["key"], one["timestamp"], one["taskId"], one["mapIndex"])
            for one in mine
        ] == sorted(
            (
                one["key"],
                one["timestamp"],
                one["task_id"],
                one["map_index"],
            )
            for one in theirs
        ), path
        listed += len(theirs)
    assert listed > 40


async def test_every_value_is_airflows_as_plain_json(ask: Asking, said: Said) -> None:
    seen = set()
    for path, answer in said.asked("/api/v2/dags").items():
        if "/xcomEntries/" not in path:
            continue
        variables, key = asked_of(path)

        found = (await ask(XCOMS, variables))["taskInstance"]

        (mine,) = (one for one in found["xcoms"] if one["key"] == key)
        assert mine["value"] == plain(answer["value"]), path
        assert type(mine["value"]) is type(plain(answer["value"]))
        assert (mine["isTruncated"], mine["problem"]) == (False, None)
        if key == "return_value":
            assert found["xcom"] == {"key": key, "value": mine["value"]}
        seen.add(type(answer["value"]))
    assert seen >= {int, float, str, bool, list, dict}
