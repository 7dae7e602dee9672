"""A real server, and a real browser's visit to it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from playwright.async_api import Page, async_playwright, expect
from starlette.types import ASGIApp, Receive, Scope, Send

# an address that refuses every connection, for all that is not on this machine
NOWHERE = "--proxy-server=127.0.0.1:9"
RECORDER = """
globalThis.violations = [];
addEventListener("securitypolicyviolation", (event) =>
    violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


@asynccontextmanager
async def served(app: ASGIApp, prefix: str = "") -> AsyncIterator[str]:
    """The address of an application, behind a proxy that takes a prefix off paths."""

    async def proxied(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assert scope["path"].startswith(prefix)
            scope = {**scope, "path": scope["path"].removeprefix(prefix)}
        await app(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(proxied, port=0, ws="none", log_level="warning")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the server did not start"
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}{prefix}"
    finally:
        server.should_exit = True
        await serving


LEFT = "net::ERR_ABORTED"
"""What Chromium says of a request whose page is left before its answer is there."""


@dataclass
class Visit:
    """A page in a browser, and what it did.

    Attributes:
        page: The page.
        requested: Addresses that it asked for, also through its workers.
        complaints: Warnings and errors on the console, exceptions, failed requests;
            not those that end because the page is left.
    """

    page: Page
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page, complain = self.page, self.complaints.append
        page.context.on("request", lambda request: self.requested.append(request.url))
        page.context.on(
            "requestfailed",
            lambda request: None if request.failure == LEFT else complain(request.url),
        )
        page.on("pageerror", lambda error: complain(str(error)))
        page.on(
            "console",
            lambda message: (
                complain(message.text) if message.type in {"error", "warning"} else None
            ),
        )

    async def violations(self) -> list[str]:
        """What the page's Content-Security-Policy refused."""
        found: list[str] = await self.page.evaluate("violations")
        return found


@asynccontextmanager
async def visiting(address: str) -> AsyncIterator[Visit]:
    """A visit to an address, by headless Chromium; one that does not end fails."""
    async with asyncio.timeout(180), async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[NOWHERE]
        )
        page = await browser.new_page(viewport={"width": 1600, "height": 1200})
        expect.set_options(timeout=30_000)  # a busy machine may need long
        await page.add_init_script(RECORDER)
        visit = Visit(page)
        await page.goto(address)
        yield visit
        await browser.close()
