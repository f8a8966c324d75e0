"""The library page with many series in a real browser: letters, filters, bulk changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.events import SeriesAdded
from support.browser_stage import Visit, find_browser, open_browser, visiting
from support.http_library import open_library, other
from support.http_stage import Server

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect

#: Two series per letter except Q and X, and one that starts with a digit.
LETTERS = [letter for letter in "ABCDEFGHIJKLMNOPRSTUVWYZ" for _ in range(2)]
NAMES = [f"{letter}lpha {number}" for number, letter in enumerate(LETTERS)] + ["2nd Sun"]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Any]:
    """Return one browser for all tests."""
    async with open_browser(BROWSER) as opened:
        yield opened


@asynccontextmanager
async def looking(browser: Any, folder: Path) -> AsyncIterator[tuple[Server, Visit]]:
    """Open the page of a library with many series."""
    stored = [other(f"series-{number}", name) for number, name in enumerate(NAMES)]
    async with open_library(folder, *stored) as server:
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            await visit.page.set_viewport_size({"width": 900, "height": 600})
            await visit.page.goto(address)
            await expect(visit.page.locator("#loading")).to_be_hidden()
            yield server, visit
            assert visit.complaints == []


async def test_letters_lead_to_their_series(browser: Any, tmp_path: Path) -> None:
    """Letters jump to their series by pointer and keyboard; unused letters are disabled."""
    async with looking(browser, tmp_path) as (_server, visit):
        page = visit.page
        poster = page.locator(".poster", has_text="Zlpha 46")
        await expect(poster).not_to_be_in_viewport()
        await page.get_by_role("button", name="To Z", exact=True).click()
        await expect(poster).to_be_in_viewport()
        await expect(poster.locator("a")).to_be_focused()

        await page.get_by_role("button", name="To #", exact=True).focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".poster", has_text="2nd Sun").locator("a")).to_be_focused()
        await expect(page.locator("[data-letter=Q]")).to_be_disabled()


async def test_filters_are_saved_and_chosen_again(browser: Any, tmp_path: Path) -> None:
    """A filter is saved by name, survives closing the page, and can be deleted."""
    async with looking(browser, tmp_path) as (_server, visit):
        page = visit.page
        posters = page.locator(".poster")
        await expect(posters).to_have_count(len(NAMES))
        await page.fill("#jump", "zlpha")
        await expect(posters).to_have_count(2)
        await page.select_option("#filter", "missing")
        await page.get_by_role("button", name="Saved filters").click()
        await page.get_by_role("button", name="Save this filter").click()
        await page.get_by_label("Name", exact=True).fill("Last letter")
        await page.keyboard.press("Enter")

        await page.goto(page.url)
        await expect(posters).to_have_count(len(NAMES))
        await page.get_by_role("button", name="Saved filters").click()
        await page.get_by_role("button", name="Last letter", exact=True).click()
        await expect(posters).to_have_count(2)
        assert await page.input_value("#filter") == "missing"
        assert await page.input_value("#jump") == "zlpha"

        await page.get_by_role("button", name="Saved filters").click()
        await page.get_by_role("button", name="Delete filter Last letter").click()
        assert await page.evaluate("localStorage.getItem('aniworld.filters')") == "[]"


async def test_the_list_is_saved_as_a_file(browser: Any, tmp_path: Path) -> None:
    """The button stores one HTML file with every series, which a browser opens without a server."""
    async with looking(browser, tmp_path) as (_server, visit):
        page = visit.page
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="Save as a file").click()
        download = await waiting.value
        kept = tmp_path / download.suggested_filename
        await download.save_as(kept)
        text = kept.read_text()

    assert kept.name == "library.html"
    assert all(f">{name}<" in text for name in NAMES)


async def test_many_series_are_changed_at_once(browser: Any, tmp_path: Path) -> None:
    """The footer counts selected series, and the server changes only those."""
    async with looking(browser, tmp_path) as (server, visit):
        page = visit.page
        footer = page.get_by_role("region", name="Actions for the selection")
        await expect(footer).to_be_hidden()
        await page.get_by_role("button", name="Select", exact=True).click()
        await expect(footer).to_contain_text("0 selected")
        await expect(footer.get_by_role("button", name="Remove")).to_be_disabled()
        await page.get_by_label("Select Alpha 0").check()
        await page.locator(".poster", has_text="Alpha 1").first.locator("a").click()
        await expect(footer).to_contain_text("2 selected")

        await footer.get_by_role("button", name="Stop monitoring").click()
        await expect(page.locator(".toast")).to_contain_text("2 series updated")
        await expect(page.locator(".resting:visible")).to_have_count(2)
        _, listed = await server.json("GET", "/api/anime")
        assert sorted(s["key"] for s in listed if not s["monitored"]) == ["series-0", "series-1"]

        await footer.get_by_role("button", name="Download missing").click()
        await expect(page.locator(".toast").last).to_contain_text("2 series updated")
        _, queued = await server.json("GET", "/api/queue/items")
        assert {item["serie_id"] for item in queued} == {"series-0", "series-1"}

        await footer.get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("dialog")).to_contain_text("Remove 2 series?")
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(page.locator(".poster")).to_have_count(len(NAMES) - 2)
        await expect(footer).to_contain_text("0 selected")
        await footer.get_by_role("button", name="All").click()
        await expect(footer).to_contain_text(f"{len(NAMES) - 2} selected")
        await footer.get_by_role("button", name="Done").click()
        await expect(footer).to_be_hidden()
        assert visit.dialogs == []


async def test_the_search_leads_here_from_everywhere(browser: Any, tmp_path: Path) -> None:
    """The slash key opens the search on any page, and the results are shown in the library."""
    async with looking(browser, tmp_path) as (_server, visit):
        page = visit.page
        await page.goto(f"{page.url}wanted")
        await expect(page.locator("#loading")).to_be_hidden()
        await page.keyboard.press("/")
        await expect(page.locator("#jump")).to_be_focused()
        await page.keyboard.type("2nd")
        await page.keyboard.press("Enter")
        await expect(page.locator(".poster")).to_have_count(1)
        await expect(page.locator(".poster")).to_contain_text("2nd Sun")


async def test_a_series_that_a_command_adds_appears(browser: Any, tmp_path: Path) -> None:
    """The open page loads its list again when the live connection reports a change."""
    async with looking(browser, tmp_path) as (server, visit):
        added = other("from-elsewhere", "Added Elsewhere")
        await expect(visit.page.locator("#link-state")).to_have_attribute("data-state", "live")
        await server.stage.storage.series.add(added)
        event = SeriesAdded(key=added.key, folder=added.folder, at=server.stage.clock.now())

        await server.stage.bus.publish(event)

        await expect(visit.page.locator(".poster", has_text="Added Elsewhere")).to_have_count(1)
