"""Public keys of those who sign tokens, fetched when they are needed."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt

log = logging.getLogger("dagway")

FRESH_S = 300.0
RETRY_S = 10.0
_TIMEOUT_S = 5
_DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512", "ES256K"),
    "OKP": ("EdDSA",),
}
"""By a key's type. None is symmetric: who checks a token cannot sign one."""
PUBLIC = tuple(name for names in ALGORITHMS.values() for name in names)
SECRET = ("HS256", "HS384", "HS512")
"""Of a secret; never of a key of a set."""


class Jwks:
    """A set of keys at an address, or in a file.

    It is read again after five minutes, while those that are known still serve, and for
    a key that it lacks, which alone is waited for; once at a time, and not more often
    than every ten seconds, whatever tokens ask for. A set that cannot be had leaves the
    last one.
    """

    def __init__(self, address: str, *, is_issuer: bool = False) -> None:
        """Nothing is read yet.

        Args:
            address: Of the set; of an OIDC issuer, whose configuration names the set.
            is_issuer: Which of the two.
        """
        self._address = address
        self._is_issuer = is_issuer
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> jwt.PyJWK | None:
        """The key of that id; the only one there is, for no id."""
        if self._lacks(kid):
            if reading := self._begun():
                await asyncio.shield(reading)  # others wait for it, too
        elif time.monotonic() - self._read_at > FRESH_S:
            self._begun()
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _lacks(self, kid: str | None) -> bool:
        return not self._keys if kid is None else kid not in self._keys

    def _begun(self) -> asyncio.Task[None] | None:
        """The reading that goes on, or begins; None if it is too early for one."""
        if self._reading is None or self._reading.done():
            if time.monotonic() - self._tried_at <= RETRY_S:
                return None
            self._reading = asyncio.create_task(self._refresh())
        return self._reading

    async def _refresh(self) -> None:
        try:
            keys = await asyncio.to_thread(self._fetched)
        except (jwt.PyJWTError, OSError, ValueError) as error:
            log.warning("The keys of %s cannot be had: %s", self._address, error)
            return
        finally:
            self._tried_at = time.monotonic()
        self._keys = keys
        self._read_at = self._tried_at

    def _fetched(self) -> dict[str | None, jwt.PyJWK]:
        address = self._address
        if self._is_issuer:
            found = _document(address.rstrip("/") + _DISCOVERY)
            address = str(found.get("jwks_uri", ""))
        keys = jwt.PyJWKSet.from_dict(dict(_document(address))).keys
        return {
            one.key_id: one
            for one in keys
            if one.key_type in ALGORITHMS and one.public_key_use in {None, "sig"}
        }


def _document(address: str) -> Mapping[str, Any]:
    if "://" not in address:
        found = json.loads(Path(address).read_text(encoding="utf-8"))
    elif address.startswith(("http://", "https://")):
        client = jwt.PyJWKClient(address, cache_jwk_set=False, timeout=_TIMEOUT_S)
        found = client.fetch_data()
    else:
        message = f"{address} is neither a file nor an address of HTTP"
        raise ValueError(message)
    if not isinstance(found, dict):
        message = f"{address} holds no JSON object"
        raise ValueError(message)  # noqa: TRY004  # the document is wrong, not the code
    return found
