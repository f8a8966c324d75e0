"""Covers in a real browser: loaded lazily, and only from this server."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_sqlite import open_storage
from support.browser_stage import (
    House,
    World,
    find_browser,
    open_browser,
    open_house,
    sign_in,
    visiting,
)

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect
MANY = 2000
#: Series of a page of the library.
PAGE = 96
PICTURES = Path(__file__).parents[3] / "artifacts" / "screenshots"
_OBSERVE = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
#: Scroll step that leaves the browser time to render.
_DRAW = """
  async (frames) => {
    for (let n = 0; n < frames; n += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
  }
"""
#: Whether every visible poster shows a decoded image. Uses positions of the cards only, because
#: measuring their content would lay out thousands of hidden elements.
_ALL_SHOWN = """
  () => {
    const seen = [...document.querySelectorAll(".poster, .hit, .series-head")].filter((card) => {
      const box = card.getBoundingClientRect();
      return box.width && box.bottom > 0 && box.top < innerHeight;
    });
    const images = seen.map((card) => card.querySelector(".tile img"));
    return seen.length > 0 && images.every((image) => image?.naturalWidth > 0);
  }
"""


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Serve all series of the catalogue."""
    async with (
        open_browser(BROWSER) as browser,
        open_house(tmp_path_factory.mktemp("covers")) as house,
    ):
        yield World(browser, house, await sign_in(browser, house))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "path"),
    [("library", "/"), ("series", "/anime/captain-twine"), ("add", "/add?q=a")],
)
async def test_posters_show_their_covers(world: World, scheme: str, name: str, path: str) -> None:
    """Library, series page and search hits show covers, and the layout does not shift."""
    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": scheme}
    options["reduced_motion"] = "reduce"
    async with visiting(world.browser, world.house.address, token=world.token, **options) as visit:
        page = visit.page
        await page.add_init_script(_OBSERVE)
        await page.goto(world.house.address + path)
        await page.wait_for_function(_ALL_SHOWN)
        PICTURES.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=PICTURES / f"covers-{name}-{scheme}.png")

        assert await page.evaluate("window.shifted") < 0.05
        assert visit.complaints == []


async def test_without_a_cover_the_tile_stays(world: World) -> None:
    """If the server has no cover or invalid data, the tile keeps its colour and initials."""
    async with visiting(world.browser, world.house.address, token=world.token) as visit:
        page = visit.page
        answers: list[dict[str, Any]] = [
            {"status": 404},
            {"body": "<svg/>", "content_type": "image/svg+xml"},
        ]
        answers += [{"body": "no png", "content_type": "image/png"}, {"status": 503}]
        asked: list[str] = []

        async def answer(route: Any) -> None:
            asked.append(route.request.url)
            await route.fulfill(**answers[len(asked) % len(answers)])

        await page.route("**/cover", answer)
        await page.goto(world.house.address)
        await page.wait_for_function("() => document.querySelectorAll('.tile').length > 3")
        await page.wait_for_load_state("networkidle")

        assert len(asked) >= 4
        await expect(page.locator(".tile img")).to_have_count(0)
        assert re.fullmatch(r"\w{1,2}", await page.locator(".tile").first.inner_text())
        assert visit.complaints == []


async def test_thousands_are_loaded_as_they_are_looked_at(world: World, tmp_path: Path) -> None:
    """A library of 2,000 series loads only visible covers, six at a time."""
    async with open_house(tmp_path) as house:
        token = await sign_in(world.browser, house)
        await house.stop()
        port = (house.folder / "data/demo/port").read_text()
        await _fill(house, f"http://127.0.0.1:{port}/covers/captain-twine.png")
        await house.start()
        options: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
        async with visiting(world.browser, house.address, token=token, **options) as visit:
            page = visit.page
            running, most = 0, 0
            answers: list[tuple[int, str]] = []

            def begin(request: Any) -> None:
                nonlocal running, most
                if request.url.endswith("/cover"):
                    running += 1
                    most = max(most, running)

            def end(request: Any) -> None:
                nonlocal running
                running -= request.url.endswith("/cover")

            page.on("request", begin)
            page.on("requestfinished", end)
            page.on("requestfailed", end)
            page.on("response", lambda r: answers.append((r.status, r.url)))
            await page.goto(house.address)
            await page.wait_for_function(_ALL_SHOWN)
            await page.wait_for_function(
                f"() => document.querySelectorAll('.poster').length === {PAGE}"
            )
            assert sum(url.endswith("/cover") for _, url in answers) < 100

            await _scroll(page)
            assert most <= 6
            assert {status for status, _ in answers} <= {200, 304}
            assert visit.complaints == []

        async with visiting(world.browser, house.address, token=token, **options) as visit:
            await _leaf_through(visit.page, house.address)
            assert visit.complaints == []


async def _scroll(page: Any) -> None:
    """Scroll down to the end and back."""
    for _ in range(20):
        await page.mouse.wheel(0, 2000)
        await page.evaluate(_DRAW, 3)
    for key in ("End", "Home"):
        await page.keyboard.press(key)
        await page.wait_for_function(_ALL_SHOWN)


async def _leaf_through(page: Any, address: str) -> None:
    """Fast scrolling is rate-limited, and covers out of sight are released."""
    asked: list[str] = []

    async def keep_fewer(route: Any) -> None:
        # Reaching the limit itself takes minutes at that rate.
        answer = await route.fetch()
        script = (await answer.text()).replace("const KEPT = 160", "const KEPT = 12")
        assert "const KEPT = 12" in script
        await route.fulfill(response=answer, body=script)

    await page.route("**/covers.js", keep_fewer)
    page.on("request", lambda r: asked.append(r.url) if r.url.endswith("/cover") else None)
    await page.goto(address)
    await page.wait_for_function(_ALL_SHOWN)
    for _ in range(20):
        await page.mouse.wheel(0, 900)
        await page.evaluate(_DRAW, 12)
    seconds = await page.evaluate("performance.now() / 1000")

    assert 70 < len(asked) <= 80 + 8 * seconds + 1
    shown, seen = await page.evaluate(
        """() => [document.querySelectorAll(".tile img").length,
          [...document.querySelectorAll(".poster")].filter((card) => {
            const box = card.getBoundingClientRect();
            return box.bottom > -250 && box.top < innerHeight + 250;
          }).length]"""
    )
    assert shown <= 12 + seen


async def _fill(house: House, cover: str) -> None:
    """Add thousands of series with distinct cover addresses."""
    now = datetime(2026, 11, 21, tzinfo=UTC)
    async with open_storage(f"sqlite:///{house.folder}/data/aniworld.db") as storage:
        for number in range(MANY):
            name = f"{chr(65 + number % 26)} Series {number}"
            await storage.series.add(
                Series(
                    key=SeriesKey(f"series-{number}"),
                    name=name,
                    site="demo",
                    provider="demo",
                    folder=FolderName(name),
                    link=f"https://demo.aniworld.invalid/series/series-{number}",
                    cover_url=f"{cover}?{number}",
                    added_at=now,
                    updated_at=now,
                    episodes=(Episode(season=1, number=1),),
                )
            )
