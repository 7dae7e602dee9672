"""Whether a host may be listened on without identity."""

import ipaddress
import socket

from dagway.errors import StartError


def check_exposure(host: str, *, is_identified: bool) -> None:
    """Do nothing if only this machine reaches the host, or identity is on.

    Raises:
        StartError: if others reach it and anybody may ask.
    """
    if not is_identified and not _is_loopback(host):
        message = (
            f"--host {host or '(every interface)'} can be reached from other machines "
            "and nobody would be asked who they are: set DAGWAY_KEYS_FILE to a file of "
            "API keys (`python -m dagway key NAME` makes them), or "
            "DAGWAY_OIDC_ISSUER or DAGWAY_AIRFLOW_JWT_SECRET for tokens, or listen on "
            "127.0.0.1"
        )
        raise StartError(message)


def _is_loopback(host: str) -> bool:
    """Whether all addresses of a host are this machine's own."""
    if not host:
        return False
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(
        ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback
        for *_, address in found
    )
