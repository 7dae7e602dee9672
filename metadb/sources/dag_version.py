"""Versions of DAGs, and the serialized structure of each."""

from metadb.column import blob, instant, integer, json, text, uuid
from metadb.seen import is_seen
from metadb.source import Source
from metadb.sources.dag import DAG

_CODE = (
    "CASE WHEN " + is_seen("%(own)s", "code") + " AND NOT EXISTS (SELECT 1 "
    "FROM dag d JOIN dag d2 ON %(same)s WHERE {d.dag_id} = %(own)s "
    "AND NOT " + is_seen("{d2.dag_id}", "code") + ") THEN [it] END"
)
"""A file is shown where all of its DAGs may be read, those that were in it, too."""
_SAME_FILE = "{d2.fileloc} IN ({d.fileloc}, %s)"
_SAME_IN_BUNDLE = (
    f"({_SAME_FILE % '{c.fileloc}'} OR ({{d2.bundle_name}} = {{d.bundle_name}} "
    "AND {d2.relative_fileloc} = {d.relative_fileloc}))"
)

DAG_VERSION = Source(
    name="dag_version",
    tables=(
        "dag_version v LEFT JOIN serialized_dag s ON {s.dag_version_id} = {v.id}",
        "serialized_dag s",
    ),
    dag="dag_id",
    tie=("version_number",),
    guards={
        "source_code": (
            _CODE % {"own": "{v.dag_id}", "same": _SAME_IN_BUNDLE},
            _CODE % {"own": "{s.dag_id}", "same": _SAME_FILE % "{c2.fileloc}"},
        )
    },
    joins={
        "c": "LEFT JOIN dag_code c ON {c.dag_version_id} = {v.id}",
        "c2": "LEFT JOIN dag_code c2 ON {c2.fileloc_hash} = {s.fileloc_hash}",
    },
    columns={
        "dag_id": text("{v.dag_id}", "{s.dag_id}", nullable=False),
        "id": uuid("{v.id}", otherwise=text("{s.dag_id}")),
        "structure": text("{uuid v.id} || '^'", "{s.dag_id} || '^'", nullable=False),
        "version": text("{uuid v.id}", "{s.dag_id}"),
        "version_number": integer("{v.version_number}"),
        "hash": text("{s.dag_hash}"),
        "digest": text("coalesce({s.dag_hash}, '')"),
        "created_at": instant("{v.created_at}"),
        "last_updated": instant("{v.last_updated}", "{s.last_updated}"),
        "bundle_name": text("{v.bundle_name}"),
        "bundle_version": text("{v.bundle_version}"),
        "source_code": text("{c.source_code}", "{c2.source_code}"),
        "is_serialized": integer("CASE WHEN {s.dag_hash} IS NULL THEN 0 ELSE 1 END"),
    },
)

_BY_VERSION = (
    "dag_version v JOIN serialized_dag s ON {s.dag_version_id} = {v.id} "
    "LEFT JOIN dag_code c ON {c.dag_version_id} = {v.id}"
)
_BY_DAG = (
    "(SELECT {d.dag_id} AS dag_id, coalesce({d.root_dag_id}, {d.dag_id}) AS root "
    "FROM dag d UNION SELECT {s.dag_id}, {s.dag_id} FROM serialized_dag s) v "
    "JOIN serialized_dag s ON s.dag_id = v.root"
)
SERIALIZED = Source(
    name="serialized_dag",
    tables=(_BY_VERSION, _BY_DAG),
    dag="dag_id",
    tie=("structure",),
    columns={
        "dag_id": text("{v.dag_id}", "v.dag_id", nullable=False),
        "structure": text("{uuid v.id}", "v.dag_id", nullable=False),
        "id": uuid("{v.id}", otherwise=text("v.dag_id")),
        "version_number": integer("{v.version_number}"),
        "hash": text("{s.dag_hash}"),
        "last_updated": instant("{s.last_updated}"),
        "data": json("{s.data}"),
        "data_compressed": blob("{s.data_compressed}"),
    },
)
"""A structure's text. Airflow 2 keeps SubDAGs inside their root DAG's row."""
DEPENDENCIES = Source(
    name="dag_dependencies",
    tables=(
        (
            "dag d JOIN serialized_dag s ON {s.dag_version_id} = (SELECT {v.id} "
            "FROM dag_version v JOIN serialized_dag s2 ON s2.dag_version_id = v.id "
            "WHERE {v.dag_id} = {d.dag_id} ORDER BY {v.version_number} DESC LIMIT 1)"
        ),
        "dag d JOIN serialized_dag s ON {s.dag_id} = {d.dag_id}",
    ),
    dag="dag_id",
    tie=("dag_id",),
    columns={
        "dag_id": text("{d.dag_id}", nullable=False),
        "is_stale": DAG.columns["is_stale"],
        "structure": text("{uuid s.dag_version_id}", "{s.dag_id}"),
        "dependencies": json("{inside s.data dag dag_dependencies}"),
        "data_compressed": blob("{s.data_compressed}"),
    },
)
"""What each DAG's newest structure says of other DAGs and of assets."""
