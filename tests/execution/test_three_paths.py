"""Random documents get the same answer from each execution.

The long form is `python -m tests.execution.fuzz`.
"""

import pytest

from dagway.operation import GatewayExecutor, opened
from tests.execution.odd import database
from tests.execution.paths import Ways, differences, known
from tests.support.databases import Databases
from tests.support.random_documents import document

NUMBER = 10


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("3.3.2-sqlite", 0),
        ("3.3.2-postgresql", 10_000),
        ("2.7.3-sqlite", 20_000),
        ("2.10.5-postgresql", 30_000),
        ("odd-3.3.2-sqlite", 40_000),
        ("odd-3.3.2-postgresql", 50_000),
    ],
)
async def test_random_documents_get_the_same_answer_from_each_execution(
    name: str, begin: int, databases: Databases
) -> None:
    before = GatewayExecutor.fallbacks
    async with opened(database(databases, name)) as gateway:
        ways, names = Ways.of(gateway), await known(gateway)
        for seed in range(begin, begin + NUMBER):
            asked = document(seed, names)
            for variables, answers, differ in await differences(ways, asked, seed):
                assert not differ, (
                    f"seed {seed}\n{asked.text}\n{variables}\n"
                    + "\n".join(str(answer.response)[:3000] for answer in answers)
                )
                assert not any("errorId" in e["extensions"] for e in answers[0].errors)
        plans = ways.served.documents._operations
    assert GatewayExecutor.fallbacks == before
    assert plans.misses > NUMBER
    assert plans.hits > 0
