"""Relations to backfills."""

from loaders import counts, tables
from loaders.relation import Relation, Shape
from metadb.sources.backfill import BACKFILL
from metadb.statement import Order

COLUMNS = frozenset(BACKFILL.columns)

BACKFILLS_OF_DAG = Relation(
    "backfills",
    Shape.LIST,
    tables.every(BACKFILL, ("dag_id",), Order(("id",), descending=True)),
    ("dag_id",),
    COLUMNS,
)
BACKFILL_OF_RUN = Relation(
    "backfill_of_run",
    Shape.ONE,
    tables.every(BACKFILL, ("id",), Order(("id",))),
    ("backfill_id",),
    COLUMNS,
)
BACKFILL_OF = Relation(
    "backfill_of",
    Shape.ONE,
    tables.every(BACKFILL, ("id",), Order(("id",))),
    ("id",),
    COLUMNS,
)
RUNS_BY_STATE = Relation(
    "backfill_runs_by_state",
    Shape.LIST,
    counts.runs_of_backfills,
    ("id",),
    counts.COLUMNS,
)
