"""Pages whose sources do not answer: they say which and why, and claim nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.messages import Message
from aniworld_core.testing.fakes import FakeLoader
from support.browser_stage import find_browser, open_browser, visiting
from support.http_stage import open_server

expect = pytest.importorskip("playwright.async_api").expect
BROWSER = find_browser()
pytestmark = pytest.mark.anyio


async def test_nothing_is_claimed_without_an_answer(tmp_path: Path) -> None:
    """Lists, search and calendar name what failed; *Try again* asks it again."""
    error = ProviderUnavailableError("attic", Message("host_unknown", host="attic.invalid"))
    loader = FakeLoader(stock={BrowseListName.POPULAR: []}, name="attic", error=error)
    async with (
        open_server(tmp_path, loaders=[loader]) as server,
        open_browser(BROWSER) as browser,
    ):
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            page = visit.page
            await page.goto(f"{address}/add")
            await expect(page.locator("#browse-entries")).to_contain_text("attic.invalid")
            await expect(page.locator("#browse")).not_to_contain_text("0 entries")
            loader.error = None
            await page.click("#browse-entries button")
            await expect(page.locator("#browse-entries")).to_contain_text("The list is empty")

            loader.error = error
            await page.fill("#query", "moon")
            await page.click("#go")
            await expect(page.locator("#hits")).to_contain_text("1 catalogue did not answer")
            await expect(page.locator("#state")).to_have_text("")
            loader.error = None
            await page.click("#hits button")
            await expect(page.locator("#hits")).to_contain_text("No results")

            async def fail(route: Any) -> None:
                document = {"status": 503, "title": "x", "detail": "the database is locked"}
                await route.fulfill(
                    status=503, content_type="application/problem+json", body=json.dumps(document)
                )

            await page.route("**/api/calendar?*", fail)
            await page.goto(f"{address}/calendar?view=agenda")
            await expect(page.locator("#failed")).to_contain_text("database is locked")
            await expect(page.locator("#days")).to_be_empty()
            await page.unroute("**/api/calendar?*")
            await page.click("#try-again")
            await expect(page.locator("#days")).to_contain_text("Nothing in these days")
            await expect(page.locator("#failed")).to_be_hidden()
            assert visit.complaints == []
