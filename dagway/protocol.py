"""GraphQL over HTTP: what a request says, and which form its answer has.

After the specification's draft of 2025, https://graphql.github.io/graphql-over-http.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import NoneType
from typing import Any

import orjson
from msgspec import Struct
from starlette.datastructures import QueryParams

from dagway.protection.limit import BATCH, Cost, Limit

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html"
_VARIABLES_NESTING = 32
_TEXT, _OBJECT = (str, NoneType), (dict, NoneType)
_KEPT = 64  # spellings of a header that are read once


class BadRequest(Exception):
    """A request that is no GraphQL request.

    Attributes:
        status: The answer's HTTP status.
        code: What its error has as `extensions.code`.
        headers: What its answer has to say besides.
        limit: What it is beyond, if that is why.
        cost: What it used of that.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.limit: Limit | None = None
        self.cost: Cost = {}


class Beyond(BadRequest):
    """A request that is beyond a limit."""

    def __init__(
        self,
        limit: Limit,
        message: str,
        used: float,
        most: float,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(limit.status, limit.code, limit.told(message), headers)
        self.limit = limit
        self.cost = {limit.name: (used, most)}


class Asked(Struct, frozen=True):
    """What a request asks for.

    Attributes:
        query: The document; None where it is named, and not sent.
        name: Of the operation to run; None for the only one.
        extensions: What clients agree on with servers.
        document_id: Of a trusted document.
    """

    query: str | None
    name: str | None = None
    variables: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    document_id: str | None = None


@lru_cache(_KEPT)
def form_of(accept: bytes | None) -> str:
    """The media type to answer in.

    Whoever names none, or takes any, gets JSON, as clients before the specification.

    Raises:
        BadRequest: if it may be neither.
    """
    weights = _weights(accept or b"*/*")
    liked = {form: _weight(weights, form) for form in (GRAPHQL, JSON)}
    best = max(liked.values())
    if best <= 0:
        message = f"Accept names neither {GRAPHQL} nor {JSON}."
        raise BadRequest(406, "NOT_ACCEPTABLE", message)
    for form in liked:
        if weights.get(form) == best:
            return form
    return JSON if liked[JSON] == best else GRAPHQL


def wants_page(accept: bytes | None) -> bool:
    """Whether a browser asks for a page."""
    return _weights(accept or b"").get(HTML, 0) > 0


def _weights(accept: bytes) -> dict[str, float]:
    """How much each range of media types is liked, from 0 to 1."""
    found = {}
    for part in accept.decode("latin-1").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        found[name] = quality
    return found


def _weight(weights: Mapping[str, float], form: str) -> float:
    """How much a media type is liked, by the narrowest range that has it."""
    for range_ in (form, "application/*", "*/*"):
        if range_ in weights:
            return weights[range_]
    return 0.0


def check_content(headers: Mapping[bytes, bytes]) -> None:
    """Take JSON in UTF-8, as it is.

    Raises:
        BadRequest: if a body is anything else.
    """
    problem = _unread(headers.get(b"content-type"), headers.get(b"content-encoding"))
    if problem is not None:
        raise BadRequest(415, "UNSUPPORTED_MEDIA_TYPE", problem, {"accept-post": JSON})


@lru_cache(_KEPT)
def _unread(content_type: bytes | None, encoding: bytes | None) -> str | None:
    """Why a body of such content is not read, if it is not."""
    name, *parameters = (content_type or b"").decode("latin-1").lower().split(";")
    charsets = [
        value.strip().strip('"')
        for parameter in parameters
        for key, _, value in [parameter.partition("=")]
        if key.strip() == "charset"
    ]
    if name.strip() != JSON:
        return f"The body must have the content-type {JSON}."
    if any(charset not in {"utf-8", "utf8"} for charset in charsets):
        return "The body must be in UTF-8."
    if (encoding or b"identity").lower() != b"identity":
        return "The body must not be compressed."
    return None


Batch = tuple[Asked, ...]
"""Several operations in one request."""


def asked_by_body(body: bytes | bytearray, most: int = 0) -> Asked | Batch:
    """What a POST asks for: an operation, or up to so many.

    Raises:
        BadRequest: if it is no GraphQL request, or for more.
    """
    found = _json(body, "The body")
    if not isinstance(found, list):
        return _asked(found)
    if not most:
        message = "The body must be a JSON object: one operation; batching is off."
        raise _bad(message)
    if not found:
        message = "The body is an empty list; it must have an operation."
        raise _bad(message)
    if len(found) > most:
        message = f"The body has {len(found):,} operations; at most {most} are allowed."
        raise Beyond(BATCH, message, len(found), most)
    return tuple(_asked(one) for one in found)


def asked_by_query(query: QueryParams) -> Asked:
    """What a GET asks for.

    Raises:
        BadRequest: if it is no GraphQL request.
    """
    found: dict[str, Any] = dict(query)
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = _json(found[name] or "null", name)
    return _asked(found)


def _asked(found: Any) -> Asked:
    problem = _problem(found)
    if problem is not None:
        raise _bad(problem)
    return Asked(
        found.get("query"),
        found.get("operationName") or None,
        found.get("variables") or {},
        found.get("extensions") or {},
        found.get("documentId"),
    )


def _problem(found: Any) -> str | None:
    """What is wrong with a request's members, if anything is."""
    if not isinstance(found, dict):
        return "An operation must be a JSON object."
    problem = _problem_of_document(found)
    if problem is not None:
        return problem
    if not isinstance(found.get("operationName"), _TEXT):
        return "operationName must be a string."
    for name in ("variables", "extensions"):
        if not isinstance(found.get(name), _OBJECT):
            return f"{name} must be a JSON object."
    variables = found.get("variables")
    if variables and _nests(variables, _VARIABLES_NESTING):
        return f"variables are nested more than {_VARIABLES_NESTING} deep."
    return None


def _problem_of_document(found: Mapping[str, Any]) -> str | None:
    """What is wrong with how a document is sent or named, if anything is."""
    query, document_id = found.get("query"), found.get("documentId")
    if not isinstance(query, str) and (query is not None or not _names(found)):
        return "query must be there, and a string."
    if not isinstance(document_id, _TEXT):
        return "documentId must be a string."
    if query is not None and document_id is not None:
        return "query and documentId must not both be there."
    return None


def _names(found: Mapping[str, Any]) -> bool:
    """Whether a request names its document."""
    extensions = found.get("extensions")
    is_hashed = isinstance(extensions, dict) and "persistedQuery" in extensions
    return is_hashed or found.get("documentId") is not None


def _nests(value: Any, most: int) -> bool:
    """Whether JSON is nested more than so deep."""
    level = [value]
    for _ in range(most):
        if not level:
            return False
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def _json(text: bytes | bytearray | str, name: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError as error:
        message = f"{name} is not JSON: {error}."
        raise _bad(message) from None


def _bad(message: str) -> BadRequest:
    return BadRequest(400, "BAD_REQUEST", message)
