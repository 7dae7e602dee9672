"""How much each client may ask for in a time: a bucket of points that fills again.

An operation costs a point for each hundred objects that it may lead to, and one at
least; never more than a full bucket, so that what may run at all can run.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from starlette.requests import Request

from dagway.operating.facts import Facts
from dagway.protection.limit import POINTS
from dagway.protocol import Beyond

NODES = 100
"""Objects to a point."""
CLIENTS = 10_000
"""Buckets that are kept; those that were used longest ago go first, and are full."""


class Rates:
    """The buckets of all clients, in one worker.

    Args:
        per_second: Points that a bucket gets back each second.
        most: Points that it holds.
        clock: Seconds.

    Attributes:
        most: Points that a bucket holds.
    """

    def __init__(
        self,
        per_second: float,
        most: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self.most = most
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def cost(self, nodes: int) -> float:
        """An operation's points."""
        return min(float(self.most), max(1.0, nodes / NODES))

    def spend(self, client: str, nodes: int) -> float:
        """Take an operation's points: 0, or the seconds until there are enough."""
        cost = self.cost(nodes)
        now = self._clock()
        points, seen = self._buckets.get(client, (float(self.most), now))
        points = min(float(self.most), points + (now - seen) * self._per_second)
        lacking = cost - points
        if lacking <= 0:
            points -= cost
        self._buckets[client] = (points, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return max(0.0, lacking / self._per_second)


def charge(rates: Rates | None, request: Request, facts: Facts) -> None:
    """Take an operation's points, if there are buckets.

    Raises:
        Beyond: if its client has too few.
    """
    if rates is None:
        return
    host = None if request.client is None else request.client.host
    seconds = ceil(rates.spend(client_of(facts.principal.name, host), facts.nodes))
    if seconds:
        message = f"You asked for too much; try again in {seconds} seconds."
        headers = {"retry-after": str(seconds)}
        raise Beyond(POINTS, message, rates.cost(facts.nodes), rates.most, headers)


def client_of(principal: str, host: str | None) -> str:
    """Whose bucket it is: a principal's, else an address's.

    One machine has a whole network of 64 bits of IPv6.
    """
    if principal:
        return f"principal {principal}"
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
