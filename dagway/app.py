"""The application: the only place where its parts are chosen."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    ExitStack,
    asynccontextmanager,
)

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from dagway import graphiql
from dagway.collector import relax
from dagway.cors import cors
from dagway.endpoint import Endpoint
from dagway.errors import StartError
from dagway.identity.choice import chosen
from dagway.limits import Limits
from dagway.operating.door import Door, closing_on_signals
from dagway.operating.facts import Observer, Observers
from dagway.operating.health import Health
from dagway.operating.journal import Journal, told
from dagway.operating.log import to_stderr, written_apart
from dagway.operating.metrics import Metrics
from dagway.operating.pages import Pages
from dagway.operating.rates import Rates
from dagway.operating.rooted import Rooted
from dagway.operating.servers import ServerCounts
from dagway.operating.structures import StructureCounts
from dagway.operating.tracing import traced
from dagway.operation import Gateway, GatewayExecutor, StockExecutor, opened
from dagway.persisted import Persisted, read_manifest
from dagway.published import Published
from dagway.settings import Settings
from loaders.kept_structures import MIB, KeptStructures
from loaders.log_files import LogFiles
from metadb.engine import create_engine
from resolvers import masking

PATH = "/graphql"
EXECUTORS = {"breadth_first": GatewayExecutor, "graphql_core": StockExecutor}


def gateway_of(settings: Settings) -> AbstractAsyncContextManager[Gateway]:
    """A gateway as the settings say, until the block is left.

    Raises (as the block is entered):
        UnusableDatabase: if the database cannot be served.
    """
    masking.hide(settings.sensitive_fields)
    return opened(
        settings.database.value,
        pool_size=settings.pool_size,
        bounds=settings.bounds,
        airflow_url=settings.airflow_url,
        heartbeat_s=settings.heartbeat_s,
        logs=_logs(settings.log_url),
        executor=EXECUTORS[settings.execution],
        limits=settings.limits,
        replicas=[one.value for one in settings.replicas],
        replica_lag_s=settings.replica_lag_s,
        structures=_kept(settings.structure_cache),
    )


def _kept(mebibytes: int) -> KeptStructures | None:
    return KeptStructures(mebibytes * MIB) if mebibytes else None


def _logs(address: str | None) -> LogFiles | None:
    if address is None:
        return None
    try:
        return LogFiles(address)
    except (ImportError, ValueError) as error:
        message = f"DAGWAY_LOG_URL is {address!r}, which cannot be opened: {error}"
        raise StartError(message) from error


def persisted_of(settings: Settings) -> Persisted:
    """Which documents may be named, as the settings say.

    Raises:
        StartError: if the manifest cannot be used, or must be there and is not.
    """
    if settings.trusted_documents is not None:
        texts = read_manifest(settings.trusted_documents)
        return Persisted(texts, only=settings.trusted_only)
    if settings.trusted_only:
        message = (
            "DAGWAY_TRUSTED_ONLY is on and nothing is trusted: set "
            "DAGWAY_TRUSTED_DOCUMENTS to a manifest"
        )
        raise StartError(message)
    return Persisted()


class _Serving:
    """The endpoint, once the database is open."""

    endpoint: Endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.endpoint(scope, receive, send)


class App(Starlette):
    """An application whose operations need no looking up of routes.

    Attributes:
        is_direct: Whether they need nothing else before the endpoint either.
    """

    serving: _Serving
    is_direct = True

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.is_direct and scope["type"] == "http" and _is_operation(scope):
            await self.serving.endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _is_operation(scope: Scope) -> bool:
    return bool(scope["path"] == PATH and scope["method"] == "POST")


def create_app(settings: Settings, *, takes_signals: bool = False) -> Starlette:
    """The gateway as an ASGI application; its lifespan opens the database.

    Args:
        settings: What it is told.
        takes_signals: Whether it closes itself before the server handles a signal.

    Raises (as it starts):
        UnusableDatabase: if the database cannot be served.
    """
    serving = _Serving()
    who = chosen(settings)
    persisted = persisted_of(settings)
    metrics = Metrics()
    pages = Pages(metrics, who.identity)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        door = Door(settings.max_operations)
        with ExitStack() as stack:
            write: Callable[[bytes], None] = told
            if takes_signals:
                write = stack.enter_context(written_apart(metrics.line_dropped))
            observer = _observer(settings, metrics, write)
            async with (
                gateway_of(settings) as gateway,
                _health(settings, gateway, door) as health,
                traced(os.environ, _counting(observer, metrics, gateway)) as observers,
            ):
                if who.revoked is not None:
                    who.revoked.open(gateway.session)
                serving.endpoint = Endpoint(
                    gateway,
                    settings.limits,
                    who.identity,
                    observers,
                    door,
                    _rates(settings),
                    persisted,
                )
                pages.health = health
                if takes_signals:
                    closing = closing_on_signals(door, settings.shutdown_s)
                    stack.enter_context(closing)
                yield

    app = App(
        routes=[
            Route(PATH, serving),
            Route("/", _to_graphql),
            *graphiql.routes(PATH),
            *pages.routes,
            *Published(who.identity).routes,
        ],
        middleware=_middleware(settings),
        lifespan=lifespan,
    )
    app.serving = serving
    app.is_direct = not settings.cors_origins
    return app


def _observer(
    settings: Settings, metrics: Metrics, write: Callable[[bytes], None]
) -> Observer:
    """What observes operations."""
    if settings.operation_log:
        return Observers(metrics, Journal(write))
    return Observers(metrics)


def _counting(observer: Observer, metrics: Metrics, gateway: Gateway) -> Observer:
    """The observer, and what counts by server, and what is kept, where there is any."""
    more: list[Observer] = []
    if gateway.replicas is not None:
        counts = ServerCounts(metrics.registry, gateway.replicas)
        metrics.measures.append(counts.measure)
        more.append(counts)
    if gateway.structures is not None:
        more.append(StructureCounts(metrics.registry, gateway.structures))
    return Observers(observer, *more) if more else observer


def _middleware(settings: Settings) -> list[Middleware]:
    shared = cors(settings.cors_origins)
    if not settings.root_path:
        return shared
    return [*shared, Middleware(Rooted, root=settings.root_path)]


def _rates(settings: Settings) -> Rates | None:
    if not settings.rate_points:
        return None
    return Rates(settings.rate_points, settings.rate_burst)


@asynccontextmanager
async def _health(
    settings: Settings, gateway: Gateway, door: Door
) -> AsyncIterator[Health]:
    """Asks the gateway's database on a connection of its own."""
    engine = create_engine(settings.database.value, pool_size=1)
    limits = gateway.limits or Limits()
    try:
        yield Health(
            engine, gateway.current, door, limits, gateway.bounds, gateway.replicas
        )
    finally:
        await engine.dispose()


async def _to_graphql(request: Request) -> RedirectResponse:
    return RedirectResponse(request.scope.get("root_path", "") + PATH)


def from_environment() -> Starlette:
    """The application as uvicorn's worker processes make it."""
    settings = Settings.from_env(os.environ)
    to_stderr(settings.log_level)
    app = create_app(settings, takes_signals=True)
    relax()
    return app
