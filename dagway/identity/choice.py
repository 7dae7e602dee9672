"""The identity that settings choose."""

from collections.abc import Iterator
from dataclasses import dataclass

from dagway.errors import StartError
from dagway.identity import keys, rules
from dagway.identity.bearer import ByBearer
from dagway.identity.jwks import SECRET, Jwks
from dagway.identity.principal import Anybody, Identity
from dagway.identity.revoked import Revoked
from dagway.identity.rules import Ruled
from dagway.identity.settings import IdentitySettings
from dagway.identity.tokens import Public, Shared, Tokens
from dagway.identity.watched import Watched

COOKIE = "_token"
"""Airflow's."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An identity, and what must be opened with the database; None if nothing must."""

    identity: Identity
    revoked: Revoked | None = None


def chosen(settings: IdentitySettings) -> Chosen:
    """Who may ask, and what they see.

    Raises:
        StartError: if a file of keys or rules cannot be used, or settings contradict.
    """
    _check(settings)
    identity: Identity = Anybody()
    revoked = None
    if settings.is_identified:
        tokens = [*_tokens(settings)]
        revoked = next((one.revoked for one in tokens if one.revoked), None)
        file = settings.keys_file
        known = None if file is None else Watched(file, keys.parsed)
        identity = ByBearer(known, tokens)
    if settings.rules_file is not None:
        identity = Ruled(identity, Watched(settings.rules_file, rules.parsed))
    return Chosen(identity, revoked)


def _check(settings: IdentitySettings) -> None:
    if settings.oidc_issuer is not None and not settings.oidc_audience:
        message = (
            "DAGWAY_OIDC_ISSUER needs DAGWAY_OIDC_AUDIENCE: without it tokens that the "
            "issuer made for other services would be taken"
        )
        raise StartError(message)
    if settings.oidc_issuer is None and (settings.oidc_audience or settings.oidc_jwks):
        message = "DAGWAY_OIDC_AUDIENCE and DAGWAY_OIDC_JWKS need DAGWAY_OIDC_ISSUER"
        raise StartError(message)
    if settings.airflow_jwt_secret is not None and settings.airflow_jwks is not None:
        message = (
            "DAGWAY_AIRFLOW_JWT_SECRET and DAGWAY_AIRFLOW_JWKS are both set; Airflow "
            "signs with one or the other"
        )
        raise StartError(message)
    algorithm = settings.airflow_jwt_algorithm
    if algorithm is not None and settings.airflow_jwt_secret is not None:
        if algorithm not in SECRET:
            message = (
                f"DAGWAY_AIRFLOW_JWT_ALGORITHM is {algorithm}, which is of public "
                "keys; with DAGWAY_AIRFLOW_JWT_SECRET it must be one of "
                f"{', '.join(SECRET)}"
            )
            raise StartError(message)
    elif algorithm in SECRET:
        message = (
            f"DAGWAY_AIRFLOW_JWT_ALGORITHM is {algorithm}, which needs "
            "DAGWAY_AIRFLOW_JWT_SECRET"
        )
        raise StartError(message)


def _tokens(settings: IdentitySettings) -> Iterator[Tokens]:
    if settings.oidc_issuer is not None:
        at = settings.oidc_jwks
        keys_of_issuer = (
            Jwks(settings.oidc_issuer, is_issuer=True) if at is None else Jwks(at)
        )
        yield Tokens(
            "oidc",
            Public(keys_of_issuer),
            settings.oidc_audience,
            settings.oidc_issuer,
        )
    secret, address = settings.airflow_jwt_secret, settings.airflow_jwks
    algorithm = settings.airflow_jwt_algorithm
    if secret is not None or address is not None:
        yield Tokens(
            "airflow",
            Public(Jwks(address or ""), algorithm)
            if secret is None
            else Shared(secret.value, algorithm or "HS512"),
            settings.airflow_jwt_audience,
            settings.airflow_jwt_issuer,
            Revoked(),
            COOKIE,
        )
