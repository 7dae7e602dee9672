"""Relations to what a DAG's serialized form says of the DAG itself."""

from collections.abc import Sequence

from loaders import details
from loaders.relation import Relation, Shape
from loaders.structure import PARAM_COLUMNS

_STRUCTURE = ("structure",)

DETAILS = Relation(
    "details", Shape.ONE, details.of_structures, _STRUCTURE, details.COLUMNS
)
SCHEDULE = Relation(
    "schedule",
    Shape.ONE,
    details.schedules,
    ("schedule_type", "schedule_summary", "structure"),
    details.SCHEDULE_COLUMNS,
)
PARAMS_OF_DAG = Relation(
    "params_of_dag", Shape.LIST, details.params, _STRUCTURE, PARAM_COLUMNS
)
OWNER_LINKS = Relation(
    "owner_links",
    Shape.LIST,
    details.owner_links,
    ("owner_links",),
    frozenset(details.OWNER_LINK),
)
UNDEFINED = Relation(
    "undefined",
    Shape.ONE,
    details.undefined,
    ("dag_id", "run_id", "structure"),
    frozenset({"task_ids"}),
)


def undefined(task_ids: Sequence[str] | None) -> list[str]:
    """The ids; none where the run has no structure to look in."""
    return list(task_ids or ())
