"""The recycle bin of a library on disk, where somebody plays tricks with links."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aniworld_core.adapters.library import DirectoryLibrary
from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import LibraryUnavailableError, UnsafePathError

pytestmark = pytest.mark.anyio

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make an empty library."""
    root = tmp_path / "library"
    root.mkdir()
    return root


async def test_a_link_is_moved_and_what_it_leads_to_stays(root: Path, tmp_path: Path) -> None:
    """Files outside of the library are none of ours to move."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.mkv").write_bytes(b"precious")
    (root / "A").symlink_to(outside)
    place = await DirectoryLibrary(root).recycle(FolderName("A"), AT)
    assert place == ".recycle/20260102T030405.000000Z/A"
    assert (outside / "x.mkv").read_bytes() == b"precious"
    assert not (root / "A").is_symlink()


async def test_a_folder_behind_a_link_is_not_moved(root: Path, tmp_path: Path) -> None:
    """What lies elsewhere is refused."""
    (tmp_path / "outside" / "A").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(UnsafePathError):
        await DirectoryLibrary(root).recycle(FolderName("link/A"), AT)
    assert (tmp_path / "outside" / "A").is_dir()


async def test_a_bin_that_leads_elsewhere_is_not_used(root: Path, tmp_path: Path) -> None:
    """Nothing is moved out of the library."""
    (tmp_path / "outside").mkdir()
    (root / ".recycle").symlink_to(tmp_path / "outside")
    (root / "A").mkdir()
    with pytest.raises(UnsafePathError):
        await DirectoryLibrary(root).recycle(FolderName("A"), AT)
    assert (root / "A").is_dir()
    assert list((tmp_path / "outside").iterdir()) == []


async def test_a_library_that_is_gone_is_told(root: Path) -> None:
    """It is not taken for one without the folder."""
    root.rmdir()
    with pytest.raises(LibraryUnavailableError):
        await DirectoryLibrary(root).recycle(FolderName("A"), AT)
