"""A fault, and what clients meet while it happens."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.reliability.load import RECOVERY_S, RIGHT, Load

S = TypeVar("S")


@dataclass(frozen=True)
class Fault(Generic[S]):
    """Something that goes wrong.

    Attributes:
        name: For the command line.
        what: What happens, in a few words.
        happen: Makes it happen in a scene; it is over on return.
        said: What may come back beside right answers.
    """

    name: str
    what: str
    happen: Callable[[S], None]
    said: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Met:
    """What clients met.

    Attributes:
        times: How often it happened.
        said: How many answers were what.
        recovery_s: From a fault's end to the last answer that was not right, at most.
        slowest_s: What the slowest answer took.
    """

    times: int
    said: Counter[str]
    recovery_s: float
    slowest_s: float


def met(
    fault: Fault[S],
    scene: S,
    load: Load,
    seconds: float = 0.0,
    within_s: float = RECOVERY_S,
) -> Met:
    """Let it happen once, and again until so many seconds are over.

    After each time all clients must be served again, and stay so.

    Args:
        within_s: Seconds that this may take.

    Raises:
        AssertionError: if they are not, or got what they may not get.
    """
    end = time.monotonic() + seconds
    said: Counter[str] = Counter()
    times, recovery_s, slowest_s = 0, 0.0, 0.0
    load.taken()
    while True:
        fault.happen(scene)
        over = time.monotonic()
        load.all_right(over, within_s)
        load.all_right(time.monotonic(), within_s)
        seen = load.taken()
        times += 1
        said.update(one.said for one in seen)
        slowest_s = max(slowest_s, *(one.ended - one.began for one in seen))
        late = [one.ended - over for one in seen if one.said != RIGHT]
        recovery_s = max(recovery_s, *late, 0.0)
        wrong = said.keys() - {RIGHT} - fault.said
        assert not wrong, (fault.name, wrong)
        if time.monotonic() >= end:
            return Met(times, said, recovery_s, slowest_s)
