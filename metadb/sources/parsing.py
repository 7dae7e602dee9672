"""What went wrong when DAG files were parsed."""

from metadb.column import instant, integer, text
from metadb.source import Source

IMPORT_ERROR = Source(
    name="import_error",
    tables=("import_error i",),
    dag="dag_id",
    tie=("id",),
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
