from metadb.adjacency import after, before, reached

PAIRS = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]


def test_tasks_after_each_task_are_sorted() -> None:
    assert after(PAIRS) == {"a": ["b", "c"], "b": ["d"], "c": ["d"]}


def test_tasks_before_each_task_are_sorted() -> None:
    assert before(PAIRS) == {"b": ["a"], "c": ["a"], "d": ["b", "c"]}


def test_as_many_steps_as_are_asked_for_are_gone() -> None:
    assert reached(after(PAIRS), ["a"], 0) == set()
    assert reached(after(PAIRS), ["a"], 1) == {"b", "c"}
    assert reached(after(PAIRS), ["a"], 2) == {"b", "c", "d"}
    assert reached(after(PAIRS), ["a"], -1) == {"b", "c", "d"}


def test_a_circle_is_gone_through_once() -> None:
    ways = after([("a", "b"), ("b", "a"), ("b", "b")])

    assert reached(ways, ["a"], -1) == {"a", "b"}
