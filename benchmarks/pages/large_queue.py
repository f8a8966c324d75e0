"""Measures queue, Wanted and library with 20,000 items of 2,000 series, in a browser and SQLite.

Each interaction is a real input. The server runs in this process.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.downloads import RESTS, CataloguePlace, DownloadStatus, Failure, Progress
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import GER_DUB
from aniworld_core.messages import Message
from aniworld_core.testing.factories import at, make_item, make_series
from aniworld_core.testing.fakes import FakeHasher
from aniworld_http.app import make_app
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.lifespan import serving
from aniworld_http.security.rate_limits import REQUEST_COUNTER, RateLimits, RequestCounter
from aniworld_http.settings import HttpSettings
from support.browser_stage import find_browser, open_browser, visiting

PASSWORD = "Correct-Horse-7"
#: Items of a series.
EACH = 10
HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe & “quotes” " + "Überlanger Titel " * 16
#: Status of each item of a series, by its number.
STATUSES = (DownloadStatus.PENDING,) * 8 + (DownloadStatus.FAILED, DownloadStatus.COMPLETED)
FAILURES = (
    Failure.from_message(Message("unexpected", error="ValueError('x')"), retryable=True),
    Failure(
        kind="needs_person",
        message="voe.sx needs a person (a bot check): open https://voe.sx/e/1",
        link="https://voe.sx/e/1?check=1",
        values={"site": "voe.sx", "reason": "a bot check", "link": "https://voe.sx/e/1"},
    ),
)


@contextlib.asynccontextmanager
async def served(items: int) -> AsyncIterator[tuple[str, str]]:
    """Serve a stopped queue of so many items; yields the address and a token."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.mkdir()
        # A scan of the library would compete with the answers.
        (data / "config.json").write_text('{"scheduler": {"enabled": false}}')
        settings = Settings(data_dir=data, anime_directory=Path(folder))
        async with open_application(settings, loaders=[], resolvers=[], fetchers=[]) as app:
            for number in range(items // EACH):
                name = HOSTILE if number % 50 == 3 else f"Series {number} of many"
                series = make_series(
                    SeriesKey(f"series-{number:05}"),
                    name=name,
                    folder=FolderName(f"Series {number}"),
                    provider="resting" if number % 4 == 2 else "awake",
                    episodes=EACH,
                )
                await app.storage.series.add(series)
            queue, now = app.storage.queue, app.clock.now()
            await queue.add([_item(number) for number in range(items)])
            failure = Failure(
                kind=RESTS,
                message="resting is not asked for now: 3 failures in a row",
                values={
                    "catalogue": "resting",
                    "reason": Message("failed_in_a_row", failures=3),
                },
            )
            place = CataloguePlace(provider="resting")
            await queue.delay_catalogue(place, failure, now + timedelta(hours=1))
            http = HttpSettings(secret_key=b"k" * 32, port=0)
            server = make_app(app, http, hasher=FakeHasher())
            server[REQUEST_COUNTER] = RequestCounter(RateLimits(identified=1_000_000))
            async with serving(server, lambda *_: None) as address:
                await server[AUTHENTICATOR].password.set_up(PASSWORD)
                token = (await server[AUTHENTICATOR].sign_in(PASSWORD)).token
                await app.worker.stop()
                await app.switch.set_stopped(is_stopped=True)
                yield address.rstrip("/"), token


def _item(number: int) -> Any:
    status = STATUSES[number % EACH]
    is_settled = status in (DownloadStatus.FAILED, DownloadStatus.COMPLETED)
    return attrs.evolve(
        make_item(
            number,
            episode=EpisodeRef(SeriesKey(f"series-{number // EACH:05}"), 1, number % EACH + 1),
            status=status,
            added_at=at(number),
            completed_at=at(number) if is_settled else None,
        ),
        failure=FAILURES[number // EACH % 2] if status is DownloadStatus.FAILED else None,
        retry_count=3 if status is DownloadStatus.FAILED else 0,
        hoster="VOE" if is_settled else "",
        language=GER_DUB if is_settled else None,
        progress=Progress(downloaded_bytes=300_000_000, total_bytes=400_000_000)
        if is_settled
        else Progress(),
    )


#: Collects the times of inputs and tasks; `page.evaluate` cannot, because it runs as a task itself.
OBSERVE = """
  window.seen = { events: [], tasks: [] };
  const note = (type, list, options) => new PerformanceObserver((entries) => {
    window.seen[list].push(...entries.getEntries().map((each) => [each.startTime, each.duration]));
  }).observe({ type, ...options });
  note("event", "events", { durationThreshold: 16 });
  note("longtask", "tasks", {});
"""
#: Milliseconds after the result in which the page still works on the interaction.
REST = 400


@attrs.frozen
class Action:
    """One interaction with a page.

    Attributes:
        what: Its name.
        act: Does it with real input, or opens the page.
        goal: Script that holds when the result is shown.
    """

    what: str
    act: Callable[[Any], Awaitable[object]]
    goal: str


@attrs.frozen
class Measured:
    """The times of an interaction in milliseconds, and the number of elements after it.

    Attributes:
        what: Its name.
        answered: From the input to the next frame, which shows that it was taken (Event Timing).
        shown: From the input until the result is shown.
        longest: The longest task meanwhile.
        busy: Processor time of the page's main thread: no task can be longer.
        nodes: Elements of the page.
    """

    what: str
    answered: float
    shown: float
    longest: float
    busy: float
    nodes: int

    def line(self) -> str:
        """Return a row of the table."""
        times = (self.answered, self.shown, self.longest, self.busy)
        return f"| {self.what} | {' | '.join(f'{each:.0f} ms' for each in times)} | {self.nodes} |"


def _click(selector: str) -> Callable[[Any], Awaitable[object]]:
    return lambda page: page.locator(selector).first.click()


def _choose(selector: str, value: str) -> Callable[[Any], Awaitable[object]]:
    return lambda page: page.select_option(selector, value)


def _type(selector: str, text: str) -> Callable[[Any], Awaitable[object]]:
    async def act(page: Any) -> None:
        await page.locator(selector).click()
        await page.keyboard.insert_text(text)

    return act


def _requested(
    path: str, act: Callable[[Any], Awaitable[object]]
) -> Callable[[Any], Awaitable[object]]:
    """Return an action that ends with the answer to a request of the page."""

    async def wait(page: Any) -> None:
        async with page.expect_response(lambda response: path in response.url):
            await act(page)

    return wait


def _count(selector: str, number: int) -> str:
    return f"document.querySelectorAll('{selector}').length === {number}"


def _begins(selector: str, text: str) -> str:
    return f"document.querySelector('{selector}')?.textContent.startsWith('{text}')"


_ITEM = "#pending > ul > .item"
ACTIONS = {
    "/queue": [
        Action("only pending items", _choose("#section", "pending"), _count(_ITEM, 50)),
        Action(
            "next page",
            _click("#pending .pager button >> nth=2"),
            "location.search.includes('page=2') && " + _count(_ITEM, 50),
        ),
        Action(
            "last page",
            _click("#pending .pager button >> nth=3"),
            "document.querySelectorAll('#pending .pager button')[3].disabled",
        ),
        Action("by series", _click("#group"), _count("#pending .series-group", 50)),
        Action(
            "open a series",
            _click("#pending .series-group [aria-expanded]"),
            "document.querySelectorAll('#pending .series-group .item').length > 0",
        ),
        Action("search", _type("#needle", "Series 17"), _begins("#pending .what a", "Series 17")),
        Action("select mode", _click("#select"), "!document.getElementById('bulk').hidden"),
        Action(
            "select all",
            _click("#bulk button"),
            "document.querySelectorAll('#pending .tick:checked').length > 0",
        ),
        Action(
            "open the menu",
            _click("[popovertarget=me]"),
            "document.querySelector('#me').matches(':popover-open')",
        ),
    ],
    "/wanted": [
        Action(
            "sort",
            _requested("/wanted?", _choose("#sort", "missing")),
            "location.search.includes('sort=missing')",
        ),
        Action(
            "next page",
            _click("#missing-card .pager button >> nth=2"),
            "location.search.includes('page=2') && " + _count(".wanted-series", 50),
        ),
        Action("search", _type("#needle", "Series 17"), _begins(".wanted-series h3", "Series 17")),
    ],
    "/": [
        Action(
            "filter",
            _requested("/totals?", _choose("#filter", "missing")),
            "location.search.includes('filter=missing')",
        ),
        Action(
            "sort",
            _requested("/totals?", _choose("#sort", "added")),
            "location.search.includes('sort=added')",
        ),
        Action(
            "next page",
            _click(".pager:not([hidden]) button >> nth=2"),
            "location.search.includes('page=2') && " + _count(".poster", 96),
        ),
        Action("as a table", _click("[data-view=table]"), _count(".library-table tbody tr", 100)),
        Action(
            "search", _type("#needle", "Series 17"), _begins(".library-table th a", "Series 17")
        ),
        Action("select mode", _click("#select"), "!document.getElementById('bulk').hidden"),
        Action(
            "select all",
            _click("#bulk .button >> nth=0"),
            "document.querySelectorAll('.tick:checked').length > 0",
        ),
        Action(
            "open the menu",
            _click("[popovertarget=me]"),
            "document.querySelector('#me').matches(':popover-open')",
        ),
    ],
}


async def measure(page: Any, address: str, path: str) -> list[Measured]:
    """Return the figures of opening a page and of each interaction with it."""
    debugger = await page.context.new_cdp_session(page)
    await debugger.send("Performance.enable", {"timeDomain": "threadTicks"})
    loaded = "document.getElementById('loading')?.hidden === true"
    opening = Action(f"{path}: open", lambda page: page.goto(address + path), loaded)
    found = []
    for action in [opening, *ACTIONS[path]]:
        is_opening = action is opening
        before = 0.0 if is_opening else await _busy(debugger)
        begin = 0.0 if is_opening else float(await page.evaluate("performance.now()"))
        await action.act(page)
        async with asyncio.timeout(60):
            while not await page.evaluate(action.goal):
                await asyncio.sleep(0.02)
        shown = float(await page.evaluate("performance.now()")) - begin
        await page.wait_for_timeout(REST)
        busy = await _busy(debugger) - before
        seen = await page.evaluate("window.seen")
        since = {
            name: max((length for start, length in seen[name] if start >= begin - 5), default=0.0)
            for name in ("events", "tasks")
        }
        nodes = int(await page.evaluate("document.querySelectorAll('*').length"))
        found.append(
            Measured(action.what, since["events"], shown, since["tasks"], busy * 1000, nodes)
        )
    return found


async def _busy(debugger: Any) -> float:
    """Return the seconds of processor time that the page's main thread has used."""
    metrics = (await debugger.send("Performance.getMetrics"))["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


async def main() -> int:
    """Print the table; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=list(ACTIONS))
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument(
        "--most", type=float, default=100.0, help="milliseconds of an answer and of a task"
    )
    parser.add_argument("--nodes", type=int, default=3000, help="elements of the page")
    given = parser.parse_args()
    figures: list[Measured] = []
    async with (
        served(given.items) as (address, token),
        open_browser(find_browser()) as browser,
    ):
        for path in given.pages:
            async with visiting(browser, address, token=token) as visit:
                await visit.page.set_viewport_size({"width": 1280, "height": 800})
                await visit.page.add_init_script(OBSERVE)
                figures += await measure(visit.page, address, path)
    print("| action | answered | shown | longest task | processor | elements |")
    print("| --- |" + " ---: |" * 5)
    for figure in figures:
        print(figure.line())
    return int(
        any(
            max(each.answered, each.longest) > given.most or each.nodes >= given.nodes
            for each in figures
        )
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
