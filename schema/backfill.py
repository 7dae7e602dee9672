"""Backfills."""

from datetime import datetime

import strawberry

from resolvers import backfill as relation
from schema.fields import column, identified, related
from schema.node import Node
from schema.state_counts import DagRunStateCount


@strawberry.type(description="Runs made for a span of the past (from Airflow 3 on).")
class Backfill(Node):
    """A backfill."""

    id: strawberry.ID = identified("Backfill", ("id",))
    backfill_id: int = column("id", "Its number.")
    from_date: datetime | None = column("from_date", "Where the span begins.")
    to_date: datetime | None = column("to_date", "Where the span ends.")
    is_paused: bool = column("is_paused", "Whether it makes no runs for now.")
    reprocess_behavior: str | None = column(
        "reprocess_behavior",
        "What becomes of runs that are there: none, failed or "
        "completed ones are made again.",
    )
    max_active_runs: int | None = column(
        "max_active_runs", "How many of its runs may be active at once."
    )
    created_at: datetime | None = column("created_at", "When it was made.")
    completed_at: datetime | None = column(
        "completed_at", "When all its runs had ended; null until then."
    )
    run_state_counts: list[DagRunStateCount] = related(
        relation.RUNS_BY_STATE, "Its runs by state, the most frequent first."
    )
