"""How long something took, and percentiles of how long such things take."""

from collections.abc import Sequence
from datetime import datetime

_NOT_PUNCTUAL = frozenset({"manual", "backfill", "asset_materialization"})


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one instant to another; None if either is missing."""
    return None if start is None or end is None else (end - start).total_seconds()


def waited(since: datetime | None, until: datetime | None) -> float | None:
    """Seconds from one instant to a later one; None if it is earlier."""
    found = seconds(since, until)
    return None if found is None or found < 0 else found


def landing(
    run_after: datetime | None, end: datetime | None, run_type: str | None
) -> float | None:
    """Seconds from when a run may start to an end; only where that is a promise.

    Source: the landing-times page of Airflow 2.7: a task's end minus its interval's.
    """
    return None if run_type in _NOT_PUNCTUAL else seconds(run_after, end)


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which a share of rising values lies; None of none.

    Interpolates linearly between the two nearest.
    """
    if not ordered:
        return None
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)
