"""What the page has beside GraphiQL: a token, costs, and links to share."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from dagway.app import create_app
from dagway.identity import keys
from dagway.settings import Settings
from tests.browser.visit import Visit, served, visiting
from tests.support.databases import Databases

DATABASE = "3.3.2-sqlite"
ANSWER = ".result-window"
EDITOR = ".graphiql-query-editor"
VARIABLES = ".graphiql-editor-tool"


@pytest.fixture
async def visit(databases: Databases) -> AsyncIterator[Visit]:
    """A visit to a gateway that anybody may ask; nothing was complained of."""
    app = create_app(Settings.from_env({}, databases.address(DATABASE)))
    async with served(app) as root, visiting(f"{root}/graphql") as visit:
        yield visit
        assert visit.complaints == []
        assert await visit.violations() == []


async def execute(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Execute query").click()


async def test_a_key_is_sent_and_kept_for_the_tab_of_the_browser_only(
    databases: Databases, tmp_path: Path
) -> None:
    secret, key = keys.made("reader")
    file = tmp_path / "keys"
    file.write_text(key.line, encoding="utf-8")
    environ = {"DAGWAY_KEYS_FILE": str(file)}
    app = create_app(Settings.from_env(environ, databases.address(DATABASE)))
    async with served(app) as root, visiting(f"{root}/graphql") as visit:
        page = visit.page
        answer = page.locator(ANSWER)
        await expect(answer).to_contain_text("UNAUTHENTICATED")

        await page.get_by_role("button", name="Show Access").click()
        await page.get_by_label("Key or token").fill(secret)
        await page.get_by_role("button", name="Use it").click()
        await page.get_by_title("FleetBoard", exact=True).click()
        await execute(visit)
        await expect(answer).to_contain_text('"asOf"')

        kept = await page.evaluate("JSON.stringify(sessionStorage)")
        elsewhere = await page.evaluate("JSON.stringify(localStorage)")
        assert (secret in kept, secret in elsewhere) == (True, False)
        assert not [url for url in visit.requested if secret in url]
        assert await page.context.cookies() == []

        await page.get_by_role("button", name="Forget it").click()
        assert await page.evaluate("sessionStorage.length") == 0
        await execute(visit)
        await expect(answer).to_contain_text("UNAUTHENTICATED")
        assert await visit.violations() == []


async def test_the_cost_of_the_last_answer_is_shown(visit: Visit) -> None:
    page = visit.page
    await page.get_by_role("button", name="Show Cost").click()
    panel = page.get_by_label("Cost of the last answer")
    await expect(panel).to_contain_text("The last answer does not say")

    await page.get_by_title("Grid", exact=True).click()
    await execute(visit)

    await expect(panel).to_contain_text("statements")
    await expect(panel.get_by_role("row")).not_to_have_count(0)
    nodes = panel.get_by_role("row").filter(has_text="nodes")
    await expect(nodes).to_contain_text("500,000")


async def test_a_link_has_the_query_and_its_variables_and_no_server_sees_them(
    visit: Visit,
) -> None:
    page = visit.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_title("Grid", exact=True).click()
    await expect(page.locator(EDITOR)).to_contain_text("query Grid")
    await page.get_by_role("button", name="Copy a link").click()
    await expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = await page.evaluate("navigator.clipboard.readText()")
    given = parse_qs(urlsplit(link).fragment)
    dag_id = json.loads(given["variables"][0])["dagId"]

    async with visiting(link) as other:
        await expect(other.page.locator(EDITOR)).to_contain_text("query Grid")
        await expect(other.page.locator(VARIABLES)).to_contain_text(dag_id)
        await execute(other)
        await expect(other.page.locator(ANSWER)).to_contain_text(f'"Dag/{dag_id}"')
        assert other.page.url == page.url
        assert other.complaints == []
        assert await other.violations() == []

    assert link.startswith(f"{page.url}#query=")
    assert "?" not in link


async def test_a_link_is_followed_where_there_are_tabs_already(visit: Visit) -> None:
    page = visit.page
    await expect(page.locator(EDITOR)).to_contain_text("query")
    await page.goto(f"{page.url}#query=query+Shared+%7B+asOf+%7D")

    await expect(page.get_by_title("Shared", exact=True)).to_be_visible()
    await expect(page.locator(EDITOR)).to_contain_text("query Shared { asOf }")
    await execute(visit)
    await expect(page.locator(ANSWER)).to_contain_text('"asOf"')
