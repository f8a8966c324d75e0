"""Take pictures of every page and state of the frame, and put them on sheets.

    PYTHONPATH=tests python tests/page_pictures.py --sheets docs

Needs Chromium and playwright. A server process has the embedded catalogue in its library, with
downloads that run, failed and wait for a person. Each state is taken in light and dark, German and
English, at 1280 and 360 pixels.
"""

import argparse
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from itertools import islice, product
from pathlib import Path
from typing import Any, Final

import anyio
import attrs

from library_pictures import sheet
from support.browser_stage import (
    House,
    find_browser,
    open_browser,
    open_house,
    sign_in,
    visiting,
)
from support.page_paths import signed_in_paths

_SIZES: Final = {"wide": (1280, 900), "phone": (360, 780)}
_LOCALES: Final = {"de": "de-DE", "en": "en-GB"}
_VARIANTS: Final = tuple(product(_SIZES, ("light", "dark"), _LOCALES))
#: States on one sheet.
_ROWS: Final = 16
_KEY: Final = "captain-twine"
#: Seconds for the first downloads.
_PATIENCE: Final = 120.0

_State = Callable[[Any, str], Awaitable[None]]


def _page(path: str) -> _State:
    async def opened(page: Any, address: str) -> None:
        await page.goto(address + path)
        await page.wait_for_load_state("networkidle")

    return opened


async def _search(page: Any, address: str) -> None:
    await _page("/")(page, address)
    await page.locator("#jump").click()
    await page.keyboard.type("a")
    await page.locator("[role=option]", has_text="“" if await _is_english(page) else "„").wait_for()
    await page.wait_for_load_state("networkidle")
    await page.keyboard.press("ArrowDown")


async def _is_english(page: Any) -> bool:
    return bool(await page.evaluate("document.documentElement.lang === 'en'"))


async def _keys(page: Any, address: str) -> None:
    await _page("/calendar")(page, address)
    await page.locator("#main").focus()
    await page.keyboard.press("?")
    await page.locator("dialog[open]").wait_for()


async def _menu(page: Any, address: str) -> None:
    await _page("/queue")(page, address)
    more = page.locator("#main-more")
    await (more if await more.is_visible() else page.locator("[popovertarget=me]")).click()


async def _session(page: Any, address: str) -> None:
    await _page("/settings")(page, address)
    await page.locator("main input[type=text]").first.fill("Attic")
    await page.evaluate(
        "import(`${document.documentElement.dataset.static}/js/session.js`)"
        ".then(({ endSession }) => void endSession())"
    )
    await page.locator("dialog[open]").wait_for()


async def _problem(page: Any, address: str) -> None:
    await _page("/queue")(page, address)
    await page.evaluate(
        "import(`${document.documentElement.dataset.static}/js/messages.js`)"
        ".then(({ tell }) => { tell('Saved'); tell('“captain-twine” S01E02', { bad: true }); })"
    )
    await page.locator(".toast.bad p:not(:empty)").wait_for()


_STATES: Final[Mapping[str, _State]] = {
    **{name: _page(path) for name, path in signed_in_paths(_KEY).items()},
    "results": _page("/add?q=a"),
    "missing": _page("/nowhere"),
    "search": _search,
    "keys": _keys,
    "menu": _menu,
    "messages": _problem,
    "session": _session,
}


def _options(size: str, theme: str, language: str) -> dict[str, Any]:
    width, height = _SIZES[size]
    return {
        "viewport": {"width": width, "height": height},
        "color_scheme": theme,
        "locale": _LOCALES[language],
        "reduced_motion": "reduce",
    }


@attrs.define(eq=False)
class _Camera:
    """Takes the pictures of one browser and one server."""

    browser: Any
    house: House
    token: str
    pictures: dict[str, bytes] = attrs.field(factory=dict)

    async def take(self, state: str, variant: tuple[str, str, str], page: Any) -> None:
        """Store the picture of a page."""
        self.pictures[" ".join((state, *variant))] = await page.screenshot()

    async def take_pages(self, variant: tuple[str, str, str]) -> None:
        """Take all states of a running server."""
        options, address = _options(*variant), self.house.address
        async with visiting(self.browser, address, token=self.token, **options) as visit:
            for name, open_state in _STATES.items():
                await open_state(visit.page, address)
                await self.take(name, variant, visit.page)
            if visit.complaints:
                raise RuntimeError(str(visit.complaints))
        async with visiting(self.browser, address, **options) as visit:
            await _page("/login")(visit.page, address)
            await self.take("login", variant, visit.page)

    async def take_setup(self, folder: Path, variants: tuple[tuple[str, str, str], ...]) -> None:
        """Take the first page of a server without a password."""
        async with open_house(folder) as fresh:
            for variant in variants:
                options = _options(*variant)
                async with visiting(self.browser, fresh.address, **options) as visit:
                    await _page("/setup")(visit.page, fresh.address)
                    await self.take("setup", variant, visit.page)

    async def take_folder(self, variants: tuple[tuple[str, str, str], ...]) -> None:
        """Take the banner of a library folder that is gone."""
        away = self.house.library.with_name("away")
        self.house.library.rename(away)
        try:
            for variant in variants:
                options, address = _options(*variant), self.house.address
                async with visiting(self.browser, address, token=self.token, **options) as visit:
                    await _page("/wanted")(visit.page, address)
                    # The former test of the folder is good for ten seconds.
                    await visit.page.locator("[data-notice=folder]").wait_for()
                    await self.take("folder", variant, visit.page)
        finally:
            away.rename(self.house.library)

    async def take_stopped(self, variants: tuple[tuple[str, str, str], ...]) -> None:
        """Take the banner of an open page and the offline page of a new one; stops the server."""
        async with AsyncExitStack() as stack:
            pages = {}
            for variant in variants:
                options = {**_options(*variant), "service_workers": "allow"}
                visit = await stack.enter_async_context(
                    visiting(self.browser, self.house.address, token=self.token, **options)
                )
                await _page("/queue")(visit.page, self.house.address)
                await visit.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
                pages[variant] = visit.page
            await self.house.stop()
            for variant, page in pages.items():
                await page.locator("[data-notice=lost]").wait_for()
                await self.take("stopped", variant, page)
                await page.goto(f"{self.house.address}/settings")
                await self.take("offline", variant, page)


async def _fill(browser: Any, house: House, token: str) -> None:
    """Wait until a download is complete and another has failed; leave some that are running."""
    headers = {"Authorization": f"Bearer {token}"}
    context = await browser.new_context(base_url=house.address, extra_http_headers=headers)
    api = context.request
    await api.put("/api/config", data={"downloads": {"limit_rate": 0}})
    with anyio.fail_after(_PATIENCE):
        while True:
            summary = await (await api.get("/api/queue/summary")).json()
            if summary["completed"] and summary["failed"]:
                break
            await anyio.sleep(0.5)
    await api.put("/api/config", data={"downloads": {"limit_rate": 2_000}})
    for series in await (await api.get("/api/anime")).json():
        wanted = [
            f"S{int(season):02}E{number:02}"
            for season, numbers in series["missing_episodes"].items()
            for number in numbers
        ]
        await api.post("/api/queue/add", data={"serie_id": series["key"], "episodes": wanted[:4]})
    await context.close()


async def take(folder: Path, browser_path: str) -> dict[str, bytes]:
    """Return a picture of each state in every variant, as PNG."""
    async with open_browser(browser_path) as browser, open_house(folder / "full") as house:
        camera = _Camera(browser, house, await sign_in(browser, house))
        await _fill(browser, house, camera.token)
        await camera.take_setup(folder / "fresh", _VARIANTS)
        for variant in _VARIANTS:
            await camera.take_pages(variant)
        await camera.take_folder(_VARIANTS)
        await camera.take_stopped(_VARIANTS)
        return camera.pictures


def _sheets(pictures: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Yield the pictures of some states at a time."""
    states = iter(dict.fromkeys(name.split()[0] for name in pictures))
    while some := set(islice(states, _ROWS)):
        yield {name: data for name, data in pictures.items() if name.split()[0] in some}


def main() -> None:
    """Take the pictures and write the sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=Path, required=True, help="folder for pages-N.jpg")
    parser.add_argument("--single", type=Path, help="folder for the single pictures")
    options = parser.parse_args()
    browser_path = find_browser()
    with tempfile.TemporaryDirectory() as folder:
        pictures = anyio.run(take, Path(folder), browser_path)
    if options.single is not None:
        options.single.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            (options.single / f"{name.replace(' ', '-')}.png").write_bytes(picture)
    for number, some in enumerate(_sheets(pictures), 1):
        anyio.run(sheet, some, options.sheets / f"pages-{number}.jpg", browser_path)


if __name__ == "__main__":
    main()
