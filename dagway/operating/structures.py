"""What is told of the structures that are kept, where any are."""

from prometheus_client import CollectorRegistry, Counter, Gauge
from typing_extensions import override

from dagway.operating.facts import Facts, Observer
from loaders.kept_structures import KeptStructures


class StructureCounts(Observer):
    """Counts structures that were kept, or were not, and the bytes that they take.

    Args:
        registry: Of all counts.
        kept: The structures.
    """

    def __init__(self, registry: CollectorRegistry, kept: KeptStructures) -> None:
        self._kept = kept
        self._counted = (0, 0)
        self._hits, self._misses = (
            Counter(f"dagway_structure_cache_{name}", meaning, registry=registry)
            for name, meaning in (
                ("hits", "Structures that were wanted and kept."),
                ("misses", "Structures that were wanted and not kept."),
            )
        )
        self._size = Gauge(
            "dagway_structure_cache_bytes",
            "Bytes that kept structures take.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    @override
    def ended(self, facts: Facts) -> None:
        """Count what came since the last operation; some may be of one that runs."""
        del facts
        counted = self._kept.hits, self._kept.misses
        if counted == self._counted:
            return
        hits, misses = self._counted
        self._counted = counted
        self._hits.inc(counted[0] - hits)
        self._misses.inc(counted[1] - misses)
        self._size.set(self._kept.size)
