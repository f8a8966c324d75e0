"""The frame of all pages in a real browser: search, shortcuts, connection, session, phones."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.events import SeriesAdded
from support.browser_stage import (
    PASSWORD,
    World,
    find_browser,
    load_axe,
    open_browser,
    open_house,
    sign_in,
    violations,
    visiting,
)
from support.http_library import KEY, open_library, other, titan
from support.page_paths import signed_in_paths

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect

PAGES = [*signed_in_paths("captain-twine").values(), "/add?q=a"]
HOSTILE = "<img src=x onerror=alert(1)>"
#: What a finger has to meet and is smaller than 44 pixels. Links in sentences are exempt (WCAG
#: 2.5.5), and a label belongs to its checkbox.
_SMALL = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [role=option]"
  )]
  .filter((node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((node) => node.localName !== "a" || getComputedStyle(node).display !== "inline")
  .map((node) => [node, (/checkbox|radio/.test(node.type) && node.closest("label")) || node])
  .map(([node, target]) => [node, target.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 1 && height > 1 && Math.min(width, height) < 43.5)
  .map(([node, { width, height }]) => `${width}x${height} ${node.outerHTML.slice(0, 120)}`)"""
_INSTALLED = "navigator.serviceWorker.ready.then(() => true)"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Serve the embedded catalogue with slow downloads."""
    async with (
        open_browser(BROWSER) as browser,
        open_house(tmp_path_factory.mktemp("frame")) as house,
    ):
        yield World(browser, house, await sign_in(browser, house))


async def test_search_and_shortcuts_by_keyboard(world: World, tmp_path: Path) -> None:
    """Keys open the search; the last question counts; titles are text; fields get their letters."""
    address, let_go = world.house.address, asyncio.Event()

    async def answer(route: Any) -> None:
        if "search=ca&" in route.request.url:
            await let_go.wait()
            await route.fulfill(json=[{"name": "Late", "key": "late", "site": "demo"}])
        else:
            await route.fulfill(json=[{"name": HOSTILE, "key": "captain-twine", "site": HOSTILE}])

    async with visiting(world.browser, address, token=world.token) as visit:
        page, keys = visit.page, visit.page.keyboard
        await page.goto(f"{address}/queue")
        await page.wait_for_load_state("networkidle")
        await page.route("**/api/anime?search=*", answer)
        field, options = page.get_by_role("combobox", name="Search"), page.get_by_role("option")
        await keys.press("/")
        await expect(field).to_be_focused()
        await expect(options.filter(has_text="Calendar")).to_be_visible()
        async with page.expect_request("**/api/anime?search=ca&*"):
            await keys.type("ca")
        await keys.type("p?/")
        await expect(field).to_have_value("cap?/")
        await expect(options.first).to_have_text(re.compile(re.escape(HOSTILE)))
        let_go.set()
        assert await violations(page, load_axe(tmp_path)) == []
        await expect(options.filter(has_text="Late")).to_have_count(0)
        await keys.press("ArrowDown")
        await expect(options.first).to_have_attribute("aria-selected", "true")
        chosen = await options.first.get_attribute("id")
        await expect(field).to_have_attribute("aria-activedescendant", chosen)
        await keys.press("Escape")
        await expect(field).to_have_attribute("aria-expanded", "false")

        await page.locator("#main").focus()
        await keys.press("?")
        help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
        await expect(help_).to_contain_text("Search series, pages and actions")
        await keys.press("/")
        await expect(field).not_to_be_focused()
        await keys.press("Escape")
        await expect(help_).to_have_count(0)

        await keys.press("Control+k")
        await expect(field).to_be_focused()
        await keys.press("Control+a")
        await keys.type("captain")
        await options.filter(has_text="Search the catalogues").click()
        await expect(options.filter(has_text="Show 1 result")).to_be_visible()
        await expect(field).to_be_focused()
        await keys.press("ArrowUp")
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await page.wait_for_url("**/anime/captain-twine")
        assert visit.dialogs == visit.complaints == []


async def test_a_stopped_server_is_one_banner_and_an_offline_page(world: World) -> None:
    """A banner appears; pages that are opened are the offline page until the server is back."""
    address = world.house.address
    async with visiting(world.browser, address, service_workers="allow") as visit:
        page, banner = visit.page, visit.page.locator("[data-notice=lost]")
        await enter(page, address)
        await page.goto(f"{address}/queue")
        await page.evaluate(_INSTALLED)
        # A page that was opened during the installation may stay outside until it is opened again.
        await page.reload()
        stored = "caches.keys().then((names) => Promise.all(names.map(async (name) => " + (
            "(await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname))))"
        )
        [paths] = await page.evaluate(stored)
        assert all(path == "/offline" or path.startswith("/static/") for path in paths)

        await expect(page.locator("#pause")).to_be_visible()
        await world.house.stop()
        await page.locator("#pause").click()
        await page.locator("#pause").click()
        await expect(page.locator(".toast")).to_have_count(1)
        await expect(banner).to_contain_text(re.compile(r"at \d\d:\d\d"))
        other = await page.context.new_page()
        await other.goto(f"{address}/settings")
        await expect(other.get_by_role("heading")).to_have_text("The server cannot be reached")
        await other.evaluate("document.cookie = 'aniworld_language=de; Path=/'")
        await other.reload()
        await expect(other.get_by_role("heading")).to_have_text("Der Server ist nicht erreichbar")

        await world.house.start()
        await other.get_by_role("button").click()
        await expect(other.locator("#title")).to_have_text("Einstellungen")
        await expect(banner).to_have_count(0)
        await expect(page.locator("#link-state")).to_have_text("Live")

        # Signing out and in passes through the service worker, too.
        await page.click("[popovertarget=me]")
        await page.click("#sign-out")
        await page.wait_for_url("**/login")
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{address}/queue")

        # A server with other files, as after an upgrade.
        await page.route("**/js/context.js", lambda route: route.fulfill(status=404))
        await page.evaluate(
            "import(`${document.documentElement.dataset.static}/js/frame/connection.js`)"
            ".then(({ offerReload }) => offerReload())"
        )
        await expect(page.get_by_role("button", name="Neu laden")).to_be_visible()
        assert visit.complaints == []


async def enter(page: Any, address: str) -> str:
    """Sign in on the page, because these visitors also sign out; return the token."""
    await page.goto(f"{address}/login")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/")
    token: str = await page.evaluate("localStorage.getItem('access_token')")
    return token


async def test_an_ended_session_keeps_unsaved_input(world: World) -> None:
    """The page asks for the password in place, repeats the request, and stores nothing secret."""
    address = world.house.address
    async with visiting(world.browser, address) as visit:
        page = visit.page
        own = await enter(page, address)
        await page.goto(f"{address}/settings")
        name = page.get_by_label("Name of this server")
        await name.fill("Attic")
        headers = {"Authorization": f"Bearer {own}"}
        await page.context.request.post(f"{address}/api/auth/logout", headers=headers)
        dialog = page.get_by_role("dialog", name="Your session has ended")
        password = dialog.get_by_label("Password")
        await expect(password).to_be_focused()
        await page.keyboard.press("Escape")
        await password.fill("wrong")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_role("alert")).to_contain_text("The password is wrong")
        await password.fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)
        await expect(name).to_have_value("Attic")
        await page.click("#save")
        await expect(page.locator("#save-bar")).to_be_hidden()
        await page.reload()
        await expect(name).to_have_value("Attic")
        kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
        assert PASSWORD not in kept

        # Nothing would be lost here, so the sign-in page opens and says why.
        fresh = await page.evaluate("localStorage.getItem('access_token')")
        headers = {"Authorization": f"Bearer {fresh}"}
        await page.context.request.post(f"{address}/api/auth/logout", headers=headers)
        await page.wait_for_url("**/login")
        await expect(page.locator("#ended")).to_contain_text("Your session has ended")
        assert visit.complaints == []


async def test_an_unusable_library_is_said_on_every_page(world: World, tmp_path: Path) -> None:
    """Each page has the banner with the reason and a link to the settings."""
    async with open_library(tmp_path, titan()) as server:
        server.stage.library.rename(tmp_path / "away")
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(world.browser, address, token=server.token) as visit:
            page, banner = visit.page, visit.page.locator("[data-notice=folder]")
            for path in signed_in_paths(KEY).values():
                await page.goto(address + path, wait_until="domcontentloaded")
                await expect(banner).to_contain_text("cannot be used")
                await expect(banner.get_by_role("link", name="Open settings")).to_be_visible()
            # The script has the reason, which the first answer of a page may not have yet.
            await expect(banner).to_contain_text(str(server.stage.library))
            assert visit.complaints == []


async def test_the_focus_stays_where_a_list_changes(world: World, tmp_path: Path) -> None:
    """Removed rows, hidden buttons and new rows leave the focus at its row or at the next one."""
    async with open_library(
        tmp_path, *(other(f"s-{n}", f"Series {n}") for n in range(4))
    ) as server:
        await server.stage.app.switch.set_stopped(is_stopped=True)
        wanted = {"serie_id": "s-0", "episodes": ["S01E01", "S01E02"]}
        await server.call("POST", "/api/queue/add", wanted)
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(world.browser, address, token=server.token) as visit:
            page = visit.page
            await page.goto(f"{address}/queue")
            await page.get_by_role("button", name="Remove Series 0 S01E01").press("Enter")
            await expect(page.get_by_role("button", name="Remove Series 0 S01E02")).to_be_focused()

            await page.goto(f"{address}/wanted")
            row = page.locator(".wanted-series", has_text="Series 2")
            await row.get_by_role("button", name="Download").press("Enter")
            await expect(row.get_by_role("link", name="Series 2")).to_be_focused()
            await server.stage.storage.series.add(added := other("s-15", "Series 15"))
            event = SeriesAdded(key=added.key, folder=added.folder, at=server.stage.clock.now())
            await server.stage.bus.publish(event)
            await expect(page.locator(".wanted-series", has_text="Series 15")).to_be_visible()
            await expect(row.get_by_role("link", name="Series 2")).to_be_focused()
            assert visit.complaints == []


async def test_fingers_meet_everything_on_a_phone(world: World) -> None:
    """Targets are 44 pixels at 360 pixels; without JavaScript pages say so and stay narrow."""
    address = world.house.address
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
    async with visiting(world.browser, address, token=world.token, **phone) as visit:
        page, small = visit.page, {}
        for path in PAGES:
            await page.goto(address + path)
            await page.wait_for_load_state("networkidle")
            small[path] = await page.evaluate(_SMALL)
        assert small == {path: [] for path in PAGES}
        await page.get_by_role("button", name="More").click()
        for link in await page.locator("#main-menu a").all():
            assert await link.locator(".label").is_visible()
        await page.locator("#main-menu").get_by_role("link", name="Settings").click()
        await page.wait_for_url("**/settings")
        assert visit.complaints == []
    silent = {**phone, "java_script_enabled": False}
    async with visiting(world.browser, address, **silent) as visit:
        for path in [*PAGES, "/login", "/nowhere"]:
            await visit.page.goto(address + path)
            notice = visit.page.locator("noscript p")
            await expect(notice).to_contain_text("This page needs JavaScript")
            await expect(notice).to_be_visible()
