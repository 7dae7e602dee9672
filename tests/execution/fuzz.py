"""The long form: `python -m tests.execution.fuzz NUMBER [FROM [NAME …]]`.

Compares the executions' answers to NUMBER documents over each database, each with
several sets of variables; prints those that differ, and exits 1 if there is one.
A name is a fixture's; with `odd-` before it, its copy with rows that no Airflow made.
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from dagway.limits import Limits
from dagway.operation import GatewayExecutor, opened
from metadb.session import Bounds
from tests.execution.odd import database
from tests.execution.paths import Ways, differences, known
from tests.support.databases import Databases
from tests.support.random_documents import document

_LIMITS = Limits(
    # what leads to more takes graphql-core longer than it tells us
    nodes=20_000,
    tokens=100_000,
    depth=100,
    aliases=10_000,
    directives=10_000,
)
_PATIENT = Bounds(statement_s=300, operation_s=300)


async def compare(name: str, address: str, seeds: range) -> int:
    """How many documents are answered differently on one database."""
    told: Counter[str] = Counter()
    before = GatewayExecutor.fallbacks
    async with opened(address, bounds=_PATIENT) as gateway:
        ways, names = Ways.of(replace(gateway, limits=_LIMITS)), await known(gateway)
        for seed in seeds:
            asked = document(seed, names)
            found = await differences(ways, asked, seed)
            told["operations"] += len(found)
            if not (seed + 1) % 100:
                print(f"{name}: {seed + 1 - seeds.start}", flush=True)
            for variables, answers, differ in found:
                told["with errors"] += bool(answers[0].errors)
                for error in answers[0].errors:
                    told[error["extensions"]["code"]] += 1
                if differ:
                    told["DIFFERENT"] += 1
                    print(f"--- {name}, seed {seed}\n{asked.text}\n{variables}")
                    for answer in answers:
                        print(str(answer.response)[:2000], flush=True)
    fallbacks = GatewayExecutor.fallbacks - before
    print(f"{name}: {len(seeds)} documents, {fallbacks} begun again, {dict(told)}")
    return told["DIFFERENT"]


def main() -> int:
    """Compare on some databases, by default on both of 3.3.2."""
    logging.getLogger("execution").setLevel(logging.ERROR)  # counted below
    number, begin = int(sys.argv[1]), int((sys.argv[2:] or ["0"])[0])
    names = sys.argv[3:] or ["3.3.2-sqlite", "3.3.2-postgresql"]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            different = sum(
                asyncio.run(
                    compare(
                        name, database(databases, name), range(begin, begin + number)
                    )
                )
                for name in names
            )
        finally:
            databases.stop()
    print(f"{time.perf_counter() - began:.0f} s")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
