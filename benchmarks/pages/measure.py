"""Measures what the pages cost in a real browser; see the README in this folder.

The server holds everything in memory and the browser is Debian's Chromium, so that the figures are
those of the pages alone.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from aniworld_core.domain.downloads import Progress
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.events import DownloadProgressed
from aniworld_core.testing.factories import make_claim, make_episode, make_item
from support.browser_stage import find_browser, open_browser, visiting
from support.http_library import open_library, other
from support.http_stage import Server

MIB = 1024**2
EPISODES = 12
#: Long tasks, shifts and the moment in which the page shows what it is about.
OBSERVE = """
  window.seen = { tasks: [], shifted: 0, ready: null };
  new PerformanceObserver((list) => {
    window.seen.tasks.push(...list.getEntries().map((entry) => [entry.startTime, entry.duration]));
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) window.seen.shifted += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  const watch = () => {
    const done = document.getElementById("loading")?.hidden ?? document.readyState === "complete";
    if (done) window.seen.ready = performance.now();
    else requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
"""
PAGES = {
    "library": "/",
    "series": "/anime/series-1",
    "add": "/add",
    "queue": "/queue",
    "wanted": "/wanted",
    "settings": "/settings",
    "system": "/system",
}


@attrs.frozen
class Figure:
    """One measured figure and what it must be; `most` is `None` where there is no goal."""

    what: str
    value: float
    unit: str
    most: float | None = None

    def line(self) -> str:
        """A row of the table."""
        goal = "" if self.most is None else f"<= {self.most:g}"
        verdict = "" if self.most is None else "reached" if self.value <= self.most else "MISSED"
        return f"| {self.what} | {self.value:.4g} {self.unit} | {goal} | {verdict} |"


@contextlib.asynccontextmanager
async def serving(folder: Path, series: int) -> AsyncIterator[Server]:
    """Serve a library of so many series with a dozen episodes each."""
    episodes = tuple(make_episode(number) for number in range(1, EPISODES + 1))
    names = [f"{chr(65 + number % 26)}nother series {number}" for number in range(series)]
    shelf = [other(f"series-{n}", name, episodes=episodes) for n, name in enumerate(names)]
    async with open_library(folder, *shelf) as server:
        yield server


@contextlib.asynccontextmanager
async def looking(browser: Any, server: Server) -> AsyncIterator[tuple[Any, Any, str]]:
    """Open a tab that is signed in; yields it, its debugger and the address."""
    address = str(server.client.make_url("/")).rstrip("/")
    async with visiting(browser, address, token=server.token) as visit:
        await visit.page.set_viewport_size({"width": 1280, "height": 800})
        await visit.page.add_init_script(OBSERVE)
        debugger = await visit.page.context.new_cdp_session(visit.page)
        await debugger.send("Performance.enable")
        yield visit.page, debugger, address


async def shown(page: Any, address: str) -> float:
    """Open a page; return after how many milliseconds it showed what it is about."""
    await page.goto(address)
    await until(page, "window.seen.ready !== null")
    await page.wait_for_load_state("networkidle")
    return float(await page.evaluate("window.seen.ready"))


async def until(page: Any, condition: str) -> None:
    """Wait for something on the page; its policy forbids the browser's own way to wait."""
    async with asyncio.timeout(60):
        while not await page.evaluate(condition):
            await asyncio.sleep(0.05)


async def longest(page: Any, since: float = 0.0) -> float:
    """The longest task since a moment of the page, in milliseconds; under 50 none is told."""
    tasks = await page.evaluate("window.seen.tasks")
    return max((length for begin, length in tasks if begin >= since), default=0.0)


async def measure_library(browser: Any, series: int) -> list[Figure]:
    """Open a large library, scroll to its end and back, and search in it."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), series) as server, looking(browser, server) as seat:
            page, debugger, address = seat
            ready = await shown(page, address)
            loading = await longest(page)
            await until(page, f"document.querySelectorAll('.poster').length >= {series}")
            begin = float(await page.evaluate("performance.now()"))
            seen = 0.0
            for way in (-1, 1):
                await debugger.send(
                    "Input.synthesizeScrollGesture",
                    {"x": 640, "y": 400, "yDistance": way * 40_000, "speed": 8000},
                )
                seen = max(seen, await page.evaluate("scrollY"))
            assert seen > 10_000, "nothing was scrolled"
            scrolling = await longest(page, begin)
            begin = float(await page.evaluate("performance.now()"))
            await page.get_by_role("button", name="To Z", exact=True).click()
            await page.locator("#jump").press_sequentially("series 17", delay=60)
            await page.wait_for_timeout(500)
            searching = await longest(page, begin)
    what = f"library of {series:,} series"
    return [
        Figure(f"{what}: shown after", ready, "ms", 1000),
        Figure(f"{what}: longest task while opening", loading, "ms"),
        Figure(f"{what}: longest task while scrolling", scrolling, "ms", 100),
        Figure(f"{what}: longest task of a jump and a search", searching, "ms", 100),
    ]


async def measure_queue(browser: Any, items: int, active: int, seconds: float) -> list[Figure]:
    """Look at a queue in which some items move four times a second."""
    series = -(-items // EPISODES)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), series) as server, looking(browser, server) as seat:
            page, debugger, address = seat
            queue = server.stage.storage.queue
            await queue.add([make_item(n, episode=_episode(n)) for n in range(items)])
            clock = server.stage.app.clock
            moving = [
                await queue.claim_next(make_claim(f"worker-{n}", since=clock.now()))
                for n in range(active)
            ]
            ready = await shown(page, f"{address}/queue")
            await until(page, "document.querySelectorAll('#pending .item').length >= 10")
            stop = asyncio.Event()
            mover = asyncio.create_task(_move(server, moving, stop))
            await asyncio.sleep(2)  # what follows the opening is none of what is measured
            before = await _busy(debugger)
            begin = time.monotonic()
            await asyncio.sleep(seconds)
            after = await _busy(debugger)
            lasted = time.monotonic() - begin
            stop.set()
            await mover
            moved = await page.locator("#active .item .meta").first.text_content()
            assert "MB" in (moved or ""), "nothing moved on the page"
    what = f"queue of {items} items, {active} moving 4 times a second"
    share = (after - before) / lasted * 100
    return [
        Figure(f"{what}: shown after", ready, "ms", 1000),
        Figure(f"{what}: share of one core", share, "%", 20),
    ]


async def _busy(debugger: Any) -> float:
    """Seconds in which the page's main thread worked."""
    metrics = (await debugger.send("Performance.getMetrics"))["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def _episode(number: int) -> EpisodeRef:
    return EpisodeRef(SeriesKey(f"series-{number // EPISODES}"), 1, number % EPISODES + 1)


async def _move(server: Server, items: list[Any], stop: asyncio.Event) -> None:
    """Let every item go on, as a transfer of 5 MiB/s does."""
    done = 0
    while not stop.is_set():
        done += 5 * MIB // 4
        progress = Progress(downloaded_bytes=done, total_bytes=900 * MIB, rate=5.0 * MIB)
        for item in items:
            await server.stage.app.bus.publish(
                DownloadProgressed(
                    item_id=item.id,
                    key=item.episode.series_key,
                    folder=FolderName(str(item.episode.series_key)),
                    season=item.episode.season,
                    episode=item.episode.number,
                    progress=progress,
                    at=server.stage.app.clock.now(),
                )
            )
        await asyncio.sleep(0.25)


async def measure_weight(browser: Any) -> list[Figure]:
    """Open every page as a new visitor: check size without images, and layout shift."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), 50) as server:
            for name, path in PAGES.items():
                async with looking(browser, server) as (page, debugger, address):
                    received: list[float] = []
                    debugger.on(
                        "Network.loadingFinished",
                        lambda event, sizes=received: sizes.append(event["encodedDataLength"]),
                    )
                    await debugger.send("Network.enable")
                    ready = await shown(page, address + path)
                    shifted = await page.evaluate("window.seen.shifted")
                figures += [
                    Figure(f"{name}: transferred", sum(received) / 1000, "kB", 100),
                    Figure(f"{name}: shown after", ready, "ms", 1000),
                    Figure(f"{name}: layout shift", shifted, "", 0.05),
                ]
    return figures


async def main() -> int:
    """Run the selected measurements and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["weight", "library", "queue"])
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--active", type=int, nargs="*", default=[1, 8])
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    figures: list[Figure] = []
    async with open_browser(find_browser()) as browser:
        if "weight" in given.what:
            figures += await measure_weight(browser)
        if "library" in given.what:
            figures += await measure_library(browser, given.series)
        if "queue" in given.what:
            for active in given.active:
                figures += await measure_queue(browser, given.items, active, given.seconds)
    print("| figure | measured | goal | |\n| --- | ---: | --- | --- |")
    print("\n".join(figure.line() for figure in figures))
    print(json.dumps([attrs.asdict(figure) for figure in figures]))
    return int(any(f.most is not None and f.value > f.most for f in figures))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
