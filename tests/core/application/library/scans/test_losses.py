"""The loss guard: what is gone by accident changes nothing."""

import errno
import os
import shutil
from itertools import product
from pathlib import Path

import attrs
import pytest

from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.application.library import AttentionKind
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FileState
from aniworld_core.errors import LibraryUnavailableError
from aniworld_core.messages import kind_of
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage
from support.thorough import IS_THOROUGH

pytestmark = pytest.mark.anyio

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


async def _library(stage: Stage, count: int, root: Path | None = None) -> None:
    """Add series with four files each, and scan."""
    for number in range(count):
        name = f"show-{number}"
        await stage.storage.series.add(
            make_series(
                name,
                name=f"Show {number}",
                folder=FolderName(f"Show {number}"),
                episodes=[make_episode(n) for n in range(1, 5)],
            )
        )
        for episode in range(1, 5):
            _put((root or stage.library) / f"Show {number}" / f"S01E0{episode}.mkv")
    await stage.app.scanner.scan(refresh=False)


def _put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MP4)


async def _missing(stage: Stage) -> int:
    return await stage.storage.series.missing_count()


async def _with_folders(stage: Stage, *folders: Path) -> None:
    await stage.app.config.replace({"library": {"folders": [str(path) for path in folders]}})


@pytest.mark.parametrize(("gone", "is_guarded"), [(1, False), (2, True), (3, True)])
async def test_a_sudden_loss_changes_nothing_until_it_is_confirmed(
    tmp_path: Path, gone: int, *, is_guarded: bool
) -> None:
    """More than a fifth of the known files, and at least five, are not believed."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 5)
        for number in range(gone):
            shutil.rmtree(stage.library / f"Show {number}")

        for _ in range(2):
            report = await stage.app.scanner.scan(refresh=False)

            assert [loss.lost for loss in report.losses] == ([gone * 4] if is_guarded else [])
            assert await _missing(stage) == (0 if is_guarded else gone * 4)
            assert await stage.storage.files.losses() == report.losses
            # Entries are listed for the kinds and the part that somebody asked for.
            asked = await stage.app.attention.overview([AttentionKind.LOSSES], limit=9)
            other = await stage.app.attention.overview([AttentionKind.DELETED], limit=9)
            assert (asked.losses, other.losses) == (tuple(report.losses), ())
            assert other.counts[AttentionKind.LOSSES] == len(report.losses)

        report = await stage.app.scanner.scan(refresh=False, accept_loss=True)
        assert report.losses == ()
        assert await _missing(stage) == gone * 4
        assert list(await stage.storage.files.losses()) == []


async def test_a_folder_that_no_scan_has_seen_is_missed(tmp_path: Path) -> None:
    """A folder that was removed before its first scan is noticed: its episodes are missing."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 5)
        series = make_series("new", folder=FolderName("New"), episodes=2)
        await stage.storage.series.add(series)
        for episode in series.episodes:
            file = f"New/S01E0{episode.number}.mkv"
            await stage.storage.series.mark_downloaded(series.ref(episode), file, None)

        report = await stage.app.scanner.scan(refresh=False)

        assert report.losses == ()
        assert await _missing(stage) == 2


async def test_a_loss_ends_when_the_files_are_back(tmp_path: Path) -> None:
    """Files that return clear the loss without a confirmation."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 3)
        (stage.library / "Show 0").rename(tmp_path / "away 0")
        (stage.library / "Show 1").rename(tmp_path / "away 1")
        assert (await stage.app.scanner.scan(refresh=False)).losses

        for number in range(2):
            (tmp_path / f"away {number}").rename(stage.library / f"Show {number}")

        assert (await stage.app.scanner.scan(refresh=False)).losses == ()
        assert await _missing(stage) == 0


async def test_new_files_count_beside_a_loss(tmp_path: Path) -> None:
    """A guarded loss does not hide new files of other series."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 3)
        await stage.storage.series.add(
            make_series("new", name="New", folder=FolderName("New"), episodes=1)
        )
        _put(stage.library / "New" / "S01E01.mkv")
        shutil.rmtree(stage.library / "Show 0")
        shutil.rmtree(stage.library / "Show 1")

        report = await stage.app.scanner.scan(refresh=False)

        assert report.losses
        assert await _missing(stage) == 0


async def test_renamed_files_are_no_loss(tmp_path: Path) -> None:
    """Episodes that have another file now are not lost."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 3)
        for path in stage.library.glob("*/*.mkv"):
            path.rename(path.with_name(f"{path.parent.name} - {path.name}"))

        report = await stage.app.scanner.scan(refresh=False)

        assert report.losses == ()
        assert await _missing(stage) == 0


async def test_an_unreadable_folder_is_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known files in a folder that cannot be read stay, and the folder is named with the reason."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 2)
        scandir = os.scandir

        def refusing(path: str | Path) -> object:
            if str(path).endswith("Show 0"):
                raise PermissionError(errno.EACCES, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refusing)
        for accept_loss in (False, True):
            os.utime(stage.library / "Show 0", (1, 1 + accept_loss))
            report = await stage.app.scanner.scan(refresh=False, accept_loss=accept_loss)

            assert list(report.unreadable) == ["Show 0"]
            assert [(loss.path, loss.known) for loss in report.losses] == [("Show 0", 4)]
            assert await _missing(stage) == 0


@pytest.mark.parametrize("is_removed", [True, False])
async def test_a_lost_root_leaves_the_others_alone(tmp_path: Path, *, is_removed: bool) -> None:
    """An additional folder that is absent or empty keeps its files; the others are scanned."""
    async with open_stage(tmp_path) as stage:
        second = tmp_path / "second"
        second.mkdir()
        await _with_folders(stage, second)
        await _library(stage, 2, second)
        assert await _missing(stage) == 0
        shutil.rmtree(second)
        if not is_removed:
            second.mkdir()
        await stage.storage.series.add(
            make_series("new", name="New", folder=FolderName("New"), episodes=1)
        )
        _put(stage.library / "New" / "S01E01.mkv")

        report = await stage.app.scanner.scan(refresh=False)

        assert [loss.path for loss in report.losses] == [str(second)]
        assert await _missing(stage) == 0
        assert (await stage.storage.series.get(SeriesKey("new"))).episodes[0].downloaded


async def test_an_emptied_library_is_remembered(tmp_path: Path) -> None:
    """The only library folder is refused when it is empty, and the loss is stored."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 1)
        shutil.rmtree(stage.library / "Show 0")

        with pytest.raises(LibraryUnavailableError):
            await stage.app.scanner.scan(refresh=False)

        (loss,) = await stage.storage.files.losses()
        assert (loss.path, loss.lost, loss.reason.kind) == ("", 4, "library_emptied")


async def test_several_roots_are_one_library(tmp_path: Path) -> None:
    """A series is found in an additional folder, also in two folders at once."""
    async with open_stage(tmp_path) as stage:
        second = tmp_path / "second"
        await _with_folders(stage, second)
        await stage.storage.series.add(
            make_series("show", name="Show", folder=FolderName("Show"), episodes=2)
        )
        _put(stage.library / "Show" / "S01E01.mkv")
        _put(second / "Show" / "S01E02.mkv")
        _put(second / "Other" / "S01E01.mkv")

        await stage.app.scanner.scan(refresh=False)
        await stage.app.scanner.scan(refresh=False)

        series = await stage.storage.series.get(SeriesKey("show"))
        assert [e.file for e in series.episodes] == [
            "Show/S01E01.mkv",
            f"{second.as_posix()}/Show/S01E02.mkv",
        ]
        (second / "Show" / "S01E02.mkv").unlink()
        await stage.app.scanner.scan(refresh=False)
        assert await _missing(stage) == 1


async def test_a_file_emptied_in_place_is_damaged(tmp_path: Path) -> None:
    """The time of the folder does not change; size and time of the file do."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 1)
        path = stage.library / "Show 0" / "S01E02.mkv"
        path.write_bytes(b"")

        report = await stage.app.scanner.scan(refresh=False)

        assert list(report.unreadable) == ["Show 0/S01E02.mkv"]
        assert await _missing(stage) == 1
        path.write_bytes(MP4)
        os.utime(path, (5, 5))
        assert (await stage.app.scanner.scan(refresh=False)).unreadable == {}
        assert await _missing(stage) == 0


async def test_a_growing_file_is_left_for_the_next_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose size changes during the scan keeps its state; a new one is not counted yet."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 1)
        held, new = (stage.library / "Show 0" / f"S01E0{n}.mkv" for n in (2, 5))
        series = await stage.storage.series.get(SeriesKey("show-0"))
        grown = attrs.evolve(series, episodes=(*series.episodes, make_episode(5)))
        await stage.storage.series.save(grown)
        now = stage.clock.now().timestamp()
        for path in (held, new):
            path.write_bytes(MP4[:50])
            os.utime(path, (now, now))

        async def growing(_: object) -> None:
            for path in (held, new):
                path.write_bytes(MP4)

        monkeypatch.setattr(stage.clock, "sleep", growing)
        report = await stage.app.scanner.scan(refresh=False)

        assert report.growing == ("Show 0/S01E02.mkv", "Show 0/S01E05.mkv")
        assert await _missing(stage) == 1
        monkeypatch.undo()
        await stage.app.scanner.scan(refresh=False)
        assert await _missing(stage) == 0


async def test_an_unchanged_library_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bonus file does not end the quick scan: only the root is listed, and nothing checked."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 3)
        _put(stage.library / "Show 1" / "NCOP 1.mkv")
        first = await stage.app.scanner.scan(refresh=False)
        listed: list[str] = []
        scandir = os.scandir

        def counted(path: str | Path) -> object:
            listed.append(str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", counted)

        second = await stage.app.scanner.scan(refresh=False)

        assert listed == [str(stage.library)]
        assert (second.files, second.counts) == (first.files, first.counts)
        await stage.app.scanner.scan(refresh=False, full=True)
        assert len(listed) == 1 + 1 + 3


#: Where a link is, and what it leads to; some of all combinations where there is little time.
_LINKED = list(
    product(
        ("Show 0", "Show 0/Season 01", "Show 0/Season 01/S01E01.mkv"),
        ("nowhere", "outside", "loop"),
    )
)


@pytest.mark.thorough
@pytest.mark.parametrize(("place", "target"), _LINKED if IS_THOROUGH else _LINKED[::4])
async def test_what_is_behind_a_link_is_not_missing(
    tmp_path: Path, place: str, target: str
) -> None:
    """A series, season or file may be a link to a disk that is not mounted at the moment."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 8)
        season = stage.library / "Show 0" / "Season 01"
        season.mkdir()
        for path in (stage.library / "Show 0").glob("*.mkv"):
            path.rename(season / path.name)
        await stage.app.scanner.scan(refresh=False)
        link = stage.library / place
        shutil.move(link, tmp_path / "off")
        (tmp_path / "outside").mkdir()
        links = {"nowhere": tmp_path / "gone", "outside": tmp_path / "outside", "loop": link}
        link.symlink_to(links[target])

        for full in (False, True):
            report = await stage.app.scanner.scan(refresh=False, full=full)
            assert await _missing(stage) == 0
            assert report.deleted == ()
            assert [loss.path for loss in report.losses] == [place]
            assert report.losses[0].reason.values["reason"]

        link.unlink()
        shutil.move(tmp_path / "off", link)
        report = await stage.app.scanner.scan(refresh=False)
        assert (report.losses, await _missing(stage)) == ((), 0)


async def test_a_folder_that_became_a_file_is_not_missing(tmp_path: Path) -> None:
    """The reason is named."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 8)
        shutil.rmtree(stage.library / "Show 0")
        (stage.library / "Show 0").write_bytes(b"x")

        report = await stage.app.scanner.scan(refresh=False)

        assert await _missing(stage) == 0
        assert [loss.path for loss in report.losses] == ["Show 0"]
        assert report.losses[0].reason.values["reason"]


async def test_a_partial_scan_of_an_emptied_library_changes_nothing(tmp_path: Path) -> None:
    """A watcher names few folders, so few files are gone; but the whole root is empty."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 3)
        for path in stage.library.iterdir():
            shutil.rmtree(path)

        with pytest.raises(LibraryUnavailableError):
            await stage.app.scanner.scan(refresh=False, only=["Show 0"])

        losses = await stage.storage.files.losses()
        assert [loss.reason.kind for loss in losses] == ["library_emptied"]
        assert await _missing(stage) == 0


@pytest.mark.parametrize("is_second", [False, True])
async def test_no_download_into_an_emptied_library(tmp_path: Path, *, is_second: bool) -> None:
    """It would be written below the mount point of the disk; the item waits instead."""
    async with open_stage(tmp_path) as stage:
        root = tmp_path / "second" if is_second else stage.library
        root.mkdir(exist_ok=True)
        if is_second:
            await _with_folders(stage, root)
        await _library(stage, 3, root)
        key = SeriesKey("show-0")
        series = await stage.storage.series.get(key)
        episodes = [*series.episodes, make_episode(5)]
        series = attrs.evolve(series, provider="fake", episodes=tuple(episodes))
        await stage.storage.series.save(series)
        stage.loader.series.append(series)
        for path in root.iterdir():
            shutil.rmtree(path)

        await stage.app.queue.submit(key, EpisodeRequest())
        report = await stage.app.worker.drain()

        assert [item.failure.kind for item in report.waiting if item.failure] == [
            "library_unavailable"
        ]
        assert list(root.rglob("*")) == []


async def test_a_link_that_is_not_followed_is_never_a_file(tmp_path: Path) -> None:
    """Later scans give the same reason as the first one, and no loss."""
    async with open_stage(tmp_path) as stage:
        await _library(stage, 1)
        folder = stage.library / "Show 0"
        (folder / "loop").symlink_to(folder)
        _put(tmp_path / "elsewhere" / "S01E05.mkv")
        (folder / "outside").symlink_to(tmp_path / "elsewhere")
        (folder / "S01E05.mkv").symlink_to(tmp_path / "elsewhere" / "S01E05.mkv")

        for _ in range(3):
            report = await stage.app.scanner.scan(refresh=False, full=True)

            assert list(report.losses) == []
            assert report.files == 4
            assert set(report.unreadable) == {"Show 0/S01E05.mkv", "Show 0/outside"}
            found = await stage.storage.files.find([FileState.IGNORED])
            reasons = {file.path: kind_of(file.reason or "") for file in found.items}
            assert reasons == {
                "Show 0/loop": "link_loop",
                "Show 0/outside": "link_outside",
                "Show 0/S01E05.mkv": "link_outside",
            }
