"""Relations to the deployment itself: its pools, tags and parts."""

from loaders import components, counts, pools
from loaders.relation import Relation, Shape

POOLS = Relation("pools", Shape.LIST, pools.every, (), pools.COLUMNS)
POOL_OF = Relation("pool_of", Shape.ONE, pools.every, ("id",), pools.COLUMNS)
TAGS = Relation("tags", Shape.LIST, counts.dags_by_tag, (), counts.TAG_COLUMNS)
AIRFLOW = Relation("airflow", Shape.ONE, components.airflow, (), components.AIRFLOW)
COMPONENTS = Relation(
    "components",
    Shape.LIST,
    components.every,
    ("components",),
    frozenset(components.COLUMNS),
)
