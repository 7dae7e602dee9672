from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from dagway import graphiql

BUILT = """<link rel="icon" href="$assets/icon-1A2B.svg">"""
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",
    "style-src": "'self' 'unsafe-inline'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the page is read from."""
    monkeypatch.setattr(graphiql, "BUILT", tmp_path)
    return tmp_path


@pytest.fixture
async def client(built: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an endpoint at /graphql, which has nothing but the page."""
    del built
    app = Starlette(
        routes=[Route("/graphql", graphiql.page), *graphiql.routes("/graphql")]
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as one:
        yield one


async def test_the_page_names_its_files_relative_to_its_own_address(
    client: httpx.AsyncClient, built: Path
) -> None:
    (built / "page.html").write_text(BUILT)

    page = await client.get("/graphql")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text == """<link rel="icon" href="graphql/assets/icon-1A2B.svg">"""


async def test_the_page_comes_with_a_strict_policy_and_is_asked_for_anew(
    client: httpx.AsyncClient, built: Path
) -> None:
    (built / "page.html").write_text(BUILT)

    page = await client.get("/graphql")

    policy = page.headers["content-security-policy"].split("; ")
    assert dict(directive.split(" ", 1) for directive in policy) == POLICY
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["vary"] == "accept"


async def test_a_file_is_kept_for_good_as_its_name_changes_with_its_content(
    client: httpx.AsyncClient, built: Path
) -> None:
    (built / "assets").mkdir()
    (built / "assets" / "main-1A2B.js").write_text("0")

    file = await client.get("/graphql/assets/main-1A2B.js")

    assert file.text == "0"
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_a_page_that_is_not_built_says_which_command_builds_it(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/graphql")
    file = await client.get("/graphql/assets/main-1A2B.js")

    assert page.status_code == 503
    assert "<code>scripts/build-web</code>" in page.text
    assert file.status_code == 404


async def test_files_outside_the_folder_are_not_served(
    client: httpx.AsyncClient, built: Path
) -> None:
    (built / "assets").mkdir()
    (built / "page.html").write_text(BUILT)

    assert (await client.get("/graphql/assets/%2e%2e/page.html")).status_code == 404
