"""Actions on the pages in a real browser: tests of settings, backups, dragging, zooming."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aniworld_core.errors import DiskFullError, FetchInterruptedError, NotYetAvailableError
from aniworld_core.messages import Message
from support.browser_stage import (
    PASSWORD,
    World,
    find_browser,
    open_browser,
    open_house,
    sign_in,
    visiting,
)
from support.page_paths import signed_in_paths

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect

PAGES = (*signed_in_paths("captain-twine").values(), "/add?q=a")
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_MESSAGE_TEXT = """({text, kind, values}) =>
  import(`${document.documentElement.dataset.static}/js/texts.js`)
    .then((texts) => texts.loadMessageTexts().then(() => texts.messageText(text, kind, values)))"""
_MOVING = """[...document.querySelectorAll("*")].filter((node) => {
  const style = getComputedStyle(node);
  return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
}).length"""


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Serve the embedded catalogue with slow downloads."""
    async with (
        open_browser(BROWSER) as browser,
        open_house(tmp_path_factory.mktemp("actions")) as house,
    ):
        yield World(browser, house, await sign_in(browser, house))


async def test_a_folder_is_tried_before_it_is_kept(world: World, tmp_path: Path) -> None:
    """The result of a folder test is shown at its field and removed when the path changes."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/settings")
        field = page.get_by_role("textbox", name="Library folder")
        verdict = page.locator(".field", has=field).get_by_role("status")
        test = page.get_by_role("button", name="Test: Library folder")
        await test.click()
        await expect(verdict).to_contain_text("Usable")
        await expect(verdict).to_contain_text(re.compile(r"[\d.]+ .B of [\d.]+ .B free"))
        await field.fill(str(tmp_path / "gone"))
        await expect(verdict).to_be_empty()
        await test.click()
        await expect(verdict).to_contain_text("Not usable")
        await expect(verdict).to_contain_text("there is no such folder")
        assert not (tmp_path / "gone").exists()
        await page.click("#discard")
        assert visit.complaints == []


async def test_a_catalogue_is_tried(world: World) -> None:
    """The test of a catalogue asks the address in the form, not the stored one."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/settings/providers")
        card = page.locator("#providers details", has=page.get_by_text("demo").first)
        await card.locator("summary").first.click()
        await card.get_by_role("button", name="Test").click()
        await expect(card.get_by_role("status")).to_contain_text("demo: it answers")
        archive = page.locator("#providers details", has=page.get_by_text("archive").first)
        await archive.locator("summary").first.click()
        await archive.get_by_label("Address", exact=True).fill("http://127.0.0.1:1")
        await archive.get_by_role("button", name="Test").click()
        await expect(archive.get_by_role("status")).to_contain_text("Not usable")
        await page.click("#discard")
        assert visit.complaints == []


async def test_sections_appear_with_their_values(world: World) -> None:
    """While stored addresses are awaited, no section is shown whose fields are still empty."""
    address, let_go = world.house.address, asyncio.Event()

    async def dawdle(route: Any) -> None:
        await let_go.wait()
        await route.continue_()

    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.route("**/api/notifications/addresses", dawdle)
        async with page.expect_request("**/api/notifications/addresses"):
            await page.goto(f"{address}/settings/queue")
        shown = page.locator("#sections > section:not([hidden])")
        await expect(page.locator("#sections > section")).not_to_have_count(0)
        assert await shown.count() == 0
        let_go.set()
        await expect(shown).to_have_count(1)
        assert visit.complaints == []


async def test_notifications_are_tried(world: World, free_tcp_port: int) -> None:
    """Results of test notifications: no address, a webhook that accepts, and one that fails.

    Stored addresses are cards, each with a test and a button that removes it.
    """
    address, got = world.house.address, asyncio.Event()
    delivered: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        delivered.append((await request.json(), request.headers))
        got.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with visiting(world.browser, address, token=world.token) as visit:
            page = visit.page
            await page.goto(f"{address}/settings/notifications")
            test = page.get_by_role("button", name="Send a test", exact=True)
            verdict = page.locator("#notifications > .stack > .stack > .verdict")
            await test.click()
            await expect(verdict).to_contain_text("No address is configured")
            await page.get_by_label("Key of the signatures").fill("sixteen letters and more")
            hooks = f"http://127.0.0.1:{port}/hook\nhttp://127.0.0.1:{free_tcp_port}/hook"
            await page.get_by_label(re.compile("^Webhooks")).fill(hooks)
            await expect(page.locator("#save")).to_be_enabled()
            await test.click()  # before anything is saved
            async with asyncio.timeout(30):
                await got.wait()
            await expect(verdict.locator(".chip.good")).to_have_count(1)
            await expect(verdict.locator(".chip.bad")).to_have_count(1)
            await expect(verdict).to_contain_text("127.0.0.1")
            await page.click("#save")
            await expect(page.locator("#save-bar")).to_be_hidden()
            cards = page.locator(".addresses li")
            await expect(cards).to_have_count(2)
            await expect(cards.first).to_contain_text("Webhook")
            await cards.nth(1).get_by_role("button", name=re.compile("^Test")).click()
            await expect(cards.nth(1).locator(".chip.bad")).to_have_count(1)
            await cards.nth(1).get_by_role("button", name="Remove").press("Enter")
            question = page.get_by_role("dialog")
            await expect(question).to_contain_text("gets no notifications any more")
            await question.get_by_role("button", name="Remove").press("Enter")
            await expect(cards).to_have_count(1)
            # The next card has the focus of the removed one.
            await expect(cards.get_by_role("button", name="Remove")).to_be_focused()
            await cards.get_by_role("button", name="Remove").click()
            await question.get_by_role("button", name="Remove").click()
            await expect(page.get_by_text("No address is stored yet")).to_be_visible()
            assert visit.complaints == []
    finally:
        await runner.cleanup()
    # While the address is stored, downloads that end are reported to it as well.
    (trial,) = [body for body, _ in delivered if body["event"] == "test"]
    assert {"id", "event", "title"} <= trial.keys()


async def test_a_backup_brings_the_settings_back(world: World) -> None:
    """A backup is made, the settings are changed, and the backup is restored on the page."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/settings/backups")
        rows = page.locator("#backups tbody tr")
        await expect(rows.first).to_be_visible()
        before = await rows.count()
        await page.get_by_role("button", name="Back up now").click()
        await expect(rows).to_have_count(before + 1)
        menu = page.get_by_role("navigation", name="Sections")
        await menu.get_by_role("link", name="Library").click()
        await page.wait_for_url("**/settings/library")
        name = page.get_by_label("Name of this server")
        former = await name.input_value()
        await name.fill("Attic")
        await expect(page.locator("#save")).to_be_enabled()
        await page.click("#save")
        await expect(page.locator("#save-bar")).to_be_hidden()
        # Every change makes a backup, so the newest one is not the requested one.
        await page.reload()
        await expect(name).to_have_value("Attic")
        await menu.get_by_role("link", name="Backups").click()
        await rows.first.get_by_role("button", name=re.compile("^Restore")).click()
        await page.get_by_role("dialog").get_by_role("button", name="Restore").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.go_back()
        await expect(name).to_have_value(former)
        await expect(page.locator("#save-bar")).to_be_hidden()
        assert visit.complaints == []


async def test_a_wrong_current_password_is_shown_at_its_field(world: World) -> None:
    """A wrong current password is shown at its field, and the session stays valid."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/settings/password")
        form = page.locator("#password form")
        current = form.locator("input[autocomplete=current-password]")
        await current.fill("Wrong-Horse-9")
        await form.locator("input[autocomplete=new-password]").fill("Another-Horse-8")
        await form.get_by_role("button").click()
        await expect(form.get_by_role("alert")).to_have_text("The current password is wrong")
        await expect(current).to_have_attribute("aria-invalid", "true")
        await expect(current).to_be_focused()

        menu = page.get_by_role("navigation", name="Sections")
        await menu.get_by_role("link", name="Library").click()
        folder = page.get_by_label("Library folder", exact=True)
        former = await folder.input_value()
        await folder.fill(str(world.house.folder))
        await expect(page.locator("#save")).to_be_enabled()
        await page.click("#save")
        dialog = page.get_by_role("dialog")
        await dialog.locator("input").fill("Wrong-Horse-9")
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_role("alert")).to_have_text("The current password is wrong")
        await dialog.locator("input").fill(PASSWORD)
        await dialog.get_by_role("button", name="Save").click()
        await expect(page.locator("#save-bar")).to_be_hidden()
        await folder.fill(former)
        await expect(page.locator("#save")).to_be_enabled()
        await page.click("#save")
        await dialog.locator("input").fill(PASSWORD)
        await dialog.get_by_role("button", name="Save").click()
        await expect(page.locator("#save-bar")).to_be_hidden()
        assert page.url == f"{address}/settings/library"
        assert visit.complaints == []


@contextlib.asynccontextmanager
async def paused_queue(page: Any, address: str) -> AsyncIterator[Any]:
    """Return the pending items of a paused queue."""
    await page.goto(f"{address}/queue")
    await page.click("#pause")
    await expect(page.locator("#run-state")).to_have_text("Paused")
    # Items that were active when the queue was paused are not in the list.
    await page.reload()
    items = page.locator("#pending .item")
    await expect(items.nth(4)).to_be_visible()
    # A drag must not scroll: the row under the pointer would be another one.
    await items.nth(4).scroll_into_view_if_needed()
    yield items
    await page.click("#resume")
    await expect(page.locator("#run-state")).to_have_text("Running")


async def order_of(items: Any) -> list[str]:
    """Return the items in displayed order."""
    found: list[str] = await items.evaluate_all("all => all.map((item) => item.dataset.id)")
    return found


async def test_waiting_items_are_dragged(world: World) -> None:
    """Items are dragged down and up, and the server stores both orders."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        async with paused_queue(page, address) as items:
            begin = await order_of(items)
            async with page.expect_response("**/api/queue/reorder"):
                await items.nth(0).drag_to(items.nth(2))
            down = [begin[1], begin[2], begin[0], *begin[3:]]
            assert await order_of(items) == down
            async with page.expect_response("**/api/queue/reorder"):
                await items.nth(3).drag_to(items.nth(1))
            up = [down[0], down[3], down[1], down[2], *down[4:]]
            assert await order_of(items) == up
            await page.reload()
            await expect(items.nth(4)).to_be_visible()
            assert (await order_of(items))[: len(up)] == up
        assert visit.complaints == []


async def test_a_late_answer_undoes_nothing(world: World) -> None:
    """A response that is older than the last reorder is not shown."""
    address, let_go, held = world.house.address, asyncio.Event(), asyncio.Event()
    arrived = asyncio.Event()

    async def dawdle(route: Any) -> None:
        answer = await route.fetch()
        if not held.is_set():
            held.set()
            await let_go.wait()
            await route.fulfill(response=answer)
            arrived.set()
        else:
            await route.fulfill(response=answer)

    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        async with paused_queue(page, address) as items:
            begin = await order_of(items)
            await page.route("**/api/queue/items?status=pending*", dawdle)
            up = [
                items.nth(place).get_by_role("button", name=re.compile(" up$")) for place in (1, 3)
            ]
            await up[0].click()
            async with asyncio.timeout(30):
                await held.wait()
            async with page.expect_response("**/api/queue/items?status=pending*"):
                await up[1].click()
            newest = [begin[1], begin[0], begin[3], begin[2], *begin[4:]]
            assert await order_of(items) == newest
            let_go.set()
            async with asyncio.timeout(30):
                await arrived.wait()
            # Wait for another turn of the event loop, in which the old response would be shown.
            await page.evaluate("new Promise((go) => setTimeout(go, 200))")
            assert await order_of(items) == newest
            # Requests of the page itself may be on their way.
            await page.unroute_all(behavior="wait")
        assert visit.complaints == []


async def test_problems_are_told_in_german(world: World) -> None:
    """Known message kinds are shown in German; an unknown kind is shown in English."""
    address = world.house.address
    options = {"locale": "de-DE"}
    async with visiting(world.browser, address, token=world.token, **options) as visit:
        page = visit.page
        await page.goto(f"{address}/settings/downloads")
        field = page.get_by_label("Verbindungen je Datei")
        await field.fill("99")
        problem = page.locator(".field", has=field).locator(".problem")
        await expect(problem).to_have_text("muss zwischen 1 und 16 liegen")
        await page.click("#discard")

        stalled = FetchInterruptedError(Message("nothing_arrived", waited_seconds=90)).message
        full = DiskFullError("/srv/anime", 1_500_000).message
        late = NotYetAvailableError("S01E01", ["ger-dub"], []).message
        own = Message.of("asleep", "the plug-in sleeps", {})
        inner = FetchInterruptedError(own).message
        old = Message.of("disk_full", "the disk holding /srv is full", {})
        for message, text in {
            stalled: "Die Übertragung wurde unterbrochen: 1 min 30 s lang kamen keine Daten",
            full: "Der Datenträger von /srv/anime ist voll; es fehlen 1,5 MB",
            late: "S01E01 gibt es noch nicht in Deutsch (Synchro)",
            own: "the plug-in sleeps",
            inner: "Die Übertragung wurde unterbrochen: the plug-in sleeps",
            old: "the disk holding /srv is full",
        }.items():
            assert await page.evaluate(_MESSAGE_TEXT, message.to_wire()) == text
    async with visiting(world.browser, address, **options) as visit:
        page = visit.page
        await page.goto(f"{address}/login")
        await page.fill("#password", f"{PASSWORD}-not")
        await page.keyboard.press("Enter")
        await expect(page.locator("#problem")).to_have_text("Das Passwort ist falsch.")
        assert visit.complaints == []


@pytest.mark.parametrize(("width", "locale"), [(640, "en-GB"), (320, "en-GB"), (320, "de-DE")])
async def test_zoomed_pages_stay_usable(world: World, width: int, locale: str) -> None:
    """At 200 and 400 % zoom no page scrolls sideways (WCAG 1.4.10)."""
    address = world.house.address
    options: dict[str, Any] = {"viewport": {"width": width, "height": 400}, "locale": locale}
    options["device_scale_factor"] = 1280 / width
    async with visiting(world.browser, address, token=world.token, **options) as visit:
        page = visit.page
        wider = {}
        for path in PAGES:
            await page.goto(address + path)
            await expect(page.locator("#loading").first).to_be_hidden()
            # Later content may be wider.
            await page.wait_for_load_state("networkidle")
            wider[path] = await page.evaluate(_WIDER)
        assert {path for path, pixels in wider.items() if pixels > 0} == set()
        assert visit.complaints == []


async def test_episodes_read_well_on_phones(world: World) -> None:
    """On a phone the title has most of the width, stays a row header, and the state is visible."""
    address = world.house.address
    options: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
    async with visiting(world.browser, address, token=world.token, **options) as visit:
        page = visit.page
        await page.goto(f"{address}/anime/captain-twine")
        row = page.get_by_role("row").filter(has_text="S01E01")
        title = row.get_by_role("rowheader")
        await expect(title).to_be_visible()
        chip = row.get_by_role("cell").nth(2).locator(".chip")
        for words in (None, "Downloading 100 %"):
            if words:
                # The longest text, which may be hidden at the moment.
                await chip.evaluate("(node, words) => node.replaceChildren(words)", words)
            box = await title.bounding_box()
            assert box["width"] > 150
            assert box["height"] < 60
            state = await row.get_by_role("cell").nth(2).bounding_box()
            assert state["x"] + state["width"] <= 390
        assert visit.complaints == []


async def test_who_wants_no_motion_gets_none(world: World) -> None:
    """With reduced motion nothing is animated; otherwise something is."""
    address = world.house.address
    moving = {}
    for preference in ("reduce", "no-preference"):
        options = {"reduced_motion": preference}
        async with visiting(world.browser, address, token=world.token, **options) as visit:
            await visit.page.goto(address)
            await expect(visit.page.locator("#loading")).to_be_hidden()
            moving[preference] = await visit.page.evaluate(_MOVING)
            assert visit.complaints == []
    assert moving["reduce"] == 0
    assert moving["no-preference"] > 0


#: Hand over data as a browser does when a person pastes or drops it.
_HAND_OVER = """([kind, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const options = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...options, clipboardData: data })
    : new DragEvent(kind, { ...options, dataTransfer: data });
  document.getElementById("query").dispatchEvent(event);
}"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
async def test_several_links_are_added_at_once(world: World, kind: str) -> None:
    """Pasted or dropped links are added one by one, each with its result."""
    address = world.house.address
    links = ["https://demo.aniworld.invalid/series/captain-twine", "https://nobody.invalid/x"]
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/add")
        await page.evaluate(_HAND_OVER, [kind, "\n".join(links)])
        rows = page.locator("#hits > li")
        await expect(rows).to_have_count(2)
        await expect(rows.nth(0).get_by_role("link", name="Open")).to_be_visible()
        await expect(rows.nth(1)).to_contain_text("no enabled catalogue takes it")
        await expect(page.locator("#state")).to_contain_text("1 link was not added.")


async def test_an_opml_file_is_imported_and_exported(world: World, tmp_path: Path) -> None:
    """Each feed of a chosen file has its result; what is no OPML is a message; export saves it."""
    address = world.house.address
    feeds = tmp_path / "feeds.opml"
    feeds.write_text(
        '<?xml version="1.0" encoding="utf-16"?><opml><body><outline text="Ä">'
        '<outline xmlUrl="notes.txt"/></outline></body></opml>',
        encoding="utf-16",
    )
    page_file = tmp_path / "sign-in.xml"
    page_file.write_text("<!doctype html><html><body>Sign in</body></html>")
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        await page.goto(f"{address}/add")
        await page.get_by_text("Add several links").click()
        await page.locator("#feeds input").set_input_files(feeds)
        rows = page.locator("#hits > li")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("it is no web link (http or https)")
        await page.locator("#feeds input").set_input_files(page_file)
        await expect(page.locator(".toast.bad")).to_contain_text("it is an HTML page")
        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Export feeds (OPML)").click()
        assert (await saved.value).suggested_filename == "aniworld.opml"


async def test_a_shared_link_waits_for_a_person(world: World) -> None:
    """A shared link fills the field and is added only after a click; the bookmarklet sends it."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        page = visit.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{address}/add?title=Fun&text=See%20https://nobody.invalid/x")
        await expect(page.locator("#query")).to_have_value("https://nobody.invalid/x")
        await expect(page.locator("#state")).to_contain_text("Press Search")
        await page.get_by_text("Add several links").click()
        mark = await page.locator("#bookmarklet").get_attribute("href")
        assert mark == (
            f'javascript:location.href="{address}/add"+"?url="+encodeURIComponent(location.href)'
        )
        await page.wait_for_load_state("networkidle")
        assert not any(url.endswith("/api/anime/add") for url in asked)
