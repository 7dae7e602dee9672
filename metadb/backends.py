"""The dialect of each backend."""

from metadb.dialect import Dialect
from metadb.postgresql import Postgres
from metadb.sqlite import Sqlite


def dialect_of(name: str) -> Dialect:
    """The dialect of SQLAlchemy's name for a backend."""
    return Postgres() if name == "postgresql" else Sqlite()
