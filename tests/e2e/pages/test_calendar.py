"""The calendar page in a real browser: views, keyboard, time zone, feed links."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from support.browser_stage import Visit, find_browser, load_axe, open_browser, violations, visiting
from support.calendar_stage import open_calendar
from support.http_stage import Server

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Any]:
    """Return one browser for all tests."""
    async with open_browser(BROWSER) as opened:
        yield opened


@asynccontextmanager
async def looking(
    browser: Any, folder: Path, view: str, **options: Any
) -> AsyncIterator[tuple[Server, Visit]]:
    """Open a view of the calendar at the present time of the server, also for its `Date` header."""
    async with open_calendar(folder) as server:
        # Pages compare the two clocks by this header; aiohttp sends the real time.
        date = format_datetime(server.stage.clock.now(), usegmt=True)
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token, **options) as visit:
            await visit.page.clock.set_fixed_time(server.stage.clock.now())
            with patch("aiohttp.web_response.rfc822_formatted_time", return_value=date):
                await visit.page.goto(f"{address}/calendar?view={view}")
                await expect(visit.page.locator("#days")).to_have_attribute("aria-busy", "false")
                yield server, visit
            assert visit.complaints == []


async def test_the_month_moves_by_keyboard(browser: Any, tmp_path: Path) -> None:
    """Arrow keys select days, also of the next month; the selected day lists its entries."""
    async with looking(browser, tmp_path, "month") as (_server, visit):
        page = visit.page
        today = page.locator('[data-day="2026-01-01"]')
        await expect(today).to_have_attribute("aria-current", "date")
        await expect(page.locator("#day-entries .item")).to_have_count(2)
        await today.focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator('[data-day="2026-01-02"]')).to_be_focused()
        await expect(page.locator("#day-entries")).to_contain_text("Oshi no Ko")
        await page.keyboard.press("PageDown")
        await expect(page.locator('[data-day="2026-02-02"]')).to_be_focused()
        await expect(page.locator("#period")).to_have_text("February 2026")
        await page.locator("#today").click()
        await expect(page.locator("#period")).to_have_text("January 2026")


async def test_the_dub_is_promised_in_both_languages(browser: Any, tmp_path: Path) -> None:
    """Days, number of episodes and probability are named."""
    async with looking(browser, tmp_path, "agenda") as (_server, visit):
        promised = visit.page.locator("#days .item[data-state=version]").first
        await expect(promised).to_contain_text("German dub expected 1")
        await expect(promised).to_contain_text("from 12 earlier episodes, 85 % likely")
    (tmp_path / "de").mkdir()
    async with looking(browser, tmp_path / "de", "agenda", locale="de-DE") as (_server, visit):
        promised = visit.page.locator("#days .item[data-state=version]").first
        await expect(promised).to_contain_text("Deutsch (Synchro) erwartet 1.")
        await expect(promised).to_contain_text("aus 12 früheren Folgen")


async def test_an_aired_episode_is_queued_from_its_day(browser: Any, tmp_path: Path) -> None:
    """Only what aired and is not here has the button; the result is a message."""
    async with looking(browser, tmp_path, "week") as (server, visit):
        aired = visit.page.locator("#days .item[data-state=aired]").first
        coming = visit.page.locator("#days .item[data-state=expected]").first
        await expect(coming).to_be_visible()
        await expect(coming.get_by_role("button")).to_have_count(0)
        await visit.page.locator("#before").click()
        await aired.get_by_role("button").click()
        await expect(visit.page.locator(".toast")).to_contain_text("1 episode queued")
        _, queue = await server.json("GET", "/api/queue/status")
        assert [item["episode"]["episode"] for item in queue["pending_queue"]] == [14]


async def test_days_are_those_of_the_viewer(browser: Any, tmp_path: Path) -> None:
    """A broadcast at 15:00 UTC is on the next day in Kiritimati."""
    zone = {"timezone_id": "Pacific/Kiritimati"}
    async with looking(browser, tmp_path, "agenda", **zone) as (_server, visit):
        first = visit.page.locator("[data-day]").filter(has_text="05:00").first
        await expect(first).to_have_attribute("data-day", "2026-01-02")


async def test_a_phone_shows_every_view_without_shifts(browser: Any, tmp_path: Path) -> None:
    """At 360 pixels nothing is wider than the screen, and nothing moves while it loads."""
    phone = {"viewport": {"width": 360, "height": 740}}
    async with looking(browser, tmp_path, "month", **phone) as (_server, visit):
        page = visit.page
        for view in ("month", "week", "agenda"):
            await page.locator(f"[data-view={view}]").click()
            await expect(page.locator("#days")).to_have_attribute("aria-busy", "false")
            assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        await page.goto(page.url.partition("?")[0] + "?view=month")
        await page.reload()
        await expect(page.locator(".month .mark").first).to_be_visible()
        shift = await page.evaluate(
            """() => new Promise((done) => new PerformanceObserver((list) => done(
                list.getEntries().reduce((sum, e) => sum + (e.hadRecentInput ? 0 : e.value), 0)
            )).observe({ type: "layout-shift", buffered: true })
                || setTimeout(() => done(0), 500))"""
        )
        assert shift < 0.1


async def test_a_feed_link_is_made_and_revoked(browser: Any, tmp_path: Path) -> None:
    """The shown link opens the feed; after its removal it does not."""
    async with looking(browser, tmp_path, "month") as (server, visit):
        page = visit.page
        await page.locator("#feed summary").click()
        await page.get_by_label("Name").fill("phone")
        await page.get_by_role("button", name="Create link").click()
        link = await page.locator(".new-key").inner_text()
        path = "/api/calendar.ics" + link.partition("/api/calendar.ics")[2]
        assert (await server.call("GET", path, token="")).status == 200
        await page.locator("#feed-tokens li button").click()
        await page.locator("dialog button.danger, dialog [value=yes]").first.click()
        await expect(page.locator("#feed-tokens li")).to_have_count(0)
        assert (await server.call("GET", path, token="")).status == 401


@pytest.mark.parametrize("view", ["month", "week", "agenda"])
async def test_the_views_are_accessible(browser: Any, tmp_path: Path, view: str) -> None:
    """axe-core finds nothing, in the light and the dark theme."""
    axe = load_axe(tmp_path)
    for scheme in ("light", "dark"):
        folder = tmp_path / scheme
        folder.mkdir()
        async with looking(browser, folder, view, color_scheme=scheme) as (_server, visit):
            await visit.page.locator("#feed summary").click()
            assert await violations(visit.page, axe) == []
