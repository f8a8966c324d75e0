"""Watching the folders of a library."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
import watchfiles

from aniworld_core.adapters.library import DirectoryLibrary
from aniworld_core.adapters.library.watching import is_network
from aniworld_core.errors import LibraryUnavailableError
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


async def test_changed_videos_name_their_folder(tmp_path: Path) -> None:
    """New videos are reported with their folder; texts, part files and ignored folders are not."""
    roots = [tmp_path / "main", tmp_path / "second"]
    for root in roots:
        (root / "Show" / "Season 01").mkdir(parents=True)
        (root / ".hidden" / "clips").mkdir(parents=True)
        (root / "@eaDir").mkdir()
    library = DirectoryLibrary(roots[0], (roots[1],))
    found: set[str] = set()
    numbers = itertools.count()
    wanted = {"Show", f"{roots[1]}/Show"}

    async def write() -> None:
        while True:  # the watch begins some time after the first step
            (roots[0] / "Other.nfo").write_text("x")
            (roots[0] / "Show" / "1.mkv.part").write_text("x")
            for root in roots:
                (root / f".recycle{next(numbers)}").mkdir()
                (root / ".hidden" / "clips" / "1.ts").write_bytes(bytes(len(found)))
                (root / "@eaDir" / "1.mkv").write_bytes(bytes(len(found)))
                (root / "Show" / "Season 01" / "1.mkv").write_bytes(bytes(len(found)))
            await anyio.sleep(0.1)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            async for folders in library.changes():
                found |= folders
                if found >= wanted:
                    break
            tasks.cancel_scope.cancel()

    assert found == wanted


async def test_a_replaced_root_ends_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that was unmounted and mounted again needs a new watch; an absent one has none."""
    root = tmp_path / "main"
    library = DirectoryLibrary(root)
    assert [folders async for folders in library.changes()] == []
    root.mkdir()

    def watch(*_: str, **__: object) -> Iterator[set[tuple[watchfiles.Change, str]]]:
        yield set()
        root.rename(tmp_path / "former")
        root.mkdir()
        while True:
            yield set()

    monkeypatch.setattr(watchfiles, "watch", watch)

    assert [folders async for folders in library.changes()] == [set()]


@pytest.mark.parametrize(
    ("error", "limit"),
    [
        (OSError('OS file watch limit reached. about ["/media"]'), "max_user_watches"),
        (RuntimeError("Error: Too many open files (os error 24)"), "max_user_instances"),
    ],
)
async def test_a_limit_of_the_system_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, limit: str
) -> None:
    """The error names the setting of Linux, also if a folder cannot be read."""
    tries: list[bool] = []

    def watch(
        *_: str, ignore_permission_denied: bool, **__: object
    ) -> Iterator[set[tuple[watchfiles.Change, str]]]:
        tries.append(ignore_permission_denied)
        if not ignore_permission_denied:
            raise PermissionError("lost+found")
        if tries:
            raise error
        yield set()

    monkeypatch.setattr(watchfiles, "watch", watch)
    with pytest.raises(LibraryUnavailableError, match=f"raise fs.inotify.{limit}"):
        await anext(aiter(DirectoryLibrary(tmp_path).changes()))

    assert tries == [False, True]


def test_local_folders_are_no_network_drives(tmp_path: Path) -> None:
    """The temporary folder of a test is local."""
    assert not is_network(str(tmp_path))
