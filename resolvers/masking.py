"""Values under sensitive names become `***`, wherever they are shown.

The names are those of Airflow's `DEFAULT_SENSITIVE_FIELDS`; one that is part of a
longer name counts, as it does there.
"""

from collections.abc import Iterable
from typing import Any

MASK = "***"
_hidden: set[str] = set()  # names that this deployment adds
SENSITIVE = (
    "access_key",
    "access_token",
    "api_key",
    "apikey",
    "auth_header",
    "authorization",
    "bearer",
    "connection_string",
    "dsn",
    "keyfile_dict",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "proxies",
    "proxy",
    "proxy_password",
    "secret",
    "service_account",
    "service_key",
    "token",
    "webhook_url",
)
_DEEPEST = 200


def hide(names: Iterable[str]) -> None:
    """Keep secret what stands under these names, too, for as long as we run."""
    _hidden.update(name.strip().lower() for name in names)


def is_sensitive(name: object) -> bool:
    """Whether what stands under a name is kept secret."""
    lower = str(name).strip().lower()
    return any(word in lower for word in (*SENSITIVE, *_hidden))


def masked(*name_and_value: Any) -> Any:
    """A value without its secrets; of (name, value), `***` if the name is sensitive."""
    *names, value = name_and_value
    if names and value is not None and is_sensitive(names[0]):
        return MASK
    return _masked(value, 0)


def _masked(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {
            str(key): MASK
            if is_sensitive(key) and inside is not None
            else _masked(inside, depth + 1)
            for key, inside in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(inside, depth + 1) for inside in value]
    return value
