"""Change and remove series together with their queue items and files."""

from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.application.downloads import EpisodeRequest, SeriesChanges
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadStatus, Priority
from aniworld_core.domain.identity import (
    EpisodeSelection,
    FolderName,
    ItemId,
    SeriesKey,
)
from aniworld_core.domain.media import GER_SUB, Quality
from aniworld_core.errors import (
    FolderTakenError,
    ItemActiveError,
    ItemNotFoundError,
    LibraryNotSetError,
    LibraryUnavailableError,
    SeriesNotFoundError,
    UnsafePathError,
)
from aniworld_core.events import DownloadFailed, ItemRemoved, SeriesRemoved
from aniworld_core.testing.factories import make_claim, make_item, make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")


def _series(key: str = KEY) -> Series:
    return make_series(
        key, provider="fake", site="fake.invalid", link=f"https://fake.invalid/{key}"
    )


async def _working(stage: Stage) -> None:
    """Wait until a transfer is in the middle of its file."""
    with anyio.fail_after(PATIENCE):
        await stage.fetcher.waiting.wait()


async def test_a_series_is_found_by_key_then_by_folder(tmp_path: Path) -> None:
    """A series is found by key first, then by folder."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(attrs.evolve(_series("a"), folder=FolderName("b")))
        await stage.storage.series.add(attrs.evolve(_series("b"), folder=FolderName("B b")))
        assert (await stage.app.library_actions.find("b")).key == "b"
        assert (await stage.app.library_actions.find("B b")).key == "b"
        with pytest.raises(SeriesNotFoundError):
            await stage.app.library_actions.find("c")


async def test_only_what_is_given_changes(tmp_path: Path) -> None:
    """Only given fields change; `None` selects the global preference."""
    async with open_stage(tmp_path) as stage:
        stored = attrs.evolve(_series(), languages=(GER_SUB,))
        await stage.storage.series.add(stored)
        library_actions = stage.app.library_actions
        changed = await library_actions.change(
            KEY, SeriesChanges(quality=Quality.P720, languages=None)
        )
        assert (changed.quality, changed.languages) == (Quality.P720, None)
        assert changed.monitored
        moved = await library_actions.change(KEY, SeriesChanges(folder=FolderName("Elsewhere")))
        assert moved.folder == "Elsewhere"
        assert await stage.storage.series.get(KEY) == moved
        assert await library_actions.change(KEY, SeriesChanges()) == moved


@pytest.mark.parametrize(
    "name", ["..", "a/../b", ".hidden", "a/.b", "a\x00", "con", " x", "a//b", "a/b/c/d", "/mnt/b"]
)
async def test_a_folder_is_a_visible_one_in_the_library(tmp_path: Path, name: str) -> None:
    """A folder that scans would not read as the folder of a series is refused."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series())
        with pytest.raises(UnsafePathError):
            await stage.app.library_actions.change(KEY, SeriesChanges(folder=FolderName(name)))


async def test_a_folder_belongs_to_one_series(tmp_path: Path) -> None:
    """The folder of another series is refused, ignoring case; undo never takes it, either."""
    async with open_stage(tmp_path) as stage:
        actions = stage.app.library_actions
        await stage.storage.series.add(attrs.evolve(_series(), folder=FolderName("Old")))
        await stage.storage.series.add(attrs.evolve(_series("b"), folder=FolderName("A/Bleach")))
        with pytest.raises(FolderTakenError):
            await actions.change(KEY, SeriesChanges(folder=FolderName("a/BLEACH")))

        await actions.change(KEY, SeriesChanges(folder=FolderName("A/New")))
        await actions.change(SeriesKey("b"), SeriesChanges(folder=FolderName("old")))
        newest, first = (await stage.app.changes.history()).items
        with pytest.raises(FolderTakenError):
            await stage.app.changes.undo(first.id)
        await stage.app.changes.undo(newest.id)
        await stage.app.changes.undo(first.id)
        folders = await stage.storage.series.folders()
    assert folders == {KEY: "Old", "b": "A/Bleach"}


async def test_removing_a_series_ends_its_download(tmp_path: Path) -> None:
    """The transfer is cancelled, the items are removed, and the files go to the recycle bin."""
    loader = FakeLoader(series=[_series(), _series("b")])
    async with open_stage(tmp_path, loaders=[loader]) as stage, anyio.create_task_group() as tasks:
        for key in (KEY, "b"):
            await stage.app.catalogue.add(f"https://fake.invalid/{key}")
            first = Priority.HIGH if key == KEY else Priority.LOW
            await stage.app.queue.enqueue(SeriesKey(key), priority=first)
        stage.fetcher.gate = anyio.Event()
        tasks.start_soon(stage.app.worker.run)
        await _working(stage)
        await stage.app.library_actions.remove(KEY, files=True)
        left = await stage.storage.queue.find()
        await stage.app.worker.stop()
    assert {item.episode.series_key for item in left} == {"b"}
    assert len(stage.bus.of(ItemRemoved)) == 2
    assert len(stage.bus.of(SeriesRemoved)) == 1
    assert not stage.bus.of(DownloadFailed)
    folders = {p.relative_to(stage.library).parts[0] for p in stage.library.rglob("*.part")}
    assert ".recycle" in folders
    assert not any("Attack" in folder for folder in folders)


async def test_a_series_whose_files_cannot_be_moved_stays(tmp_path: Path) -> None:
    """If the files cannot be moved, the series stays."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series())
        stage.library.rmdir()
        with pytest.raises(LibraryUnavailableError):
            await stage.app.library_actions.remove(KEY, files=True)
        assert (await stage.storage.series.get(KEY)).key == KEY


async def test_without_a_library_no_files_are_moved(tmp_path: Path) -> None:
    """Without a library folder the request fails and changes nothing."""
    async with open_stage(tmp_path, has_library=False) as stage:
        await stage.storage.series.add(_series())
        item = make_item(1)
        await stage.storage.queue.add([item])
        with pytest.raises(LibraryNotSetError):
            await stage.app.library_actions.remove(KEY, files=True)
        assert len(await stage.storage.queue.find()) == 1


async def test_what_another_program_downloads_is_left_alone(tmp_path: Path) -> None:
    """If another process downloads an episode, nothing is removed."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series())
        item = make_item(1)
        await stage.storage.queue.add([item])
        await stage.storage.queue.claim_next(make_claim())
        with pytest.raises(ItemActiveError):
            await stage.app.item_removal.discard_one(item.id)
        with pytest.raises(ItemActiveError):
            await stage.app.library_actions.remove(KEY)
        assert (await stage.storage.queue.get(item.id)).status is DownloadStatus.DOWNLOADING
        assert (await stage.storage.series.get(KEY)).key == KEY
        with pytest.raises(ItemNotFoundError):
            await stage.app.item_removal.discard_one(ItemId("nobody"))


async def test_unwanted_episodes_leave_the_queue(tmp_path: Path) -> None:
    """Open items of unwanted episodes are removed; others stay, and none is queued again."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series())
        await stage.app.queue.submit(KEY, EpisodeRequest())
        unwanted = [EpisodeSelection(1, 1, 1)]

        await stage.app.library_actions.set_wanted(KEY, unwanted, wanted=False)
        items = await stage.storage.queue.find()
        assert [item.episode.number for item in items] == [2]

        submission = await stage.app.queue.submit(KEY, EpisodeRequest())
        assert [(s.episode.number, str(s.reason)) for s in submission.skipped] == [
            (1, "marked as not wanted"),
            (2, "already in the queue"),
        ]
        assert not (await stage.app.queue.submit(KEY, EpisodeRequest(missing_only=True))).items

        await stage.app.library_actions.set_wanted(KEY, (), wanted=True)
        again = await stage.app.queue.submit(KEY, EpisodeRequest(missing_only=True))
        assert [item.episode.number for item in again.items] == [1]


async def test_an_unwanted_episode_can_be_fetched_on_purpose(tmp_path: Path) -> None:
    """`again` asks for exactly this episode and overrides the mark."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series())
        await stage.app.library_actions.set_wanted(KEY, [EpisodeSelection(1)], wanted=False)
        request = EpisodeRequest(selections=(EpisodeSelection(1, 2, 2),), again=True)
        submission = await stage.app.queue.submit(KEY, request)
    assert [item.episode.number for item in submission.items] == [2]


async def test_an_episode_of_another_process_stays_wanted(tmp_path: Path) -> None:
    """While another process downloads it, the mark is refused and nothing changes."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series())
        item = make_item(episode=_series().ref(_series().episodes[0]))
        await stage.storage.queue.add([item])
        await stage.storage.queue.claim_next(make_claim("elsewhere"))
        with pytest.raises(ItemActiveError):
            await stage.app.library_actions.set_wanted(KEY, (), wanted=False)
        assert all(e.wanted for e in (await stage.storage.series.get(KEY)).episodes)
