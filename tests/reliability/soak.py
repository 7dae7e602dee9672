"""Many requests, and what the gateway holds after them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import linear_regression

from tests.reliability.load import RIGHT, Seen
from tests.reliability.on_postgres import OnPostgres, on_postgres
from tests.reliability.process import Held, held

WARM = 0.5
"""The part of the requests in which caches and pools may fill."""
_LOOKS = 40
_NOTHING = Held(0, 0)


@dataclass
class Soaked:
    """What a soak saw.

    Attributes:
        before: What the gateway held before the first client came.
        after: What it held once the last had gone.
        connections: To the database, then.
        memory: Bytes in memory, by the number of answers so far.
        seconds: How long it took.
        wrong: What came that was not right.
    """

    before: Held
    after: Held = _NOTHING
    connections: int = 0
    memory: list[tuple[int, int]] = field(default_factory=list)
    seconds: float = 0.0
    wrong: set[str] = field(default_factory=set)

    @property
    def slope(self) -> float:
        """Bytes more for each 1,000 requests, once it was warm."""
        requests = self.memory[-1][0]
        warm = [(n, size) for n, size in self.memory if n >= WARM * requests]
        return 1_000 * linear_regression(*zip(*warm, strict=True)).slope


def soaked(
    requests: int,
    told: Callable[[int, int], None] | None = None,
    *,
    is_varied: bool = False,
) -> Soaked:
    """Ask so much of a gateway without a fault.

    Args:
        requests: How many answers there must be.
        told: Is told of answers and bytes, from time to time.
        is_varied: Whether one document in many is new, so that caches fill.
    """
    with on_postgres(is_loaded=False, is_varied=is_varied) as scene:
        found = Soaked(held(scene.server.process.pid))
        began = time.monotonic()
        _ask(scene, found, requests, told)
        found.seconds = time.monotonic() - began
        _wait_for_ends(scene)
        found.after = held(scene.server.process.pid)
        found.connections = scene.connections()
        return found


def _ask(
    scene: OnPostgres,
    found: Soaked,
    requests: int,
    told: Callable[[int, int], None] | None,
) -> None:
    answers = 0
    with scene.load:
        while answers < requests:
            time.sleep(0.1)
            seen: list[Seen] = scene.load.taken()
            answers += len(seen)
            found.wrong.update(one.said for one in seen if one.said != RIGHT)
            if answers >= len(found.memory) * requests / _LOOKS:
                memory = held(scene.server.process.pid).memory
                found.memory.append((answers, memory))
                if told is not None:
                    told(answers, memory)


def _wait_for_ends(scene: OnPostgres) -> None:
    """Wait until the gateway has noticed that its clients have gone."""
    for _ in range(20):
        if not scene.clients():
            return
        time.sleep(0.1)
