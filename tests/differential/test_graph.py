"""Graphs and grids' rows are drawn as Airflow's API server draws them."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from tests.differential.said import Item, Said
from tests.support.gateways import Asking

GRAPH = """query Graph($dagId: ID!, $root: ID, $up: Int!, $down: Int!) {
  dag(dagId: $dagId) { graph(root: $root, upstream: $up, downstream: $down) {
    ...drawn
  } }
}
fragment drawn on Graph {
  nodes {
    key parentKey kind label tooltip operatorName isMapped isSetup isTeardown
    task { taskId } group { groupId }
  }
  edges { sourceKey targetKey label isSetupTeardown }
}"""
OF_VERSION = """query Version($dagId: ID!, $number: Int!) {
  dag(dagId: $dagId) { versionByNumber(versionNumber: $number) {
    graph { ...drawn }
  } }
}""" + GRAPH[GRAPH.index("fragment") - 1 :]
STRUCTURE_DATA = "/ui/structure/structure_data"


def asked_for(path: str) -> Item:
    """A structure's query as variables of ours."""
    query = {key: value[0] for key, value in parse_qs(urlsplit(path).query).items()}
    steps = int(query.get("depth", -1))
    number = query.get("version_number")
    return {
        "dagId": query.get("dag_id", urlsplit(path).path.rpartition("/")[2]),
        "root": query.get("root"),
        "up": steps if "include_upstream" in query else 0,
        "down": steps if "include_downstream" in query else 0,
        "number": number and int(number),
    }


def nested(nodes: list[Item]) -> list[Item]:
    """Our nodes as Airflow nests them, in our order."""
    made: dict[str, Item] = {}
    top: list[Item] = []
    for node in nodes:
        is_group = node["kind"] == "GROUP"
        is_task = node["kind"] == "TASK"
        setup = "setup" if node["isSetup"] else None
        made[node["key"]] = {
            "id": node["key"],
            "label": node["label"],
            "tooltip": node["tooltip"],
            "type": "join" if node["kind"] == "JOIN" else "task",
            "operator": node["operatorName"],
            "is_mapped": node["isMapped"],
            "setup_teardown_type": "teardown" if node["isTeardown"] else setup,
            "children": [] if is_group else None,
        }
        assert node["task"] == ({"taskId": node["key"]} if is_task else None)
        assert node["group"] == ({"groupId": node["key"]} if is_group else None)
        parent = node["parentKey"]
        inside = top if parent is None else made[parent]["children"]
        inside.append(made[node["key"]])
    return top


def airflows(nodes: list[Item], *, is_in_mapped: bool = False) -> Iterator[Item]:
    """Airflow's nodes in the same form.

    A group says only of itself whether it is mapped, not of those around it.
    """
    for node in nodes:
        mapped = is_in_mapped or bool(node["is_mapped"])
        children = node["children"]
        yield {
            "id": node["id"],
            "label": node["label"],
            "tooltip": node["tooltip"],
            "type": node["type"],
            "operator": node["operator"],
            "is_mapped": mapped and node["type"] != "join",
            "setup_teardown_type": node["setup_teardown_type"],
            "children": children
            if children is None
            else list(airflows(children, is_in_mapped=mapped)),
        }


def edges(found: list[Item]) -> list[Item]:
    """Our edges in Airflow's words."""
    return [
        {
            "source_id": edge["sourceKey"],
            "target_id": edge["targetKey"],
            "label": edge["label"],
            "is_setup_teardown": edge["isSetupTeardown"] or None,
        }
        for edge in found
    ]


def airflows_edges(found: list[Item]) -> list[Item]:
    """Airflow's edges."""
    return [
        {
            key: edge[key]
            for key in ("source_id", "target_id", "label", "is_setup_teardown")
        }
        for edge in found
    ]


async def graph(ask: Asking, path: str) -> Item:
    """Our graph for what Airflow was asked."""
    variables = asked_for(path)
    number = variables.pop("number")
    if number is None:
        found = (await ask(GRAPH, variables))["dag"]
    else:
        found = (await ask(OF_VERSION, dagId=variables["dagId"], number=number))["dag"]
        found = found["versionByNumber"]
    ours: Item = found["graph"]
    return ours


async def test_every_graph_and_part_of_one_is_drawn_as_airflow_draws_it(
    ask: Asking, said: Said
) -> None:
    asked = said.asked(STRUCTURE_DATA)
    parts = 0
    for path, theirs in asked.items():
        if "external_dependencies" in path:
            continue
        parts += "root=" in path
        ours = await graph(ask, path)
        assert nested(ours["nodes"]) == list(airflows(theirs["nodes"])), path
        assert edges(ours["edges"]) == airflows_edges(theirs["edges"]), path
    assert parts > 40


def as_grid_rows(nodes: list[Item]) -> list[Item]:
    """Nodes as Airflow's grid has them: without joins, and without what is not so."""
    rows = []
    for node in nodes:
        if node["type"] == "join":
            continue
        children = as_grid_rows(node["children"] or [])
        row = {
            "id": node["id"],
            "label": node["label"],
            "is_mapped": node["is_mapped"] or None,
            "setup_teardown_type": node["setup_teardown_type"],
            "children": children or None,
        }
        rows.append({key: value for key, value in row.items() if value is not None})
    return rows


def airflows_rows(nodes: list[Item], *, is_in_mapped: bool = False) -> Iterator[Item]:
    """The rows of Airflow's grid."""
    for node in nodes:
        mapped = is_in_mapped or node.get("is_mapped", False)
        row = {key: value for key, value in node.items() if key != "doc_md"}
        if mapped:
            row["is_mapped"] = True
        if "children" in node:
            row["children"] = list(airflows_rows(node["children"], is_in_mapped=mapped))
        yield row


async def test_every_grid_has_the_rows_that_airflow_shows(
    ask: Asking, said: Said
) -> None:
    for path, theirs in said.asked("/ui/grid/structure/").items():
        if "/fx_versioned" in path:
            continue  # Airflow puts the versions of all runs together, we of each run
        ours = await graph(ask, path)
        rows = as_grid_rows(nested(ours["nodes"]))
        assert rows == list(airflows_rows(theirs)), path
