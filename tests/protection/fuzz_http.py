"""The long form: `python -m tests.protection.fuzz_http NUMBER [SEED [NAME …]]`.

Sends so many generated requests to an endpoint over each database, prints those that
are answered with a fault, and how often which answer was given; exits 1 if there was
a fault.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings

from dagway.limits import Limits
from tests.protection.generated import body, requests
from tests.support.databases import Databases
from tests.support.http import PATH, client_of

FAULTS = ("INTERNAL_ERROR", "DATABASE_ERROR")
_BATCH = 1_000  # hypothesis remembers all that it wrote in one go
_HEADERS = {"content-type": "application/json"}


def answer(response: httpx.Response) -> str:
    """A response in a word or two: its status, and its first error's code."""
    try:
        errors = response.json().get("errors") or []
    except ValueError:
        return f"{response.status_code} without JSON"
    codes = [error["extensions"]["code"] for error in errors]
    code = next((fault for fault in FAULTS if fault in codes), next(iter(codes), ""))
    return f"{response.status_code} {code}".strip()


def is_fault(told: str) -> bool:
    """Whether the endpoint is to blame."""
    return told.startswith("5") or told.endswith((*FAULTS, "without JSON"))


def sent(
    number: int, from_seed: int, address: str, report: Callable[[bytes, str], None]
) -> Counter[str]:
    """How often requests over a database got which answer; faults are reported."""
    told: Counter[str] = Counter()
    with asyncio.Runner() as runner:
        opening = client_of(address, Limits())
        client = runner.run(opening.__aenter__())

        @seed(from_seed)
        @settings(
            max_examples=number,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests())
        def send(request: dict[str, Any]) -> None:
            content = body(request)
            found = answer(
                runner.run(client.post(PATH, content=content, headers=_HEADERS))
            )
            told[found] += 1
            if is_fault(found):
                report(content, found)

        try:
            send()
        finally:
            runner.run(opening.__aexit__(None, None, None))
    return told


def main() -> int:
    """Send to some databases, by default to both of 3.3.2."""
    number, from_seed = int(sys.argv[1]), int((sys.argv[2:] or ["0"])[0])
    names = sys.argv[3:] or ["3.3.2-sqlite", "3.3.2-postgresql"]
    faults: list[bytes] = []

    def report(content: bytes, found: str) -> None:
        faults.append(content)
        print(f"--- {found}\n{content.decode()}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            for at, name in enumerate(names):
                began = time.perf_counter()
                told: Counter[str] = Counter()
                for batch in range(0, number, _BATCH):
                    few = min(_BATCH, number - batch)
                    begin = (from_seed + at) * number + batch
                    told += sent(few, begin, databases.address(name), report)
                    print(f"{name}: {told.total()}", flush=True)
                seconds = time.perf_counter() - began
                print(f"{name}: {told.total()} requests in {seconds:.0f} s")
                for found, count in told.most_common():
                    print(f"  {count:6} {found}", flush=True)
        finally:
            databases.stop()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
