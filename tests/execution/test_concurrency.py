"""Operations that run at once get the answers that each gets alone."""

import asyncio
import gc
from typing import Any

from dagway.operation import StockExecutor, opened
from metadb.session import Bounds
from tests.execution.paths import compared, known
from tests.support.databases import Databases
from tests.support.documents import core
from tests.support.random_documents import document

NUMBER = 20
BEGIN = 80_000
_PATIENT = Bounds(statement_s=300, operation_s=300)


async def test_many_documents_at_once_get_the_answers_that_each_gets_alone(
    name: str, databases: Databases
) -> None:
    async with opened(databases.address(name), pool_size=3, bounds=_PATIENT) as gateway:
        names = await known(gateway)
        both = (gateway, gateway.executed_by(StockExecutor))
        asked = [
            (both[bool(at % 4 == 0)], one.text, variables)
            for at in range(NUMBER)
            for one in [document(BEGIN + at, names)]
            for variables in one.sets
        ]

        async def answer(at: int) -> object:
            executed, text, variables = asked[at]
            return compared(await executed.answer(text, variables))

        alone = [await answer(at) for at in range(len(asked))]
        order = [*range(len(asked)), *reversed(range(len(asked)))]
        together = await asyncio.gather(*map(answer, order))

    for at, found in zip(order, together, strict=True):
        assert found == alone[at], asked[at][1:]


async def test_what_an_early_end_leaves_behind_is_nobodys_complaint(
    name: str, databases: Databases
) -> None:
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, complaint: complaints.append(complaint))

    async with opened(
        databases.address(name), bounds=Bounds(rows=60), executor=StockExecutor
    ) as gateway:
        answer = await gateway.answer(core("dag_list"), {})
    gc.collect()  # what nobody has looked at is told of when it goes

    assert answer.errors[0]["extensions"]["code"] == "NODE_LIMIT"
    assert complaints == []
