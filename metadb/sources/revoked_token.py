"""Tokens that were ended before their time, from Airflow 3.2 or 3.3 on."""

from metadb.column import text
from metadb.source import Source

REVOKED_TOKEN = Source(
    name="revoked_token",
    tables=("{the ended}",),
    dag=None,
    tie=("jti",),
    columns={"jti": text("{ended.jti}", nullable=False)},
)
"""Airflow's logout writes a token's id here; the token itself goes on to be valid."""
