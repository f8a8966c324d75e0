"""Episodes in a real browser: they play, or the page says why not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import FileFacts, FileState, LibraryFile
from aniworld_core.testing.factories import make_episode
from support.browser_stage import Visit, find_browser, open_browser, visiting
from support.http_library import KEY, open_library, titan
from support.http_stage import FREELY, Server
from support.media.coded_films import Film, write_film

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Any]:
    """Return one browser for all tests."""
    async with open_browser(BROWSER) as opened:
        yield opened


@asynccontextmanager
async def looking(browser: Any, server: Server) -> AsyncIterator[tuple[Visit, str]]:
    """Open a tab with a session."""
    address = str(server.client.make_url("/")).rstrip("/")
    async with visiting(browser, address, token=server.token) as visit:
        yield visit, address
        assert visit.complaints == []


async def store(server: Server, changed: Series) -> None:
    """Replace the series."""
    repository = server.stage.app.storage.series
    await repository.save_many([(await repository.get(SeriesKey(KEY)), changed)])


async def test_an_episode_plays_and_continues_where_it_was_left(
    browser: Any, tmp_path: Path
) -> None:
    """Time goes on, keys and subtitles work, and the file of another codec goes to a player."""
    async with open_library(tmp_path, titan(), limits=FREELY) as server:
        files = {1: "A/S01E01.webm", 2: "A/S01E02.avi"}
        (server.stage.library / "A").mkdir(parents=True)
        film = Film(name="x.webm", video="libvpx", audio="libopus", seconds=40)
        write_film(server.stage.library / files[1], film)
        (server.stage.library / files[2]).write_bytes(b"RIFF")
        (server.stage.library / "A/S01E01.de.srt").write_text(
            "1\n00:00:00,000 --> 00:01:00,000\nHallo\n"
        )
        series = await server.stage.app.storage.series.get(SeriesKey(KEY))
        for number, file in files.items():
            held = attrs.evolve(series.episode(1, number), downloaded=True, file=file)
            series = series.with_episode(held)
        await store(server, series)
        facts = FileFacts(video_codec="mpeg4", audio_codecs=("mp3float",))
        record = LibraryFile(
            path=files[2], size=4, modified_ns=1, state=FileState.PRESENT, facts=facts
        )
        await server.stage.app.storage.files.save([record])
        async with looking(browser, server) as (visit, address):
            page = visit.page
            await page.goto(f"{address}/watch/{KEY}/S01E01")
            video = page.locator("#video")
            await expect(video).to_be_visible()

            async def played() -> float:
                seconds: float = await video.evaluate("video => video.currentTime")
                return seconds

            await page.keyboard.press("m")
            await page.keyboard.press("c")
            for _ in range(2):
                await page.keyboard.press("l")
            await page.keyboard.press("k")
            with anyio.fail_after(60):
                while await played() < 20.3:
                    await anyio.sleep(0.01)
            await page.keyboard.press("k")
            left = int(await played())
            cue = "video => video.textTracks[0].activeCues?.[0]?.text"
            assert await video.evaluate(cue) == "Hallo"
            await page.reload()
            await expect(page.locator("#resumed")).to_contain_text(f"Continued at {left} s")
            assert left <= await played() < left + 2

            await page.get_by_role("link", name="S01E02").click()
            await expect(page.locator("#refusal")).to_contain_text("video codec mpeg4")
            async with page.expect_download() as download:
                await (
                    page.locator("#refusal")
                    .get_by_role("button", name="Open in player", exact=True)
                    .click()
                )
            text = Path(await (await download.value).path()).read_text("utf-8")
            assert text.startswith("#EXTM3U\n")
            assert "/S01E02.avi" in text


async def test_a_long_season_is_shown_in_pages(browser: Any, tmp_path: Path) -> None:
    """1,200 episodes are fewer than 3,000 elements; the page and the open season are kept."""
    episodes = [make_episode(number) for number in range(1, 1201)]
    long = titan(episodes=tuple(episodes), name="<b>" + "N" * 190)
    async with (
        open_library(tmp_path, long, limits=FREELY) as server,
        looking(browser, server) as (visit, address),
    ):
        page = visit.page
        await page.goto(f"{address}/anime/{KEY}")
        rows = page.locator(".episodes tbody tr")
        await expect(rows).to_have_count(80)
        assert await page.evaluate("document.querySelectorAll('*').length") < 3000
        await page.get_by_role("button", name="Last page").click()
        await expect(rows.last).to_contain_text("S01E1200")
        await page.reload()
        await expect(rows.last).to_contain_text("S01E1200")

        await page.get_by_role("button", name="Menu of S01E1200").click()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Menu of S01E1200")).to_be_focused()
        await server.call("DELETE", f"/api/anime/{KEY}")
        await expect(page.get_by_text("not in the library")).to_be_visible()
