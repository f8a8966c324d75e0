"""Measures the queue page with 20,000 items of 2,000 series, in a real browser and SQLite.

Each figure is the time from an action to the moment in which the page shows its result, and the
longest task meanwhile, in which the page could not react. The server runs in this process.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
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


#: Does ACT and returns after GOAL holds, with times and the number of elements. The policy of the
#: page forbids to evaluate texts inside it.
WATCH = """
async () => {
  const tasks = [];
  const seen = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  seen.observe({ type: "longtask" });
  const begin = performance.now();
  ACT;
  const answered = performance.now() - begin;
  while (!(GOAL)) await new Promise(requestAnimationFrame);
  const lasted = performance.now() - begin;
  await new Promise((done) => setTimeout(done, 300));
  seen.disconnect();
  const longest = Math.max(0, ...tasks.map((each) => each.duration));
  return [answered, lasted, longest, document.querySelectorAll("*").length];
}
"""
_FIRST = "document.querySelector('#pending .items > .item')"


async def measure(page: Any, address: str) -> list[tuple[str, list[float]]]:
    """Return the figures of each interaction: handler, shown after, longest task, elements."""
    figures: list[tuple[str, list[float]]] = []

    async def figure(what: str, act: str, goal: str) -> None:
        watched = WATCH.replace("ACT", act).replace("GOAL", goal)
        figures.append((what, await page.evaluate(watched)))

    await page.goto(f"{address}/queue")
    await figure("open", "0", f"Boolean({_FIRST})")
    await figure(
        "only pending items",
        _entered("section", "pending", "change"),
        "document.querySelectorAll('#pending .item').length === 50",
    )
    first = await page.evaluate(f"{_FIRST}.dataset.id")
    await figure(
        "next page",
        "document.querySelectorAll('#pending .pager button')[2].click()",
        f"{_FIRST}.dataset.id !== '{first}'",
    )
    await figure(
        "last page",
        "document.querySelectorAll('#pending .pager button')[3].click()",
        "document.querySelectorAll('#pending .pager button')[3].disabled",
    )
    await figure(
        "by series",
        "document.getElementById('group').click()",
        "document.querySelectorAll('#pending .series-group').length === 50",
    )
    await figure(
        "open a series",
        "document.querySelector('#pending .series-group [aria-expanded]').click()",
        "document.querySelectorAll('#pending .series-group .item').length > 0",
    )
    await figure(
        "search",
        _entered("needle", "Series 17", "input"),
        "document.querySelector('#pending .what a').textContent.startsWith('Series 17')",
    )
    await figure(
        "select mode",
        "document.getElementById('select').click()",
        "!document.getElementById('bulk').hidden",
    )
    return figures


def _entered(name: str, value: str, event: str) -> str:
    """Return the script that enters a value into a field."""
    return (
        f"(field => {{ field.value = '{value}'; field.dispatchEvent(new Event('{event}')); }})"
        f"(document.getElementById('{name}'))"
    )


async def main() -> int:
    """Print the table; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--most", type=float, default=100.0, help="milliseconds of a task")
    parser.add_argument("--nodes", type=int, default=3000, help="elements of the page")
    given = parser.parse_args()
    async with (
        served(given.items) as (address, token),
        open_browser(find_browser()) as browser,
        visiting(browser, address, token=token) as visit,
    ):
        await visit.page.set_viewport_size({"width": 1280, "height": 800})
        figures = await measure(visit.page, address)
    print("| action | handler | shown after | longest task | elements |\n| --- |" + " ---: |" * 4)
    for what, (answered, lasted, longest, nodes) in figures:
        print(f"| {what} | {answered:.0f} ms | {lasted:.0f} ms | {longest:.0f} ms | {nodes:.0f} |")
    is_missed = any(row[2] > given.most or row[3] >= given.nodes for _, row in figures)
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
