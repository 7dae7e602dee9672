"""Addresses of databases, in every spelling that Airflow accepts.

Airflow hands them to SQLAlchemy and psycopg2; asyncpg names some things otherwise and
lacks others. Neither a message nor a repr ever shows a password: an address is shown
by what is certainly none.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from metadb.errors import BadAddress

APPLICATION = "dagway"
CONNECT_S = 10.0
BUSY_S = 5.0

_EXAMPLES = "postgresql://user:password@host:5432/airflow or sqlite:////opt/airflow.db"
_FILES = ("sslcert", "sslkey", "sslrootcert", "sslcrl")
_TLS = (
    *("sslmode", "sslpassword", "sslnegotiation"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version"),
    *_FILES,
)
_SAME = ("passfile", "service", "krbsrvname", "gsslib")  # as asyncpg calls them
_SYNONYMS = {"ssl": "sslmode", "timeout": "connect_timeout", "database": "dbname"}
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# a session of ours is always read-only, and a server would be taken for a standby
_TARGETS = {
    **{word: word for word in ("any", "primary", "standby", "prefer-standby")},
    "read-write": "primary",
    "read-only": "standby",
}
# what changes nothing that is answered; the values that ask for more are refused
_WITHOUT_EFFECT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *("keepalives", "keepalives_idle", "keepalives_interval"),
            *("keepalives_count", "tcp_user_timeout", "client_encoding"),
            *("sslcompression", "sslsni", "async_fallback"),
            *("prepared_statement_cache_size",),
        ),
        (),
    ),
    "gssencmode": ("disable", "prefer"),
    "channel_binding": ("disable", "prefer"),
    "load_balance_hosts": ("disable",),
}
_SQLITE_WITHOUT_EFFECT = frozenset(
    {"check_same_thread", "cached_statements", "isolation_level", "detect_types"}
)
_HOST_AND_PORT = re.compile(r"([^:/\[\]]+|\[[^\]]+\]):(\d+)")
_SETTING = re.compile(r"(?:-c\s*|--)([\w.-]+)=((?:\\.|[^\\\s])*)")


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
    query = dict(_query(url))
    backend = url.drivername.partition("+")[0]
    if backend in {"postgresql", "postgres"}:
        return _postgres(url, query)
    if backend == "sqlite":
        return _sqlite(url, query)
    message = (
        f"{_word(backend)} databases are not supported; "
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
    options = " ".join(filter(None, [_last(url, "options"), f"-csearch_path={path}"]))
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


def _query(url: URL) -> Iterator[tuple[str, str]]:
    """The query's parameters; a repeated `host` as one list, else the last wins."""
    for name, values in url.normalized_query.items():
        known = _SYNONYMS.get(name, name)
        yield known, ",".join(values) if known in {"host", "port"} else values[-1]


def _last(url: URL, name: str) -> str | None:
    values = url.normalized_query.get(name)
    return values[-1] if values else None


def _is_torn(address: str, url: URL) -> bool:
    """Whether part of a password may have ended up elsewhere."""
    database = address.partition("@")[2].partition("?")[0].partition("/")[2]
    return (
        "@" in (url.host or "")
        or (url.username is not None and "@" in database)
        or not all(re.fullmatch(r"\w+", name) for name in url.query)
    )


def _word(text: str) -> str:
    return text if re.fullmatch(r"\w{1,30}", text) else "such"


def _sqlite(url: URL, query: dict[str, str]) -> SqliteAddress:
    if url.host:
        message = "a SQLite address has three slashes, or four for an absolute path"
        raise BadAddress(message)
    path = url.database or ":memory:"
    if path.startswith("file:"):
        path = path.removeprefix("file:")
        query = {k: v for k, v in query.items() if k not in {"uri", "mode", "cache"}}
    if path == ":memory:":
        message = "the address names a SQLite database in memory; name a file"
        raise BadAddress(message)
    busy = query.pop("connect_timeout", None)  # SQLite's is called timeout as well
    for name in query.keys() - _SQLITE_WITHOUT_EFFECT:
        raise _unsupported(name)
    return SqliteAddress(Path(path), _seconds("timeout", busy, BUSY_S))


def _postgres(url: URL, query: dict[str, str]) -> PostgresAddress:
    arguments: dict[str, Any] = {
        "user": query.pop("user", url.username),
        "password": query.pop("password", url.password),
        "database": query.pop("dbname", url.database) or None,
        "timeout": _seconds(
            "connect_timeout", query.pop("connect_timeout", None), CONNECT_S
        ),
        "server_settings": _server_settings(query),
    }
    arguments.update((name, query.pop(name)) for name in _SAME if name in query)
    if target := query.pop("target_session_attrs", None):
        arguments["target_session_attrs"] = _TARGETS[
            _among("target_session_attrs", target, tuple(_TARGETS))
        ]
    if tls := _tls(query):
        arguments["dsn"] = f"postgresql://?{urlencode(tls)}"
    places = _places(url, query)
    if any(host for host, _ in places):
        arguments["host"] = [host for host, _ in places]
        if any(port for _, port in places):
            arguments["port"] = [port or 5432 for _, port in places]
    elif port := places[0][1]:
        arguments["port"] = port  # a list would have to fit the driver's own hosts
    for name, value in query.items():
        if name not in _WITHOUT_EFFECT:
            raise _unsupported(name)
        if allowed := _WITHOUT_EFFECT[name]:
            _among(name, value, allowed)
    user = f"{arguments['user']}@" if arguments["user"] else ""
    hosts = ",".join(f"{h}:{p}" if p else h for h, p in places)
    shown = f"postgresql://{user}{hosts}/{arguments['database'] or ''}"
    return PostgresAddress(shown, arguments)


def _places(url: URL, query: dict[str, str]) -> list[tuple[str, int | None]]:
    """Hosts with their ports; one empty host for the driver's own choice."""
    hosts = query.pop("host", unquote(url.host or "")).split(",")
    ports = query.pop("port", str(url.port or "")).split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    if len(ports) != len(hosts):
        message = (
            "the parameter port must have one number, or as many as host has names"
        )
        raise BadAddress(message)
    places: list[tuple[str, int | None]] = []
    for word, given in zip(hosts, ports, strict=True):
        both = _HOST_AND_PORT.fullmatch(word)
        host, port = both.groups() if both else (word, given)
        if port and not port.isdecimal():
            message = "the parameter port must be a number"
            raise BadAddress(message)
        places.append((host.strip("[]"), int(port) if port else None))
    return places


def _tls(query: dict[str, str]) -> dict[str, str]:
    found = {name: query.pop(name) for name in _TLS if name in query}
    if "sslmode" in found:
        mode = {"true": "require", "True": "require"}.get(found["sslmode"])
        found["sslmode"] = _among("sslmode", mode or found["sslmode"], _MODES)
    for name in _FILES:
        path = found.get(name)
        if path and not os.access(path, os.R_OK):
            message = f"the parameter {name} must name a file that can be read"
            raise BadAddress(message)
    return found


def _server_settings(query: dict[str, str]) -> dict[str, str]:
    """What the session sets at its start; read-only is not negotiable."""
    settings: dict[str, str] = {}
    options = query.pop("options", "").strip()
    while options:
        found = _SETTING.match(options)
        if found is None:
            message = "the parameter options must be a list of -c name=value"
            raise BadAddress(message)
        settings[found[1].replace("-", "_")] = re.sub(r"\\(.)", r"\1", found[2])
        options = options[found.end() :].strip()
    fallback = query.pop("fallback_application_name", APPLICATION)
    settings["application_name"] = query.pop(
        "application_name", settings.get("application_name", fallback)
    )
    settings["default_transaction_read_only"] = "on"
    return settings


def _seconds(name: str, value: str | None, default: float) -> float:
    if value is None:
        return default
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", value):
        message = f"the parameter {name} must be a number of seconds"
        raise BadAddress(message)
    return float(value) or default  # libpq: zero is no limit of its own


def _among(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        message = f"the parameter {name} of the address may be {', '.join(allowed)}"
        raise BadAddress(message)
    return value


def _unsupported(name: str) -> BadAddress:
    return BadAddress(
        f"the parameter {name} of the database address is not supported; leave it out"
    )
