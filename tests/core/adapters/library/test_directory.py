"""What the contract of libraries does not say about folders on a real disk."""

import errno
import os
from pathlib import Path, PurePosixPath

import pytest

from aniworld_core.adapters.library import DirectoryLibrary, LocalFileOperations, container_problem
from aniworld_core.adapters.library import places as places
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FolderMarks
from aniworld_core.errors import DiskFullError, LibraryUnavailableError, UnsafePathError
from aniworld_core.testing.contracts.library import surveyed

pytestmark = pytest.mark.anyio

EPISODE = PurePosixPath("Show/Season 01/Show - S01E01.mp4")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "library"
    root.mkdir()
    return root


@pytest.fixture
def library(root: Path) -> DirectoryLibrary:
    return DirectoryLibrary(root)


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(60))
    return path


async def stamps(library: DirectoryLibrary) -> dict[str, str]:
    return {FolderName(f): c.stamp for f, c in (await surveyed(library)).items()}


@pytest.mark.parametrize(
    "change",
    [
        lambda show: touch(show / "new.mkv"),
        lambda show: touch(show / "Season 01" / "new.mkv"),
        lambda show: (show / "Season 01" / "1.mkv").unlink(),
        lambda show: (show / "Season 01" / "1.mkv").rename(show / "Season 01" / "2.mkv"),
        lambda show: (show / "Season 01").rename(show / "Season 02"),
        lambda show: touch(show / "a" / "b" / "c" / "deep.mkv"),
        lambda show: (show / "deep" / "er" / "1.mkv").unlink(),
    ],
    ids=["added", "added-below", "removed", "renamed", "folder-renamed", "deep", "deep-removed"],
)
async def test_every_change_inside_changes_the_stamp(
    library: DirectoryLibrary, root: Path, change: object
) -> None:
    """Entries added, removed or renamed at any depth make the next scan look."""
    touch(root / "Show" / "Season 01" / "1.mkv")
    touch(root / "Show" / "deep" / "er" / "1.mkv")
    for folder in (root / "Show").rglob("*"):
        if folder.is_dir():
            os.utime(folder, (1, 1))
    known = await stamps(library)
    assert (await surveyed(library, known))["Show"].is_unchanged
    change(root / "Show")  # type: ignore[operator]
    assert not (await surveyed(library, known))["Show"].is_unchanged


async def test_an_unchanged_library_is_hardly_read(
    library: DirectoryLibrary, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second scan lists the root and asks folders for their time, nothing else."""
    for number in range(20):
        touch(root / f"Show {number}" / "Season 01" / "1.mkv")
    known = await stamps(library)
    listed: list[str] = []
    scandir = os.scandir

    def counted(path: str | Path) -> object:
        listed.append(str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counted)
    again = await surveyed(library, known)
    assert all(contents.is_unchanged for contents in again.values())
    assert listed == [str(root)]


async def test_a_missing_root_is_unavailable(library: DirectoryLibrary, root: Path) -> None:
    """An unmounted drive is an error of its own, never an empty library."""
    root.rmdir()
    with pytest.raises(LibraryUnavailableError):
        await surveyed(library)
    with pytest.raises(LibraryUnavailableError):
        await library.destination(EPISODE)
    with pytest.raises(LibraryUnavailableError):
        await library.free_bytes()
    assert await library.find_file(PurePosixPath("Show/x")) is None
    assert set(await library.check(["a.mkv"])) == {"a.mkv"}
    assert not root.exists()


async def test_a_root_that_goes_away_during_the_scan(root: Path, library: DirectoryLibrary) -> None:
    """A drive that vanishes half-way ends the scan; its folders are not called missing."""
    for number in range(250):
        touch(root / f"Show {number:03}" / "1.mkv")
    batches = library.survey()
    await anext(batches)
    root.rename(root.with_name("unplugged"))
    root.mkdir()
    with pytest.raises(LibraryUnavailableError):
        await anext(batches)


async def test_a_folder_that_goes_away_during_the_scan(
    root: Path, library: DirectoryLibrary
) -> None:
    """One removed folder is left out; the others are reported."""
    for number in range(250):
        touch(root / f"Show {number:03}" / "1.mkv")
    batches = library.survey()
    await anext(batches)
    (root / "Show 249" / "1.mkv").unlink()
    (root / "Show 249").rmdir()
    assert [c.folder for c in await anext(batches)][-1] == "Show 248"


async def test_links_never_lead_the_scan_outside(
    root: Path, library: DirectoryLibrary, tmp_path: Path
) -> None:
    """Links out are passed over, links inside count, loops end, dangling ones are named."""
    touch(tmp_path / "outside" / "secret.mkv")
    touch(tmp_path / "library-evil" / "secret.mkv")
    touch(root / "Show" / "1.mkv")
    (root / "Out").symlink_to(tmp_path / "outside")
    (root / "Next door").symlink_to(tmp_path / "library-evil")
    (root / "Show" / "next.mkv").symlink_to(tmp_path / "library-evil" / "secret.mkv")
    (root / "Everything").symlink_to("/")
    (root / "Show" / "out").symlink_to(tmp_path / "outside")
    (root / "Show" / "out.mkv").symlink_to(tmp_path / "outside" / "secret.mkv")
    (root / "Show" / "loop").symlink_to(root / "Show")
    (root / "Show" / "up").symlink_to("..")
    (root / "Show" / "in.mkv").symlink_to("1.mkv")
    (root / "Show" / "dangling.mkv").symlink_to("nowhere.mkv")
    (root / "Show" / "self.mkv").symlink_to("self.mkv")
    found = await surveyed(library)
    assert set(found) == {"Show"}
    assert found["Show"].names == ("1.mkv", "in.mkv")
    assert {name for name, _ in found["Show"].unreadable} == {"dangling.mkv", "self.mkv"}


async def test_depth_is_limited(root: Path, library: DirectoryLibrary) -> None:
    """Files may lie three folders below the series folder, no deeper."""
    touch(root / "Show" / "a" / "b" / "c" / "1.mkv")
    touch(root / "Show" / "a" / "b" / "c" / "d" / "2.mkv")
    assert (await surveyed(library))["Show"].names == ("a/b/c/1.mkv",)


async def test_names_that_are_no_text_are_reported(root: Path, library: DirectoryLibrary) -> None:
    """A name in another encoding cannot be kept in the database, but is not passed over."""
    touch(root / "Show" / "1.mkv")
    (root / "Show" / os.fsdecode(b"caf\xe9.mkv")).write_bytes(b"")
    (root / os.fsdecode(b"Caf\xe9")).mkdir()
    found = await surveyed(library)
    assert set(found) == {"Show"}
    assert found["Show"].unreadable == (("caf\ufffd.mkv", "its name is no valid text"),)


async def test_what_may_not_be_read_is_reported(
    root: Path, library: DirectoryLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closed folder is named with the reason; the rest of the library goes on."""
    touch(root / "Closed" / "1.mkv")
    touch(root / "Show" / "1.mkv")
    touch(root / "Show" / "Closed" / "2.mkv")
    scandir = os.scandir

    def refusing(path: str | Path) -> object:
        if str(path).endswith("Closed"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = await surveyed(library)
    assert found["Closed"].unreadable == (("", "Permission denied"),)
    assert found["Show"].names == ("1.mkv",)
    assert found["Show"].unreadable == (("Closed", "Permission denied"),)


async def test_special_files_are_no_episodes(root: Path, library: DirectoryLibrary) -> None:
    """A pipe with the name of an episode would block a reader."""
    touch(root / "Show" / "1.mkv")
    os.mkfifo(root / "Show" / "pipe.mkv")
    assert (await surveyed(library))["Show"].names == ("1.mkv",)


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o027, 0o000])
async def test_destination_makes_folders_for_everybody(
    root: Path, library: DirectoryLibrary, umask: int
) -> None:
    """Who may use folders of the library is for the umask to say; asking twice changes nothing."""
    former = os.umask(umask)
    try:
        path = await library.destination(EPISODE)
        assert await library.destination(EPISODE) == path
    finally:
        os.umask(former)
    assert path.parent.stat().st_mode & 0o777 == 0o777 & ~umask
    assert not path.exists()


@pytest.mark.parametrize("linked", ["Show", "Show/Season 01", "Show/Season 01/Show - S01E01.mp4"])
@pytest.mark.parametrize("neighbour", ["outside", "library-evil", "library2"])
async def test_no_destination_through_a_link_that_leads_outside(
    root: Path, library: DirectoryLibrary, tmp_path: Path, linked: str, neighbour: str
) -> None:
    """A link to outside at any component is refused, and nothing is made there.

    A neighbour whose name begins with that of the library is outside, too.
    """
    outside = tmp_path / neighbour
    outside.mkdir()
    (root / linked).parent.mkdir(parents=True, exist_ok=True)
    (root / linked).symlink_to(outside)
    with pytest.raises(UnsafePathError):
        await library.destination(EPISODE)
    assert list(outside.iterdir()) == []


async def test_a_link_inside_the_library_is_fine(root: Path, library: DirectoryLibrary) -> None:
    """A series folder may be a link to another place in the library, and the root a link."""
    (root / "Real").mkdir()
    (root / "Show").symlink_to("Real")
    assert (await library.destination(EPISODE)).parent.is_dir()
    assert (root / "Real" / "Season 01").is_dir()
    (root.parent / "alias").symlink_to(root)
    alias = DirectoryLibrary(root.parent / "alias")
    assert await alias.destination(EPISODE) == root.parent / "alias" / EPISODE


async def test_a_swapped_link_never_leads_outside(
    root: Path, library: DirectoryLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that becomes a link between looking and opening is noticed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    opened = places._opened

    def swapping(folder: int, name: str) -> int:
        if name == "Show":
            (root / "Show").symlink_to(outside)
        return opened(folder, name)

    monkeypatch.setattr(places, "_opened", swapping)
    with pytest.raises(UnsafePathError):
        await library.destination(EPISODE)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, DiskFullError),
        (errno.EDQUOT, DiskFullError),
        (errno.EACCES, LibraryUnavailableError),
        (errno.EROFS, LibraryUnavailableError),
        (errno.ENAMETOOLONG, UnsafePathError),
    ],
)
async def test_what_the_system_refuses_is_told_apart(
    library: DirectoryLibrary,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[Exception],
) -> None:
    """Full, closed and impossible are three different things to do something about."""

    def refuse(*_args: object, **_keywords: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(error):
        await library.destination(EPISODE)


async def test_a_folder_that_may_not_be_written(
    library: DirectoryLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only folder is found out before anything is fetched."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(LibraryUnavailableError):
        await library.destination(EPISODE)


async def test_a_file_in_the_way_is_unavailable(root: Path, library: DirectoryLibrary) -> None:
    """A file where a folder should be is left alone."""
    (root / "Show").write_text("mine")
    with pytest.raises(LibraryUnavailableError):
        await library.destination(EPISODE)
    assert (root / "Show").read_text() == "mine"


async def test_files_are_found_in_another_unicode_form(
    root: Path, library: DirectoryLibrary
) -> None:
    """A name that went through another system's habits is still the same name."""
    touch(root / "Show" / "u\u0308bel.mkv")
    assert await library.find_file(PurePosixPath("Show/\u00fcbel")) == "Show/u\u0308bel.mkv"
    (root / "Show" / "folder.mkv").mkdir()
    assert await library.find_file(PurePosixPath("Show/folder")) is None


async def test_no_file_outside_is_looked_at(
    root: Path, library: DirectoryLibrary, tmp_path: Path
) -> None:
    """Checking does not read through links or paths that lead away."""
    touch(tmp_path / "secret.mkv")
    (root / "link.mkv").symlink_to(tmp_path / "secret.mkv")
    bad = await library.check(["link.mkv", "../secret.mkv", "/etc/passwd"])
    assert set(bad) == {"link.mkv", "../secret.mkv", "/etc/passwd"}
    assert all("lead" in why or "outside" in why for why in bad.values())


@pytest.mark.parametrize(
    "head",
    [
        b"\x00\x00\x00\x18ftypmp42",
        b"\x00\x00\x00\x08moov",
        b"\x1a\x45\xdf\xa3\x01",
        b"G" + bytes(187) + b"G" + bytes(187) + b"G",
        bytes(4) + (b"G" + bytes(191)) * 3,
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"FLV\x01\x05",
        b"OggS\x00",
        b"\x00\x00\x01\xba\x44",
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6",
    ],
)
def test_known_containers(head: bytes) -> None:
    """Each kind of file the library takes is known by its first bytes."""
    assert container_problem(head) is None


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", "page"),
        (b'{"error": 1}', "page"),
        (b"#EXTM3U\n", "page"),
        (bytes(4096), "zeros"),
        (b"RIFF\x00\x00\x00\x00WAVE", "container"),
        (b"GIF89a" + b"G" * 10, "container"),
    ],
)
def test_what_is_no_container(head: bytes, reason: str) -> None:
    """Pages, lists, pictures and blank space are told by name."""
    assert reason in (container_problem(head) or "")


async def test_paths_in_another_root(root: Path, tmp_path: Path) -> None:
    """Stored paths of another root work like those of the main root; each has its own bin."""
    other = tmp_path / "disk2"
    other.mkdir()
    library = DirectoryLibrary(root, (other,))
    stored = PurePosixPath((other / "Show" / "Season 01" / "1.mkv").as_posix())

    destination = await library.destination(stored)
    touch(destination)

    assert destination == other / "Show" / "Season 01" / "1.mkv"
    assert library.relative(destination) == str(stored)
    assert await library.find_file(stored.with_suffix("")) == str(stored)
    changes = LocalFileOperations(lambda: [root, other])
    assert changes.bin_folder(str(stored)) == f"{other}/.recycle"
    assert changes.bin_folder("Show/1.mkv") == ".recycle"


@pytest.mark.parametrize("path", ["/elsewhere/1.mkv", "{other}/../1.mkv", "{other}"])
async def test_absolute_paths_outside_the_roots(root: Path, tmp_path: Path, path: str) -> None:
    """An absolute path is accepted only below a configured root."""
    other = tmp_path / "disk2"
    other.mkdir()
    library = DirectoryLibrary(root, (other,))

    with pytest.raises(UnsafePathError):
        await library.destination(PurePosixPath(path.format(other=other)))


async def test_marks_of_folders(root: Path, library: DirectoryLibrary) -> None:
    """The key file and the NFO are read; missing, broken and special files say nothing."""
    for name in ("Alpha", "Beta", "Broken", "Empty"):
        (root / name).mkdir()
    (root / "Alpha" / "tvshow.nfo").write_text("<tvshow><title>Alpha</title><year>2011</year>")
    (root / "Beta" / "data").write_text('{"key": "beta", "name": "Beta", "site": "aniworld.to"}')
    (root / "Broken" / "data").write_text("[" * 100_000)
    (root / "Broken" / "tvshow.nfo").mkdir()

    marks = await library.folder_marks(["Alpha", "Beta", "Broken", "Empty", "Gone", "../x"])

    assert marks == {
        "Alpha": FolderMarks(titles=("Alpha",), year=2011),
        "Beta": FolderMarks(key=SeriesKey("beta")),
    }
