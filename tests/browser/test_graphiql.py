import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
from playwright.async_api import Response, expect

from dagway.app import create_app
from dagway.settings import Settings
from tests.browser.visit import Visit, served, visiting
from tests.support.databases import Databases
from tests.support.documents import CORE, VIEWS, core, view

DATABASE = "3.3.2-sqlite"
NEWEST_RUN = "SELECT dag_id, queued_at FROM dag_run ORDER BY run_after DESC LIMIT 1"
ANSWER = ".result-window"


@pytest.fixture(params=["", "/airflow/gateway"], ids=["directly", "behind a proxy"])
def prefix(request: pytest.FixtureRequest) -> str:
    """Where the proxy in front of the gateway has it; parametrize it for one."""
    found: str = request.param
    return found


@pytest.fixture
async def visit(databases: Databases, prefix: str) -> AsyncIterator[Visit]:
    """A visit to a gateway; it must not have asked elsewhere, nor complained."""
    app = create_app(Settings.from_env({}, databases.address(DATABASE)))
    async with served(app, prefix) as root, visiting(f"{root}/graphql") as visit:
        yield visit

        elsewhere = [
            url for url in visit.requested if not url.startswith(visit.page.url)
        ]
        assert elsewhere == []
        assert visit.complaints == []
        assert await visit.violations() == []


async def test_the_grid_query_runs_on_the_page(
    visit: Visit, databases: Databases
) -> None:
    page = visit.page
    path = databases.address(DATABASE).removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection:
        dag_id, queued_at = connection.execute(NEWEST_RUN).fetchone()

    await page.get_by_title("Grid", exact=True).click()
    await page.get_by_role("button", name="Execute query").click()

    answer = page.locator(ANSWER)
    await expect(answer).to_contain_text(f'"id": "Dag/{dag_id}"')
    queued_at = queued_at.replace(" ", "T") + "Z"
    await expect(answer).to_contain_text(f'"queuedAt": "{queued_at}"')


@pytest.mark.parametrize("prefix", [""])
async def test_each_document_is_a_tab_that_has_an_answer(visit: Visit) -> None:
    page = visit.page
    documents = [*map(core, CORE), *map(view, VIEWS)]
    operations = [re.search(r"^query (\w+)", one, re.MULTILINE) for one in documents]
    names = [operation[1] for operation in operations if operation]
    tabs = page.locator("[id^=graphiql-session-tab-]")

    await expect(page).to_have_title("dagway")
    await expect(tabs).to_have_text(names)
    for name in names:
        tab = page.get_by_title(name, exact=True)
        await expect(tab).to_be_in_viewport(ratio=1)
        await tab.click()
        answer = await executed(visit)
        assert "errors" not in answer, (name, answer)
        assert all(answer["data"].values()), (name, answer)


async def executed(visit: Visit) -> Any:
    """The answer to the query of the tab that is shown; it must get onto the page."""
    page = visit.page
    async with page.expect_response(is_answer) as responding:
        await page.get_by_role("button", name="Execute query").click()
    answer = await (await responding.value).json()
    await expect(page.locator(ANSWER)).to_contain_text('{ "data": { "')
    return answer


def is_answer(response: Response) -> bool:
    """Whether a response is to an operation, not to a page's or a file's request."""
    return response.request.method == "POST"


@pytest.mark.parametrize("prefix", [""])
async def test_the_editor_knows_the_schema(visit: Visit) -> None:
    page = visit.page

    await page.get_by_role("button", name="New tab").click()
    await page.locator(".graphiql-query-editor .view-lines").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("{ dagR")

    await expect(page.locator(".suggest-widget")).to_contain_text("dagRuns")
    names = {re.sub(r".*/|-.*", "", url) for url in visit.requested}
    assert names >= {"editor.worker", "graphql.worker", "json.worker"}


@pytest.mark.parametrize("prefix", [""])
async def test_the_schema_can_be_read_on_the_page(visit: Visit) -> None:
    page = visit.page

    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.get_by_role("link", name="Query", exact=True).click()

    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("dagRuns(")


@pytest.mark.parametrize("prefix", [""])
async def test_a_query_is_prettified(visit: Visit) -> None:
    page = visit.page
    editor = page.locator(".graphiql-query-editor")

    await page.get_by_title("Refetch", exact=True).click()
    await page.get_by_role("button", name="Prettify query").click()

    await expect(editor.locator(".view-line")).not_to_have_count(4)
    await expect(editor).to_contain_text("... on TaskInstance {")
