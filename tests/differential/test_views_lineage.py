"""Dependencies tie the DAGs and assets that Airflow's API server ties."""

from typing import Any

from tests.differential.said import Item, Said
from tests.support.gateways import Asking

DEPENDENCIES = """query Dependencies($dagId: ID!) {
  dag(dagId: $dagId) {
    upstreamDependencies { ...tie }
    downstreamDependencies { ...tie }
  }
}
fragment tie on DagDependency {
  kind label taskDagId taskId task { taskId } asset { id name } dagId dag { dagId }
}"""
Edge = tuple[str, str]


async def dependencies(ask: Asking, said: Said) -> dict[str, Any]:
    """What each DAG waits for and sets off."""
    return {
        dag_id: (await ask(DEPENDENCIES, dagId=dag_id))["dag"]
        for dag_id in said.dag_ids()
    }


def edges_of(dag_id: str, found: Item) -> set[Edge]:
    """A DAG's ties as Airflow draws them: through the asset, the alias or the task."""
    edges: set[Edge] = set()
    for one in found["upstreamDependencies"]:
        edges |= path(one["dagId"], dag_id, one)
    for one in found["downstreamDependencies"]:
        edges |= path(dag_id, one["dagId"], one)
    return edges


def path(source: str | None, target: str | None, one: Item) -> set[Edge]:
    kind = one["kind"]
    if kind in {"TRIGGER", "SENSOR"}:
        middle = f"{kind.lower()}:{source}:{target}:{one['taskId']}"
    elif kind == "ASSET":
        middle = one["asset"]["id"].replace("Asset/", "asset:")
    else:
        middle = f"asset-alias:{one['label']}"
    ends = set()
    if source is not None:
        ends.add((f"dag:{source}", middle))
    if target is not None:
        ends.add((middle, f"dag:{target}"))
    return ends


async def test_dags_and_assets_are_tied_as_airflow_draws_them(
    ask: Asking, said: Said
) -> None:
    drawn = {
        (edge["source_id"], edge["target_id"])
        for edge in said.to("/ui/dependencies")["edges"]
    }
    # we put the assets of an alias in its place; Airflow draws them beside it
    theirs = {
        edge
        for edge in drawn
        if not all(end.startswith(("asset:", "asset-alias:")) for end in edge)
    }

    every = await dependencies(ask, said)

    found: set[Edge] = set()
    for dag_id, one in every.items():
        found |= edges_of(dag_id, one)
    assert found == theirs


async def test_each_tie_names_the_task_that_makes_it(ask: Asking, said: Said) -> None:
    every = await dependencies(ask, said)

    ties = {
        (one["kind"], dag_id, one["dagId"], one["taskDagId"], one["taskId"])
        for dag_id, both in every.items()
        for one in both["downstreamDependencies"]
    }
    parent, child = "fx_trigger_parent", "fx_trigger_child"
    sensing = ("SENSOR", "fx_chain", "fx_external", "fx_external")
    making = ("ASSET", "fx_asset_producer", "fx_asset_all", "fx_asset_producer")
    assert {
        ("TRIGGER", parent, child, parent, "start_child"),
        ("TRIGGER", parent, child, parent, "start_and_wait"),
        (*sensing, "wait_for_dag"),
        (*sensing, "wait_for_tasks"),
        (*making, "make_orders"),
        (
            "ASSET_ALIAS",
            "fx_asset_alias_producer",
            "fx_asset_alias",
            "fx_asset_alias_producer",
            "make",
        ),
    } <= ties


async def test_what_one_dag_sets_off_the_other_waits_for(
    ask: Asking, said: Said
) -> None:
    every = await dependencies(ask, said)

    there = {
        (dag_id, one["dagId"], one["kind"], one["label"], one["taskId"])
        for dag_id, both in every.items()
        for one in both["downstreamDependencies"]
        if one["dagId"] is not None
    }
    back = {
        (one["dagId"], dag_id, one["kind"], one["label"], one["taskId"])
        for dag_id, both in every.items()
        for one in both["upstreamDependencies"]
        if one["dagId"] is not None
    }
    assert there == back
    assert len(there) > 8
    for both in every.values():
        for one in (*both["upstreamDependencies"], *both["downstreamDependencies"]):
            assert (one["task"] or {"taskId": None})["taskId"] == one["taskId"]
            assert (one["dag"] or {"dagId": None})["dagId"] == one["dagId"]
