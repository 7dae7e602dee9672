"""The application: the only place where its parts are chosen."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dagway import graphiql
from dagway.endpoint import Endpoint
from dagway.operation import opened
from dagway.settings import Settings

PATH = "/graphql"


class _Serving:
    """The endpoint, once the database is open."""

    endpoint: Endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.endpoint(scope, receive, send)


def create_app(settings: Settings) -> Starlette:
    """The gateway as an ASGI application; its lifespan opens the database.

    Raises (as it starts):
        metadb.versions' errors: if the database cannot be served.
    """
    serving = _Serving()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        async with opened(settings) as gateway:
            serving.endpoint = Endpoint(gateway)
            yield

    return Starlette(
        routes=[
            Route("/", _to_graphql),
            Route(PATH, serving),
            *graphiql.routes(PATH),
        ],
        lifespan=lifespan,
    )


async def _to_graphql(request: Request) -> RedirectResponse:
    return RedirectResponse(request.scope.get("root_path", "") + PATH)


def from_environment() -> Starlette:
    """The application as uvicorn's worker processes make it."""
    return create_app(Settings.from_env(os.environ))
