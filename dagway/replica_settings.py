"""Settings of read replicas: where they are, and how old their answers may be."""

import re
from dataclasses import dataclass

from dagway.errors import StartError
from dagway.variable import Secret, seconds, setting
from metadb.address import SqliteAddress, read_address
from metadb.errors import BadAddress

REPLICAS = "DAGWAY_REPLICAS"


def _listed(text: str) -> tuple[Secret, ...]:
    """Addresses; a comma that no address follows is of a list within one."""
    parts = re.split(r"\s*,\s*(?=[\w+]+://)", text) if text else []
    return tuple(map(Secret, parts))


@dataclass(frozen=True, kw_only=True)
class ReplicaSettings:
    """Where read replicas are, and how old their answers may be."""

    replicas: tuple[Secret, ...] = setting(
        REPLICAS,
        "",
        "addresses as above, separated by commas",
        _listed,
        "Streaming replicas of the metadata database, one server each; operations are "
        "read from them while they are fresh enough.",
    )
    replica_lag_s: float = setting(
        "DAGWAY_REPLICA_LAG",
        "5",
        *seconds(1, 3600),
        "By how much a replica's state may be older than the database's when an "
        "operation begins on it; beyond that the database itself is read.",
    )


def check_replicas(database: str, replicas: tuple[Secret, ...], where: str) -> None:
    """Hold that these addresses can be of replicas.

    Args:
        database: The address of what they are replicas of.
        replicas: Theirs.
        where: What says so.

    Raises:
        StartError: if they cannot.
    """
    if replicas and isinstance(read_address(database), SqliteAddress):
        message = f"{where} is set, and a SQLite database has no replicas"
        raise StartError(message)
    for one in replicas:
        _check(one.value, where)


def _check(address: str, where: str) -> None:
    try:
        found = read_address(address)
    except BadAddress as error:
        message = f"{where}: {error}"
        raise StartError(message) from None
    if isinstance(found, SqliteAddress):
        message = f"{where}: {found.shown} is SQLite's, which has no replicas"
        raise StartError(message)
    if len(found.arguments.get("host", ())) > 1:
        message = (
            f"{where}: {found.shown} names several servers; list each by an address of "
            "its own"
        )
        raise StartError(message)
