"""Relations to what DAGs wait for and set off, and to SubDAGs."""

from loaders import dependencies, tables
from loaders.relation import Relation, Shape
from metadb.sources.dag import DAG
from metadb.statement import Order

_COLUMNS = frozenset(DAG.columns)

UPSTREAM = Relation(
    "upstream_dependencies",
    Shape.LIST,
    dependencies.upstream,
    ("dag_id",),
    dependencies.COLUMNS,
)
DOWNSTREAM = Relation(
    "downstream_dependencies",
    Shape.LIST,
    dependencies.downstream,
    ("dag_id",),
    dependencies.COLUMNS,
)
PARENT_DAG = Relation(
    "parent_dag", Shape.ONE, tables.one(DAG, ("dag_id",)), ("parent_dag_id",), _COLUMNS
)
SUB_DAGS = Relation(
    "sub_dags",
    Shape.LIST,
    tables.every(DAG, ("parent_dag_id",), Order(("dag_id",))),
    ("dag_id",),
    _COLUMNS,
)
