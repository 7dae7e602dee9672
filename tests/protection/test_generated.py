"""Generated requests, documents and variables alike, are never answered with a fault.

The long form is `python -m tests.protection.fuzz_http`.
"""

from tests.protection.fuzz_http import sent
from tests.support.databases import Databases

NUMBER = 60


def test_generated_requests_meet_no_fault(name: str, databases: Databases) -> None:
    faults: list[tuple[bytes, str]] = []

    told = sent(NUMBER, 4, databases.address(name), lambda *fault: faults.append(fault))

    assert faults == []
    assert told.total() >= NUMBER
    assert told["200"] >= NUMBER // 10
