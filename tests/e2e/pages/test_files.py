"""Files of episodes in a real browser: delete one, and wait for a better one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB
from support.browser_stage import Visit, find_browser, open_browser, visiting
from support.http_library import FOLDER, KEY, open_library, titan
from support.http_stage import Server

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect
FILE = f"{FOLDER}/Season 01/Titan - S01E01 - (German Sub).mkv"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Any]:
    """Return one browser for all tests."""
    async with open_browser(BROWSER) as opened:
        yield opened


@asynccontextmanager
async def looking(browser: Any, folder: Path) -> AsyncIterator[tuple[Server, Visit, str]]:
    """Open a visit to a library with one file, in the second language of the order."""
    async with open_library(folder, titan()) as server:
        path = server.stage.library / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))
        await server.stage.app.scanner.scan(refresh=False)
        series = await server.stage.storage.series.get(SeriesKey(KEY))
        held = attrs.evolve(
            series.episode(1, 1), file_language=GER_SUB, languages=frozenset({GER_DUB, GER_SUB})
        )
        await server.stage.storage.series.save(series.with_episode(held))
        address = str(server.client.make_url("/")).rstrip("/")
        async with visiting(browser, address, token=server.token) as visit:
            yield server, visit, address
            assert visit.complaints == []


async def test_a_file_is_deleted_and_its_episode_not_wanted(browser: Any, tmp_path: Path) -> None:
    """The question offers to keep the episode away; cancelling it changes nothing."""
    async with looking(browser, tmp_path) as (server, visit, address):
        page = visit.page
        await page.goto(f"{address}/anime/{KEY}")
        await page.get_by_role("button", name="Menu of S01E01").click()
        await page.get_by_role("menuitem", name="File details and pin").click()
        await page.get_by_role("button", name="Delete file").click()
        await page.get_by_role("button", name="Cancel").click()
        assert (server.stage.library / FILE).exists()

        await page.get_by_role("button", name="Delete file").click()
        await page.get_by_label("The episode is not wanted").check()
        question = page.locator("dialog", has_text="Delete this file?")
        await question.get_by_role("button", name="Delete file").click()

        await expect(page.get_by_text("The file is in the recycle bin")).to_be_visible()
        await expect(page.get_by_text("The library has no file of this episode.")).to_be_visible()
        assert not (server.stage.library / FILE).exists()
        episode = (await server.stage.storage.series.get(SeriesKey(KEY))).episode(1, 1)
        assert (episode.downloaded, episode.wanted) == (False, False)


async def test_a_waiting_episode_is_upgraded(browser: Any, tmp_path: Path) -> None:
    """The list says why the episode waits; its button queues it, and the queue shows the reason."""
    async with looking(browser, tmp_path) as (server, visit, address):
        page = visit.page
        await page.goto(f"{address}/wanted")
        card = page.locator("#upgrades-card")
        await expect(card.locator("li")).to_contain_text("S01E01")
        await expect(card.locator(".why")).to_contain_text("is preferred")

        await card.get_by_role("button", name="Upgrade: ").click()

        await expect(card.locator(".meta")).to_have_text("in the queue")
        await expect(page.locator("#queue-upgrades")).to_be_hidden()
        (item,) = (await server.stage.app.queue.snapshot()).pending
        assert item.languages == (GER_DUB,)
        await page.goto(f"{address}/queue")
        await expect(page.get_by_text("replaces a file in")).to_be_visible()


@pytest.mark.parametrize("choice", ["Not wanted", "Leave missing"])
async def test_a_file_deleted_on_the_disk_is_decided(
    browser: Any, tmp_path: Path, choice: str
) -> None:
    """The episode is not wanted or stays missing; it is not listed any more."""
    async with looking(browser, tmp_path) as (server, visit, address):
        (server.stage.library / FILE).unlink()
        await server.stage.app.scanner.scan(refresh=False, accept_loss=True)
        page = visit.page
        await page.goto(f"{address}/attention")
        card = page.locator("#deleted-card")
        await expect(card).to_contain_text("S01E01")

        await card.get_by_role("button", name=choice).click()

        await expect(card).to_be_hidden()
        episode = (await server.stage.storage.series.get(SeriesKey(KEY))).episode(1, 1)
        assert episode.missing is (choice == "Leave missing")
