"""Random documents get the same answer from each execution."""

from dagway.operation import GatewayExecutor, opened
from tests.execution.paths import difference, known, three
from tests.support.databases import Databases
from tests.support.random_documents import document

SEEDS = range(120)


async def test_random_documents_get_the_same_answer_three_times(
    name: str, databases: Databases
) -> None:
    before = GatewayExecutor.fallbacks
    async with opened(databases.address(name)) as gateway:
        gateways, names = three(gateway), await known(gateway)
        for seed in SEEDS:
            asked = document(seed, names)
            answers, differ = await difference(gateways, asked)
            assert not differ, (
                f"seed {seed}\n{asked.text}\n{asked.variables}\n"
                + "\n".join(str(answer.response)[:3000] for answer in answers)
            )
    assert GatewayExecutor.fallbacks == before
