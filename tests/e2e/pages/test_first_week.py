"""The first week of a new user on a narrow phone, by keyboard alone and in German."""

import re
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from support.browser_stage import (
    PASSWORD,
    House,
    find_browser,
    open_browser,
    open_house,
    visiting,
)

expect = pytest.importorskip("playwright.async_api").expect
BROWSER = find_browser()
pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

#: Presses of Tab until a control counts as out of reach.
_FAR: Final = 120
#: Whether the control has the focus, and what is wrong with the one that has it.
_LOOK: Final = """(wanted) => {
  const node = document.activeElement;
  if (node === document.body || node.id === "main") return [false, null];
  const labels = [...(node.labels ?? [])].map((label) => label.textContent);
  const name = [node.ariaLabel, ...labels, node.textContent, node.title].join("").trim();
  if (!name) return [false, `no name: ${node.outerHTML.slice(0, 200)}`];
  if (node !== wanted) return [false, null];
  const box = node.getBoundingClientRect();
  const clamp = (value, most) => Math.min(Math.max(value, 1), most - 1);
  const over = document.elementFromPoint(
    clamp(box.left + box.width / 2, innerWidth), clamp(box.top + box.height / 2, innerHeight));
  const labelled = [...(node.labels ?? [])].includes(over);
  const isSeen = labelled || node.contains(over) || over?.contains(node);
  return [true, isSeen ? null : `covered: ${node.outerHTML.slice(0, 200)}`];
}"""


@attrs.frozen
class Hands:
    """A person who has only the keyboard."""

    page: Any
    house: House

    async def press(self, key: str) -> None:
        """Press a key."""
        await self.page.keyboard.press(key)

    async def write(self, text: str) -> None:
        """Type a text in place of the present one."""
        await self.press("Control+A")
        await self.page.keyboard.insert_text(text)

    async def reach(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until a control has the focus; each one on the way has a name."""
        target = self.page.locator(selector).first
        await expect(target).to_be_visible()
        wanted = await target.element_handle()
        for _ in range(_FAR):
            is_here, problem = await self.page.evaluate(_LOOK, wanted)
            assert problem is None, problem
            if is_here:
                return
            await self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    async def use(self, selector: str, *, back: bool = False) -> None:
        """Reach a control and press Enter."""
        await self.reach(selector, back=back)
        await self.press("Enter")

    async def open(self, path: str) -> None:
        """Open a page by the menu."""
        link = f'#main-pages a[href="{path}"]'
        if not await self.page.locator(link).is_visible():
            await self.use("#main-more")
        await self.use(link)
        await self.page.wait_for_url(f"**{path}")

    async def keeps_focus(self) -> None:
        """Check that the focus is not lost."""
        await expect(self.page.locator("main *:focus, .toast *:focus")).to_have_count(1)


async def _set_up(hands: Hands) -> None:
    page, house = hands.page, hands.house
    await page.goto(f"{house.address}/setup#code={house.code}")
    await expect(page.locator("#password")).to_be_focused()
    await hands.write(PASSWORD)
    await hands.press("Enter")
    await expect(page.locator("#folder")).to_be_focused()
    await hands.write(str(house.library))
    await hands.reach(".language-order .chip button")
    await hands.press("End")
    await expect(page.locator(".language-order .chip").last).to_contain_text("Synchro")
    await hands.press("Home")
    await hands.use("#step-library [type=submit]")
    await expect(page.locator("#query")).to_be_focused()
    await hands.use("#step-first a")
    await page.wait_for_url(f"{house.address}/")


async def _add(hands: Hands, *names: str) -> None:
    page = hands.page
    await hands.open("/add")
    await expect(page.locator("#query")).to_be_focused()
    for name in names:
        await hands.reach("#query", back=True)
        await hands.write(name)
        await hands.press("Enter")
        await expect(page.locator("#hits h2")).to_have_text([re.compile(name)])
        await hands.use("#hits .acts button")
        # The button that adds is replaced by those of the series.
        await expect(page.locator("#hits .acts button").first).to_be_focused()
        await expect(page.locator("#hits .acts .button")).to_have_count(3)
        await hands.press("Enter")
        await expect(page.locator(".toast", has_text="1 Folge")).to_be_visible()


async def _choose_languages(hands: Hands) -> None:
    page = hands.page
    await hands.use("#hits a.button")
    await page.wait_for_url("**/anime/*")
    languages = ".series-head .wide label:has-text('Sprachen') select"
    await hands.reach(languages)
    await hands.press("ArrowDown")
    await hands.reach(".own-order .chip button")
    await hands.press("ArrowRight")
    await expect(page.locator(".own-order .chip").last).to_contain_text("Synchro")
    await expect(page.locator(".toast", has_text="Gespeichert.")).to_be_visible()
    await hands.keeps_focus()


async def _watch_the_queue(hands: Hands) -> None:
    page = hands.page
    await hands.open("/queue")
    await expect(page.locator("#failed .item")).to_have_count(1)
    await expect(page.locator("#completed .item")).to_have_count(1)
    await hands.use("#pause")
    await expect(page.locator("#resume")).to_be_focused()
    await hands.press("Enter")
    await expect(page.locator("#pause")).to_be_focused()
    await hands.use("#failed summary")
    await hands.use("#failed .technical button")
    await expect(page.locator("#failed .technical [role=status]")).to_have_text("Kopiert")
    await hands.use("#failed .acts button")
    await expect(page.locator("#announcer")).to_contain_text("Download fehlgeschlagen")
    await hands.use("#failed .acts .danger")
    await expect(page.locator("#failed .item")).to_have_count(0)
    await hands.keeps_focus()


async def _look_around(hands: Hands) -> None:
    page = hands.page
    await hands.open("/calendar")
    await hands.use("#after")
    await expect(page.locator("#after")).to_be_focused()
    await hands.open("/wanted")
    await hands.use(".wanted-series button")
    await expect(page.locator(".toast", has_text="eingereiht")).to_be_visible()
    await hands.keeps_focus()


async def _rename(hands: Hands) -> None:
    page, house = hands.page, hands.house
    proper = house.episodes()[0]
    odd = proper.rename(proper.with_name("Zwirn S01E01.mp4"))
    await hands.open("/")
    await hands.use("#scan")
    await expect(page.locator("#scan-state", has_text="Fertig")).to_be_visible()
    await hands.open("/changes")
    await hands.use("#plan-rename")
    await expect(page.locator("#rename-plan tbody tr")).to_have_count(1)
    await hands.use("#rename-plan .row button")
    await expect(page.locator(".toast", has_text="angewendet")).to_be_visible()
    assert not odd.exists()
    await hands.open("/history")
    await hands.reach("#kind")
    await page.keyboard.type("Dateien")
    await hands.use("#entries-card [data-change]")
    await expect(page.locator(".toast", has_text="rückgängig")).to_be_visible()
    assert odd.exists()
    await hands.keeps_focus()


async def _test_a_setting(hands: Hands) -> None:
    page = hands.page
    await hands.open("/settings")
    await hands.reach("main input[type=search]")
    await hands.write("Bibliotheksordner")
    await hands.use("main button:has-text('Testen')")
    await expect(page.locator(".field .verdict").first).to_contain_text("Verwendbar")


async def _manage_users(hands: Hands) -> None:
    page = hands.page
    await hands.use("[popovertarget=me]")
    await hands.use("#me a[href='/users']")
    await page.wait_for_url("**/users")
    await hands.reach("#new-name")
    await hands.write("mia")
    await hands.reach("#first-password")
    await hands.write("weak")
    await hands.press("Enter")
    await expect(page.locator("#add-problem")).to_contain_text("8 Zeichen")
    await expect(page.locator("#first-password")).to_be_focused()
    await hands.write("Purple-Cow-77")
    await hands.press("Enter")
    await expect(page.locator("#accounts .user-name")).to_have_text("mia")
    await hands.use("[popovertarget=me]")
    await hands.use("#sign-out")
    await expect(page.locator("#login")).to_be_visible()
    await hands.reach("#password")
    await hands.write(PASSWORD)
    await hands.press("Enter")
    await expect(page.locator("#accounts .user-name")).to_have_text("mia")


async def test_the_first_week_by_keyboard(tmp_path: Path) -> None:
    """Every task is done with the keyboard; no control lacks a name or is covered."""
    async with (
        open_browser(BROWSER) as browser,
        open_house(tmp_path) as house,
        visiting(
            browser,
            house.address,
            locale="de-DE",
            viewport={"width": 360, "height": 740},
            reduced_motion="reduce",
        ) as visit,
    ):
        hands = Hands(visit.page, house)
        await _set_up(hands)
        await _add(hands, "Werft der Irrtümer", "Kapitänin Zwirn")
        await _choose_languages(hands)
        await _watch_the_queue(hands)
        await _look_around(hands)
        await _rename(hands)
        await _test_a_setting(hands)
        await _manage_users(hands)
        assert visit.complaints == []
        assert visit.dialogs == []
