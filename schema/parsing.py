"""What went wrong when DAG files were parsed."""

from datetime import datetime

import strawberry

from schema.fields import column, identified
from schema.node import Node


@strawberry.type(name="ImportError", description="A DAG file that fails to import.")
class ImportProblem(Node):
    """An import error."""

    id: strawberry.ID = identified("ImportError", ("id",))
    filename: str | None = column(
        "filename", "The file; in Airflow 3 as its bundle has it."
    )
    bundle_name: str | None = column(
        "bundle_name", "The file's bundle; null in Airflow 2."
    )
    timestamp: datetime | None = column("timestamp", "When it was found.")
    stack_trace: str | None = column("stack_trace", "What Python said.")


@strawberry.type(description="Something about a DAG that may be wrong.")
class DagWarning:
    """A warning; embedded."""

    warning_type: str = column("warning_type", "Of what kind, in Airflow's words.")
    message: str = column("message", "What may be wrong.")
    timestamp: datetime = column("timestamp", "When it was found.")
