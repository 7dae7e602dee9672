"""What an operation cost, in its answer's `extensions`, for those who ask for it.

The header X-Dagway-Report, or `report` in a request's `extensions`, names what is
wanted: `cost`, `sql`, or both. Nothing is measured, and nothing added, for others.
"""

from collections.abc import Mapping
from typing import Any

from dagway.documents import Prepared
from dagway.limits import Limits, size_of
from dagway.operating.facts import Facts

HEADER = "x-dagway-report"
COST, SQL = "cost", "sql"


def wanted(header: str | None, extensions: Mapping[str, Any]) -> frozenset[str]:
    """What is wanted of COST and SQL; other words are passed over."""
    if header is None and not extensions:
        return frozenset()
    listed = extensions.get("report", ())
    said = listed if isinstance(listed, list) else [listed]
    words = [*(header or "").lower().split(","), *said]
    return frozenset(word.strip() for word in words if isinstance(word, str)) & {
        COST,
        SQL,
    }


def reported(
    wants: frozenset[str], prepared: Prepared, facts: Facts, limits: Limits
) -> dict[str, Any]:
    """What is wanted."""
    found: dict[str, Any] = {}
    if COST in wants:
        found[COST] = _cost(prepared, facts, limits)
    if SQL in wants:
        ms = round(facts.sql_s * 1000, 3)
        found[SQL] = {"count": len(facts.executed), "ms": ms}
    return found


def _cost(
    prepared: Prepared, facts: Facts, limits: Limits
) -> dict[str, dict[str, int]]:
    """By limit, what the operation used of it."""
    size = size_of(prepared.document, prepared.operation)
    found = {
        "nodes": (prepared.nodes, limits.nodes),
        "depth": (size.depth, limits.depth),
        "introspectionDepth": (size.introspection_depth, limits.introspection_depth),
        "aliases": (size.aliases, limits.aliases),
        "directives": (size.directives, limits.directives),
        "rootFields": (size.width, limits.root_fields),
        "tokens": (prepared.document.token_count, limits.tokens),
        "fields": (size.fields, limits.tokens),
    }
    if facts.session is not None:
        session, bounds = facts.session, facts.session.bounds
        found["rows"] = (bounds.rows - session.rows_left, bounds.rows)
        structures = bounds.structures - session.structures_left
        found["structures"] = (structures, bounds.structures)
    return {name: {"used": used, "most": most} for name, (used, most) in found.items()}
