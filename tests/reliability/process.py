"""What processes hold: memory, descriptors, children."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_KIB = 1024


class Held(NamedTuple):
    """What a process and its children hold together.

    Attributes:
        memory: Bytes that are in memory.
        descriptors: Files and sockets that are open.
    """

    memory: int
    descriptors: int


def family(pid: int) -> Iterator[int]:
    """A process, its children, and theirs."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def held(pid: int) -> Held:
    """What they hold now."""
    found = [*family(pid)]
    return Held(
        sum(_resident(one) for one in found),
        sum(len([*Path(f"/proc/{one}/fd").iterdir()]) for one in found),
    )


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * _KIB
