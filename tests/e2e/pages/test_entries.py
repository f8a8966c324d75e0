"""The entries of a series in metadata sources on its page, in a real browser."""

from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.domain.catalogue import MetadataEntry, RelatedEntry
from aniworld_core.testing import at
from aniworld_core.testing.fakes import FakeMetadataSource
from support.browser_stage import find_browser, load_axe, open_browser, violations, visiting
from support.http_library import KEY, LINK, open_library, other, titan

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
            banner_url="https://example.org/banner.jpg",
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
            picture = files("aniworld_http") / "web/static/icons/icon-192.png"
            await page.route(
                "**/api/anime/*/banner",
                lambda route: route.fulfill(body=picture.read_bytes(), content_type="image/png"),
            )
            await page.reload()
            # Pictures are loaded when they come into view; the page is where it was left.
            await page.locator("#head .banner").scroll_into_view_if_needed()
            banner = page.locator("#head .banner img")
            await expect(banner).to_be_visible()
            assert await banner.evaluate("image => image.naturalWidth") == 192
            for width in (1280, 360):
                await page.set_viewport_size({"width": width, "height": 800})
                assert await page.evaluate("document.documentElement.scrollWidth") <= width
                assert await violations(page, axe) == []
                await page.screenshot()
            await section.get_by_role("button", name="Forget").click()
            await expect(section.locator("li")).to_have_count(0)
            assert visit.complaints == []


async def test_a_sequel_is_added_with_one_click(browser: Any, tmp_path: Path) -> None:
    """Relatives are on the page; one that a catalogue has under its title needs no search."""
    axe = load_axe(tmp_path)
    related = tuple(
        RelatedEntry(relation=relation, id=str(n), title=title, kind="tv", year=2015)
        for n, (relation, title) in enumerate(
            [("spin_off", "Junior High"), ("parent", "Nowhere " + "x" * 300)], start=2
        )
    )
    entry = MetadataEntry(
        source="anilist",
        id="1",
        title="Attack on Titan",
        link="https://example.org/1",
        fetched_at=at(0),
        kind="tv",
        related=related,
    )
    source = FakeMetadataSource(entries=[entry], called="anilist")
    async with open_library(
        tmp_path,
        titan(),
        offered=[other("junior-high", "Junior High")],
        metadata_sources=[source],
    ) as server:
        await server.json("POST", f"/api/anime/{KEY}/identify", {"entry": "anilist:1"})
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            page = visit.page
            await page.goto(f"{address}/anime/{KEY}")
            rows = page.locator("#related li")
            await expect(rows).to_have_count(2)
            await expect(rows.first).to_contain_text("Spin-off")
            for width in (1280, 360):
                await page.set_viewport_size({"width": width, "height": 800})
                assert await page.evaluate("document.documentElement.scrollWidth") <= width
                assert await violations(page, axe) == []
            await rows.first.get_by_role("button", name="Add: Junior High").click()
            await expect(rows.first.get_by_role("link", name="Open")).to_be_visible()
            _, added = await server.json("GET", "/api/anime/junior-high")
            assert added["name"] == "Junior High"
            await rows.nth(1).get_by_role("button", name="Add: Nowhere").click()
            await page.wait_for_url("**/add?q=Nowhere*")
            assert visit.complaints == []


async def test_a_link_is_shown_before_it_is_added(browser: Any, tmp_path: Path) -> None:
    """Name, episodes and folder are shown; only the button adds the series."""
    async with open_library(tmp_path, offered=[titan()]) as server:
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            page = visit.page
            await page.goto(f"{address}/add")
            await page.fill("#query", LINK)
            await page.click("#go")
            card = page.locator("#hits .hit")
            await expect(card).to_contain_text("5 episodes")
            await expect(card).to_contain_text("1 announced")
            await expect(card).to_contain_text("New folder: Attack on Titan (2013)")
            _, before = await server.json("GET", "/api/anime")
            await card.get_by_role("button", name="Add", exact=True).click()
            await expect(card.get_by_role("link", name="Open")).to_be_visible()
            _, after = await server.json("GET", "/api/anime")
            assert (before, [series["key"] for series in after]) == ([], [KEY])
            assert visit.complaints == []
