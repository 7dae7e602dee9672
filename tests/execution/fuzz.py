"""The long form of the comparison: `python -m tests.execution.fuzz NUMBER [NAME …]`.

Prints every document that two executions answer differently; exits 1 if there is one.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from dagway.operation import GatewayExecutor, opened
from tests.execution.paths import difference, known, three
from tests.support.databases import Databases
from tests.support.random_documents import document


async def compare(name: str, databases: Databases, seeds: range) -> int:
    """How many documents are answered differently on one database."""
    different = errors = 0
    async with opened(databases.address(name)) as gateway:
        gateways, names = three(gateway), await known(gateway)
        for seed in seeds:
            asked = document(seed, names)
            answers, differ = await difference(gateways, asked)
            errors += bool(answers[0].errors)
            if differ:
                different += 1
                print(f"--- {name}, seed {seed}\n{asked.text}\n{asked.variables}")
                for answer in answers:
                    print(str(answer.response)[:2000])
    print(
        f"{name}: {len(seeds)} documents, {different} answered differently, "
        f"{errors} with errors, {GatewayExecutor.fallbacks} begun again"
    )
    return different


def main() -> int:
    """Compare on some databases, by default on both of 3.3.2."""
    number = int(sys.argv[1])
    names = sys.argv[2:] or ["3.3.2-sqlite", "3.3.2-postgresql"]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            different = sum(
                asyncio.run(compare(name, databases, range(number))) for name in names
            )
        finally:
            databases.stop()
    print(f"{time.perf_counter() - began:.0f} s")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
