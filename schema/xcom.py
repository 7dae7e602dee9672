"""XComs."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers import xcom as relation
from resolvers.scalars import JSONValue
from schema.fields import column, derived, identified
from schema.node import Node


def _address(stored: Any) -> str | None:
    return stored if isinstance(stored, str) else None


@strawberry.type(description="A link from a task instance to another page.")
class ExtraLink:
    """A link; embedded."""

    name: str = column("name", "What it is called.")
    url: str | None = derived(
        ("stored",),
        _address,
        "Where it leads, as the task stored it: within Airflow's pages it begins with "
        "a slash. Null until the task has run, and in Airflow 2, which makes it of the "
        "DAG file.",
    )


@strawberry.type(name="XCom", description="A value that a task handed on.")
class XCom(Node):
    """An XCom."""

    id: strawberry.ID = identified(
        "XCom", ("dag_id", "run_id", "task_id", "map_index", "key")
    )
    key: str = column("key", "What it is called; return_value is what a task returned.")
    value: JSONValue | None = derived(
        ("key", "value"),
        relation.value,
        "The value as plain JSON; *** under sensitive names, null for numbers that "
        "JSON lacks. Null if it is null, too large, or cannot be shown: `isTruncated` "
        "and `problem` say so.",
    )
    is_truncated: bool = column(
        "is_truncated", "True if it is larger than 64 KiB and was left out."
    )
    problem: str | None = derived(
        ("value",), relation.problem, "Why it cannot be shown; null where it can."
    )
    timestamp: datetime = column("timestamp", "When it was stored.")
    task_id: strawberry.ID = column("task_id", "The task that handed it on.")
    map_index: int = column(
        "map_index", "Which of the task's instances; -1 if not mapped."
    )
