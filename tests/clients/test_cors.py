"""Pages of other origins, as browsers ask for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from dagway.app import create_app
from dagway.errors import StartError
from dagway.settings import Settings
from tests.support.databases import Databases

ORIGIN = "https://app.example"
OTHER = "https://evil.example"
ASKED = {"query": "{ __typename }"}
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


@asynccontextmanager
async def client_of(
    databases: Databases, environ: dict[str, str]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, as it is set."""
    address = databases.address("3.3.2-sqlite")
    app = create_app(Settings.from_env(environ, address))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway") as one,
    ):
        yield one


def told(response: httpx.Response) -> list[str]:
    """What a browser is told of other origins."""
    return [name for name in response.headers if name.startswith("access-control")]


async def test_without_origins_no_other_page_is_let_in(databases: Databases) -> None:
    headers = {"origin": ORIGIN}
    async with client_of(databases, {}) as client:
        asked = await client.post("/graphql", json=ASKED, headers=headers)
        preflight = await client.options("/graphql", headers={**headers, **PREFLIGHT})
        file = await client.get("/schema.graphql", headers=headers)

    assert preflight.status_code == 405
    assert told(asked) == told(preflight) == told(file) == []


@pytest.mark.parametrize("root", ["", "/airflow"])
async def test_listed_origins_are_let_in_and_no_others(
    databases: Databases, root: str
) -> None:
    environ = {"DAGWAY_CORS_ORIGINS": ORIGIN, "DAGWAY_ROOT_PATH": root}
    path = f"{root}/graphql"
    async with client_of(databases, environ) as client:
        asked = {
            origin: await client.post(path, json=ASKED, headers={"origin": origin})
            for origin in (ORIGIN, OTHER)
        }
        preflights = {
            origin: await client.options(path, headers={"origin": origin, **PREFLIGHT})
            for origin in (ORIGIN, OTHER)
        }
        same = await client.post(path, json=ASKED)

    assert [one.status_code for one in (*asked.values(), same)] == [200] * 3
    assert asked[ORIGIN].headers["access-control-allow-origin"] == ORIGIN
    assert "origin" in asked[ORIGIN].headers["vary"].lower()
    assert "accept" in asked[ORIGIN].headers["vary"].lower()
    assert "access-control-allow-origin" not in asked[OTHER].headers
    assert told(same) == []
    allowed = preflights[ORIGIN]
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert allowed.headers["access-control-allow-methods"] == "GET, POST"
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in allowed.headers
    assert preflights[OTHER].status_code == 400
    assert "access-control-allow-origin" not in preflights[OTHER].headers


@pytest.mark.parametrize("text", ["*", "app.example", "https://app.example/path"])
def test_what_is_no_origin_stops_the_start(text: str) -> None:
    with pytest.raises(StartError, match="DAGWAY_CORS_ORIGINS"):
        Settings.from_env({"DAGWAY_CORS_ORIGINS": text}, "sqlite:////a.db")
