"""What an operation cost, in its answer's `extensions`, for those who ask for it.

The header X-Dagway-Report, or `report` in a request's `extensions`, names what is
wanted: `cost`, `sql`, or both. Nothing is measured, and nothing added, for others. What
is refused is told too, as far as it was looked at.
"""

import time
from collections.abc import Mapping
from typing import Any

from dagway.limits import Limits, cost_of
from dagway.operating.facts import Facts
from dagway.protection.limit import (
    NODES,
    OPERATION_TIME,
    ROWS,
    STATEMENT_TIME,
    STRUCTURES,
    Cost,
)
from metadb.session import Session

HEADER = "x-dagway-report"
COST, SQL = "cost", "sql"


def wanted(header: bytes | None, extensions: Mapping[str, Any]) -> frozenset[str]:
    """What is wanted of COST and SQL; other words are passed over."""
    if header is None and not extensions:
        return frozenset()
    listed = extensions.get("report", ())
    said = listed if isinstance(listed, list) else [listed]
    words = [*(header or b"").decode("latin-1").lower().split(","), *said]
    return frozenset(word.strip() for word in words if isinstance(word, str)) & {
        COST,
        SQL,
    }


def reported(facts: Facts, limits: Limits) -> dict[str, Any]:
    """What its client wants to know of an operation, or of a request refused."""
    found: dict[str, Any] = {}
    if COST in facts.wants:
        cost = _cost(facts, limits)
        found[COST] = {
            name: {"used": used, "most": most} for name, (used, most) in cost.items()
        }
    if SQL in facts.wants:
        ms = round(facts.sql_s * 1000, 3)
        found[SQL] = {"count": len(facts.executed), "ms": ms}
    return found


def _cost(facts: Facts, limits: Limits) -> Cost:
    cost, prepared = Cost(), facts.prepared
    if prepared is not None:
        cost |= cost_of(prepared.document, prepared.operation, limits)
        cost |= prepared.inputs
        cost[NODES.name] = (prepared.nodes, limits.nodes)
    if facts.session is not None:
        cost |= _run(facts, facts.session)
    return cost | facts.cost


def _run(facts: Facts, session: Session) -> Cost:
    """What running it cost."""
    bounds = session.bounds
    longest = max((one.seconds for one in session.executed), default=0.0)
    seconds = facts.seconds or time.perf_counter() - facts.began
    return {
        ROWS.name: (bounds.rows - session.rows_left, bounds.rows),
        STRUCTURES.name: (
            bounds.structures - session.structures_left,
            bounds.structures,
        ),
        OPERATION_TIME.name: (round(seconds, 6), bounds.operation_s),
        STATEMENT_TIME.name: (round(longest, 6), bounds.statement_s),
    }
