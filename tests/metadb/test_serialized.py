import json
import zlib
from typing import Any

import pytest

from metadb import serialized
from metadb.serialized import Undecodable, dag_in, decoded, instant, unwrap, zone

DAG = {"__version": 3, "dag": {"dag_id": "d", "tasks": []}}


def text(**changes: Any) -> str:
    return json.dumps({**DAG, **changes})


def test_a_structure_has_its_version_its_dag_and_the_settings_at_parsing() -> None:
    found = decoded(text(client_defaults={"tasks": {"retries": 2}}))

    assert (found.version, found.dag_id) == (3, "d")
    assert found.task_defaults == {"retries": 2}


def test_a_compressed_structure_wins_over_the_other_column() -> None:
    packed = zlib.compress(text(dag={"_dag_id": "packed"}).encode())

    assert decoded("null", packed).dag_id == "packed"


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        pytest.param(None, "The database holds no structure.", id="nothing"),
        pytest.param("null", "The structure is missing or null", id="null"),
        pytest.param("[]", "The structure is of type list", id="list"),
        pytest.param("{", "The structure is not JSON", id="cut off"),
        pytest.param('"\\ud800"', "The structure is not JSON", id="half a pair"),
        pytest.param("[" * 100_000, "The structure is not JSON", id="deep"),
        pytest.param(text(__version=True), "__version is True", id="boolean version"),
        pytest.param(text(__version="3"), "__version is '3'", id="text version"),
        pytest.param(text(__version=0), "__version is 0", id="version 0"),
        pytest.param(text(dag=[]), "The structure's dag is of type list", id="dag"),
        pytest.param(text(dag={}), "A dag_id is missing", id="no id"),
        pytest.param(text(dag={"dag_id": 5}), "A dag_id is of type int", id="id"),
    ],
)
def test_what_cannot_be_read_says_why(stored: str | None, message: str) -> None:
    with pytest.raises(Undecodable, match=message):
        decoded(stored)


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        pytest.param(b"", "cut off", id="empty"),
        pytest.param(b"plain", "cannot be inflated", id="plain"),
        pytest.param(zlib.compress(b"{}" * 99)[:-5], "cut off", id="cut off"),
    ],
)
def test_what_cannot_be_inflated_says_why(packed: bytes, message: str) -> None:
    with pytest.raises(Undecodable, match=message):
        decoded(None, packed)


def test_a_structure_that_inflates_without_end_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serialized, "INFLATED_MAXIMUM", 1_000)

    with pytest.raises(Undecodable, match="more than 1000 bytes"):
        decoded(None, zlib.compress(b" " * 1_001))


def test_a_subdag_is_found_inside_its_parents_task() -> None:
    inner = {"_dag_id": "d.sub.deep", "tasks": []}
    middle = {"_dag_id": "d.sub", "tasks": [{"task_id": "deep", "subdag": inner}]}
    task = {"__var": {"task_id": "sub", "subdag": {"__type": "dag", "__var": middle}}}
    found = decoded(text(__version=1, dag={"_dag_id": "d", "tasks": [task]}))

    assert dag_in(found, "d.sub").dag == middle
    assert dag_in(found, "d.sub.deep").dag == inner
    with pytest.raises(Undecodable, match=r"The structure has no DAG d\.other\."):
        dag_in(found, "d.other")


@pytest.mark.parametrize(
    ("stored", "plain"),
    [
        ({"__type": "datetime", "__var": 0}, "1970-01-01T00:00:00Z"),
        ({"__type": "datetime", "__var": 1e300}, 1e300),
        ({"__type": "timedelta", "__var": 300.0}, 300.0),
        ({"__type": "timezone", "__var": "Europe/Berlin"}, "Europe/Berlin"),
        ({"__type": "timezone", "__var": 3600}, "+01:00"),
        ({"__type": "set", "__var": ["b", "a"]}, ["a", "b"]),
        ({"__type": "set", "__var": [2, "a", None]}, ["a", 2, None]),
        ({"__type": "set", "__var": 5}, 5),
        ({"__type": "tuple", "__var": [1, {"__type": "x", "__var": 2}]}, [1, 2]),
        ({"__type": ["odd"], "__var": {"a": 1}}, {"a": 1}),
        ({"__type": "dict"}, {"__type": "dict"}),
        ({"a": {"__type": "dict", "__var": {"b": None}}}, {"a": {"b": None}}),
    ],
)
def test_wrapped_values_become_plain(stored: object, plain: object) -> None:
    assert unwrap(stored) == plain


def test_what_is_nested_too_deep_is_null() -> None:
    value: Any = "bottom"
    for _ in range(serialized.DEPTH_MAXIMUM + 1):
        value = [value]

    found = unwrap(value)

    for _ in range(serialized.DEPTH_MAXIMUM):
        (found,) = found
    assert found is None


@pytest.mark.parametrize("epoch", [None, True, "0", 1e300, -1e300, 10**400, []])
def test_what_is_no_epoch_is_no_instant(epoch: object) -> None:
    assert instant(epoch) is None


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("UTC", "UTC"),
        (-12_600, "-03:30"),
        (0, "+00:00"),
        (86_400, None),
        (True, None),
        ([], None),
    ],
)
def test_a_zone_has_a_name_or_an_offset(stored: object, name: str | None) -> None:
    assert zone(stored) == name
