"""The query that a newcomer is given to try on the demo."""

import json
import shlex
from collections.abc import Mapping

EXAMPLE = (
    "query($dagId: ID!) { dag(dagId: $dagId) { displayName "
    "tasks { taskId triggerRule downstreamTaskIds } "
    "runs(first: 3) { nodes { runId state "
    "taskSummaries { taskId groupId state instanceCount } } } } }"
)
"""A DAG's tasks and edges, and the grid of its newest runs: one nested query."""

VARIABLES: Mapping[str, str] = {"dagId": "orders_ingest"}


def example(address: str) -> str:
    """A command that sends the query to the endpoint at an address."""
    body = json.dumps({"query": EXAMPLE, "variables": VARIABLES})
    return (
        f"  curl -s {shlex.quote(address)} -H 'Content-Type: application/json' \\\n"
        f"    -d {shlex.quote(body)}"
    )
