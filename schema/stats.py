"""How long things take."""

import strawberry

from schema.fields import column


@strawberry.type(
    description=(
        "How long runs or task instances took: seconds, percentiles by linear "
        "interpolation. Null where nothing has ended."
    )
)
class DurationStats:
    """Statistics; embedded."""

    count: int = column("count", "How many have ended and are counted here.")
    mean: float | None = column("mean", "The mean duration.")
    min: float | None = column("min", "The shortest duration.")
    max: float | None = column("max", "The longest duration.")
    p50: float | None = column("p50", "The duration that half of them stayed below.")
    p95: float | None = column("p95", "The duration that 95 % of them stayed below.")
    queued_p50: float | None = column(
        "queued_p50", "The wait from queued to start that half stayed below."
    )
    queued_p95: float | None = column(
        "queued_p95", "The wait from queued to start that 95 % stayed below."
    )
    landing_p50: float | None = column(
        "landing_p50", "The landing time that half stayed below."
    )
    landing_p95: float | None = column(
        "landing_p95", "The landing time that 95 % stayed below."
    )
