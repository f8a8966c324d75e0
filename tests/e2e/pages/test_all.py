"""All pages in a real browser, with a real server and the embedded catalogue."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

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
from support.page_paths import signed_in_paths

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect

#: Folder that the CI keeps and git ignores.
PICTURES = Path(__file__).parents[3] / "artifacts" / "screenshots"
PAGES = {
    **signed_in_paths("captain-twine"),
    "add": "/add?q=a",
    "browse": "/add",
    "missing": "/nowhere",
}
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
_OBSERVE_SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: Largest layout shift of a page that counts as calm.
_MOST_SHIFT = 0.02


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Any]:
    """Return one browser for all tests."""
    async with open_browser(BROWSER) as opened:
        yield opened


@pytest.fixture(scope="module")
async def world(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Serve all series of the catalogue with slow downloads."""
    async with open_house(tmp_path_factory.mktemp("world")) as house:
        yield World(browser, house, await sign_in(browser, house))


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the axe-core accessibility checker."""
    return load_axe(tmp_path_factory.mktemp("axe"))


async def test_the_first_day_by_keyboard(browser: Any, tmp_path: Path) -> None:
    """Set-up, search and download work with the keyboard only."""
    async with (
        open_house(tmp_path) as house,
        visiting(browser, house.address) as visit,
    ):
        page, keys = visit.page, visit.page.keyboard
        await page.goto(house.address)
        await page.wait_for_url("**/setup")
        # The printed link is opened in the same tab, so that only the fragment changes.
        await page.goto(f"{house.address}/setup#code={house.code}")
        await expect(page.locator("#code")).to_have_value(house.code)
        await page.wait_for_url("**/setup")
        await page.locator("#password").focus()
        await keys.type("weak")
        await keys.press("Enter")
        await expect(page.locator("#password-problem")).to_contain_text("8 characters")
        await keys.press("Control+A")
        await keys.type(PASSWORD)
        await keys.press("Enter")
        await expect(page.locator("#folder")).to_be_focused()
        await keys.type(str(house.library))
        chips = page.locator("#languages .language-order .chip")
        await chips.nth(1).get_by_role("button", name=re.compile("forward$")).focus()
        await keys.press("Home")
        await expect(chips.nth(0)).to_contain_text("German sub")
        await expect(chips.nth(0).get_by_role("button").first).to_be_focused()
        await keys.press("End")
        await expect(chips.nth(0)).to_contain_text("German dub")
        await page.locator("#folder").focus()
        await keys.press("Enter")
        await expect(page.locator("#query")).to_be_focused()
        await keys.type("captain")
        await keys.press("Enter")
        await expect(page.locator("#hits li")).to_have_count(1)
        await keys.press("Tab")  # the search button
        await keys.press("Tab")  # the first hit
        await keys.press("Enter")
        await page.wait_for_url("**/queue")
        done = page.locator("#completed .item")
        await expect(done).to_have_count(1)
        await expect(done).to_contain_text("S01E01")
        assert len(house.episodes()) == 1

        await page.goto(f"{house.address}/anime/captain-twine")
        await expect(page.locator(".season .chip.good").first).to_have_text("Downloaded")
        assert visit.complaints == []


async def test_browse_lists_by_keyboard(world: World, axe: str) -> None:
    """Browse lists are shown while the search is empty and can be used by keyboard."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page, keys = visit.page, visit.page.keyboard
        await page.goto(f"{address}/add")
        shown = page.locator("#browse-entries > li")
        await expect(shown).to_have_count(6)
        await expect(page.get_by_role("button", name="Popular")).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.locator("#go").focus()
        for _ in ("several links", "Popular", "New episodes", "Calendar"):
            await keys.press("Tab")
        await keys.press("Enter")
        await expect(page.get_by_role("button", name="Calendar")).to_be_focused()
        await expect(shown).to_have_count(1)
        await expect(shown).to_contain_text("S01E05")
        await expect(shown.get_by_role("link", name="Open")).to_be_visible()
        assert await violations(page, axe) == []

        await page.locator("#query").focus()
        await keys.type("captain")
        await keys.press("Enter")
        await expect(page.locator("#hits li")).to_have_count(1)
        await expect(page.locator("#browse")).to_be_hidden()
        await keys.press("Control+A")
        await keys.press("Delete")
        await expect(page.locator("#hits li")).to_have_count(0)
        await expect(shown).to_have_count(1)
        assert visit.complaints == []


async def _least_shift(page: Any, address: str) -> float:
    """Load a page until it is calm, three times at most; return its least layout shift.

    An episode that ends meanwhile moves its item to another list, which is no fault of the page.
    """
    shifts: list[float] = []
    while not shifts or (len(shifts) < 3 and shifts[-1] > _MOST_SHIFT):
        await page.goto(address)
        await _settled(page)
        shifts.append(await page.evaluate("window.shifted"))
    return min(shifts)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_page_in_both_themes_and_two_widths(
    world: World, axe: str, theme: str, size: str
) -> None:
    """No page violates an axe-core rule, shifts while loading, or is wider than the screen."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {"viewport": SIZES[size], "reduced_motion": "reduce"}
    options["color_scheme"] = theme
    async with visiting(world.browser, world.house.address, token=world.token, **options) as visit:
        page = visit.page
        await page.add_init_script(_OBSERVE_SHIFTS)
        found: dict[str, list[str]] = {}
        for name, path in PAGES.items():
            shifted = await _least_shift(page, world.house.address + path)
            await page.screenshot(path=PICTURES / f"{name}-{theme}-{size}.png", full_page=True)
            found[name] = await violations(page, axe)
            if shifted > _MOST_SHIFT:
                found[name].append(f"layout shift {shifted}")
            if (wider := await page.evaluate(_WIDER)) > 0:
                found[name].append(f"{wider} pixels wider than the screen")
        assert found == {name: [] for name in PAGES}
        assert visit.complaints == []


@pytest.mark.parametrize("path", ["/login", "/setup"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_way_in_is_accessible(
    browser: Any, world: World, axe: str, tmp_path: Path, path: str, theme: str
) -> None:
    """The sign-in and set-up pages violate no axe-core rule."""
    options: dict[str, Any] = {"viewport": SIZES["phone"], "color_scheme": theme}
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with open_house(tmp_path) as fresh:
        house = fresh if path == "/setup" else world.house
        async with visiting(browser, house.address, **options) as visit:
            await visit.page.goto(house.address + path)
            await visit.page.screenshot(path=PICTURES / f"{path[1:]}-{theme}-phone.png")
            assert await violations(visit.page, axe) == []
            assert visit.complaints == []


async def test_the_first_page_is_light(world: World) -> None:
    """The library page takes less than 150 kB without covers."""
    async with visiting(world.browser, world.house.address, token=world.token) as visit:
        page = visit.page
        session = await page.context.new_cdp_session(page)
        received: dict[str, float] = {}
        covers: set[str] = set()

        def note(event: dict[str, Any]) -> None:
            if event["request"]["url"].endswith("/cover"):
                covers.add(event["requestId"])

        session.on("Network.requestWillBeSent", note)
        session.on(
            "Network.loadingFinished",
            lambda e: received.update({e["requestId"]: e["encodedDataLength"]}),
        )
        await session.send("Network.enable")
        await page.goto(world.house.address)
        await _settled(page)
        assert len(received) > 10
        assert sum(size for name, size in received.items() if name not in covers) < 150_000


async def test_an_ended_session_leads_to_the_sign_in_and_back(world: World) -> None:
    """After a session ends, the user signs in again and returns to the same page."""
    address = world.house.address
    async with visiting(world.browser, address) as visit:
        page = visit.page
        await page.goto(f"{address}/wanted")
        await page.wait_for_url("**/login")
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/wanted")
        await expect(page.locator("#link-state")).to_have_attribute("data-state", "live")

        token = await page.evaluate("localStorage.getItem('access_token')")
        headers = {"Authorization": f"Bearer {token}"}
        answer = await page.context.request.post(f"{address}/api/auth/logout", headers=headers)
        assert answer.status == 204
        # The server closes the socket of an ended session, so the redirect needs no click.
        await page.wait_for_url("**/login")
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/wanted")
        assert visit.complaints == []


async def test_no_stored_path_leads_elsewhere(world: World) -> None:
    """A manipulated return path leads to the library."""
    address = world.house.address
    for path in ("//evil.invalid", "/\\evil.invalid", "https://evil.invalid", "javascript:0"):
        async with visiting(world.browser, address) as visit:
            page = visit.page
            await page.goto(f"{address}/login")
            await page.evaluate("path => sessionStorage.setItem('aniworld.return', path)", path)
            await page.evaluate("token => localStorage.setItem('access_token', token)", world.token)
            await page.goto(f"{address}/login")
            await page.wait_for_url(re.compile(rf"^{address}/(?!login)"))
            assert page.url == f"{address}/"
            assert visit.complaints == []


async def test_a_restart_is_survived(world: World) -> None:
    """During a server restart the page shows that it is outdated, then updates itself."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/queue")
        state = page.locator("#link-state")
        await expect(state).to_have_attribute("data-state", "live")
        await world.house.stop()
        await expect(state).to_have_text(re.compile(r"Offline, last state \d\d:\d\d"))
        await world.house.start()
        # The page waits longer after each failed reconnection.
        await expect(state).to_have_text("Live", timeout=60_000)
        await expect(page.locator("#queue")).to_be_visible()
        assert visit.complaints == []


async def test_two_tabs_agree(world: World) -> None:
    """A change in one tab appears in the other."""
    address = world.house.address
    async with (
        visiting(world.browser, address, token=world.token) as one,
        visiting(world.browser, address, token=world.token) as two,
    ):
        for visit in (one, two):
            await visit.page.goto(f"{address}/queue")
            await expect(visit.page.locator("#run-state")).to_have_text("Running")
        await one.page.click("#pause")
        await expect(two.page.locator("#run-state")).to_have_text("Paused")
        await two.page.click("#resume")
        await expect(one.page.locator("#run-state")).to_have_text("Running")
        assert one.complaints == two.complaints == []


async def test_waiting_items_are_moved_by_keyboard(world: World) -> None:
    """Arrow keys move an item, the focus stays on it, and the server stores the order."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/queue")
        await page.click("#pause")
        items = page.locator("#pending .item")
        await expect(items.nth(2)).to_be_visible()
        third = await items.nth(2).get_attribute("data-id")
        await items.nth(2).locator("button.grip").focus()
        await page.keyboard.press("Home")
        await expect(items.nth(0)).to_have_attribute("data-id", third)
        await expect(items.nth(0).locator("button.grip")).to_be_focused()
        await expect(page.locator("#announcer")).to_have_text(re.compile("^Position 1 of"))
        await page.reload()
        await expect(items.nth(0)).to_have_attribute("data-id", third)
        await page.click("#resume")
        assert visit.complaints == []


async def test_settings_are_judged_by_the_server_while_typed(world: World) -> None:
    """An invalid value has the server's explanation and cannot be saved; a valid one is stored.

    Languages are put in order by dragging and by keys.
    """
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/settings/downloads")
        field = page.get_by_label("Connections per file")
        await field.fill("99")
        problem = page.locator(".field", has=field).locator(".problem")
        await expect(problem).to_have_text("must be 1 to 16")
        await expect(page.locator("#save")).to_be_disabled()
        await field.fill("4")
        await expect(page.locator("#save")).to_be_enabled()
        await page.click("#save")
        await expect(page.locator(".toast")).to_contain_text("Saved")
        await page.reload()
        await expect(field).to_have_value("4")

        await page.get_by_label("Search settings").fill("naming.episode")
        template = page.get_by_label("Episode", exact=True)
        await template.fill("{code} {title}")
        sample = page.locator("#naming .sample").first
        await expect(sample).to_have_text(re.compile("S01E05 Erste Schlacht"))
        await page.click("#discard")

        await page.get_by_label("Search settings").fill("")
        await (
            page.get_by_role("navigation", name="Sections")
            .get_by_role("link", name="Languages")
            .click()
        )
        chips = page.locator("#languages .language-order").first.locator(".chip")
        names = [await chips.nth(place).text_content() for place in (0, 1)]
        await chips.nth(1).drag_to(chips.nth(0))
        await expect(chips.nth(0)).to_have_text(names[1])
        await page.click("#save")
        await expect(page.locator("#save-bar")).to_be_hidden()
        await page.reload()
        await expect(chips.nth(0)).to_have_text(names[1])
        await chips.nth(0).get_by_role("button", name=re.compile("^Remove")).focus()
        await page.keyboard.press("ArrowDown")
        await expect(chips.nth(0)).to_have_text(names[0])
        await page.click("#save")
        await expect(page.locator("#save-bar")).to_be_hidden()
        assert visit.complaints == []


async def test_language_and_theme_are_remembered(world: World) -> None:
    """Language and theme stay after reloading, and are part of the HTML."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(address)
        await page.click("[popovertarget=me]")
        await page.click("[data-choose-theme=dark]")
        await page.click("[data-choose-language=de]")
        await expect(page.locator("#title")).to_have_text("Bibliothek")
        await page.goto(f"{address}/queue")
        assert await page.get_attribute("html", "lang") == "de"
        assert await page.get_attribute("html", "data-theme") == "dark"
        assert visit.complaints == []


async def _settled(page: Any) -> None:
    """Wait until the page has loaded its data."""
    loading = page.locator("#loading")
    if await loading.count():
        await expect(loading).to_be_hidden()
    await page.wait_for_load_state("networkidle")
