"""XComs of any size and kind, in every Airflow; large ones never leave the database."""

import json
import pickle
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dagway.operation import Gateway, opened
from loaders import xcoms
from loaders.relation import Rows, Wanted
from loaders.xcoms import Few
from tests.support import seed
from tests.support.databases import Databases, stored_names
from tests.support.gateways import Asking

LIMIT = 64 * 1024
XCOMS = """query XComs($dagId: ID!, $runId: ID!, $taskId: ID!, $keys: [String!]) {
  taskInstance(dagId: $dagId, runId: $runId, taskId: $taskId) {
    xcoms(keyIn: $keys) { key value isTruncated problem }
  }
}"""
WHERE = {"dagId": "fx_xcom", "runId": "run_1", "taskId": "push_all"}
DATABASES = (
    "3.3.2-sqlite",
    "3.3.2-postgresql",
    "3.0.6-postgresql",
    "2.11.2-postgresql",
    "2.7.3-sqlite",
)


def noise(size: int) -> str:
    """Text that does not compress."""
    return random.Random(1).randbytes(size).hex()[:size]  # noqa: S311  # no secret


SIZED = {
    "a_just": json.dumps("x" * (LIMIT - 2)),
    "b_over": json.dumps("x" * (LIMIT - 1)),
    "c_noise_just": json.dumps(noise(LIMIT - 2)),
    "d_noise_over": json.dumps(noise(LIMIT - 1)),
    "e_umlauts_over": json.dumps("ü" * (LIMIT // 2), ensure_ascii=False),
    "e_numbers_just": json.dumps([1] * (LIMIT // 3)),
    "e_numbers_over": json.dumps([1] * (LIMIT // 3 + 1)),
    "f_mebibytes": json.dumps("y" * 3 * 1024 * 1024),
    "g_noisy_mebibytes": json.dumps(noise(3 * 1024 * 1024)),
}
FIT = {"a_just", "c_noise_just", "e_numbers_just"}


def stored_as(name: str, content: str | bytes) -> str:
    """A value as that Airflow stores it, as SQL."""
    raw = content if isinstance(content, bytes) else content.encode()
    if name.startswith("2."):
        return f"'\\x{raw.hex()}'" if name.endswith("postgresql") else f"x'{raw.hex()}'"
    return seed.literal(raw.decode())


def pushed(name: str, values: dict[str, str | bytes]) -> str:
    """Rows like one that is there, with other keys and values."""
    return "\n".join(
        "INSERT INTO xcom (dag_run_id, task_id, map_index, key, dag_id, run_id, value, "
        f"timestamp) SELECT dag_run_id, task_id, map_index, {seed.literal(key)}, "
        f"dag_id, run_id, {stored_as(name, value)}, timestamp FROM xcom "
        "WHERE dag_id = 'fx_xcom' AND run_id = 'run_1' AND task_id = 'push_all' "
        "AND key = 'integer';"
        for key, value in values.items()
    )


ODD: dict[str, str | bytes] = {
    "big": str(2**200),
    "null": "null",
    "password": '"hunter2"',
    "nested": '{"api_key": "k", "plain": [{"Secret": 1, "x": 2}]}',
    "tuple": (
        '{"__classname__": "builtins.tuple", "__version__": 1, "__data__": '
        '[{"__classname__": "datetime.date", "__version__": 2, "__data__": '
        '"2026-01-02"}]}'
    ),
}


@pytest.fixture(params=DATABASES)
def written(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
async def gateway(written: str, databases: Databases) -> AsyncIterator[Gateway]:
    """A gateway on a copy with values of all sizes and kinds."""
    address = databases.copy(written)
    values = {**SIZED, **ODD}
    if written.startswith("2."):
        values["pickle"] = pickle.dumps({"a": 1})
        values["reference"] = b"s3://bucket/value"
        values["nan"] = b"[NaN, 1]"
    databases.write(address, pushed(written, values))
    async with opened(address) as found:
        yield found


async def read(gateway: Gateway, keys: tuple[str, ...]) -> Rows:
    """What the driver gave for them."""
    request = gateway.request()
    try:
        wanted = Wanted(("key", "value", "is_truncated"))
        instance = ("fx_xcom", "run_1", "push_all", -1)
        return await xcoms.of_instances(request, [instance], Few(100, keys), wanted)
    finally:
        await request.session.close()


async def test_the_drivers_row_never_holds_a_large_value(gateway: Gateway) -> None:
    found = await read(gateway, tuple(SIZED))

    assert [(key, bool(cut)) for _, key, _, cut in found.rows] == [
        (key, key not in FIT) for key in sorted(SIZED)
    ]
    for _, key, value, _ in found.rows:
        if key in FIT:
            text = value if isinstance(value, str) else bytes(value).decode()
            assert json.loads(text) == json.loads(SIZED[key])
        else:
            assert value is None


async def test_a_large_value_is_left_out_and_says_so(gateway: Gateway) -> None:
    found = await Asking(gateway)(XCOMS, WHERE, keys=[*SIZED])

    assert found["taskInstance"]["xcoms"] == [
        {
            "key": key,
            "value": json.loads(SIZED[key]) if key in FIT else None,
            "isTruncated": key not in FIT,
            "problem": None,
        }
        for key in sorted(SIZED)
    ]


async def test_values_of_every_kind_are_plain_and_without_secrets(
    gateway: Gateway, written: str
) -> None:
    found = await Asking(gateway)(XCOMS, WHERE, keys=[*ODD])

    values = {one["key"]: one["value"] for one in found["taskInstance"]["xcoms"]}
    # SQLite keeps a number of JSON as a number of its own, when Airflow 3 writes one
    rounded = written == "3.3.2-sqlite"
    assert values.pop("big") == (pytest.approx(2**200) if rounded else 2**200)
    assert values == {
        "null": None,
        "password": "***",
        "nested": {"api_key": "***", "plain": [{"Secret": "***", "x": 2}]},
        "tuple": ["2026-01-02"],
    }
    assert {one["problem"] for one in found["taskInstance"]["xcoms"]} == {None}


@pytest.mark.parametrize("written", ["2.11.2-postgresql", "2.7.3-sqlite"])
async def test_what_airflow_2_stored_otherwise_is_a_problem(
    gateway: Gateway, written: str
) -> None:
    del written
    keys = ["pickle", "reference", "nan"]
    found = await Asking(gateway)(XCOMS, WHERE, keys=keys)

    assert found["taskInstance"]["xcoms"] == [
        {"key": "nan", "value": [None, 1], "isTruncated": False, "problem": None},
        {
            "key": "pickle",
            "value": None,
            "isTruncated": False,
            "problem": "The value is a Python pickle, which is not read.",
        },
        {
            "key": "reference",
            "value": None,
            "isTruncated": False,
            "problem": (
                "The value is not JSON: a backend of the deployment's own stored it."
            ),
        },
    ]


EVERY = """{ taskInstance(dagId: "fx_xcom", runId: "run_1", taskId: "push_all") {
  xcoms { key value isTruncated problem } xcom { key value }
  named: xcom(key: "mapping") { value } none: xcom(key: "no such key") { value } } }"""
PUSHED: dict[str, Any] = {
    "big_integer": 2**60,
    "empty_text": "",
    "integer": 42,
    "list": [1, "two", None, [3.5]],
    "mapping": {"a": {"nested": [True, None]}, "b": 1, "password": "***"},
    "moment": "2026-11-01T12:30:00Z",
    "real": 1.5,
    "return_value": "all pushed",
    "text": "Grüße 日本語 🚀",
    "true": True,
}


@pytest.mark.parametrize(
    "name", [n for n in stored_names() if not n.endswith("compressed")]
)
async def test_every_airflows_xcoms_read_alike(ask: Asking, name: str) -> None:
    found = (await ask(EVERY))["taskInstance"]
    if name == "2.11.2-to-3.3.2-sqlite":  # that upgrade loses all instances
        assert found is None
        return

    values = {one["key"]: one["value"] for one in found["xcoms"]}
    long_text = values.pop("long_text")
    assert set(long_text) == {"x"}
    assert values == PUSHED
    assert not any(one["isTruncated"] or one["problem"] for one in found["xcoms"])
    assert found["xcom"] == {"key": "return_value", "value": "all pushed"}
    assert found["named"] == {"value": PUSHED["mapping"]}
    assert found["none"] is None


async def test_there_are_no_fewer_xcoms_than_none(ask: Asking) -> None:
    (error,) = await ask.errors(
        """query ($first: Int!) {
             taskInstance(dagId: "fx_xcom", runId: "run_1", taskId: "push_all") {
               xcoms(first: $first) { key } } }""",
        first=-1,
    )

    assert error["message"] == "first is -1; 0 or more is allowed."
