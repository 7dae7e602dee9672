"""What is told of the servers that are read from, where there are several."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge
from typing_extensions import override

from dagway.operating.facts import Facts, Observer
from metadb.replicas import Replicas


def described(replicas: Replicas) -> list[dict[str, Any]]:
    """The servers, as `/readyz?verbose` shows them."""
    return [
        {
            "server": one.name,
            "role": "replica" if one.is_replica else "primary",
            "lagSeconds": None if one.lag_s is None else round(one.lag_s, 3),
            "isUsed": one.unused is None,
            "reason": one.unused,
        }
        for one in replicas.servers
    ]


class ServerCounts(Observer):
    """Counts operations by the server that they were read from, and tells lags.

    Args:
        registry: Of all counts.
        replicas: The servers.
    """

    def __init__(self, registry: CollectorRegistry, replicas: Replicas) -> None:
        self._replicas = replicas
        self._lags = Gauge(
            "dagway_replica_lag_seconds",
            "By how much a replica is older than the primary, at most.",
            ("server",),
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        counter = Counter(
            "dagway_server_operations",
            "Operations that were read from a server.",
            ("server",),
            registry=registry,
        )
        self._operations = {
            one.engine: counter.labels(one.name) for one in replicas.servers
        }

    @override
    def ended(self, facts: Facts) -> None:
        """Count an operation, if it read anything."""
        engine = None if facts.session is None else facts.session.engine
        if engine is not None:
            self._operations[engine].inc()

    def measure(self) -> None:
        """Take the lags of this moment; infinite where they are not known."""
        for one in self._replicas.servers:
            if one.is_replica:
                lag_s = float("inf") if one.lag_s is None else one.lag_s
                self._lags.labels(one.name).set(lag_s)
