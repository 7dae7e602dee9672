"""What front ends generate code and caches from, made from the schema."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import graphql
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dagway.identity.principal import Identity
from dagway.protocol import BadRequest
from schema.build import print_sdl

_HEADERS = {
    "cache-control": "private, no-cache",
    "vary": "authorization, cookie",
    "x-content-type-options": "nosniff",
}
_SDL = "application/graphql; charset=utf-8"
_JSON = "application/json"
MERGED = ("Airflow", "DurationStats", "Fleet", "NextRun", "Schedule", "TaskLog")
"""Types without an id of which an object has only one: a cache adds up their fields."""


@dataclass(frozen=True, slots=True)
class File:
    """A published file: its media type, its bytes, and a tag that tells changes."""

    media_type: str
    content: bytes
    etag: str


def possible_types(schema: GraphQLSchema) -> dict[str, list[str]]:
    """By interface or union, the types that may stand for it."""
    return {
        name: sorted(one.name for one in schema.get_possible_types(type_))
        for name, type_ in sorted(schema.type_map.items())
        if graphql.is_abstract_type(type_)
    }


def type_policies(schema: GraphQLSchema) -> dict[str, dict[str, Any]]:
    """By type, how Apollo Client's cache keeps its objects.

    Those with an id are kept by it, others where they hang.
    """
    node = schema.type_map["Node"]
    return {
        name: _policy(type_, node)
        for name, type_ in sorted(schema.type_map.items())
        if isinstance(type_, GraphQLObjectType)
        and type_ is not schema.query_type
        and not name.startswith("__")
    }


def _policy(type_: GraphQLObjectType, node: object) -> dict[str, Any]:
    if isinstance(node, GraphQLInterfaceType) and node in type_.interfaces:
        return {"keyFields": ["id"]}
    if type_.name in MERGED:
        return {"keyFields": False, "merge": True}
    return {"keyFields": False}


def _json(of: Callable[[GraphQLSchema], Any], sdl: str) -> bytes:
    told = of(graphql.build_schema(sdl))
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"


_MADE: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "/schema.graphql": (_SDL, str.encode),
    "/introspection.json": (
        _JSON,
        lambda sdl: _json(graphql.introspection_from_schema, sdl),
    ),
    "/possibleTypes.json": (_JSON, lambda sdl: _json(possible_types, sdl)),
    "/typePolicies.json": (_JSON, lambda sdl: _json(type_policies, sdl)),
}
"""By path, a file's media type, and what makes it from the SDL."""
PATHS = tuple(_MADE)


@cache
def file_at(path: str) -> File:
    """The file that is published at a path; made once, in some 200 ms."""
    media_type, made = _MADE[path]
    content = made(print_sdl())
    return File(media_type, content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


class Published:
    """Serves the files to those who may ask, and read the schema."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @property
    def routes(self) -> list[Route]:
        """Where they are."""
        return [Route(path, self._file) for path in PATHS]

    async def _file(self, request: Request) -> Response:
        try:
            await self._check(request)
        except BadRequest as bad:
            error = {"message": str(bad), "extensions": {"code": bad.code}}
            headers = {"cache-control": "no-store", **bad.headers}
            return JSONResponse({"errors": [error]}, bad.status, headers)
        route: Route = request.scope["route"]
        file = await run_in_threadpool(file_at, route.path)
        headers = {**_HEADERS, "etag": file.etag}
        if _has(request.headers.get("if-none-match", ""), file.etag):
            return Response(status_code=304, headers=headers)
        return Response(file.content, 200, headers, file.media_type)

    async def _check(self, request: Request) -> None:
        """Do nothing for one who may read the schema.

        Raises:
            BadRequest: if they may not, or that is not to be found out.
        """
        principal = await self._identity.principal(request)
        if not principal.introspects:
            message = "The schema is not to be read with this key or token."
            raise BadRequest(403, "INTROSPECTION_DISABLED", message)


def _has(told: str, etag: str) -> bool:
    """Whether an If-None-Match names that tag."""
    tags = {tag.strip().removeprefix("W/") for tag in told.split(",")}
    return bool(tags & {etag, "*"})
