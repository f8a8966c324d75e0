"""The library page with many series in a real browser: letters, filters, bulk changes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_core.events import SeriesAdded
from support.browser_stage import PATIENCE, Visit, find_browser, open_browser, visiting
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
        await page.fill("#needle", "zlpha")
        await expect(posters).to_have_count(2)
        await page.select_option("#filter", "missing")
        await page.get_by_role("button", name="Saved filters").click()
        await page.get_by_role("button", name="Save this filter").click()
        await page.get_by_label("Name", exact=True).fill("Last letter")
        await page.keyboard.press("Enter")

        await page.goto(page.url.partition("?")[0])
        await expect(posters).to_have_count(len(NAMES))
        await page.get_by_role("button", name="Saved filters").click()
        await page.get_by_role("button", name="Last letter", exact=True).click()
        await expect(posters).to_have_count(2)
        assert await page.input_value("#filter") == "missing"
        assert await page.input_value("#needle") == "zlpha"

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
        jobs = page.get_by_role("region", name="Jobs")
        await expect(jobs).to_contain_text("2 series changed.")
        await expect(page.locator(".resting:visible")).to_have_count(2)
        _, listed = await server.json("GET", "/api/anime")
        assert sorted(s["key"] for s in listed if not s["monitored"]) == ["series-0", "series-1"]

        await footer.get_by_role("button", name="Download missing").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Queue 4 episodes of 2 series?")
        await dialog.get_by_role("button", name="Download missing").click()
        await expect(jobs).to_contain_text("4 episodes of 2 series queued.")
        _, queued = await server.json("GET", "/api/queue/items")
        assert {item["serie_id"] for item in queued} == {"series-0", "series-1"}

        await footer.get_by_role("button", name="Remove").click()
        await expect(dialog).to_contain_text("Remove 2 series from the library?")
        await expect(dialog).to_contain_text("4 episodes leave the queue")
        await dialog.get_by_role("button", name="Remove").click()
        removed = jobs.locator(".job", has_text="2 series removed")
        await removed.hover()
        await expect(page.locator(".poster")).to_have_count(len(NAMES) - 2)
        await expect(footer).to_contain_text("0 selected")
        await removed.get_by_role("button", name="Undo").click()
        await expect(page.locator(".poster")).to_have_count(len(NAMES))
        await footer.get_by_role("button", name=f"Select all {len(NAMES)}").click()
        await expect(footer).to_contain_text(f"All {len(NAMES)} series of the filter")
        await footer.get_by_role("button", name="Monitor", exact=True).click()
        await expect(page.locator(".resting:visible")).to_have_count(0)
        await footer.get_by_role("button", name="Done").click()
        await expect(footer).to_be_hidden()
        assert visit.dialogs == []


async def test_languages_of_several_series_are_put_in_order(browser: Any, tmp_path: Path) -> None:
    """An order without languages is refused; one with them is stored for all, or for one series."""
    async with looking(browser, tmp_path) as (server, visit):
        page = visit.page
        await page.get_by_role("button", name="Select", exact=True).click()
        await page.get_by_label("Select Alpha 0").check()
        await page.get_by_label("Select Alpha 1").check()
        footer = page.get_by_role("region", name="Actions for the selection")
        await footer.get_by_role("button", name="Edit…").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Languages").select_option("own")
        await dialog.get_by_role("button", name="Change").click()
        missing = await dialog.locator("select[name=languages]").evaluate(
            "e => e.validationMessage"
        )
        assert missing == "Add a language to the order"
        for code in ("ger-sub", "jpn", "ger-dub"):
            await dialog.get_by_label("Add a language").select_option(code)
        chips = dialog.locator(".language-order .chip")
        await chips.nth(2).get_by_role("button", name="Move German dub forward").focus()
        await page.keyboard.press("Home")
        await expect(chips.first).to_contain_text("German dub")
        await chips.nth(2).drag_to(chips.nth(1))
        await expect(chips.nth(1)).to_contain_text("Japanese")
        await dialog.get_by_role("button", name="Change").click()
        await expect(page.get_by_role("region", name="Jobs")).to_contain_text("2 series changed.")
        for key in ("series-0", "series-1"):
            _, series = await server.json("GET", f"/api/anime/{key}")
            assert series["languages"] == ["ger-dub", "jpn", "ger-sub"]

        await page.goto(page.url.partition("?")[0] + "anime/series-0")
        chips = page.locator(".own-order .chip")
        async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
            await chips.nth(2).get_by_role("button", name=re.compile("^Remove")).press("Delete")
            await chips.nth(0).drag_to(chips.nth(1))
        await expect(chips.first).to_contain_text("Japanese")
        _, series = await server.json("GET", "/api/anime/series-0")
        assert series["languages"] == ["jpn", "ger-dub"]


async def test_a_job_shows_its_progress_and_is_cancelled(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second tab shows it too; what was done before the end can be undone."""
    paused, go_on = anyio.Event(), anyio.Event()

    async with looking(browser, tmp_path) as (server, visit):
        jobs = type(server.stage.storage.jobs)
        save = jobs.save

        async def save_slowly(self: Any, job: Any, steps: Any = ()) -> None:
            await save(self, job, steps)
            if job.done == 3 and not paused.is_set():
                paused.set()
                await go_on.wait()

        monkeypatch.setattr(jobs, "save", save_slowly)
        page, other_page = visit.page, await visit.page.context.new_page()
        await other_page.goto(page.url)
        await expect(other_page.locator("#link-state")).to_have_attribute("data-state", "live")
        await page.get_by_role("button", name="Select", exact=True).click()
        footer = page.get_by_role("region", name="Actions for the selection")
        await footer.get_by_role("button", name=f"Select all {len(NAMES)}").click()
        await footer.get_by_role("button", name="Stop monitoring").click()
        await paused.wait()
        for each in (page, other_page):
            job = each.get_by_role("region", name="Jobs")
            await expect(job).to_contain_text(re.compile(f"Changing series: [1-3] of {len(NAMES)}"))
        await job.get_by_role("button", name="Cancel").press("Enter")
        go_on.set()
        for each in (page, other_page):
            job = each.get_by_role("region", name="Jobs")
            await expect(job).to_contain_text(f"Cancelled after 3 of {len(NAMES)}")
        assert len(await _unmonitored(server)) == 3
        await job.get_by_role("button", name="Undo").press("Enter")
        await expect(job).to_contain_text("Undone for 3 series.")
        assert await _unmonitored(server) == []


async def _unmonitored(server: Server) -> list[str]:
    _, listed = await server.json("GET", "/api/anime")
    return [series["key"] for series in listed if not series["monitored"]]


async def test_the_address_keeps_what_is_shown(browser: Any, tmp_path: Path) -> None:
    """Filter, order, view and position return with *Back* and after a reload."""
    async with looking(browser, tmp_path) as (_server, visit):
        page = visit.page
        await page.evaluate("scrollTo(0, 500)")
        await page.fill("#needle", "lpha")
        await expect(page).to_have_url(re.compile(r"\?search=lpha$"))
        assert await page.evaluate("scrollY") == 0
        await page.select_option("#sort", "added")
        await page.locator("[data-view=table]").click()
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(len(LETTERS))
        await rows.nth(20).locator("a").scroll_into_view_if_needed()
        await page.evaluate("scrollTo(0, 700)")
        # The position is stored when it rests.
        with anyio.fail_after(PATIENCE):
            while await page.evaluate("history.state?.scroll") != 700:
                await anyio.sleep(0.01)
        await rows.nth(20).locator("a").dispatch_event("click")
        await expect(page.locator("[data-page=series]")).to_be_visible()

        for go in (page.go_back, page.reload):
            await go()
            await expect(rows).to_have_count(len(LETTERS))
            await expect(page.locator("#needle")).to_have_value("lpha")
            assert await page.input_value("#sort") == "added"
            with anyio.fail_after(PATIENCE):
                while await page.evaluate("scrollY") != 700:
                    await anyio.sleep(0.01)

        # A page whose address has no state.
        await page.goto(page.url.partition("?")[0] + "settings/library")
        await expect(page.get_by_label("Name of this server")).to_be_visible()
        await page.evaluate("scrollTo(0, 100)")
        await page.goto(page.url.partition("/settings")[0] + "/users")
        await page.go_back()
        with anyio.fail_after(PATIENCE):
            while await page.evaluate("scrollY") != 100:
                await anyio.sleep(0.01)


async def test_a_series_that_a_command_adds_appears(browser: Any, tmp_path: Path) -> None:
    """The open page loads its list again when the live connection reports a change."""
    async with looking(browser, tmp_path) as (server, visit):
        added = other("from-elsewhere", "Added Elsewhere")
        await expect(visit.page.locator("#link-state")).to_have_attribute("data-state", "live")
        await server.stage.storage.series.add(added)
        event = SeriesAdded(key=added.key, folder=added.folder, at=server.stage.clock.now())

        await server.stage.bus.publish(event)

        await expect(visit.page.locator(".poster", has_text="Added Elsewhere")).to_have_count(1)
