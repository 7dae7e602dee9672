"""libpq's connection parameters, as asyncpg calls them.

Airflow hands an address to libpq through psycopg2; asyncpg names some parameters
otherwise, has some only in an address of its own, and lacks others.
"""

import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlencode

from sqlalchemy import URL

from metadb.parameters import Parameters, unfit

APPLICATION = "dagway"
CONNECT_S = 10.0

_FILES = ("sslcert", "sslkey", "sslrootcert", "sslcrl")
_TLS = (
    *("sslpassword", "sslnegotiation"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version"),
)
_SAME = ("passfile", "service", "krbsrvname", "gsslib")
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# a session of ours is read-only at once, and its server would be taken for a standby
_TARGETS: Mapping[str, str] = MappingProxyType(
    {
        **{word: word for word in ("any", "primary", "standby", "prefer-standby")},
        "read-write": "primary",
        "read-only": "standby",
    }
)
# What changes nothing that is answered. Values that ask for more are refused.
_WITHOUT_EFFECT = (
    *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    *("tcp_user_timeout", "client_encoding", "sslcompression", "sslsni"),
    *("async_fallback", "prepared_statement_cache_size"),
)
_ONLY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gssencmode": ("disable", "prefer"),
        "channel_binding": ("disable", "prefer"),
        "load_balance_hosts": ("disable",),
    }
)
_HOST_AND_PORT = re.compile(r"([^:/\[\]]+|\[[^\]]+\]):(\d+)")
_SETTING = re.compile(r"(?:-c\s*|--)([\w.-]+)=((?:\\.|[^\\\s])*)")


def connect_arguments(url: URL, parameters: Parameters) -> dict[str, Any]:
    """What `asyncpg.connect` takes for an address; has the password.

    Raises:
        BadAddress: if a parameter cannot be honoured.
    """
    arguments: dict[str, Any] = {
        "user": parameters.take("user") or url.username,
        "password": parameters.take("password") or url.password,
        "database": parameters.take("dbname") or url.database or None,
        "timeout": parameters.seconds("connect_timeout", CONNECT_S),
        "server_settings": _server_settings(parameters),
        **_places(url, parameters),
        **parameters.take_all(_SAME),
    }
    if target := parameters.among("target_session_attrs", _TARGETS):
        arguments["target_session_attrs"] = _TARGETS[target]
    if tls := _tls(parameters):
        arguments["dsn"] = f"postgresql://?{urlencode(tls)}"
    parameters.take_all(_WITHOUT_EFFECT)
    for name, allowed in _ONLY.items():
        parameters.among(name, allowed)
    parameters.end()
    return arguments


def shown(arguments: Mapping[str, Any]) -> str:
    """The address of what `asyncpg.connect` takes, for people: without its password."""
    hosts, ports = arguments.get("host", [""]), arguments.get("port")
    if not isinstance(ports, list):
        ports = [ports] * len(hosts)
    places = ",".join(
        f"{host}:{port}" if port else host
        for host, port in zip(hosts, ports, strict=True)
    )
    user = f"{arguments['user']}@" if arguments["user"] else ""
    return f"postgresql://{user}{places}/{arguments['database'] or ''}"


def _places(url: URL, parameters: Parameters) -> dict[str, Any]:
    """Hosts and ports, as many of each; no host for the driver's own choice."""
    hosts = (parameters.take("host") or unquote(url.host or "")).split(",")
    ports = (parameters.take("port") or str(url.port or "")).split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    if len(ports) != len(hosts):
        raise unfit(
            name="port", reason="must have one number, or as many as host has names"
        )
    for i, host in enumerate(hosts):
        if both := _HOST_AND_PORT.fullmatch(host):
            hosts[i], ports[i] = both[1], both[2]
    if not all(port == "" or port.isdecimal() for port in ports):
        raise unfit(name="port", reason="must be a number")
    found: dict[str, Any] = {}
    if any(hosts):
        found["host"] = [host.strip("[]") for host in hosts]
    if any(ports):
        found["port"] = [int(port or 5432) for port in ports]
        if not any(hosts):  # a list would have to fit the driver's own hosts
            found["port"] = found["port"][0]
    return found


def _tls(parameters: Parameters) -> dict[str, str]:
    """What asyncpg takes only in an address."""
    mode = parameters.among("sslmode", _MODES)
    files = parameters.take_all(_FILES)
    for name, path in files.items():
        if not os.access(path, os.R_OK):
            raise unfit(name, "must name a file that can be read")
    modes = {"sslmode": mode} if mode else {}
    return {**modes, **files, **parameters.take_all(_TLS)}


def _server_settings(parameters: Parameters) -> dict[str, str]:
    """What the session sets at its start; read-only is not negotiable."""
    settings: dict[str, str] = {}
    options = (parameters.take("options") or "").strip()
    while options:
        found = _SETTING.match(options)
        if found is None:
            raise unfit(name="options", reason="must be a list of -c name=value")
        settings[found[1].replace("-", "_")] = re.sub(r"\\(.)", r"\1", found[2])
        options = options[found.end() :].strip()
    fallback = parameters.take("fallback_application_name") or APPLICATION
    settings["application_name"] = (
        parameters.take("application_name")
        or settings.get("application_name")
        or fallback
    )
    settings["default_transaction_read_only"] = "on"
    return settings
