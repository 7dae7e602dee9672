"""What tasks hold of other DAGs, under the names that Airflow's own operators use."""

from collections.abc import Mapping
from typing import Any

import msgspec

HIDDEN = "***"
_NAMES = frozenset(
    {
        "external_dag_id",
        "external_task_group_id",
        "external_task_id",
        "external_task_ids",
        "trigger_dag_id",
        "trigger_run_id",
    }
)


def untied(fields: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    """Fields of a task without what they name of other DAGs."""
    return {
        name: HIDDEN if name in _NAMES and value is not None else value
        for name, value in fields.items()
    }


def untied_json(text: str) -> str | None:
    """The same of JSON text; None if it is none."""
    try:
        fields = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return text
    return msgspec.json.encode(untied(fields)).decode()
