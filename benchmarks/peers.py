"""What dagway is compared with over HTTP, as ASGI applications for uvicorn."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks import (
    hand_written,
    hand_written_graph,
    hand_written_summaries,
    naive,
)
from dagway.collector import relax
from dagway.database_address import ADDRESS
from metadb.engine import create_engine

CONNECTIONS = 5
"""As many as dagway has by default."""
PATIENT = 32
"""Connections of the naive form: with fewer, clients wait longer than its pool does."""


def limit() -> Starlette:
    """The hand-written pages, each at a path of its own."""
    pool: asyncpg.Pool

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        nonlocal pool
        async with asyncpg.create_pool(
            os.environ[ADDRESS],
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
            reset=_as_it_is,
        ) as pool:
            yield

    async def typename(request: Request) -> Response:
        del request
        return _json(b'{"data":{"__typename":"Query"}}')

    async def grid(request: Request) -> Response:
        runs = int(request.query_params["runs"])
        return _json(await hand_written.grid(pool, request.path_params["dag_id"], runs))

    async def summaries(request: Request) -> Response:
        dag_id, runs = request.path_params["dag_id"], int(request.query_params["runs"])
        return _json(await hand_written_summaries.summaries(pool, dag_id, runs))

    async def graph(request: Request) -> Response:
        dag_id = request.path_params["dag_id"]
        return _json(await hand_written_graph.graph(pool, dag_id))

    async def dag_list(request: Request) -> Response:
        del request
        return _json(await hand_written.dag_list(pool))

    relax()
    return Starlette(
        routes=[
            Route("/typename", typename),
            Route("/grid/{dag_id}", grid),
            Route("/summaries/{dag_id}", summaries),
            Route("/graph/{dag_id}", graph),
            Route("/dags", dag_list),
        ],
        lifespan=lifespan,
    )


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Nothing that these pages do needs undoing: a round trip saved."""


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def stock() -> Starlette:
    """The naive form: no kept documents, the standard library's JSON."""
    engine = create_engine(os.environ[ADDRESS], pool_size=PATIENT)

    async def graphql(request: Request) -> Response:
        asked = await request.json()
        found = await naive.answer(engine, asked["query"], asked.get("variables", {}))
        return JSONResponse(found)

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])])
