"""Three ways to execute an operation, which must give the same answer.

Level by level; graphql-core with look-ahead; graphql-core with every column, which
finds what a planner that the first two share would hide.
"""

from collections.abc import Sequence
from typing import Any

from dagway.operation import Answer, Gateway, GatewayExecutor, StockExecutor
from tests.support.random_documents import Document, Known

_SOME = """{ dags(first: 1000) { nodes { id dagId version { id }
  tasks { id taskId } taskGroups { id }
  runs(first: 3) { nodes { id runId
    taskInstances(first: 5) { nodes { id dagId runId taskId mapIndex } } } } } } }"""


class EveryColumnExecutor(GatewayExecutor):
    """graphql-core's own execution, with all columns selected."""

    every_column = True


def three(gateway: Gateway) -> list[Gateway]:
    """The gateway by each of the three."""
    executors = (GatewayExecutor, StockExecutor, EveryColumnExecutor)
    return [gateway.executed_by(each) for each in executors]


async def known(gateway: Gateway) -> Known:
    """What documents may name; each 40 DAGs at a time, for the structures' budget."""
    dags: list[dict[str, Any]] = []
    after = "null"
    more = True
    while more:
        paged = f"dags(first: 40, after: {after})"
        document = _SOME.replace("dags(first: 1000)", paged)
        document = document.replace("{ nodes { id dagId", _PAGE + " { id dagId", 1)
        answer = await gateway.answer(document)
        assert answer.data is not None, answer.errors
        dags += answer.data["dags"]["nodes"]
        more = answer.data["dags"]["pageInfo"]["hasNextPage"]
        after = f'"{answer.data["dags"]["pageInfo"]["endCursor"]}"'
    runs = [(d["dagId"], r) for d in dags for r in d["runs"]["nodes"]]
    instances = [t for _, r in runs for t in r["taskInstances"]["nodes"]]
    return Known(
        dag_ids=[dag["dagId"] for dag in dags],
        runs=[(dag_id, run["runId"]) for dag_id, run in runs],
        instances=[
            (t["dagId"], t["runId"], t["taskId"], t["mapIndex"]) for t in instances
        ],
        task_ids=[task["taskId"] for dag in dags for task in dag["tasks"]],
        ids=[
            *(dag["id"] for dag in dags),
            *(dag["version"]["id"] for dag in dags if dag["version"]),
            *(member["id"] for dag in dags for member in dag["tasks"]),
            *(member["id"] for dag in dags for member in dag["taskGroups"]),
            *(run["id"] for _, run in runs),
            *(instance["id"] for instance in instances),
            "Dag/nobody",
        ],
    )


_PAGE = "{ pageInfo { hasNextPage endCursor } nodes"


def compared(answer: Answer) -> tuple[Any, list[Any]]:
    """What must be equal: the data, and the errors."""
    return answer.data, answer.errors


async def difference(
    gateways: Sequence[Gateway], document: Document
) -> tuple[list[Answer], bool]:
    """The three answers, and whether they differ.

    Errors and paths are compared where only one error is possible.
    """
    answers = [await g.answer(document.text, document.variables) for g in gateways]
    first, *others = map(compared, answers)
    if document.mistakes > 1:
        return answers, any(first[0] != other[0] for other in others)
    return answers, any(first != other for other in others)
