"""The waiting list for better files."""

import os
from pathlib import Path

import attrs
import pytest

from aniworld_core.application.downloads import UpgradeRequest
from aniworld_core.domain.downloads import DownloadStatus, upgrade_candidate
from aniworld_core.domain.identity import EpisodeSelection, FolderName, SeriesKey
from aniworld_core.domain.library import FileFacts, FileState, LibraryFile
from aniworld_core.domain.media import (
    ENG_DUB,
    GER_DUB,
    GER_SUB,
    Language,
    MediaSource,
    Quality,
    StreamKind,
)
from aniworld_core.errors import EpisodeNotFoundError
from aniworld_core.testing import make_episode, make_failure, make_item, make_series
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

BOTH = frozenset({GER_DUB, GER_SUB})
ORDER = (GER_DUB, GER_SUB)
KEY = SeriesKey("titan")


def _file(path: str, *, pinned: bool = False, height: int | None = None) -> LibraryFile:
    facts = None if height is None else FileFacts(height=height)
    return LibraryFile(
        path=path,
        size=1,
        modified_ns=1,
        state=FileState.PRESENT,
        series_key=KEY,
        season=1,
        numbers=(1,),
        pinned=pinned,
        facts=facts,
    )


async def test_only_files_that_are_not_the_best_wait(tmp_path: Path) -> None:
    """Missing and unwanted episodes, pinned files, and series that nobody monitors do not wait."""
    episodes = (
        make_episode(1, file="T/1.mkv", downloaded=True, languages=BOTH, file_language=GER_SUB),
        make_episode(2, file="T/2.mkv", downloaded=True, languages=BOTH, file_language=GER_DUB),
        make_episode(3, file="T/3.mkv", downloaded=True, file_language=GER_SUB),
        make_episode(4, languages=BOTH),
        make_episode(5, file="T/5.mkv", downloaded=True, file_language=GER_SUB, wanted=False),
        make_episode(6, file="T/6.mkv", downloaded=True, languages=BOTH, file_language=ENG_DUB),
        make_episode(7, file="T/7.mkv", downloaded=True, languages=BOTH),
        make_episode(8, file="T/8.mkv", downloaded=True, languages=BOTH, file_language=GER_SUB),
        make_episode(9, file="T/9.mkv", downloaded=True, file_language=GER_SUB),
    )
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(make_series(KEY, episodes=episodes))
        await stage.storage.series.add(
            make_series("unwatched", monitored=False, episodes=episodes[:1])
        )
        await stage.storage.files.save([_file("T/8.mkv", pinned=True)])

        waiting = await stage.app.upgrades.waiting()

        assert {w.episode.number: (w.better, w.available) for w in waiting} == {
            1: ((GER_DUB,), (GER_DUB,)),
            3: ((GER_DUB,), ()),
            9: ((GER_DUB,), ()),
            6: (ORDER, ORDER),
        }
        assert await stage.app.upgrades.queue_available() == 2
        items = {i.episode.number: i for i in (await stage.app.queue.snapshot()).pending}
        assert {n: i.languages for n, i in items.items()} == {1: (GER_DUB,), 6: ORDER}
        assert all(i.replaces and i.reason for i in items.values())
        assert await stage.app.upgrades.queued(waiting) == {i.episode: i.id for i in items.values()}
        assert await stage.app.upgrades.queue_available() == 0


@pytest.mark.parametrize(
    ("facts", "quality", "wanted"),
    [
        (FileFacts(width=1280, height=720), Quality.P1080, 1080),
        (FileFacts(width=1280, height=720), Quality.P720, None),
        (FileFacts(width=1920, height=800), Quality.P1080, None),
        (FileFacts(width=1440, height=1080), Quality.P1080, None),
        (FileFacts(width=1280, height=690), Quality.P720, None),
        (FileFacts(height=480), Quality.P720, 720),
        (FileFacts(height=480), Quality.BEST, None),
        (FileFacts(height=2160), Quality.WORST, None),
        (FileFacts(), Quality.P1080, None),
        (None, Quality.P1080, None),
    ],
)
def test_a_low_picture_waits(facts: FileFacts | None, quality: Quality, wanted: int | None) -> None:
    """The wanted height decides; a picture without its black bars is not low."""
    episode = make_episode(1, file="1.mkv", downloaded=True, file_language=GER_DUB)
    candidate = upgrade_candidate(
        make_series(KEY, episodes=[episode]), episode, order=ORDER, quality=quality, facts=facts
    )
    assert (candidate and candidate.wanted_height) == wanted
    reasons = [] if candidate is None else [reason.kind for reason in candidate.reasons]
    assert reasons == ["waits_for_height"] * (wanted is not None)


async def test_a_person_queues_chosen_episodes(tmp_path: Path) -> None:
    """Also for a taller picture; what nothing better is known of is not queued."""
    episodes = (
        make_episode(1, file="T/1.mkv", downloaded=True, languages=BOTH, file_language=GER_SUB),
        make_episode(2, file="T/2.mkv", downloaded=True, file_language=GER_SUB),
        make_episode(3, file="T/3.mkv", downloaded=True, file_language=GER_DUB),
    )
    async with open_stage(tmp_path) as stage:
        series = make_series(KEY, episodes=episodes, quality=Quality.P1080)
        await stage.storage.series.add(series)
        await stage.storage.files.save([_file("T/3.mkv", height=480)])
        upgrades = stage.app.upgrades

        one = UpgradeRequest(keys=(KEY,), episodes=(EpisodeSelection(1, 2, 3),))
        assert [item.episode.number for item in (await upgrades.queue(one)).items] == [3]
        (item,) = (await stage.app.queue.snapshot()).pending
        assert item.reason is not None
        assert (item.reason.kind, item.languages) == ("taller_picture", (GER_DUB,))
        submission = await upgrades.queue(UpgradeRequest(keys=(KEY,)))
        assert [item.episode.number for item in submission.items] == [1]
        assert [skipped.episode.number for skipped in submission.skipped] == [3]
        unknown = UpgradeRequest(keys=(KEY,), episodes=(EpisodeSelection(7, 1, 1),))
        with pytest.raises(EpisodeNotFoundError):
            await upgrades.queue(unknown)


@pytest.mark.parametrize("status", [DownloadStatus.COMPLETED, DownloadStatus.FAILED])
async def test_a_language_is_fetched_once(tmp_path: Path, status: DownloadStatus) -> None:
    """A failed, undone or mislabelled upgrade is not repeated at every scan.

    A language that was not tried yet is.
    """
    episode = make_episode(
        1, file="T/1.mkv", downloaded=True, languages=BOTH, file_language=ENG_DUB
    )
    async with open_stage(tmp_path) as stage:
        series = make_series(KEY, episodes=[episode])
        await stage.storage.series.add(series)
        settled = make_item(
            1,
            episode=series.ref(episode),
            status=status,
            languages=(GER_SUB,),
            failure=make_failure() if status is DownloadStatus.FAILED else None,
        )
        settled = attrs.evolve(settled, replaces=True)
        await stage.storage.queue.add([settled])

        assert await stage.app.upgrades.queue_available() == 1
        (item,) = (await stage.app.queue.snapshot()).pending
        assert item.languages == (GER_DUB,)


@pytest.mark.parametrize("named", [GER_DUB, None])
async def test_an_upgrade_that_appears_replaces_the_file_once(
    tmp_path: Path, named: Language | None
) -> None:
    """The old file goes to the bin; further scans and an undo start no second upgrade."""
    file = "Titan/Season 01/Titan - S01E01 - Episode 1 (German Sub).mp4"
    async with open_stage(tmp_path) as stage:
        path = stage.library / file
        path.parent.mkdir(parents=True)
        path.write_bytes(b"old")
        os.utime(path, (0, 0))
        episode = make_episode(
            1, downloaded=True, file=file, file_language=GER_SUB, languages=frozenset({GER_SUB})
        )
        series = make_series(
            KEY, name="Titan", folder=FolderName("Titan"), provider="fake", episodes=[episode]
        )
        await stage.storage.series.add(series)
        assert await stage.app.upgrades.queue_available() == 0

        appeared = attrs.evolve(series, episodes=(attrs.evolve(episode, languages=BOTH),))
        await stage.storage.series.save(appeared)
        stage.loader.series.append(appeared)
        link = MediaSource(
            provider="fake",
            hoster="fake",
            url="https://fake.invalid/titan/S01E01.mp4",
            language=named,
            kind=StreamKind.DIRECT,
        )
        stage.loader.sources[series.ref(episode)] = [link]
        assert await stage.app.upgrades.queue_available() == 1
        report = await stage.app.worker.drain()
        assert len(report.completed) == 1
        assert not path.exists()

        (change,) = (await stage.app.changes.history()).items
        for _ in range(2):
            await stage.app.scanner.scan(full=True)
            assert await stage.app.upgrades.queue_available() == 0
            if not path.exists():
                await stage.app.changes.undo(change.id)
        assert path.read_bytes() == b"old"
