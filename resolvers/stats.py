"""Relations to how long runs and tasks take, over a window of newest runs."""

from loaders import stats, windows
from loaders.errors import BadInput
from loaders.relation import Relation, Shape
from metadb.sources.task_instance import TASK_INSTANCE
from resolvers.sizes import Count


def runs_args(runs: Count = 25) -> int:
    """How many runs the window has.

    Raises:
        BadInput: if it has none.
    """
    if runs < 1:
        message = f"runs is {runs}; 1 or more is allowed."
        raise BadInput(message)
    return runs


_TASK = ("dag_id", "task_id")

STATS_OF_DAG = Relation(
    "run_stats", Shape.ONE, stats.of_dags, ("dag_id",), stats.COLUMNS, runs_args
)
STATS_OF_TASK = Relation(
    "task_stats", Shape.ONE, stats.of_tasks, _TASK, stats.COLUMNS, runs_args
)
INSTANCES_OF_TASK = Relation(
    "instances_of_task",
    Shape.LIST,
    windows.of_tasks,
    _TASK,
    frozenset(TASK_INSTANCE.columns),
    runs_args,
)
