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


class Jwks:
    """A set of keys at an address, or in a file.

    It is read again after five minutes, and for a key that it lacks; not more often
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
        self._turn = asyncio.Lock()

    async def key(self, kid: str | None) -> jwt.PyJWK | None:
        """The key of that id; the only one there is, for no id."""
        if self._is_due(kid):
            async with self._turn:
                if self._is_due(kid):
                    await self._refresh()
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _is_due(self, kid: str | None) -> bool:
        now = time.monotonic()
        is_wanting = now - self._read_at > FRESH_S or (
            kid is not None and kid not in self._keys
        )
        return is_wanting and now - self._tried_at > RETRY_S

    async def _refresh(self) -> None:
        try:
            keys = await asyncio.to_thread(self._fetched)
        except (jwt.PyJWTError, OSError, ValueError) as error:
            log.warning("The keys of %s cannot be had: %s", self._address, error)
            return
        finally:
            self._tried_at = time.monotonic()  # those who wait see it once it is over
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
