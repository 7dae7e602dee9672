"""Deadlines of runs, from Airflow 3.1 on: met, missed, and still ahead."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from dagway.operation import opened
from tests.support import seed
from tests.support.databases import Databases
from tests.support.gateways import Asking

RUNS = """{ dag(dagId: "dl") { runs(first: 10) { nodes {
  runId hasMissedDeadline deadlines { time isMissed alertName } } } } }"""
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def deadline(number: int, run_id: str, at: datetime, **columns: seed.Value) -> str:
    """A deadline of a run."""
    values: dict[str, seed.Value] = {
        "id": f"{number:032x}",
        "deadline_time": at,
        "created_at": START,
        "last_updated_at": START,
        **columns,
    }
    names = ", ".join(values)
    literals = ", ".join(map(seed.literal, values.values()))
    return (
        f"INSERT INTO deadline (dagrun_id, {names}) SELECT id, {literals} FROM dag_run "
        f"WHERE dag_id = 'dl' AND run_id = {seed.literal(run_id)};"
    )


@pytest.fixture(params=["3.3.2-sqlite", "3.3.2-postgresql"])
async def asked(
    request: pytest.FixtureRequest, databases: Databases
) -> AsyncIterator[Asking]:
    """Asks a gateway on a copy with runs that have deadlines."""
    address = databases.copy(request.param)
    callback = seed.insert(
        "callback",
        [
            {
                "id": f"{number:032x}",
                "type": "triggerer",
                "fetch_method": "import_path",
                "data": {},
                "priority_weight": 1,
                "created_at": START,
            }
            for number in range(1, 5)
        ],
    )
    script = "\n".join(
        (
            seed.insert("dag", [{"dag_id": "dl"}]),
            *(seed.run("dl", f"r{at}", START + at * HOUR) for at in range(3)),
            callback,
            deadline(1, "r1", START + 2 * HOUR, missed=False, callback_id=f"{1:032x}"),
            deadline(2, "r1", START + HOUR, missed=True, callback_id=f"{2:032x}"),
            deadline(3, "r2", START + 9 * HOUR, missed=False, callback_id=f"{3:032x}"),
        )
    )
    databases.write(address, script)
    async with opened(address) as gateway:
        yield Asking(gateway)


async def test_deadlines_of_a_run_are_in_order_and_say_what_was_missed(
    asked: Asking,
) -> None:
    found = (await asked(RUNS))["dag"]["runs"]["nodes"]

    assert found == [
        {
            "runId": "r2",
            "hasMissedDeadline": False,
            "deadlines": [
                {
                    "time": "2026-01-01T09:00:00Z",
                    "isMissed": False,
                    "alertName": None,
                }
            ],
        },
        {
            "runId": "r1",
            "hasMissedDeadline": True,
            "deadlines": [
                {
                    "time": "2026-01-01T01:00:00Z",
                    "isMissed": True,
                    "alertName": None,
                },
                {
                    "time": "2026-01-01T02:00:00Z",
                    "isMissed": False,
                    "alertName": None,
                },
            ],
        },
        {"runId": "r0", "hasMissedDeadline": False, "deadlines": []},
    ]


@pytest.mark.parametrize("name", ["2.11.2-postgresql", "3.0.6-postgresql"])
async def test_an_airflow_without_deadlines_has_none(ask: Asking) -> None:
    document = RUNS.replace('"dl"', '"fx_chain"')

    found = (await ask(document))["dag"]["runs"]["nodes"]

    assert found
    assert {run["hasMissedDeadline"] for run in found} == {None}
    assert [run["deadlines"] for run in found] == [[]] * len(found)
