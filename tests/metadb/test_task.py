from datetime import UTC, datetime
from typing import Any

import pytest

from metadb.dag_param import params
from metadb.reference import references
from metadb.task import Task
from tests.support.structures import group, leaves, structure, task

EVERYTHING: dict[str, Any] = {
    "task_type": "BashOperator",
    "_task_module": "airflow.operators.bash",
    "_operator_name": "@task.bash",
    "_task_display_name": "Schön",
    "owner": "ada",
    "doc_md": "Docs",
    "trigger_rule": "one_done",
    "depends_on_past": True,
    "wait_for_downstream": True,
    "retries": 3,
    "retry_delay": 5.5,
    "retry_exponential_backoff": 1.5,
    "execution_timeout": 60.0,
    "start_date": 86_400.0,
    "end_date": 172_800.0,
    "pool": "lane",
    "pool_slots": 2,
    "queue": "fast",
    "priority_weight": 7,
    "weight_rule": "absolute",
    "ui_color": "blue",
    "ui_fgcolor": "white",
    "is_setup": True,
    "is_teardown": True,
    "_is_sensor": True,
    "_can_skip_downstream": True,
    "template_fields": ["bash_command", "env"],
    "bash_command": "echo",
}
READ = {
    "task_type": "BashOperator",
    "module": "airflow.operators.bash",
    "operator_name": "@task.bash",
    "display_name": "Schön",
    "owner": "ada",
    "doc_md": "Docs",
    "trigger_rule": "one_done",
    "depends_on_past": True,
    "wait_for_downstream": True,
    "retries": 3,
    "retry_delay": 5.5,
    "retry_exponential_backoff": 1.5,
    "execution_timeout": 60.0,
    "start_date": datetime(1970, 1, 2, tzinfo=UTC),
    "end_date": datetime(1970, 1, 3, tzinfo=UTC),
    "pool": "lane",
    "pool_slots": 2,
    "queue": "fast",
    "priority_weight": 7,
    "weight_rule": "absolute",
    "ui_color": "blue",
    "ui_fgcolor": "white",
    "is_setup": True,
    "is_teardown": True,
    "is_sensor": True,
    "can_skip_downstream": True,
    "template_fields": ("bash_command", "env"),
    "template_field_values": {"bash_command": "echo"},
}
DEFAULTS: dict[str, Any] = {
    "task_type": "BaseOperator",
    "module": None,
    "operator_name": "BaseOperator",
    "display_name": "t",
    "owner": "airflow",
    "doc_md": None,
    "trigger_rule": "all_success",
    "depends_on_past": False,
    "wait_for_downstream": False,
    "retries": 0,
    "retry_delay": 300.0,
    "retry_exponential_backoff": 0.0,
    "execution_timeout": None,
    "start_date": None,
    "end_date": None,
    "pool": "default_pool",
    "pool_slots": 1,
    "queue": "default",
    "priority_weight": 1,
    "weight_rule": "downstream",
    "ui_color": "#fff",
    "ui_fgcolor": "#000",
    "is_setup": False,
    "is_teardown": False,
    "is_sensor": False,
    "can_skip_downstream": False,
    "template_fields": (),
    "template_field_values": {},
}


def made(fields: dict[str, Any] | None = None, **more: Any) -> Task:
    """A structure's one task, t."""
    return structure([task("t", **fields or {})], **more).tasks["t"]


def values(found: Task) -> dict[str, Any]:
    return {name: getattr(found, name) for name in DEFAULTS}


def test_what_a_task_says_is_read() -> None:
    assert values(made(EVERYTHING)) == READ


def test_a_task_that_says_nothing_has_the_defaults_of_the_schema() -> None:
    assert values(made()) == DEFAULTS


def test_the_settings_at_parsing_are_in_effect_unless_the_task_says_otherwise() -> None:
    defaults = {"retries": 2, "execution_timeout": 3600.0, "owner": "settings"}

    found = made({"retries": 0}, defaults=defaults)

    assert (found.retries, found.execution_timeout) == (0, 3600.0)
    assert found.owner == "settings"


def test_a_mapped_task_has_its_values_in_partial_kwargs() -> None:
    partial = {
        "retries": 4,
        "retry_delay": {"__type": "timedelta", "__var": 2.0},
        "trigger_rule": "always",
        "is_setup": True,
        "bash_command": "partial",
    }
    fields = {
        "_is_mapped": True,
        "partial_kwargs": partial,
        "template_fields": ["bash_command"],
    }

    found = made({**fields, "retries": 1})

    assert found.is_mapped
    assert found.is_mapped_itself
    assert (found.retries, found.retry_delay) == (4, 2.0)
    assert found.trigger_rule == "always"
    assert found.is_setup
    assert found.template_field_values == {"bash_command": "partial"}


def test_partial_kwargs_of_a_task_that_is_not_mapped_do_not_count() -> None:
    assert made({"partial_kwargs": {"retries": 4}}).retries == 0


def test_dates_are_the_dags_unless_the_task_has_its_own() -> None:
    found = made({"start_date": 60.0}, start_date=0.0, end_date=120.0)

    assert found.start_date == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert found.end_date == datetime(1970, 1, 1, 0, 2, tzinfo=UTC)


def test_airflow_2_has_other_names_for_some_fields() -> None:
    found = made(
        {
            "_task_type": "PythonSensor",
            "_task_display_property_value": "Alt",
            "deps": ["x.ReadyToRescheduleDep"],
            "retry_exponential_backoff": True,
            "_can_skip_downstream": True,
        },
        version=1,
        number=None,
    )

    assert (found.task_type, found.display_name) == ("PythonSensor", "Alt")
    assert found.is_sensor
    assert found.retry_exponential_backoff == 2.0
    assert found.can_skip_downstream is None
    assert found.version_number is None


def test_a_label_is_the_id_without_the_prefixes_of_groups() -> None:
    inner = group(leaves("g.h.a"), prefix_group_id=True)
    bare = group(leaves("bare_a", "bare.b"), prefix_group_id=False)
    children = {"g": group({"g.h": inner}), "bare": bare, **leaves("with.dot")}
    tasks = [task(name) for name in ("g.h.a", "bare_a", "bare.b", "with.dot")]

    found = structure(tasks, children)

    assert {t.task_id: (t.label, t.group_id) for t in found.tasks.values()} == {
        "g.h.a": ("a", "g.h"),
        "bare_a": ("bare_a", "bare"),
        "bare.b": ("bare.b", "bare"),
        "with.dot": ("with.dot", None),
    }


def test_a_task_knows_its_neighbours_and_where_it_is_defined() -> None:
    found = structure([task("a", "t"), task("t", "c", "b"), task("b"), task("c")])

    t = found.tasks["t"]
    assert t.upstream_task_ids == ["a"]
    assert t.downstream_task_ids == ["b", "c"]
    assert (t.dag_id, t.structure, t.version, t.version_number) == (
        "d",
        "v#hash",
        "v",
        1,
    )


def test_the_tasks_params_are_over_the_dags() -> None:
    dags = [["n", {"__class": "Param", "default": 1}], ["m", {"default": 2}]]
    own = [["n", {"default": 9, "description": "own"}], ["k", "plain"]]

    found = made({"params": own}, params=dags)

    assert found.params == (
        ("n", 9, "own", None),
        ("m", 2, None, None),
        ("k", "plain", None, {}),
    )


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"a": 1}, (("a", 1, None, {}),)),
        ({"__type": "dict", "__var": {"a": None}}, (("a", None, None, {}),)),
        ([["a"], ["a", 1, 2], [5, 6], "a", None], ()),
        ("params", ()),
        ([["a", {"default": 1, "description": [2]}]], (("a", 1, None, None),)),
    ],
)
def test_params_may_be_pairs_or_an_object(stored: object, found: object) -> None:
    assert params(stored) == found


def test_references_say_what_they_go_by() -> None:
    stored = [
        {"__type": "asset", "__var": {"name": "n", "uri": "u", "extra": {}}},
        {"__type": "dataset", "__var": {"uri": "u"}},
        {"__type": "asset_alias", "name": "alias", "group": "g"},
        {"__type": "asset_ref", "__var": {"name": "n"}},
        {"__type": "asset_ref", "__var": {"uri": "u"}},
        {"__type": ["asset"], "__var": {"name": 5}},
        "text",
    ]

    assert references(stored) == (
        ("ASSET", "n", "u"),
        ("ASSET", "u", "u"),
        ("ALIAS", "alias", None),
        ("NAME_REF", "n", None),
        ("URI_REF", None, "u"),
        ("OTHER", None, None),
        ("OTHER", None, None),
    )
    assert references({"__type": "set", "__var": 5}) == ()


@pytest.mark.parametrize("junk", [None, [], {}, "x", {"__var": [1]}])
def test_what_is_not_of_the_right_kind_is_as_if_it_were_not_there(junk: object) -> None:
    fields = dict.fromkeys(EVERYTHING.keys() - {"task_id"}, junk)
    fields |= {"deps": junk, "params": junk, "inlets": junk, "outlets": junk}
    fields |= {"partial_kwargs": junk, "_is_mapped": junk}

    found = made(fields)

    for name in ("retries", "pool_slots", "priority_weight"):
        assert getattr(found, name) == DEFAULTS[name]
    for name in ("depends_on_past", "is_setup", "is_sensor", "is_mapped_itself"):
        assert getattr(found, name) is False
    assert (found.start_date, found.execution_timeout) == (None, None)
    assert found.retry_exponential_backoff == 0.0


def test_numbers_that_graphql_does_not_know_are_cut() -> None:
    assert made({"retries": 10**30}).retries == 2**31 - 1
    assert made({"priority_weight": -(10**30)}).priority_weight == -(2**31) + 1
    assert made({"pool_slots": 1e300}).pool_slots == 2**31 - 1


@pytest.mark.parametrize(
    ("stored", "links"),
    [
        (
            {"Triggered DAG": "_link_X", "odd": 5},
            (("Triggered DAG", "_link_X"), ("odd", None)),
        ),
        ([{"airflow.operators.x.XLink": {}}, 5], (("XLink", None),)),
        ("text", ()),
        (None, ()),
    ],
)
def test_links_have_the_key_of_their_xcom_from_airflow_3_on(
    stored: object, links: object
) -> None:
    assert made({"_operator_extra_links": stored}).extra_links == links


def test_a_task_has_the_assets_that_it_reads_and_writes() -> None:
    asset = {"__type": "asset", "__var": {"name": "n", "uri": "u"}}

    found = made({"inlets": [asset], "outlets": [asset, asset]})

    assert found.inlets == (("ASSET", "n", "u"),)
    assert len(found.outlets) == 2
