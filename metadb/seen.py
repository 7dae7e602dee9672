"""The relation `seen`: the DAGs that may be seen, in statements under a permission.

It has a row for each, with a boolean for each kind of data that can be kept back.
Beside it stands `general`, with a row if the audit log's entries of no DAG may be seen.
`metadb.visibility` writes it; sources name it in `shown` and `guards`.
"""

DATA = ("code", "conf", "event_log", "logs", "rendered", "xcom")
"""The kinds of data that a permission may keep back."""


def is_seen(dag_id: str, data: str | None = None) -> str:
    """SQL: a DAG may be seen, with a kind of its data.

    IS TRUE keeps PostgreSQL from joining `seen`, of which it expects one row for a key
    and reads all for each row of a run: the grid took ten times as long.
    """
    kept = "" if data is None else f" WHERE seen.{data}"
    return f"(({dag_id} IN (SELECT seen.dag_id FROM seen{kept})) IS TRUE)"


def is_general(dag_id: str) -> str:
    """SQL: what is of no DAG may be seen."""
    return f"({dag_id} IS NULL AND EXISTS (SELECT 1 FROM general))"


def kept_back(dag_id: str, data: str) -> str:
    """A guard: the column's own SQL, where that kind of data may be read."""
    return f"CASE WHEN {is_seen(dag_id, data)} THEN [it] END"
