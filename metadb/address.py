"""Addresses of databases, in every spelling that Airflow accepts.

Neither a message nor a repr ever shows a password: an address is shown by what is
certainly none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from metadb.errors import BadAddress
from metadb.libpq import connect_arguments, shown
from metadb.parameters import Parameters

BUSY_S = 5.0

_EXAMPLES = "postgresql://user:password@host:5432/airflow or sqlite:////opt/airflow.db"
_SYNONYMS = {"ssl": "sslmode", "timeout": "connect_timeout", "database": "dbname"}
_OF_THE_DRIVER = (  # SQLite's, through Python; they change nothing that is answered
    *("check_same_thread", "cached_statements", "isolation_level", "detect_types"),
)
_OF_A_URI = ("uri", "mode", "cache")


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A SQLite database.

    Attributes:
        path: The file; a relative one is relative to the working directory.
        busy_s: Seconds to wait for a lock.
    """

    path: Path
    busy_s: float = BUSY_S

    @property
    def shown(self) -> str:
        """The address, for people."""
        return f"sqlite:///{self.path}"


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """A PostgreSQL database.

    Attributes:
        shown: The address without its password and parameters, for people.
        arguments: What `asyncpg.connect` takes; has the password.
    """

    shown: str
    arguments: Mapping[str, Any] = field(repr=False)


def read_address(address: str) -> SqliteAddress | PostgresAddress:
    """What an address names.

    Raises:
        BadAddress: if it cannot be read, is of another kind of database, or has a
            parameter that cannot be honoured.
    """
    url = _url(address)
    backend = url.drivername.partition("+")[0]
    if backend in {"postgresql", "postgres"}:
        arguments = connect_arguments(url, Parameters(dict(_query(url, _SYNONYMS))))
        return PostgresAddress(shown(arguments), arguments)
    if backend == "sqlite":
        return _sqlite(url, Parameters(dict(_query(url, {}))))
    name = backend if re.fullmatch(r"\w{1,30}", backend) else "such"
    message = (
        f"{name} databases are not supported; "
        "the gateway reads Airflow's on PostgreSQL and SQLite"
    )
    raise BadAddress(message)


def in_schema(address: str, schema: str) -> str:
    """The address with a schema put before the others of its search path.

    Raises:
        BadAddress: if the address cannot be read.
    """
    found = read_address(address)
    if isinstance(found, SqliteAddress):
        return address
    settings = found.arguments["server_settings"]
    rest = settings.get("search_path", '"$user", public')
    quoted = '"' + schema.replace('"', '""') + '"'
    path = re.sub(r"([\\\s])", r"\\\1", f"{quoted}, {rest}")
    url = _url(address)
    given = url.normalized_query.get("options", ())
    options = " ".join((*given, f"-csearch_path={path}"))
    wanted = url.update_query_dict({"options": options})
    return wanted.render_as_string(hide_password=False)


def _url(address: str) -> URL:
    """The address in its parts, as Airflow would take it apart."""
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError):  # whose message may hold the password
        url = None
    if url is None or _is_torn(address, url):
        message = (
            f"the database address cannot be read; it should look like {_EXAMPLES}, "
            "with %40, %2F and %3A for an @, / or : in the password"
        )
        raise BadAddress(message)
    return url


def _is_torn(address: str, url: URL) -> bool:
    """Whether part of a password may have ended up elsewhere."""
    database = address.partition("@")[2].partition("?")[0].partition("/")[2]
    return (
        "@" in (url.host or "")
        or (url.username is not None and "@" in database)
        or not all(re.fullmatch(r"\w+", name) for name in url.query)
    )


def _query(url: URL, synonyms: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The query's parameters; a repeated `host` as one list, else the last wins."""
    for name, values in url.normalized_query.items():
        known = synonyms.get(name, name)
        yield known, ",".join(values) if known in {"host", "port"} else values[-1]


def _sqlite(url: URL, parameters: Parameters) -> SqliteAddress:
    if url.host:
        message = "a SQLite address has three slashes, or four for an absolute path"
        raise BadAddress(message)
    path = url.database or ":memory:"
    if path.startswith("file:"):
        path = path.removeprefix("file:")
        parameters.take_all(_OF_A_URI)
    if path == ":memory:":
        message = "the address names a SQLite database in memory; name a file"
        raise BadAddress(message)
    busy_s = parameters.seconds("timeout", BUSY_S)
    parameters.take_all(_OF_THE_DRIVER)
    parameters.end()
    return SqliteAddress(Path(path), busy_s)
