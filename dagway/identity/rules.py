"""Rules: which DAGs a principal may see, as a TOML file says.

[[rule]]
keys = ["grafana"]
allow = [{tags = ["public"]}, {dag_ids = ["etl_*"], data = ["logs"]}]
deny = [{owners = ["payroll"]}]
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from starlette.requests import Request

from dagway.identity.pattern import fits_any
from dagway.identity.principal import Identity, Principal
from dagway.identity.watched import Watched
from metadb.seen import DATA
from metadb.visibility import Grant, Visibility

_RULE = frozenset({"keys", "claims", "allow", "deny", "introspection", "general_log"})
_BY = ("dag_ids", "tags", "owners", "bundles", "teams")
_GRANT = frozenset({*_BY, "data"})
_LONGEST = 1_000  # characters of a pattern


@dataclass(frozen=True, slots=True)
class Rule:
    """What some principals may see.

    Attributes:
        keys: Patterns of API keys' names; None if it is not for keys.
        claims: Of a token, patterns of which one must fit, for each claim.
        introspection: Whether they may read the schema.
        general_log: Whether they may read the audit log's entries of no DAG.
    """

    keys: tuple[str, ...] | None
    claims: tuple[tuple[str, tuple[str, ...]], ...] | None
    allow: tuple[Grant, ...]
    deny: tuple[Grant, ...]
    introspection: bool
    general_log: bool

    def is_for(self, principal: Principal) -> bool:
        """Whether it is about them; one for neither keys nor claims is for all."""
        if self.keys is not None:
            is_key = principal.claims is None and principal.name != ""
            return is_key and fits_any(principal.name, self.keys)
        if self.claims is not None:
            said = principal.claims or {}
            return all(
                any(fits_any(text, patterns) for text in _texts(said.get(name)))
                for name, patterns in self.claims
            )
        return True


def _texts(claim: object) -> list[str]:
    """A claim's texts: one, or those of a list."""
    found = claim if isinstance(claim, list) else [claim]
    return [text for text in found if isinstance(text, str)]


def parsed(text: str) -> tuple[Rule, ...]:
    """The rules of a file.

    Raises:
        ValueError: if it is not TOML, or something in it is no rule.
    """
    found = tomllib.loads(text)
    if found.keys() - {"rule"}:
        message = f"only [[rule]] is known, not {_listed(found.keys() - {'rule'})}"
        raise ValueError(message)
    rules = found.get("rule", [])
    if not isinstance(rules, list):
        message = "rules are written [[rule]]"
        raise ValueError(message)  # noqa: TRY004  # the file is wrong, not the code
    return tuple(_rule(rule, f"rule {at}") for at, rule in enumerate(rules, 1))


def _rule(rule: object, where: str) -> Rule:
    table = _table(rule, where, _RULE)
    if {"keys", "claims"} <= table.keys():
        message = f"{where} has keys and claims; it is for either"
        raise ValueError(message)
    claims = table.get("claims")
    deny = _grants(table.get("deny", []), f"{where}: deny")
    if any(grant.data == () for grant in deny):
        message = f"{where}: a deny of no data denies nothing"
        raise ValueError(message)
    return Rule(
        _patterns(table["keys"], f"{where}: keys") if "keys" in table else None,
        None if claims is None else _claims(claims, f"{where}: claims"),
        _grants(table.get("allow", []), f"{where}: allow"),
        deny,
        _switch(table, "introspection", where, otherwise=True),
        _switch(table, "general_log", where, otherwise=False),
    )


def _switch(
    table: Mapping[str, Any], name: str, where: str, *, otherwise: bool
) -> bool:
    found = table.get(name, otherwise)
    if not isinstance(found, bool):
        message = f"{where}: {name} is true or false"
        raise ValueError(message)  # noqa: TRY004  # the file is wrong, not the code
    return found


def _claims(claims: object, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    table = _table(claims, where, None)
    if not table:
        message = f"{where} names no claim"
        raise ValueError(message)
    return tuple(
        (name, _patterns(found, f"{where}.{name}")) for name, found in table.items()
    )


def _grants(grants: object, where: str) -> tuple[Grant, ...]:
    if not isinstance(grants, list):
        message = f"{where} is a list of tables"
        raise ValueError(message)  # noqa: TRY004  # the file is wrong, not the code
    return tuple(_grant(one, f"{where} {at}") for at, one in enumerate(grants, 1))


def _grant(grant: object, where: str) -> Grant:
    table = _table(grant, where, _GRANT)
    for kind in table.get("data", ()):
        if kind not in DATA:
            message = f"{where}: data is of {', '.join(DATA)}"
            raise ValueError(message)
    if table.get("data") == []:  # which is said of an allowed DAG: none of its data
        return Grant(**_by(table, where), data=())
    data = _patterns(table["data"], f"{where}: data") if "data" in table else None
    return Grant(**_by(table, where), data=data)


def _by(table: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    return {
        name: _patterns(table[name], f"{where}: {name}")
        for name in _BY
        if name in table
    }


def _patterns(found: object, where: str) -> tuple[str, ...]:
    """Patterns; one may stand without a list.

    Raises:
        ValueError: if there are none, which would silently fit nothing.
    """
    listed = [found] if isinstance(found, str) else found
    if (
        not isinstance(listed, list)
        or not listed
        or not all(isinstance(one, str) and 0 < len(one) <= _LONGEST for one in listed)
    ):
        message = f"{where} is a list of texts, each of 1 to {_LONGEST:,} characters"
        raise ValueError(message)
    return tuple(dict.fromkeys(listed))


def _table(
    found: object, where: str, known: frozenset[str] | None
) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        message = f"{where} is not a table"
        raise ValueError(message)  # noqa: TRY004  # the file is wrong, not the code
    unknown = found.keys() - known if known is not None else set()
    if unknown:
        message = f"{where} has {_listed(unknown)}; it may have {_listed(known or ())}"
        raise ValueError(message)
    return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


@lru_cache(1_024)
def _visibility(rules: tuple[Rule, ...]) -> Visibility:
    """What all rules for a principal give together; none give nothing."""
    return Visibility(
        tuple(grant for rule in rules for grant in rule.allow),
        tuple(grant for rule in rules for grant in rule.deny),
        any(rule.general_log for rule in rules),
    )


class Ruled:
    """An identity whose principals see what rules say."""

    def __init__(self, identity: Identity, rules: Watched[tuple[Rule, ...]]) -> None:
        self._identity = identity
        self._rules = rules

    async def principal(self, request: Request) -> Principal:
        """Who it is from, and what they may see.

        Raises:
            BadRequest: if that is not to be found out.
        """
        principal = await self._identity.principal(request)
        mine = tuple(rule for rule in self._rules.value() if rule.is_for(principal))
        return replace(
            principal,
            visible=_visibility(mine),
            introspects=bool(mine) and all(rule.introspection for rule in mine),
        )
