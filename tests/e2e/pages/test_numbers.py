"""Numbers of running downloads agree on every page, and technical details are copied."""

from pathlib import Path

import pytest

from aniworld_core.domain.downloads import DownloadStatus, Phase, Progress
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.events import DownloadProgressed
from aniworld_core.testing.factories import at, make_claim, make_failure, make_item
from support.browser_stage import find_browser, open_browser, visiting
from support.http_library import FOLDER, KEY, open_library, titan

expect = pytest.importorskip("playwright.async_api").expect
BROWSER = find_browser()
pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

#: Three running downloads: two that receive bytes, and one whose file is checked.
RUNNING = {
    1: Progress(downloaded_bytes=40_000_000, total_bytes=100_000_000, rate=2_040_000),
    2: Progress(downloaded_bytes=99_960_000, total_bytes=100_000_000, rate=1_040_000),
    3: Progress(
        downloaded_bytes=100_000_000, total_bytes=100_000_000, rate=9e6, phase=Phase.CHECKING
    ),
}


async def test_the_numbers_agree(tmp_path: Path) -> None:
    """A finishing item has no speed; the total is the sum of the rows, on *Queue* and *System*.

    Percent is rounded down, and the time left is that of all bytes at the total speed.
    """
    async with open_library(tmp_path, titan()) as server, open_browser(BROWSER) as browser:
        running = [
            make_item(
                number,
                episode=EpisodeRef(SeriesKey(KEY), 1, number),
                status=DownloadStatus.DOWNLOADING,
                claim=make_claim(),
            )
            for number in RUNNING
        ]
        await server.stage.storage.queue.add(running)
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            page = visit.page

            async def move() -> None:
                for item in running:
                    await server.stage.bus.publish(
                        DownloadProgressed(
                            item_id=item.id,
                            key=SeriesKey(KEY),
                            folder=FolderName(FOLDER),
                            season=1,
                            episode=item.episode.number,
                            progress=RUNNING[item.episode.number],
                            at=at(0),
                        )
                    )

            await page.goto(f"{address}/queue")
            rows = page.locator("#active .item .meta")
            await expect(rows).to_have_count(3)
            await expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
            await move()
            await expect(rows.nth(0)).to_have_text(
                "40 % · 40.0 MB / 100.0 MB · 2.0 MB/s · 29 s left"
            )
            await expect(rows.nth(1)).to_contain_text("99 % · 100.0 MB / 100.0 MB · 1.0 MB/s")
            await expect(rows.nth(2)).to_have_text("Finishing · 100.0 MB / 100.0 MB")
            await expect(page.locator("#total-speed")).to_have_text("3.0 MB/s")
            await expect(page.locator("#total-left")).to_have_text("about 21 s")
            await expect(page.locator(".chart-foot")).to_contain_text("now 3.0 MB/s")

            await page.goto(f"{address}/system")
            await expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
            await move()
            await expect(page.locator(".chart-foot")).to_contain_text("now 3.0 MB/s")
            assert visit.complaints == []


async def test_technical_details_are_copied_over_plain_http(tmp_path: Path) -> None:
    """Without the clipboard API, which needs HTTPS, the buttons copy the details all the same."""
    async with open_library(tmp_path, titan()) as server, open_browser(BROWSER) as browser:
        failed = make_item(
            1,
            episode=EpisodeRef(SeriesKey(KEY), 1, 1),
            status=DownloadStatus.FAILED,
            failure=make_failure(message="the file is gone"),
        )
        await server.stage.storage.queue.add([failed])
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            page = visit.page
            await page.add_init_script("delete Navigator.prototype.clipboard")

            async def copied() -> str:
                details = page.locator("details.technical")
                await details.locator("summary").press("Enter")
                await details.get_by_role("button", name="Copy").press("Enter")
                await expect(details.get_by_role("status")).to_have_text("Copied")
                # The focus stays at the button.
                await expect(details.get_by_role("button", name="Copy")).to_be_focused()
                await page.evaluate("document.body.append(document.createElement('textarea'))")
                field = page.locator("body > textarea")
                await field.press("Control+v")
                value: str = await field.input_value()
                return value

            await page.goto(f"{address}/queue")
            text = await copied()
            assert text.startswith(f"{KEY} S01E01\nsource_gone: the file is gone\n")
            await page.goto(f"{address}/nowhere")
            text = await copied()
            assert text.startswith("HTTP 404 Not Found\nnot_found\nX-Request-Id: ")
            assert f"\n{address}/nowhere\n" in text
            assert visit.complaints == []
