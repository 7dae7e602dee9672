"""XComs become plain JSON, whatever Airflow stored; pickles are not read."""

import json
import pickle
from typing import Any

import pytest
from typing_extensions import override

from metadb.xcom_value import shown

PICKLED = "The value is a Python pickle, which is not read."
OPAQUE = "The value is not JSON: a backend of the deployment's own stored it."


def envelope(name: str, data: object, version: int = 1) -> dict[str, object]:
    """What Airflow puts around a value that JSON lacks."""
    return {"__classname__": name, "__version__": version, "__data__": data}


UTC_ZONE = envelope(
    "builtins.tuple", ["UTC", "pendulum.tz.timezone.FixedTimezone", 1, True]
)


@pytest.mark.parametrize(
    "value",
    [0, -1, 1.5, True, False, "", "größer 🚀", [], {}, [1, "two", None, [3.5]], 2**200],
)
def test_a_value_of_json_is_itself(value: object) -> None:
    for stored in (json.dumps(value), json.dumps(value).encode()):
        found, problem = shown(stored)

        assert (found, problem) == (value, None)
        assert type(found) is type(value)


def test_null_and_nothing_are_null_and_no_problem() -> None:
    assert shown(None) == shown("null") == shown(b"null") == (None, None)


@pytest.mark.parametrize(
    ("stored", "plain"),
    [
        (
            envelope("datetime.datetime", {"timestamp": 1767323045.5, "tz": UTC_ZONE}),
            "2026-01-02T03:04:05.500000Z",
        ),
        (
            envelope("pendulum.datetime.DateTime", {"timestamp": 0, "tz": None}, 2),
            "1970-01-01T00:00:00Z",
        ),
        (envelope("datetime.date", "2026-01-02", 2), "2026-01-02"),
        (envelope("datetime.timedelta", 90.5, 2), 90.5),
        (envelope("builtins.tuple", [1, envelope("builtins.set", [2])]), [1, [2]]),
        (envelope("builtins.frozenset", ["a"]), ["a"]),
        (envelope("decimal.Decimal", 1.25), 1.25),
        (envelope("numpy.int64", 7), 7),
        (envelope("numpy.bool", data=True), True),
        (envelope("uuid.UUID", "0b6e"), "0b6e"),
        (envelope("my.Model", {"a": envelope("builtins.tuple", [])}), {"a": []}),
        ({"in": envelope("builtins.tuple", [1])}, {"in": [1]}),
    ],
)
def test_an_envelope_is_opened(stored: dict[str, Any], plain: object) -> None:
    assert shown(json.dumps(stored)) == (plain, None)


@pytest.mark.parametrize(
    "timestamp", [1e300, -1e300, "soon", None, float("nan"), float("inf")]
)
def test_an_instant_that_is_none_shows_what_is_there(timestamp: object) -> None:
    stored = envelope("datetime.datetime", {"timestamp": timestamp, "tz": None})

    value = shown(json.dumps(stored)).value

    kept = timestamp if timestamp in {1e300, -1e300, "soon"} else None
    assert value == {"timestamp": kept, "tz": None}


def test_numbers_that_json_lacks_are_null() -> None:
    assert shown(b"NaN") == (None, None)
    assert shown('[1, NaN, -Infinity, {"a": Infinity}]').value == [
        1,
        None,
        None,
        {"a": None},
    ]


class Exploding:
    """What ends the process's good name if anybody unpickles it."""

    @override
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("it was unpickled",)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_never_loaded(protocol: int) -> None:
    for value in (Exploding(), {"a": 1}):
        stored = pickle.dumps(value, protocol)
        assert shown(stored) == shown(memoryview(stored)) == (None, PICKLED)


@pytest.mark.parametrize(
    "stored",
    [b"", b"\xff\xfe", b"s3://bucket/key", b"{", pickle.dumps([1], 0), b"[" * 100_000],
    ids=len,
)
def test_what_is_no_json_is_somebody_elses(stored: bytes) -> None:
    assert shown(stored) == (None, OPAQUE)


def test_what_is_nested_too_deeply_is_null_there() -> None:
    value = shown("[" * 150 + "1" + "]" * 150).value

    depth = 0
    while value is not None:
        (value,) = value
        depth += 1
    assert depth == 100
