"""The queue page: sections, search and grouping, two tabs, and catalogues that are not asked."""

from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.downloads import RESTS, CataloguePlace, DownloadStatus, Failure
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey
from aniworld_core.messages import Message
from aniworld_core.testing.factories import at, make_episode, make_item
from support.browser_stage import find_browser, open_browser, visiting
from support.http_library import open_library, other

expect = pytest.importorskip("playwright.async_api").expect
BROWSER = find_browser()
pytestmark = pytest.mark.anyio

SERIES = 12
EPISODES = 10


async def test_a_large_queue_is_searched_changed_and_asked_again(tmp_path: Path) -> None:
    """Pages, filters and *Back* work; a second tab gets one sentence; *Try now* releases items."""
    episodes = tuple(make_episode(number) for number in range(1, EPISODES + 1))
    library = [other(f"series-{n}", f"Series {n}", episodes=episodes) for n in range(SERIES)]
    async with open_library(tmp_path, *library) as server, open_browser(BROWSER) as browser:
        queue = server.stage.storage.queue
        is_failed = {True: DownloadStatus.FAILED, False: DownloadStatus.PENDING}
        await queue.add(
            [
                make_item(
                    n,
                    episode=EpisodeRef(SeriesKey(f"series-{n // EPISODES}"), 1, n % EPISODES + 1),
                    status=is_failed[n % EPISODES == 9],
                    added_at=at(n),
                )
                for n in range(SERIES * EPISODES)
            ]
        )
        address = str(server.client.make_url("/")).rstrip("/")
        async with (
            visiting(browser, address, token=server.token) as one,
            visiting(browser, address, token=server.token) as two,
        ):
            page, rows = one.page, one.page.locator("#pending > ul > .item")
            await page.goto(f"{address}/queue")
            await expect(rows).to_have_count(10)
            await page.select_option("#section", "pending")
            await expect(rows).to_have_count(50)
            assert await page.evaluate("document.querySelectorAll('*').length") < 3000
            await page.click("#group")
            await expect(rows).to_have_count(SERIES)
            await page.go_back()
            await expect(rows).to_have_count(50)
            await page.fill("#needle", "series 11")
            await expect(rows).to_have_count(9)
            assert page.url.endswith("state=pending&search=series+11")

            await two.page.goto(page.url)
            first = two.page.locator("#pending > ul > .item").first
            await expect(first).to_be_visible()
            await queue.remove([ItemId(str(await first.get_attribute("data-id")))])
            await first.locator(".acts button").last.click()
            await expect(two.page.locator(".toast")).to_contain_text("The list shows the present")
            await expect(two.page.locator("#pending > ul > .item")).to_have_count(8)

            failure = Failure(
                kind=RESTS,
                message="fake is not asked for now",
                values={"catalogue": "fake", "reason": Message("failed_in_a_row", failures=3)},
            )
            until = server.stage.app.clock.now() + timedelta(hours=1)
            await queue.delay_catalogue(CataloguePlace(provider="fake"), failure, until)
            await page.goto(f"{address}/queue?state=pending")
            await expect(page.locator("#resting .notice")).to_contain_text("107 episodes of fake")
            await expect(rows).to_have_count(0)
            await page.get_by_role("button", name="Try now").click()
            await expect(page.locator("#resting .notice")).to_have_count(0)
            await expect(rows).to_have_count(50)
            assert one.complaints == []
