"""Relations that lead to tries of task instances."""

from loaders import tries
from loaders.relation import Relation, Shape

_RUN = ("dag_id", "run_id")
_INSTANCE = ("dag_id", "run_id", "task_id", "map_index")

TRIES_OF_RUN = Relation("tries", Shape.LIST, tries.of_runs, _RUN, tries.COLUMNS)
TRIES_OF_INSTANCE = Relation(
    "tries_of_instance", Shape.LIST, tries.of_instances, _INSTANCE, tries.COLUMNS
)
TRY_OF = Relation(
    "try_of", Shape.ONE, tries.by_number, (*_INSTANCE, "try_number"), tries.COLUMNS
)
