"""The entries of a series in metadata sources on its page, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.domain.catalogue import MetadataEntry
from aniworld_core.testing import at
from aniworld_core.testing.fakes import FakeMetadataSource
from support.browser_stage import find_browser, load_axe, open_browser, violations, visiting
from support.http_library import KEY, open_library, titan

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    """Return a browser."""
    async with open_browser(BROWSER) as opened:
        yield opened


async def test_an_entry_is_chosen_and_forgotten_on_the_page(browser: Any, tmp_path: Path) -> None:
    """Candidates have a score; the chosen entry shows ids and poster until it is forgotten."""
    axe = load_axe(tmp_path)
    entries = [
        MetadataEntry(
            source="anilist",
            id=str(number),
            title="Attack on Titan",
            link=f"https://example.org/{number}",
            fetched_at=at(0),
            titles={"ja": "進撃の巨人", "de": "Angriff der Titanen"},
            kind="tv",
            year=2013,
            episode_count=25,
            external_ids=(f"anilist-{number}", f"mal-{number}"),
            poster_url="https://example.org/poster.jpg",
        )
        for number in (1, 2)
    ]
    source = FakeMetadataSource(entries=entries, called="anilist")
    async with open_library(tmp_path, titan(), metadata_sources=[source]) as server:
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            page = visit.page
            await page.goto(f"{address}/anime/{KEY}")
            section = page.locator("#entries")
            await section.get_by_role("button", name="Show candidates").click()
            await expect(section.locator("li")).to_have_count(2)
            await expect(section.locator("li").first).to_contain_text("Match")
            await section.get_by_role("button", name="Choose: Attack on Titan, anilist:2").click()
            await expect(section.locator("li")).to_have_count(1)
            await expect(section).to_contain_text("mal-2")
            await expect(section).to_contain_text("Chosen by you")
            for width in (1280, 360):
                await page.set_viewport_size({"width": width, "height": 800})
                assert await page.evaluate("document.documentElement.scrollWidth") <= width
                assert await violations(page, axe) == []
                await page.screenshot()
            await section.get_by_role("button", name="Forget").click()
            await expect(section.locator("li")).to_have_count(0)
            assert visit.complaints == []
