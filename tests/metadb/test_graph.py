from typing import Any

from metadb.graph import Graph
from metadb.structure import Structure
from tests.support.structures import group, leaves, structure, task


def edges(graph: Graph) -> list[tuple[str, str]]:
    return [(edge.source_key, edge.target_key) for edge in graph.edges]


def whole(found: Structure) -> Graph:
    return found.graph(None, 0, 0)


def two_groups(**more: Any) -> Structure:
    """g >> h >> last, with two tasks in each group."""
    tasks = [
        task("g.a", "h.a", "h.b"),
        task("g.b", "h.a", "h.b"),
        task("h.a", "last"),
        task("h.b", "last"),
        task("last"),
    ]
    g = group(leaves("g.a", "g.b"), _group_id="g", downstream_group_ids=["h"])
    h = group(
        leaves("h.a", "h.b"),
        _group_id="h",
        upstream_group_ids=["g"],
        downstream_task_ids=["last"],
        tooltip="The second",
    )
    return structure(tasks, {"g": g, "h": h, **leaves("last")}, **more)


def test_edges_between_groups_go_through_joins() -> None:
    assert edges(whole(two_groups())) == [
        ("g.a", "g.downstream_join_id"),
        ("g.b", "g.downstream_join_id"),
        ("g.downstream_join_id", "h.upstream_join_id"),
        ("h.a", "h.downstream_join_id"),
        ("h.b", "h.downstream_join_id"),
        ("h.downstream_join_id", "last"),
        ("h.upstream_join_id", "h.a"),
        ("h.upstream_join_id", "h.b"),
    ]


def test_nodes_are_depth_first_with_a_groups_joins_after_its_members() -> None:
    assert [
        (n.key, n.parent_key, n.kind, n.label) for n in whole(two_groups()).nodes
    ] == [
        ("g", None, "GROUP", "g"),
        ("g.a", "g", "TASK", "a"),
        ("g.b", "g", "TASK", "b"),
        ("g.downstream_join_id", "g", "JOIN", ""),
        ("h", None, "GROUP", "h"),
        ("h.a", "h", "TASK", "a"),
        ("h.b", "h", "TASK", "b"),
        ("h.upstream_join_id", "h", "JOIN", ""),
        ("h.downstream_join_id", "h", "JOIN", ""),
        ("last", None, "TASK", "last"),
    ]


def test_a_label_may_be_on_an_edge_between_joins() -> None:
    join = {"h.upstream_join_id": {"label": "to the second"}}
    graph = whole(two_groups(edge_info={"g.downstream_join_id": join}))

    assert [e.label for e in graph.edges if e.label] == ["to the second"]


def test_a_task_before_a_group_leads_to_its_join() -> None:
    found = structure(
        [task("a", "g.b"), task("g.b")],
        {**leaves("a"), "g": group(leaves("g.b"), upstream_task_ids=["a"])},
    )

    assert edges(whole(found)) == [
        ("a", "g.upstream_join_id"),
        ("g.upstream_join_id", "g.b"),
    ]


def test_links_to_what_is_not_there_are_not_drawn() -> None:
    links = {
        "upstream_group_ids": ["ghost"],
        "upstream_task_ids": ["ghost"],
        "downstream_group_ids": [None, 5, "ghost"],
        "downstream_task_ids": "ghost",
    }
    found = structure([task("g.a", "ghost")], {"g": group(leaves("g.a"), **links)})

    assert [node.key for node in whole(found).nodes] == ["g", "g.a"]
    assert not whole(found).edges


def test_a_teardown_is_no_end_of_its_group() -> None:
    """Edges out of a group start from the last tasks that are not teardowns."""
    tasks = [
        task("g.setup", "g.work", "g.down", is_setup=True),
        task("g.work", "g.down", "after"),
        task("g.down", is_teardown=True),
        task("after"),
    ]
    children = {
        "g": group(
            leaves("g.setup", "g.work", "g.down"), downstream_task_ids=["after"]
        ),
        **leaves("after"),
    }
    graph = whole(structure(tasks, children))

    assert edges(graph) == [
        ("g.downstream_join_id", "after"),
        ("g.setup", "g.down"),
        ("g.setup", "g.work"),
        ("g.work", "g.down"),
        ("g.work", "g.downstream_join_id"),
    ]
    assert [e.target_key for e in graph.edges if e.is_setup_teardown] == ["g.down"]


def test_a_part_has_only_the_groups_and_joins_that_it_needs() -> None:
    part = two_groups().graph("h.a", 1, 0)

    assert [node.key for node in part.nodes] == [
        "g",
        "g.a",
        "g.b",
        "g.downstream_join_id",
        "h",
        "h.a",
        "h.upstream_join_id",
    ]
    assert edges(part) == [
        ("g.a", "g.downstream_join_id"),
        ("g.b", "g.downstream_join_id"),
        ("g.downstream_join_id", "h.upstream_join_id"),
        ("h.upstream_join_id", "h.a"),
    ]


def test_a_part_is_in_the_order_that_it_has_by_itself() -> None:
    """In the whole, a comes after the first z; without it, a is first by its id."""
    tasks = [task("z", "a", "b"), task("a", "end"), task("b", "end"), task("end")]
    found = structure(tasks)

    assert [node.key for node in found.graph("end", 1, 0).nodes] == ["a", "b", "end"]
    chained = structure([task("a"), task("b", "a"), task("c", "b")])
    assert [node.key for node in chained.graph("b", 0, 1).nodes] == ["b", "a"]


def test_an_unknown_root_gives_an_empty_graph() -> None:
    graph = two_groups().graph("ghost", -1, -1)
    assert (len(graph.nodes), len(graph.edges)) == (0, 0)


def test_a_key_that_is_taken_is_not_drawn_again() -> None:
    children = {"x": group(leaves("x"), _group_id="x")}
    graph = whole(structure([task("x")], children))

    assert [(node.key, node.kind) for node in graph.nodes] == [("x", "GROUP")]


def test_a_task_shows_its_display_name_or_else_its_label() -> None:
    tasks = [task("g.a", _task_display_name="Schön"), task("g.b", is_setup=True)]
    graph = whole(structure(tasks, {"g": group(leaves("g.a", "g.b"))}))

    assert [(n.label, n.is_setup) for n in graph.nodes if n.kind == "TASK"] == [
        ("Schön", False),
        ("b", True),
    ]
