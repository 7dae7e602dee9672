"""Workers keep nothing of the database from one request to the next.

One that keeps structures answers as if it did not.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.support.databases import Databases
from tests.support.documents import core
from tests.support.seed import (
    EPOCH,
    chained,
    dags,
    insert,
    instance,
    new_id,
    run,
    serialized,
    version,
)
from tests.support.servers import Server, served

SHOWN = """query Shown($dagId: ID!) {
  dag(dagId: $dagId) {
    isPaused
    tasks { taskId }
    edges { sourceId targetId }
    graph { nodes { key } }
    version { versionNumber hash }
    versions { totalCount }
    latestRun { runId state taskSummaries { taskId state } }
  }
  dags(first: 1000) { totalCount }
}"""
VERSION_ID = "0123456789abcdef0123456789abcdef"
BEFORE = (
    insert("dag", [{"dag_id": "live", "owners": "ada"}])
    + version("live", serialized("live", chained(2)), version_id=VERSION_ID)
    + run("live", "r1", EPOCH)
)


class Live:
    """Servers on one database, and another program that writes to it."""

    def __init__(
        self, servers: Sequence[Server], databases: Databases, address: str
    ) -> None:
        self._servers = servers
        self._databases = databases
        self._address = address

    def write(self, script: str) -> None:
        """Write as Airflow would."""
        self._databases.write(self._address, script)

    def shown(self, dag_id: str = "live") -> Any:
        """What all show of a DAG now."""
        return self._shown(SHOWN, dag_id)

    def graph(self, dag_id: str = "live") -> Any:
        """What all show of its graph now."""
        return self._shown(core("graph"), dag_id)["dag"]

    def _shown(self, document: str, dag_id: str) -> Any:
        first, *others = (s.ask(document, {"dagId": dag_id}) for s in self._servers)
        assert others == [first] * 2
        return first


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Live]:
    address = databases.copy(f"3.3.2-{request.param}")
    with (
        served(address) as one,
        served(address) as other,
        served(address, DAGWAY_STRUCTURE_CACHE="16") as keeping,
    ):
        yield Live((one, other, keeping), databases, address)


def task_ids(shown: Any) -> list[str]:
    """The tasks that a DAG shows."""
    return [task["taskId"] for task in shown["dag"]["tasks"]]


def test_what_another_program_writes_is_what_all_answer_from_then_on(
    live: Live,
) -> None:
    # a DAG is added
    before = live.shown()
    assert before["dag"] is None
    live.write(BEFORE)
    added = live.shown()
    assert added["dags"]["totalCount"] == before["dags"]["totalCount"] + 1
    assert task_ids(added) == ["t0000", "t0001"]
    assert added["dag"]["versions"] == {"totalCount": 1}
    assert added["dag"]["latestRun"]["taskSummaries"] == [
        {"taskId": "t0000", "state": None},
        {"taskId": "t0001", "state": None},
    ]

    # it is paused, and goes on
    for word, paused in (("true", True), ("false", False)):
        live.write(f"UPDATE dag SET is_paused = {word} WHERE dag_id = 'live';")
        assert live.shown()["dag"]["isPaused"] is paused

    # its structure is written over, for nothing has run yet
    live.write(structure_in_place(3))
    changed = live.shown()
    assert task_ids(changed) == ["t0000", "t0001", "t0002"]
    assert [node["key"] for node in changed["dag"]["graph"]["nodes"]] == [
        "t0000",
        "t0001",
        "t0002",
    ]
    assert changed["dag"]["version"]["versionNumber"] == 1
    assert changed["dag"]["version"]["hash"] != added["dag"]["version"]["hash"]
    assert len(live.graph()["tasks"]) == 3

    # a task runs
    live.write(
        insert("task_instance", [instance("live", "r1", "t0000", VERSION_ID)])
        + "UPDATE dag_run SET state = 'running' WHERE dag_id = 'live';"
    )
    running = live.shown()["dag"]["latestRun"]
    assert running["state"] == "RUNNING"
    assert running["taskSummaries"][0] == {"taskId": "t0000", "state": "SUCCESS"}

    # it changes again: now that is a version of its own
    live.write(version("live", serialized("live", {"other": []}), number=2))
    again = live.shown()
    assert task_ids(again) == ["other"]
    assert again["dag"]["version"]["versionNumber"] == 2
    assert again["dag"]["versions"] == {"totalCount": 2}
    assert len(again["dag"]["latestRun"]["taskSummaries"]) == 3

    # it is removed
    live.write(
        "".join(
            f"DELETE FROM {table} WHERE dag_id = 'live';"
            for table in (
                *("task_instance", "dag_run", "serialized_dag", "dag_version", "dag"),
            )
        )
    )
    assert live.shown() == before


def structure_in_place(tasks: int) -> str:
    """Write over the structure of the version, as Airflow does with an unused one."""
    return (
        f"DELETE FROM serialized_dag WHERE dag_version_id = '{VERSION_ID}';"
        + insert(
            "serialized_dag",
            [
                {
                    "id": new_id(),
                    "dag_id": "live",
                    "data": serialized("live", chained(tasks)),
                    "dag_hash": new_id(),
                    "dag_version_id": VERSION_ID,
                }
            ],
        )
    )


def test_many_dags_that_are_added_are_counted_by_all(live: Live) -> None:
    before = live.shown()["dags"]["totalCount"]
    live.write(dags(5, tasks=1, runs=1, prefix="more"))
    assert live.shown()["dags"]["totalCount"] == before + 5
    assert task_ids(live.shown("more_0004")) == ["t0000"]
