"""Ways to execute an operation, which must all give the same answer.

Level by level, by a plan that is kept, one that is not, and one that graphql-core's
executor makes; graphql-core with look-ahead; and graphql-core with every column, which
finds what a planner that the others share would hide. And level by level with
structures kept from document to document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dagway.documents import Documents
from dagway.operation import Answer, Gateway, GatewayExecutor, StockExecutor
from loaders.kept_structures import MIB, KeptStructures
from tests.support.random_documents import Document
from tests.support.random_values import Known

_SOME = """{ dags(first: 40, after: @) { pageInfo { hasNextPage endCursor } nodes {
  id dagId version { id } tasks { id taskId } taskGroups { id }
  runs(first: 3) { nodes { id runId
    taskInstances(first: 5) { nodes { id dagId runId taskId mapIndex } } } } } } }"""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
_ERROR_ID = re.compile(r"[0-9a-f]{16}")


class EveryColumnExecutor(GatewayExecutor):
    """graphql-core's own execution, with all columns selected."""

    every_column = True


@dataclass(frozen=True, slots=True)
class Ways:
    """A gateway, executing in each way.

    Attributes:
        served: As it is served, plans kept.
        others: By graphql-core, and with structures kept.
    """

    served: Gateway
    others: Sequence[Gateway]

    @classmethod
    def of(cls, gateway: Gateway) -> "Ways":
        """The ways of a gateway."""
        served = gateway.executed_by(GatewayExecutor)
        return cls(
            served,
            [
                gateway.executed_by(StockExecutor),
                gateway.executed_by(EveryColumnExecutor),
                replace(served, structures=KeptStructures(64 * MIB)),
            ],
        )

    def turn(self, at: int) -> list[Gateway]:
        """As served, and otherwise; in turns a kept plan, a fresh one, none."""
        served = self.served
        core = served.schema._schema
        again = (
            served.documents,
            Documents(core, served.limits, served.executor.planned),
            Documents(core, served.limits),  # graphql-core's executor plans
        )
        return [served, replace(served, documents=again[at % 3]), *self.others]


async def known(gateway: Gateway) -> Known:
    """What documents may name; each 40 DAGs at a time, for the structures' budget."""
    dags: list[dict[str, Any]] = []
    more, after = True, "null"
    while more:
        answer = await gateway.answer(_SOME.replace("@", after))
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


def compared(answer: Answer) -> tuple[Any, list[Any]]:
    """What must be equal: the data, and the errors.

    But for the clock, whose answers are named for it, and for errors' ids.
    """
    data = answer.data and {
        name: "an instant"
        if name.startswith("asOf") and _INSTANT.fullmatch(value)
        else value
        for name, value in answer.data.items()
    }
    errors = [
        {
            **error,
            "message": _ERROR_ID.sub("an id", error["message"]),
            "extensions": {**error["extensions"], "errorId": None},
        }
        for error in answer.errors
    ]
    return data, errors


async def answered(
    gateways: Sequence[Gateway], text: str, variables: Mapping[str, Any]
) -> tuple[list[Answer], bool]:
    """The answers, and whether they differ."""
    answers = [await each.answer(text, variables) for each in gateways]
    return answers, not are_equal([compared(answer) for answer in answers])


def are_equal(answers: Sequence[tuple[Any, list[Any]]]) -> bool:
    """Whether data and errors are; of several errors, only that there are some."""
    several = any(len(errors) > 1 for _, errors in answers)
    first, *others = [(d, bool(e) if several else e) for d, e in answers]
    return all(first == other for other in others)


async def differences(
    ways: Ways, document: Document, seed: int
) -> list[tuple[dict[str, Any], list[Answer], bool]]:
    """For each set of variables: itself, the answers, whether they differ.

    A cursor that an answer shows is what the next set asks with.
    """
    found = []
    cursors: dict[str, Any] = {}
    for at, variables in enumerate(document.sets, seed):
        given = {**variables, **cursors}
        answers, differ = await answered(ways.turn(at), document.text, given)
        found.append((given, answers, differ))
        for name, (shown, member) in document.cursors.items():
            pages = list(_at(answers[0].data, shown))
            cursor = next((page[member] for page in pages if page[member]), None)
            cursors[name] = cursor
    return found


def _at(data: Any, name: str) -> Iterator[dict[str, Any]]:
    """What stands under a response name, wherever."""
    if isinstance(data, list):
        for one in data:
            yield from _at(one, name)
    elif isinstance(data, dict):
        if isinstance(data.get(name), dict):
            yield data[name]
        for one in data.values():
            yield from _at(one, name)
