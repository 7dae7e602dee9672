"""HTTP clients of endpoints in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from dagway.app import create_app
from dagway.endpoint import Endpoint
from dagway.identity.principal import Identity
from dagway.limits import Limits
from dagway.operation import opened
from dagway.persisted import Persisted
from dagway.settings import Settings

PATH = "/graphql"


@asynccontextmanager
async def client_of(
    address: str,
    limits: Limits,
    identity: Identity | None = None,
    persisted: Persisted | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint on a database; a fault in it is a status of 500."""
    async with opened(address, limits=limits) as gateway:
        endpoint = Endpoint(gateway, limits, identity, persisted=persisted)
        app = Starlette(routes=[Route(PATH, endpoint)])
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gate"
        ) as client:
            yield client


@asynccontextmanager
async def app_client(address: str, **environ: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application on a database, as variables make it."""
    app = create_app(Settings.from_env(environ, address))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://gateway"
        ) as client,
    ):
        yield client
