"""Settings of identity: who may ask, and what they see."""

import re
from dataclasses import dataclass

from dagway.identity.jwks import PUBLIC, SECRET
from dagway.variable import Secret, optional, setting


def _secret(text: str) -> Secret | None:
    return Secret(text) if text else None


def _issuer(text: str) -> str | None:
    """An issuer, letter by letter as its tokens name it."""
    if not text:
        return None
    if not re.fullmatch(r"https?://[^\s?#@]+", text):
        raise ValueError
    return text


def _audience(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


_GUESS = "GUESS"
_ALGORITHMS = (_GUESS, *SECRET, *PUBLIC)


def _algorithm(text: str) -> str | None:
    """An algorithm of signatures; None to tell it from the key."""
    if text not in _ALGORITHMS:
        raise ValueError
    return None if text == _GUESS else text


@dataclass(frozen=True, kw_only=True)
class IdentitySettings:
    """Who may ask, and what they see."""

    keys_file: str | None = setting(
        "DAGWAY_KEYS_FILE",
        "",
        "a file",
        optional,
        "API keys of those who may ask, hashed; read again once it changes. Without "
        "keys or tokens anybody may, and only this machine is listened to.",
    )
    oidc_issuer: str | None = setting(
        "DAGWAY_OIDC_ISSUER",
        "",
        "an http or https address",
        _issuer,
        "Whose tokens are taken: `iss`, letter by letter. See [identity](identity.md).",
    )
    oidc_audience: tuple[str, ...] = setting(
        "DAGWAY_OIDC_AUDIENCE",
        "",
        "names, separated by commas",
        _audience,
        "Of these such a token's `aud` must name one; must be set with the issuer.",
    )
    oidc_jwks: str | None = setting(
        "DAGWAY_OIDC_JWKS",
        "",
        "an http or https address, or a file",
        optional,
        "Where the issuer's keys are; else where its configuration says.",
    )
    airflow_jwt_secret: Secret | None = setting(  # noqa: RUF009  # gives a field
        "DAGWAY_AIRFLOW_JWT_SECRET",
        "",
        "a text",
        _secret,
        "Airflow 3's `[api_auth] jwt_secret`: its tokens are taken, and its cookie.",
    )
    airflow_jwks: str | None = setting(
        "DAGWAY_AIRFLOW_JWKS",
        "",
        "an http or https address, or a file",
        optional,
        "Airflow 3's `[api_auth] trusted_jwks_url`, in the secret's place.",
    )
    airflow_jwt_algorithm: str | None = setting(
        "DAGWAY_AIRFLOW_JWT_ALGORITHM",
        "GUESS",
        f"one of {', '.join(_ALGORITHMS)}",
        _algorithm,
        "Airflow 3's `[api_auth] jwt_algorithm`; GUESS is HS512 for a secret, and what "
        "its type allows for a public key.",
    )
    airflow_jwt_audience: tuple[str, ...] = setting(
        "DAGWAY_AIRFLOW_JWT_AUDIENCE",
        "apache-airflow",
        "names, separated by commas",
        _audience,
        "Airflow 3's `[api_auth] jwt_audience`.",
    )
    airflow_jwt_issuer: str | None = setting(
        "DAGWAY_AIRFLOW_JWT_ISSUER",
        "",
        "a text",
        optional,
        "Airflow 3's `[api_auth] jwt_issuer`, if it has one.",
    )
    rules_file: str | None = setting(
        "DAGWAY_RULES_FILE",
        "",
        "a file",
        optional,
        "Which DAGs, and which of their data, each key or token may see, see "
        "[identity](identity.md); read again once it changes. Without it all see all.",
    )

    @property
    def is_identified(self) -> bool:
        """Whether it is told who asks."""
        return any(
            (
                self.keys_file,
                self.oidc_issuer,
                self.airflow_jwt_secret,
                self.airflow_jwks,
            )
        )
