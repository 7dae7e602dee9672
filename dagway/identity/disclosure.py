"""What of the schema a request may be told, and what a browser may ask by itself."""

import re
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLError, Visitor, visit
from starlette.requests import Request

from dagway.documents import Prepared, Refused
from dagway.identity.principal import Principal
from dagway.protocol import BadRequest

_INTROSPECTION = frozenset({"__schema", "__type"})
_NAMED = re.compile(r"__(schema|type)\b")
_SUGGESTION = re.compile(r" Did you mean [^?]*\?| Allowed are [^.]*\.")
_PREFLIGHT = ("x-requested-with", "apollo-require-preflight", "x-apollo-operation-name")


def check_preflight(request: Request, principal: Principal) -> None:
    """Hold that no other site's page lets a browser ask with its user's cookie.

    A body of JSON is preflighted, and no other is taken; GET is not by itself.

    Raises:
        BadRequest: if one may have.
    """
    if not principal.by_cookie or request.method != "GET":
        return
    if not any(request.headers.get(name) for name in _PREFLIGHT):
        message = (
            "GET by cookie needs a header that makes browsers ask first: "
            "X-Requested-With, or Apollo-Require-Preflight."
        )
        raise BadRequest(403, "PREFLIGHT_REQUIRED", message)


def check_introspection(prepared: Prepared, principal: Principal) -> None:
    """Hold that only those who may read the schema ask for it.

    Raises:
        Refused: if another does.
    """
    if principal.introspects or _NAMED.search(prepared.text) is None:
        return
    found = _Introspection.of(prepared.document)
    if found is not None:
        message = f"{found.name.value} is not allowed with this key or token."
        extensions = {"code": "INTROSPECTION_DISABLED"}
        raise Refused(GraphQLError(message, found, extensions=extensions))


class _Introspection(Visitor):
    """Looks for the first field that reads the schema."""

    found: FieldNode | None = None

    @classmethod
    def of(cls, document: DocumentNode) -> FieldNode | None:
        looking = cls()
        visit(document, looking)
        return looking.found

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.name.value in _INTROSPECTION:
            self.found = self.found or node


def undisclosed(
    errors: list[dict[str, Any]], principal: Principal
) -> list[dict[str, Any]]:
    """Errors without names that the schema has, for those who may not read it."""
    if principal.introspects:
        return errors
    return [_unsuggested(error) for error in errors]


def _unsuggested(error: Mapping[str, Any]) -> dict[str, Any]:
    return {**error, "message": _SUGGESTION.sub("", error["message"])}
