"""Connections through PgBouncer in transaction mode, which no setting has to name.

Such a pooler gives each transaction a server connection of its own choice. So nothing
may outlive a transaction: no prepared statement, no setting of the session. It also
refuses settings at the start of a session, or drops them where its own setting
`ignore_startup_parameters` says so. A read-only session is what dagway always asks for:
that tells it apart.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import asyncpg

from metadb.errors import Unreachable

_READ_ONLY = "default_transaction_read_only"
_KEPT = "application_name"  # poolers know it
_STATELESS: Mapping[str, Any] = MappingProxyType(
    {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
)


def is_refusal(error: BaseException) -> bool:
    """Whether an error says that a session's settings are not taken."""
    return isinstance(
        error, asyncpg.ProtocolViolationError
    ) and "unsupported startup parameter" in str(error)


def has_dropped_settings(connection: Any) -> bool:
    """Whether a connection, asyncpg's, came about without the session's settings.

    PostgreSQL 14 and later tell a client of this setting; older ones do not.
    """
    told = getattr(connection.get_settings(), _READ_ONLY, None)
    return told == "off"


def stateless(arguments: Mapping[str, Any], shown: str) -> dict[str, Any]:
    """The arguments of a connection whose session holds nothing.

    Raises:
        Unreachable: if the address asks for settings of the session.
    """
    settings = arguments["server_settings"]
    lost = sorted(settings.keys() - {_KEPT, _READ_ONLY})
    if lost:
        message = (
            f"the pooler at {shown} takes no settings of a session, and the address "
            f"has {', '.join(lost)}; set them for the role instead (ALTER ROLE … SET …)"
        )
        raise Unreachable(message)
    kept = {_KEPT: settings[_KEPT]}
    return {**arguments, **_STATELESS, "server_settings": kept}
