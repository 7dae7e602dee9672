"""What went wrong when DAG files were parsed."""

from metadb.column import instant, integer, text
from metadb.seen import is_seen
from metadb.source import Source

_IN_FILE = "{d.bundle_name} = {i.bundle_name} AND {d.relative_fileloc} = {i.filename}"
_IN_FILE_2 = "{needs r.execution_date}{d.fileloc} = {i.filename}"
_UNSEEN = "EXISTS (SELECT 1 FROM dag d WHERE %s AND NOT %s)"
_SEEN = "EXISTS (SELECT 1 FROM dag d WHERE %s) AND NOT " + _UNSEEN
_TRACE = f"CASE WHEN NOT {_UNSEEN} THEN [it] END"

IMPORT_ERROR = Source(
    name="import_error",
    tables=("import_error i",),
    dag="dag_id",
    tie=("id",),
    shown=tuple(
        _SEEN % (same, same, is_seen("{d.dag_id}")) for same in (_IN_FILE, _IN_FILE_2)
    ),
    guards={
        "stack_trace": tuple(
            _TRACE % (same, is_seen("{d.dag_id}", "code"))
            for same in (_IN_FILE, _IN_FILE_2)
        )
    },
    columns={
        "id": integer("{i.id}", nullable=False),
        "dag_id": text(
            "(SELECT min({d.dag_id}) FROM dag d WHERE {d.bundle_name} = "
            "{i.bundle_name} AND {d.relative_fileloc} = {i.filename})",
            "(SELECT min({d.dag_id}) FROM dag d WHERE {d.fileloc} = {i.filename})",
        ),
        "file": text("{i.bundle_name} || '|' || {i.filename}", "{i.filename}"),
        "filename": text("{i.filename}"),
        "bundle_name": text("{i.bundle_name}"),
        "timestamp": instant("{i.timestamp}"),
        "stack_trace": text("{i.stacktrace}"),
    },
)
"""One of a file is shown where all of its DAGs are seen; its trace quotes code."""
DAG_WARNING = Source(
    name="dag_warning",
    tables=("dag_warning w",),
    dag="dag_id",
    tie=("warning_type",),
    columns={
        "dag_id": text("{w.dag_id}", nullable=False),
        "warning_type": text("{w.warning_type}", nullable=False),
        "message": text("{w.message}"),
        "timestamp": instant("{w.timestamp}"),
    },
)
