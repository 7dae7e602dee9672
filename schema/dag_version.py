"""Versions of a DAG."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from metadb.formats import identity
from resolvers import dag as dag_relation
from resolvers import details
from schema.fields import column, derived, related, via
from schema.node import DagStructure, Node

if TYPE_CHECKING:
    from schema.dag import Dag

LazyDag = Annotated["Dag", strawberry.lazy("schema.dag")]


def version_id(dag_id: str, version: str, digest: str | None) -> str:
    """A version is rewritten in place until a task instance uses it: hence the hash."""
    return identity("DagVersion", dag_id, version, digest or "")


@strawberry.type(
    description=(
        "What a DAG looked like: one parsed structure. Airflow 2 keeps only the "
        "newest, which then has no number."
    )
)
class DagVersion(Node, DagStructure):
    """A version."""

    id: strawberry.ID = derived(
        ("dag_id", "version", "hash"),
        version_id,
        "Its identity; it changes when Airflow rewrites a version that nothing used.",
    )
    version_number: int | None = column(
        "version_number", "From 1, rising; null in Airflow 2."
    )
    hash: str | None = column("hash", "The hash of the serialized structure.")
    created_at: datetime | None = column(
        "created_at", "When it was first seen; null in Airflow 2."
    )
    last_updated: datetime | None = column("last_updated", "When it was last written.")
    bundle_name: str | None = column("bundle_name", "The bundle of its file.")
    bundle_version: str | None = column(
        "bundle_version", "The bundle's version then, for example a commit."
    )
    problem: str | None = via(
        details.DETAILS,
        ("problem",),
        None,
        "Why the structure cannot be read; null where it can.",
    )
    source_code: str | None = column(
        "source_code", "The text of its file; in Airflow 2 the file's newest text."
    )
    dag: LazyDag | None = related(dag_relation.DAG_OF, "Its DAG, if it is still there.")
