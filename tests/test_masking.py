"""Values under sensitive names are never shown, wherever they stand."""

import pickle
from collections import OrderedDict
from typing import Any

import pytest
from typing_extensions import override

from dagway.operation import opened
from resolvers.conf import conf
from resolvers.masking import MASK, SENSITIVE, is_sensitive, masked
from tests.support.databases import Databases
from tests.support.gateways import Asking
from tests.support.seed import EPOCH, insert, new_id, run, serialized, version

SECRET = "hunter2"  # noqa: S105  # what must never show


@pytest.mark.parametrize("name", SENSITIVE)
def test_each_sensitive_word_hides_what_stands_under_it(name: str) -> None:
    for spelling in (name, name.upper(), f" {name} ", f"my_{name}_2"):
        assert masked({spelling: SECRET}) == {spelling: MASK}
        assert masked(spelling, SECRET) == MASK


@pytest.mark.parametrize("name", ["user", "key", "tok", "pass", "", "sekret"])
def test_other_names_show_what_stands_under_them(name: str) -> None:
    assert is_sensitive(name) is False
    assert masked({name: SECRET}) == {name: SECRET}


def test_secrets_are_hidden_however_deep_and_whatever_they_are() -> None:
    given = {
        "a": [{"password": {"inner": SECRET}}, {"b": {"token": [SECRET]}}],
        "api_key": 5,
        "secret": False,
        "passwd": None,
        "plain": (SECRET,),
    }
    assert masked(given) == {
        "a": [{"password": MASK}, {"b": {"token": MASK}}],
        "api_key": MASK,
        "secret": MASK,
        "passwd": None,
        "plain": [SECRET],
    }


def test_what_is_nested_without_end_is_cut_off() -> None:
    deep: Any = SECRET
    for _ in range(1_000):
        deep = [deep]
    assert SECRET not in str(masked(deep))


class Harm:
    """A pickle that would run a function when it is loaded."""

    ran: list[str] = []  # noqa: RUF012  # what a test looks at

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return Harm.ran.append, (SECRET,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_conf_of_plain_values_is_read(protocol: int) -> None:
    given = {"a": [1, 2.5, None, True, "ü"], "password": SECRET, "t": (1, 2)}
    shown = {"a": [1, 2.5, None, True, "ü"], "password": MASK, "t": [1, 2]}
    packed = pickle.dumps(given, protocol)
    assert conf(packed) == shown
    assert conf(memoryview(packed)) == shown


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_conf_that_names_anything_is_null(protocol: int) -> None:
    for given in (Harm(), {"x": [Harm()]}, OrderedDict(a=1), EPOCH, print):
        assert conf(pickle.dumps(given, protocol)) is None
    assert Harm.ran == []


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"\x80",
        b"garbage",
        b"\x80\x04.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"P1\n.",
        b"(" * 100_000,
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"}" + b"(K\x01" * 10,
        pickle.dumps("x" * 2_000_000),
        b"]" + b"\x8c\x01a" * 5,
    ],
)
def test_a_hostile_pickle_is_null(given: bytes) -> None:
    assert conf(given) is None


def test_a_conf_that_holds_itself_is_cut_off() -> None:
    given: list[Any] = [1]
    given.append(given)
    found = conf(pickle.dumps(given))
    assert found[0] == 1
    depth = 0
    while found:
        found = found[1]
        depth += 1
    assert 10 < depth < 1_000


@pytest.mark.parametrize("given", ["", "{broken", "NaN", '"\\ud800"', "[" * 9_999])
def test_a_conf_that_is_no_json_is_null(given: str) -> None:
    assert conf(given) is None


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_no_secret_of_a_dag_or_a_run_is_answered(
    databases: Databases, backend: str
) -> None:
    param = {
        "__class": "airflow.sdk.definitions.param.Param",
        "default": SECRET,
        "schema": {"__type": "dict", "__var": {}},
    }
    nested = {**param, "default": {"inside": {"api_key": SECRET, "fine": 1}}}
    structure = serialized(
        "secretive",
        {"t": []},
        default_args={
            "__type": "dict",
            "__var": {"password": SECRET, "fine": {"__type": "set", "__var": [1]}},
        },
        params=[["token", param], ["plain", nested]],
    )
    address = databases.copy(f"3.3.2-{backend}")
    version_id = new_id()
    databases.write(
        address,
        insert("dag", [{"dag_id": "secretive"}])
        + version("secretive", structure, version_id=version_id)
        + run("secretive", "r", EPOCH, conf={"db_password": SECRET, "fine": "yes"}),
    )
    async with opened(address) as gateway:
        found = await Asking(gateway)(
            """{ dag(dagId: "secretive") { defaultArgs params { name value }
                 tasks { params { name value } } latestRun { conf } } }"""
        )
    dag = found["dag"]
    assert SECRET not in str(found)
    assert dag["defaultArgs"] == {"password": MASK, "fine": [1]}
    values = {param_["name"]: param_["value"] for param_ in dag["params"]}
    assert values == {"token": MASK, "plain": {"inside": {"api_key": MASK, "fine": 1}}}
    assert dag["tasks"][0]["params"] == dag["params"]
    assert dag["latestRun"]["conf"] == {"db_password": MASK, "fine": "yes"}
