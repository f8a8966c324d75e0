"""Cancel the transfer of one item; one error for a database outage."""

from pathlib import Path

import anyio
import pytest

from aniworld_core.domain.configuration import DownloadsConfig
from aniworld_core.domain.downloads import Claim, DownloadItem, DownloadStatus
from aniworld_core.domain.identity import ItemId, SeriesKey
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.events import DownloadFailed
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
LINK = f"https://fake.invalid/{KEY}"


def _loader() -> FakeLoader:
    series = make_series(KEY, provider="fake", site="fake.invalid", link=LINK)
    return FakeLoader(series=[series])


async def _queued(stage: Stage) -> list[DownloadItem]:
    await stage.app.catalogue.add(LINK)
    return list(await stage.app.queue.enqueue(KEY))


async def test_one_of_two_transfers_is_cancelled(tmp_path: Path) -> None:
    """The item is settled when the call returns, without an event; the other one continues."""
    downloads = DownloadsConfig(concurrent=2, reserve_bytes=0)
    async with (
        open_stage(tmp_path, loaders=[_loader()], downloads=downloads) as stage,
        anyio.create_task_group() as tasks,
    ):
        first, second = await _queued(stage)
        stage.fetcher.gate = anyio.Event()
        tasks.start_soon(stage.app.worker.drain)
        with anyio.fail_after(PATIENCE):
            while len(stage.fetcher.requests) < 2:
                await anyio.sleep(0.01)
            assert await stage.app.worker.cancel(first.id) is True
        ended = await stage.storage.queue.get(first.id)
        assert ended.status is DownloadStatus.FAILED
        assert ended.failure is not None
        assert ended.failure.kind == "cancelled"
        assert ended.claim is None
        stage.fetcher.gate.set()
    assert (await stage.storage.queue.get(second.id)).status is DownloadStatus.COMPLETED
    assert not stage.bus.of(DownloadFailed)
    assert len(stage.files()) == 1
    assert stage.leftovers(), "what was fetched is kept for another time"


async def test_only_active_items_can_be_cancelled(tmp_path: Path) -> None:
    """A pending item and an unknown one stay as they are."""
    async with open_stage(tmp_path, loaders=[_loader()]) as stage:
        first, _ = await _queued(stage)
        assert await stage.app.worker.cancel(first.id) is False
        assert await stage.app.worker.cancel(ItemId("nobody")) is False
        assert (await stage.storage.queue.get(first.id)).status is DownloadStatus.PENDING


@pytest.mark.parametrize("concurrent", [1, 3])
async def test_a_database_outage_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, concurrent: int
) -> None:
    """However many lanes meet the outage, the caller gets one error and may retry."""
    downloads = DownloadsConfig(concurrent=concurrent, reserve_bytes=0)
    async with open_stage(tmp_path, loaders=[_loader()], downloads=downloads) as stage:
        await _queued(stage)

        async def gone(_queue: object, _claim: Claim, *, only: object) -> DownloadItem | None:
            raise StorageUnavailableError("it is locked")

        with monkeypatch.context() as patched:
            patched.setattr(type(stage.storage.queue), "claim_next", gone)
            with pytest.raises(StorageUnavailableError):
                await stage.app.worker.run()
        report = await stage.app.worker.drain()
    assert len(report.completed) == 2
