"""Bearer tokens: JWTs of an OIDC issuer, or of Airflow itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jwt

from dagway.identity.jwks import ALGORITHMS, Jwks
from dagway.identity.principal import Principal
from dagway.identity.revoked import Revoked

LEEWAY_S = 10
LONGEST = 16_384  # characters of a token
KIND = "dagway_token"
_REQUIRED = ["exp", "iat"]


class Signatures(Protocol):
    """Tells which key has signed a token."""

    async def of(self, header: Mapping[str, Any]) -> tuple[Any, Sequence[str]] | None:
        """The key, as PyJWT takes it, and its algorithms; None if there is none."""


class Public:
    """Signatures by the keys of a set, of all algorithms of a key's type or of one."""

    def __init__(self, keys: Jwks, algorithm: str | None = None) -> None:
        self._keys = keys
        self._algorithm = algorithm

    async def of(self, header: Mapping[str, Any]) -> tuple[Any, Sequence[str]] | None:
        """The key that the header names."""
        kid = header.get("kid")
        found = await self._keys.key(kid if isinstance(kid, str) else None)
        if found is None:
            return None
        known = ALGORITHMS[str(found.key_type)]
        return found.key, [one for one in known if self._algorithm in {None, one}]


class Shared:
    """Signatures by a secret that Airflow and we share."""

    def __init__(self, secret: str, algorithm: str) -> None:
        self._secret = secret
        self._algorithm = algorithm

    async def of(self, header: Mapping[str, Any]) -> tuple[Any, Sequence[str]] | None:
        """The secret, as Airflow uses it."""
        del header
        return self._secret, (self._algorithm,)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens that are trusted.

    Attributes:
        kind: What rules know them by, as the claim `dagway_token`.
        audience: Of whom a token must name one.
        issuer: Who must have issued it; None for anybody who has the key.
        revoked: Those that were ended by a logout; None if nobody says so.
        cookie: Which cookie may hold one, too.
    """

    kind: str
    signatures: Signatures
    audience: tuple[str, ...]
    issuer: str | None
    revoked: Revoked | None = None
    cookie: str | None = None

    async def principal(
        self, token: str, *, by_cookie: bool = False
    ) -> Principal | None:
        """Whose token it is; None if it is none that is trusted.

        Raises:
            BadRequest: if it cannot be told now.
        """
        claims = await self._claims(token)
        if claims is None:
            return None
        jti = claims.get("jti")
        if self.revoked is not None and (
            not isinstance(jti, str) or await self.revoked.is_revoked(jti)
        ):
            return None
        name = claims.get("sub")
        return Principal(
            name if isinstance(name, str) else "",
            by_cookie=by_cookie,
            claims={**claims, KIND: self.kind},
        )

    async def _claims(self, token: str) -> dict[str, Any] | None:
        if len(token) > LONGEST:
            return None
        try:
            found = await self.signatures.of(jwt.get_unverified_header(token))
            if found is None:
                return None
            key, algorithms = found
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(algorithms),
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY_S,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, ValueError, RecursionError):
            return None
        return claims
