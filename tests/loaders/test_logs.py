"""Pages of logs: where lines end, what is still being written, whose cursor it is."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from typing_extensions import override

from dagway.operation import opened
from loaders.log_files import LogFiles
from loaders.logs import PAGE_BYTES
from tests.support import seed
from tests.support.cursors import forged
from tests.support.cursors import opened as content_of
from tests.support.databases import Databases
from tests.support.gateways import Asking

LOG = """query Log($taskId: ID!, $try: Int, $first: Int = 1000, $after: String,
                  $mapIndex: Int! = -1) {
  taskInstance(dagId: "logged", runId: "r1", taskId: $taskId, mapIndex: $mapIndex) {
    log(tryNumber: $try) {
      tryNumber available reason
      page(first: $first, after: $after) {
        lines { timestamp level logger message } endCursor hasNextPage
      }
    }
  }
}"""
TASKS = ("over", "runs", "..", "never")


def rows() -> str:
    """A run with a task that is over, one that runs, a hostile one, one that waits."""
    made = [
        seed.insert("dag", [{"dag_id": "logged"}]),
        seed.run("logged", "r1", seed.EPOCH, log_template_id=2),
    ]
    states: dict[str, dict[str, seed.Value]] = {
        "over": {"try_number": 2},
        "runs": {"state": "running", "end_date": None},
        "never": {"state": None, "try_number": 0, "end_date": None},
        "..": {},
    }
    made.append(
        seed.insert(
            "task_instance",
            [
                seed.instance("logged", "r1", task_id, None, **columns)
                for task_id, columns in states.items()
            ],
        )
    )
    return "\n".join(made)


@pytest.fixture(scope="module")
def address(databases: Databases) -> str:
    copy = databases.copy("3.3.2-sqlite")
    databases.write(copy, rows())
    return copy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the run's logs are."""
    folder = tmp_path / "logs"
    for task_id in ("over", "runs"):
        (folder / "dag_id=logged" / "run_id=r1" / f"task_id={task_id}").mkdir(
            parents=True
        )
    return folder


@pytest.fixture
async def ask(address: str, folder: Path) -> AsyncIterator[Asking]:
    async with opened(address, logs=LogFiles(str(folder))) as gateway:
        yield Asking(gateway)


def file(folder: Path, task_id: str, attempt: int = 1) -> Path:
    """The log of a try."""
    run = folder / "dag_id=logged" / "run_id=r1"
    return run / f"task_id={task_id}" / f"attempt={attempt}.log"


async def log(ask: Asking, task_id: str, **variables: Any) -> dict[str, Any]:
    """A task's log as it is answered."""
    found = await ask(LOG, taskId=task_id, **variables)
    answer: dict[str, Any] = found["taskInstance"]["log"]
    return answer


def messages(answer: dict[str, Any]) -> list[str]:
    """What its lines say."""
    return [line["message"] for line in answer["page"]["lines"]]


async def test_the_last_try_is_shown_unless_another_is_asked_for(
    ask: Asking, folder: Path
) -> None:
    file(folder, "over", 1).write_text("first\n")
    file(folder, "over", 2).write_text("second\n")

    last = await log(ask, "over")
    first = await log(ask, "over", **{"try": 1})

    assert (last["tryNumber"], last["available"], last["reason"]) == (2, True, None)
    assert messages(last) == ["second"]
    assert (first["tryNumber"], messages(first)) == (1, ["first"])


@pytest.mark.parametrize(
    ("task_id", "number", "reason"),
    [
        ("over", 3, "There is no try 3: so far there are 2."),
        ("over", 0, "There is no try 0: so far there are 2."),
        ("over", -1, "There is no try -1: so far there are 2."),
        ("never", None, "There is no try 0: so far there are 0."),
        ("over", 2, "There is no such file at the log location."),
    ],
)
async def test_a_log_that_is_not_there_says_why(
    ask: Asking, task_id: str, number: int | None, reason: str
) -> None:
    found = await log(ask, task_id, **{"try": number})

    assert (found["available"], found["reason"]) == (False, reason)
    assert found["page"] is None


async def test_without_a_location_the_setting_is_named(address: str) -> None:
    async with opened(address) as gateway:
        found = await log(Asking(gateway), "over")

    assert found["available"] is False
    assert found["reason"] == (
        "The gateway knows no log location: DAGWAY_LOG_URL is not set."
    )


async def test_lines_end_as_either_system_ends_them(ask: Asking, folder: Path) -> None:
    file(folder, "over", 2).write_bytes(b"one\r\ntwo\n\nf\xffur\nfive")

    found = await log(ask, "over")

    assert messages(found) == ["one", "two", "", "f\ufffdur", "five"]
    assert found["page"]["hasNextPage"] is False


async def test_an_empty_log_is_an_empty_page(ask: Asking, folder: Path) -> None:
    file(folder, "over", 2).touch()

    found = await log(ask, "over")

    assert (found["available"], messages(found)) == (True, [])
    assert found["page"]["hasNextPage"] is False


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_together_are_the_whole_log(
    ask: Asking, folder: Path, size: int
) -> None:
    file(folder, "over", 2).write_text("".join(f"line {n}\n" for n in range(6)) + "end")

    read: list[str] = []
    after = None
    while True:
        found = await log(ask, "over", first=size, after=after)
        read += messages(found)
        after = found["page"]["endCursor"]
        if not found["page"]["hasNextPage"]:
            break

    assert read == [*(f"line {n}" for n in range(6)), "end"]


async def test_a_log_that_is_being_written_goes_on_from_its_cursor(
    ask: Asking, folder: Path
) -> None:
    path = file(folder, "runs")
    path.write_bytes(b"one\nhal")

    first = await log(ask, "runs")
    again = await log(ask, "runs", after=first["page"]["endCursor"])
    with path.open("ab") as writer:
        writer.write(b"f\nthree\n\xc3")
    second = await log(ask, "runs", after=again["page"]["endCursor"])
    with path.open("ab") as writer:
        writer.write(b"\xbc\n")
    third = await log(ask, "runs", after=second["page"]["endCursor"])

    # half a line is no line while it is being written
    assert [messages(each) for each in (first, again, second, third)] == [
        ["one"],
        [],
        ["half", "three"],
        ["ü"],
    ]
    assert not any(
        each["page"]["hasNextPage"] for each in (first, again, second, third)
    )


async def test_a_page_has_no_more_than_a_mebibyte(ask: Asking, folder: Path) -> None:
    line = "x" * 1023 + "\n"
    file(folder, "over", 2).write_text(line * 1_500)

    first = await log(ask, "over", first=10_000)
    second = await log(ask, "over", first=10_000, after=first["page"]["endCursor"])

    assert (len(messages(first)), first["page"]["hasNextPage"]) == (1_024, True)
    assert (len(messages(second)), second["page"]["hasNextPage"]) == (476, False)


@pytest.mark.parametrize("task_id", ["over", "runs"])
async def test_a_line_longer_than_a_page_comes_in_whole_characters(
    ask: Asking, folder: Path, task_id: str
) -> None:
    text = "a" + "ü🚀" * 400_000
    file(folder, task_id, 2 if task_id == "over" else 1).write_text(f"{text}\nend\n")

    read: list[str] = []
    after = None
    while True:
        found = await log(ask, task_id, after=after)
        read += messages(found)
        assert all(len(each.encode()) <= PAGE_BYTES for each in messages(found))
        after = found["page"]["endCursor"]
        if not found["page"]["hasNextPage"]:
            break

    assert "".join(read) == f"{text}end"
    assert read[-1] == "end"
    assert len(read) == 4


async def test_a_cursor_belongs_to_one_log(ask: Asking, folder: Path) -> None:
    for task_id, attempt in (("over", 1), ("over", 2), ("runs", 1)):
        file(folder, task_id, attempt).write_text("one\ntwo\n")
    cursor = (await log(ask, "over", first=1))["page"]["endCursor"]
    assert content_of(cursor) == [1, "log", ["logged", "r1", "over", -1, 2], [4]]

    other_try = await ask.errors(LOG, taskId="over", **{"try": 1}, after=cursor)
    other_task = await ask.errors(LOG, taskId="runs", after=cursor)

    for errors in (other_try, other_task):
        assert [error["extensions"]["code"] for error in errors] == ["BAD_CURSOR"]
        assert errors[0]["message"] == (
            "The cursor is none of this log; take one from a page of it."
        )


PLACE = ["logged", "r1", "over", -1, 2]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "?",
        "größer",
        forged(b"\xff"),
        forged({}),
        forged([1]),
        forged([1, "log", PLACE, []]),
        forged([1, "log", PLACE, [-1]]),
        forged([1, "log", PLACE, [True]]),
        forged([1, "log", PLACE, ["4"]]),
        forged([1, "log", PLACE, [1.5]]),
        forged([1, "log", PLACE, [None]]),
        forged([1, "log", PLACE, [1, 2]]),
        forged([1, "log", PLACE[:4], [1]]),
        forged([1, "other", PLACE, [1]]),
        forged([2, "log", PLACE, [1]]),
        forged([1, "log", PLACE, 7]),
    ],
)
async def test_a_cursor_that_is_none_is_refused(
    ask: Asking, folder: Path, cursor: str
) -> None:
    file(folder, "over", 2).write_text("one\n")

    errors = await ask.errors(LOG, taskId="over", after=cursor)

    assert [error["extensions"]["code"] for error in errors] == ["BAD_CURSOR"]


async def test_a_cursor_far_behind_the_end_leads_to_nothing(
    ask: Asking, folder: Path
) -> None:
    file(folder, "over", 2).write_text("one\n")

    found = await log(ask, "over", after=forged([1, "log", PLACE, [10**25]]))

    assert (messages(found), found["page"]["hasNextPage"]) == ([], False)


async def test_a_page_has_no_fewer_lines_than_none(ask: Asking, folder: Path) -> None:
    file(folder, "over", 2).write_text("one\n")

    (error,) = await ask.errors(LOG, taskId="over", first=-1)

    assert error["message"] == "first is -1; 0 or more is allowed."
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_page_of_no_lines_stays_where_it_is(ask: Asking, folder: Path) -> None:
    file(folder, "over", 2).write_text("one\n")

    found = await log(ask, "over", first=0)

    assert (messages(found), found["page"]["hasNextPage"]) == ([], True)
    assert content_of(found["page"]["endCursor"])[-1] == [0]


async def test_a_task_named_as_the_folder_above_has_its_own_folder(
    ask: Asking, folder: Path
) -> None:
    (folder / "dag_id=logged" / "attempt=1.log").write_text("another's")

    found = await log(ask, "..")

    # task_id=.. is a name, not a way up
    assert found["reason"] == "There is no such file at the log location."


async def test_logs_are_asked_of_one_instance_at_a_time(ask: Asking) -> None:
    (error,) = await ask.errors(
        """{ dagRun(dagId: "logged", runId: "r1") {
             taskInstances { nodes { log { available } } } } }"""
    )

    assert error["message"] == "Logs are asked of 4 task instances; of one at a time."
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


class Vanishing(MemoryFileSystem):  # type: ignore[misc]  # fsspec is untyped
    """Files of which only the first part that is asked for can be read."""

    protocol = "vanishing"

    @override
    def cat_file(self, path: str, **where: int) -> bytes:
        found: bytes = super().cat_file(path, **where)
        self.rm_file(path)
        return found


async def test_a_log_that_vanishes_meanwhile_is_an_error_with_a_code(
    address: str,
) -> None:
    fsspec.register_implementation("vanishing", Vanishing, clobber=True)
    path = "dag_id=logged/run_id=r1/task_id=over/attempt=2.log"
    Vanishing().pipe_file(f"vanishing://logs/{path}", b"x\n")

    async with opened(address, logs=LogFiles("vanishing://logs")) as gateway:
        (error,) = await Asking(gateway).errors(LOG, taskId="over")

    assert error["extensions"]["code"] == "LOG_UNREADABLE"
    assert error["message"] == "There is no such file at the log location."


async def test_json_lines_of_airflow_3_are_read(ask: Asking, folder: Path) -> None:
    line = {"timestamp": "2026-01-01T00:00:00Z", "level": "info", "event": "hello"}
    file(folder, "over", 2).write_text(json.dumps(line) + "\n")

    found = await log(ask, "over")

    assert found["page"]["lines"] == [
        {
            "timestamp": "2026-01-01T00:00:00Z",
            "level": "info",
            "logger": None,
            "message": "hello",
        }
    ]
