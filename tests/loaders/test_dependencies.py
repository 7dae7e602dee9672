"""Ties between DAGs: at their task, without stale DAGs, through aliases and mapping."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dagway.operation import opened
from tests.support import seed
from tests.support.databases import Databases, stored_names
from tests.support.gateways import Asking

TIES = """query Ties($dagId: ID!) {
  dag(dagId: $dagId) {
    upstreamDependencies { ...tie }
    downstreamDependencies { ...tie }
  }
}
fragment tie on DagDependency {
  kind label taskDagId taskId task { taskId } asset { name } dagId dag { dagId }
}"""
Tie = tuple[str, str | None, str | None, str | None, str | None, str | None]


def depends(kind: str, source: str, target: str, named: str) -> dict[str, object]:
    """An entry of a DAG's own list."""
    return {
        "dependency_type": kind,
        "source": source,
        "target": target,
        "label": named,
        "dependency_id": named,
    }


def dag(
    dag_id: str, tasks: list[str], listed: list[dict[str, object]], **row: seed.Value
) -> str:
    """A DAG of unrelated tasks, with its list."""
    data = seed.serialized(
        dag_id, {task_id: [] for task_id in tasks}, dag_dependencies=listed
    )
    return seed.insert("dag", [{"dag_id": dag_id, **row}]) + seed.version(dag_id, data)


def with_tasks(dag_id: str, tasks: list[dict[str, object]]) -> str:
    """A DAG whose tasks are given as they are serialized."""
    ids: dict[str, list[str]] = {str(task["task_id"]): [] for task in tasks}
    data: Any = seed.serialized(dag_id, ids)
    data["dag"]["tasks"] = [{"__type": "operator", "__var": task} for task in tasks]
    return seed.insert("dag", [{"dag_id": dag_id}]) + seed.version(dag_id, data)


def mapped(task_id: str, kind: str, **fields: str) -> dict[str, object]:
    """A mapped task as it is serialized."""
    return {
        "task_id": task_id,
        "task_type": kind,
        "_task_module": "made.up",
        "_is_mapped": True,
        "template_fields": [*fields],
        "partial_kwargs": fields,
        "_expand_input_attr": "expand_input",
        "expand_input": {"type": "dict-of-lists", "value": {}},
    }


def making(task_id: str, alias: str) -> dict[str, object]:
    """A task that makes an alias."""
    outlet = {"__type": "asset_alias", "__var": {"name": alias, "group": "asset"}}
    return {
        "task_id": task_id,
        "task_type": "EmptyOperator",
        "_task_module": "made.up",
        "outlets": [outlet],
    }


STAMPS: dict[str, seed.Value] = {"created_at": seed.EPOCH, "updated_at": seed.EPOCH}


def aliases() -> str:
    """Two aliases of one asset: one that a task makes, one that a DAG waits for."""
    return "\n".join(
        (
            with_tasks("maker", [making("other", "else"), making("make", "made")]),
            dag("waiter", ["t"], []),
            seed.insert("asset", [{"id": 900, "name": "shared", "uri": "x://shared"}]),
            seed.insert("asset_active", [{"name": "shared", "uri": "x://shared"}]),
            seed.insert(
                "asset_alias",
                [
                    {"id": 900, "name": "made", "group": "asset"},
                    {"id": 901, "name": "awaited", "group": "asset"},
                    {"id": 902, "name": "empty", "group": "asset"},
                ],
            ),
            seed.insert(
                "asset_alias_asset",
                [
                    {"alias_id": 900, "asset_id": 900},
                    {"alias_id": 901, "asset_id": 900},
                ],
            ),
            seed.insert(
                "dag_schedule_asset_alias_reference",
                [
                    {"alias_id": 901, "dag_id": "waiter", **STAMPS},
                    {"alias_id": 902, "dag_id": "lonely", **STAMPS},
                ],
            ),
        )
    )


def rows() -> str:
    """DAGs that are tied in every way."""
    alias = depends("asset-alias", "maker", "asset-alias", "made")
    made = aliases().replace(
        '"dag_dependencies": []', f'"dag_dependencies": [{json.dumps(alias)}]', 1
    )
    return "\n".join(
        (
            dag("starter", ["go"], [depends("trigger", "starter", "started", "go")]),
            dag("started", ["t"], []),
            dag(
                "stale",
                ["go"],
                [depends("trigger", "stale", "started", "go")],
                is_stale=True,
            ),
            dag(
                "templated",
                ["go"],
                [depends("trigger", "templated", "{{ params.dag }}", "go")],
            ),
            dag("waits", ["look"], [depends("sensor", "missing", "waits", "look")]),
            with_tasks(
                "fan_out",
                [
                    mapped("go", "TriggerDagRunOperator", trigger_dag_id="started"),
                    mapped("look", "ExternalTaskSensor", external_dag_id="starter"),
                ],
            ),
            dag("again", ["go"], [depends("trigger", "again", "fan_out", "go")]),
            dag("lonely", ["t"], []),
            dag(
                "odd",
                ["t"],
                [
                    {"dependency_type": "trigger", "source": 1, "target": None},
                    {"dependency_type": "sensor"},
                    {},
                ],
            ),
            made,
            seed.assets(1, maker="starter", user="started", first_id=910).replace(
                "'t0000'", "'go'"
            ),
            seed.insert(
                "task_outlet_asset_reference",
                [{"asset_id": 910, "dag_id": "stale", "task_id": "go", **STAMPS}],
            ),
            seed.insert(
                "dag_schedule_asset_reference", [{"asset_id": 910, "dag_id": "stale"}]
            ),
        )
    )


@pytest.fixture(scope="module", params=["3.3.2-sqlite", "3.3.2-postgresql"])
def address(request: pytest.FixtureRequest, databases: Databases) -> str:
    copy = databases.copy(request.param)
    databases.write(copy, rows())
    return copy


@pytest.fixture
async def tied(address: str) -> AsyncIterator[Asking]:
    """Asks a gateway on the copy with these DAGs."""
    async with opened(address) as gateway:
        yield Asking(gateway)


async def ties(ask: Asking, dag_id: str, way: str) -> set[Tie]:
    """(kind, label, task's DAG, task, asset, other DAG) of each tie."""
    found = (await ask(TIES, dagId=dag_id))["dag"][f"{way}Dependencies"]
    for one in found:
        if one["task"] is not None:
            assert one["task"]["taskId"] == one["taskId"]
        if one["dag"] is not None:
            assert one["dag"]["dagId"] == one["dagId"]
    made = [
        (
            one["kind"],
            one["label"],
            one["taskDagId"],
            one["taskId"],
            one["asset"] and one["asset"]["name"],
            one["dagId"],
        )
        for one in found
    ]
    assert len(made) == len(set(made))
    return set(made)


ASSET = "starter_910"


async def test_a_trigger_and_an_asset_lead_from_their_task(tied: Asking) -> None:
    found = await ties(tied, "starter", "downstream")

    assert found == {
        ("TRIGGER", "go", "starter", "go", None, "started"),
        ("ASSET", ASSET, "starter", "go", ASSET, "started"),
    }


async def test_a_stale_dag_ties_nothing(tied: Asking) -> None:
    found = await ties(tied, "started", "upstream")

    assert found == {
        ("TRIGGER", "go", "starter", "go", None, "starter"),
        ("ASSET", ASSET, "starter", "go", ASSET, "starter"),
    }
    assert await ties(tied, "stale", "downstream") == set()


async def test_a_template_stays_as_it_is_written(tied: Asking) -> None:
    found = (await tied(TIES, dagId="templated"))["dag"]["downstreamDependencies"]

    assert [(one["dagId"], one["dag"]) for one in found] == [("{{ params.dag }}", None)]


async def test_a_sensor_is_its_waiting_dags_task(tied: Asking) -> None:
    assert await ties(tied, "waits", "upstream") == {
        ("SENSOR", "look", "waits", "look", None, "missing")
    }


async def test_mapped_tasks_tie_too_though_airflow_lists_them_not(
    tied: Asking,
) -> None:
    # `again` triggers this DAG by a task of the same id
    assert await ties(tied, "fan_out", "downstream") == {
        ("TRIGGER", "go", "fan_out", "go", None, "started")
    }
    assert await ties(tied, "fan_out", "upstream") == {
        ("SENSOR", "look", "fan_out", "look", None, "starter"),
        ("TRIGGER", "go", "again", "go", None, "again"),
    }


async def test_an_alias_leads_to_the_task_that_makes_it(tied: Asking) -> None:
    assert await ties(tied, "waiter", "upstream") == {
        ("ASSET_ALIAS", "awaited", "maker", "make", "shared", "maker")
    }
    assert await ties(tied, "maker", "downstream") == {
        ("ASSET_ALIAS", "awaited", "maker", "make", "shared", "waiter")
    }


async def test_an_alias_of_nothing_is_shown_without_an_asset(tied: Asking) -> None:
    assert await ties(tied, "lonely", "upstream") == {
        ("ASSET_ALIAS", "empty", None, None, None, None)
    }


async def test_what_is_no_dependency_is_left_out(tied: Asking) -> None:
    assert await ties(tied, "odd", "upstream") == set()
    assert await ties(tied, "odd", "downstream") == set()


async def test_dependencies_are_asked_of_one_dag_at_a_time(tied: Asking) -> None:
    (error,) = await tied.errors(
        "{ dags(first: 2) { nodes { upstreamDependencies { kind } } } }"
    )

    assert error["message"] == "Dependencies are asked of 2 DAGs; of one at a time."
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("name", stored_names())
async def test_every_airflows_dags_are_tied_alike(ask: Asking, name: str) -> None:
    parent, child, waits = "fx_trigger_parent", "fx_trigger_child", "fx_external"

    assert await ties(ask, parent, "downstream") == {
        ("TRIGGER", task, parent, task, None, child)
        for task in ("start_child", "start_and_wait")
    }
    assert {(*tie[:4], tie[5]) for tie in await ties(ask, child, "upstream")} == {
        ("TRIGGER", task, parent, task, parent)
        for task in ("start_child", "start_and_wait")
    }
    assert {tie[3:] for tie in await ties(ask, waits, "upstream")} == {
        (task, None, "fx_chain") for task in ("wait_for_dag", "wait_for_tasks")
    }
    awaited = await ties(ask, "fx_asset_one", "upstream")
    assert {(tie[2], tie[3], tie[5]) for tie in awaited} == {
        ("fx_asset_producer", "make_orders", "fx_asset_producer")
    }
    makes = await ties(ask, "fx_asset_producer", "downstream")
    assert ("fx_asset_producer", "make_orders", "fx_asset_one") in {
        (tie[2], tie[3], tie[5]) for tie in makes
    }
    if name.startswith("3") or "-to-3" in name:
        refs = await ties(ask, "fx_asset_refs", "upstream")
        assert "fx_asset_producer" in {tie[5] for tie in refs}


@pytest.mark.parametrize("name", stored_names(starting="2."))
async def test_a_subdag_has_its_parent_and_tasks(ask: Asking, name: str) -> None:
    found = (
        await ask(
            """{ dag(dagId: "fx_subdag") { parentDag { dagId }
                 subDags { dagId parentDag { dagId } tasks { taskId } } } }"""
        )
    )["dag"]
    if "-to-3" in name:  # Airflow 3 has none
        assert found is None or found["subDags"] == []
        return

    assert found["parentDag"] is None
    assert [one["dagId"] for one in found["subDags"]] == ["fx_subdag.section"]
    for one in found["subDags"]:
        assert one["parentDag"] == {"dagId": "fx_subdag"}
        assert [task["taskId"] for task in one["tasks"]] == ["one", "two"]
