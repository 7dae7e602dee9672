"""Counts operations for Prometheus.

Clients choose their operations' names, so that only so many of them have a count of
their own: the first that were answered. Others are counted together as `other`, and
those without a name as `anonymous`.

With several workers each writes its counts to files of its own in the folder that
PROMETHEUS_MULTIPROC_DIR names, and whichever is asked adds all of them up.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from typing_extensions import override

from dagway.operating.facts import OK, REFUSED, Facts, Observer

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
NAMED = 100
"""Operation names that have counts of their own, in each worker."""
OTHER, ANONYMOUS = "other", "anonymous"
_LONG = 80
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics(Observer):
    """Counts operations.

    Attributes:
        registry: Of all counts.
        measures: What is done before they are told.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.measures: list[Callable[[], None]] = []
        self._running = self._gauge("running", "Requests that are being answered.")
        self._waiting = self._gauge("waiting", "Operations that wait for their turn.")
        self._operations = self._counter(
            "operations", "Operations that have ended.", "operation", "outcome"
        )
        self._duration = Histogram(
            "dagway_operation_duration_seconds",
            "From the request to the answer, which is not sent yet.",
            ("operation",),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._waits = self._counter("wait_seconds", "Time that operations waited.")
        self._statements = self._counter("sql_statements", "SQL statements.")
        self._failed = self._counter(
            "sql_statements_failed", "SQL statements that failed, or were stopped."
        )
        self._sql = self._counter("sql_seconds", "Time of SQL statements.")
        self._rows = self._counter("sql_rows", "Rows of SQL statements.")
        self._bytes = self._counter("response_bytes", "Bytes of answers.")
        self._refused = self._counter(
            "refused", "Refused or stopped, by the limit.", "code", "limit"
        )
        self._fallbacks = self._counter(
            "fallbacks", "Operations that were begun again with graphql-core."
        )
        self._lines = self._counter("log_lines_dropped", "Lines that are not logged.")
        self._kept: dict[str, tuple[Any, dict[str, Any]]] = {}

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"dagway_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(
            f"dagway_operations_{name}",
            meaning,
            registry=self.registry,
            multiprocess_mode="livesum",
        )

    @override
    def begun(self) -> None:
        """One more is being answered."""
        self._running.inc()

    @override
    def waiting(self, more: int) -> None:
        """Count who waits."""
        self._waiting.inc(more)

    @override
    def ended(self, facts: Facts) -> None:
        """Count an operation."""
        self._running.dec()
        if not facts.outcome:
            return
        duration, outcomes = self._of_name(facts)
        duration.observe(facts.seconds)
        outcomes[facts.outcome].inc()
        self._bytes.inc(facts.size)
        if executed := facts.executed:
            self._statements.inc(len(executed))
            self._sql.inc(facts.sql_s)
            if failed := sum(one.error is not None for one in executed):
                self._failed.inc(failed)
            self._rows.inc(facts.rows)
        if facts.waited_s:
            self._waits.inc(facts.waited_s)
        if facts.outcome == REFUSED:
            self._refused.labels(facts.code, facts.limit or "").inc()
        if facts.is_begun_again:
            self._fallbacks.inc()

    def line_dropped(self) -> None:
        """Count a line of the log that nobody took in time."""
        self._lines.inc()

    def _of_name(self, facts: Facts) -> tuple[Any, dict[str, Any]]:
        """The counts of an operation's name."""
        name = ANONYMOUS if facts.name is None else facts.name
        found = self._kept.get(name)
        if found is None:
            is_new = facts.outcome == OK and len(self._kept) < NAMED
            if name != ANONYMOUS and not (is_new and len(name) <= _LONG):
                name = OTHER
            found = self._kept.setdefault(
                name,
                (
                    self._duration.labels(name),
                    _Outcomes(lambda one: self._operations.labels(name, one)),
                ),
            )
        return found

    def text(self) -> bytes:
        """All counts, of all workers, as Prometheus reads them."""
        for measure in self.measures:
            measure()
        folder = os.environ.get(FOLDER)
        if folder is None:
            return generate_latest(self.registry)
        _bury(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class _Outcomes(dict[str, Any]):
    """Counters by outcome, each made when it is first needed."""

    def __init__(self, made: Callable[[str], Any]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, outcome: str) -> Any:
        found = self[outcome] = self._made(outcome)
        return found


def _bury(folder: Path) -> None:
    """Forget what dead workers were doing; what they did still counts."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
