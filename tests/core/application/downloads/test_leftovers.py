"""Unfinished files of items that were taken out of the queue."""

import zlib
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.domain.downloads import DownloadItem, DownloadStatus, Progress
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.events import ItemRemoved
from aniworld_core.testing.factories import make_item
from aniworld_core.testing.waiting import PATIENCE
from core.application.downloads.work.test_worker import FIRST, _queued
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
LEDGER = b'{"ledger":1,"shape":{}}'


def _put_unfinished(stage: Stage, final: str = FIRST, *, ledger: bytes | None = None) -> Path:
    path = stage.library / f"{final}.part"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 10)
    line = b"%08x %b\n" % (zlib.crc32(LEDGER), LEDGER) if ledger is None else ledger
    path.with_name(f"{path.name}.ledger").write_bytes(line)
    return path


async def _one(stage: Stage) -> DownloadItem:
    (item,) = await _queued(stage)
    return item


async def test_removing_an_active_item_deletes_its_unfinished_files(tmp_path: Path) -> None:
    """The transfer is cancelled first."""
    async with open_stage(tmp_path) as stage:
        item = await _one(stage)
        stage.fetcher.gate = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(PATIENCE):
                await stage.fetcher.waiting.wait()
            _put_unfinished(stage)

            await stage.app.item_removal.discard([item.id])

        assert stage.leftovers() == []
        assert stage.files() == []


async def test_removing_a_pending_item_deletes_its_unfinished_files(tmp_path: Path) -> None:
    """The files of an earlier attempt are deleted, other files are not."""
    async with open_stage(tmp_path) as stage:
        item = await _one(stage)
        _put_unfinished(stage)
        other = _put_unfinished(stage, "Other/S01E01.mp4")

        await stage.app.item_removal.discard([item.id])

        left = {p.name for p in stage.library.rglob("*.part*")}
        assert left == {other.name, f"{other.name}.ledger"}


async def test_removing_all_pending_items_deletes_what_was_begun(tmp_path: Path) -> None:
    """Pending items go, with what was received of them; settled ones stay."""
    async with open_stage(tmp_path) as stage:
        item = await _one(stage)
        await stage.storage.queue.save(attrs.evolve(item, progress=Progress(downloaded_bytes=10)))
        settled = make_item(9, status=DownloadStatus.COMPLETED)
        await stage.storage.queue.add([settled])
        _put_unfinished(stage)

        removed = await stage.app.item_removal.discard_pending()
        again = await stage.app.item_removal.discard_pending()

        left = await stage.storage.queue.find()
        assert (removed, again) == (1, 0)
        assert [each.id for each in left] == [settled.id]
        assert stage.leftovers() == []
        assert len(stage.bus.of(ItemRemoved)) == 1


async def test_unfinished_files_of_open_items_are_no_leftovers(tmp_path: Path) -> None:
    """Pending and failed items keep their files; the file of a removed item is a leftover."""
    async with open_stage(tmp_path) as stage:
        item = await _one(stage)
        path = _put_unfinished(stage)
        leftovers = stage.app.leftovers
        assert list(await leftovers.find()) == []
        await stage.storage.queue.remove([item.id])

        (found,) = await leftovers.find()

        assert found.final == FIRST
        assert found.bytes > 10
        await leftovers.remove([found])
        assert not path.exists()
        assert stage.leftovers() == []


@pytest.mark.parametrize(
    "ledger", [b"", b"hello\n", b"00000000 {}\n", b"%08x []\n" % zlib.crc32(b"[]")]
)
async def test_files_without_a_valid_ledger_are_kept(tmp_path: Path, ledger: bytes) -> None:
    """A `.part` file of another program is not deleted."""
    async with open_stage(tmp_path) as stage:
        path = _put_unfinished(stage, "Other/S01E01.mp4", ledger=ledger)

        assert list(await stage.app.leftovers.find()) == []

        assert path.exists()


async def test_without_a_library_there_are_no_leftovers(tmp_path: Path) -> None:
    """Items can be removed all the same."""
    async with open_stage(tmp_path, has_library=False) as stage:
        item = await _one(stage)
        assert list(await stage.app.leftovers.find()) == []
        await stage.app.item_removal.discard([item.id])
        assert (await stage.app.queue.snapshot()).pending == ()


async def test_items_that_need_their_files_do_not_end_the_deletion(tmp_path: Path) -> None:
    """An item with another open item of its episode keeps the files; later items lose theirs."""
    async with open_stage(tmp_path) as stage:
        first, second = await _queued(stage, 2)
        kept = _put_unfinished(stage)
        gone = _put_unfinished(stage, FIRST.replace("E01", "E02").replace("Episode 1", "Episode 2"))
        await stage.storage.queue.remove([second.id])
        await stage.app.leftovers.clear_after([first, second])
        assert kept.exists()
        assert not gone.exists()
