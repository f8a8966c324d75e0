"""Contract suite of `MediaLibrary`."""

import zlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import ClassVar

import pytest

from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import UnsafePathError
from aniworld_core.ports.library import FolderContents, MediaLibrary

_MEDIA = b"\x00\x00\x00\x18ftypisom" + bytes(64)
_OUTSIDE = ("../x", "a/../../x", "/etc/passwd", "a/..", "..", ".", "", "a\x00/b")


async def surveyed(
    library: MediaLibrary, known: Mapping[str, str] | None = None
) -> dict[str, FolderContents]:
    """Read the whole library and check that folders are unique and sorted."""
    found: list[FolderContents] = []
    async for batch in library.survey(known):
        found += batch
    assert [c.folder for c in found] == sorted({c.folder for c in found})
    return {contents.folder: contents for contents in found}


class MediaLibraryContract:
    """Subclass it, name the class `Test…`, override the `library` fixture, `put` and `is_there`."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def library(self) -> MediaLibrary:
        """Return an empty library with an existing root; subclasses override it."""
        raise TypeError("override the `library` fixture")

    @abstractmethod
    def put(self, library: MediaLibrary, file: str, content: bytes) -> None:
        """Create a file without the library."""

    @abstractmethod
    def is_there(self, library: MediaLibrary, file: str) -> bool:
        """Return whether a file exists, without the library."""

    def put_all(self, library: MediaLibrary, *files: str) -> None:
        """Create several files with media signatures."""
        for file in files:
            self.put(library, file, _MEDIA)

    async def test_an_empty_library_has_no_folders(self, library: MediaLibrary) -> None:
        """An empty library has no folders, and an absolute root."""
        assert await surveyed(library) == {}
        assert library.root.is_absolute()

    async def test_files_are_listed_by_folder(self, library: MediaLibrary) -> None:
        """Files are sorted paths relative to their folder, with forward slashes."""
        self.put_all(
            library, "B/Season 01/2.mkv", "B/Season 01/1.MP4", "A/x.avi", "loose.mkv", "B/0.ts"
        )
        found = await surveyed(library)
        assert {folder: contents.names for folder, contents in found.items()} == {
            "": ("loose.mkv",),
            "A": ("x.avi",),
            "B": ("0.ts", "Season 01/1.MP4", "Season 01/2.mkv"),
        }

    async def test_what_is_no_episode_is_passed_over(self, library: MediaLibrary) -> None:
        """Hidden, partial, sample, trailer and other files and system folders are ignored."""
        noise = ["a.nfo", ".b.mkv", "c.mkv.part", "d.mkv.part.ledger", "e-sample.mkv"]
        noise += ["f-trailer.mp4", "@eaDir/g.mkv", ".trash/h.mkv", "i.srt", "j.mkv.ytdl"]
        self.put_all(library, "A/1.mkv", *(f"A/{name}" for name in noise), ".hidden/1.mkv")
        found = await surveyed(library)
        assert set(found) == {"A"}
        assert found["A"].names == ("1.mkv",)

    async def test_a_known_stamp_spares_the_files(self, library: MediaLibrary) -> None:
        """A folder with the known stamp is reported without its files."""
        self.put_all(library, "A/Season 01/1.mkv", "B/1.mkv")
        stamps = {FolderName(f): c.stamp for f, c in (await surveyed(library)).items()}
        again = await surveyed(library, {"A": stamps[FolderName("A")]})
        assert again["A"].is_unchanged
        assert again["A"].names == ()
        assert again["A"].stamp == stamps[FolderName("A")]
        assert again["B"].names == ("1.mkv",)
        assert not again["B"].is_unchanged

    async def test_files_have_size_and_time(self, library: MediaLibrary) -> None:
        """Every file has its size and a modification time."""
        self.put(library, "A/1.mkv", _MEDIA)
        self.put(library, "A/2.mkv", b"")
        files = (await surveyed(library))["A"].files
        assert [(file.path, file.size) for file in files] == [("1.mkv", len(_MEDIA)), ("2.mkv", 0)]
        assert all(file.modified_ns >= 0 for file in files)

    async def test_stored_paths_become_absolute(self, library: MediaLibrary) -> None:
        """A stored path is below a root; one that leads elsewhere is refused."""
        assert library.absolute("A/1.mkv") == library.root / "A/1.mkv"
        assert library.absolute(f"{library.root}/A/1.mkv") == library.root / "A/1.mkv"
        for file in ("", ".", "..", "A/../../x", "/etc/passwd", str(library.root)):
            with pytest.raises(UnsafePathError):
                library.absolute(file)

    async def test_a_foreign_stamp_spares_nothing(self, library: MediaLibrary) -> None:
        """A folder with another stamp is read."""
        self.put_all(library, "A/1.mkv")
        for stamp in ("", "{}", "null", "[]", "0", "x", '{"..":0}', '{"":"1"}'):
            found = await surveyed(library, {"A": stamp})
            assert found["A"].names == ("1.mkv",), stamp

    async def test_a_destination_lies_below_the_root(self, library: MediaLibrary) -> None:
        """A destination is absolute, below the root, and converts back."""
        path = await library.destination(PurePosixPath("Show/Season 01/Show - S01E01.mp4"))
        assert path == library.root / "Show/Season 01/Show - S01E01.mp4"
        assert library.relative(path) == "Show/Season 01/Show - S01E01.mp4"

    @pytest.mark.parametrize("path", _OUTSIDE)
    async def test_no_destination_lies_outside(self, library: MediaLibrary, path: str) -> None:
        """A destination outside the root is refused."""
        with pytest.raises(UnsafePathError):
            await library.destination(PurePosixPath(path))

    @pytest.mark.parametrize(
        "path", ["/", "/somewhere/else.mkv", "{root}/../x", "{root}", "{root}x"]
    )
    async def test_only_what_is_inside_is_relative(self, library: MediaLibrary, path: str) -> None:
        """A path outside the root raises `UnsafePathError`."""
        with pytest.raises(UnsafePathError):
            library.relative(Path(path.replace("{root}", str(library.root))))

    async def test_a_file_is_found_whatever_its_container(self, library: MediaLibrary) -> None:
        """A file is found by its stem with any video suffix."""
        self.put_all(library, "A/S01/Vol. 1.webm", "A/S01/Vol. 2.mkv.part", "A/S01/Vol. 3.srt")
        assert await library.find_file(PurePosixPath("A/S01/Vol. 1")) == "A/S01/Vol. 1.webm"
        for missing in ("A/S01/Vol", "A/S01/Vol. 2", "A/S01/Vol. 3", "B/x"):
            assert await library.find_file(PurePosixPath(missing)) is None

    async def test_leftovers_of_a_finished_file_go_and_nothing_else(
        self, library: MediaLibrary
    ) -> None:
        """Only files that a valid ledger identifies are deleted; idempotent."""
        ours = [f"A/E01.mp4.part{tag}" for tag in ("", ".ledger", ".out", ".s1")]
        # Names like ours: without a ledger, with a damaged one, or not written by a transfer.
        others = ["E01.mkv", "E01.mkv.part", "E01.part", "E011.mp4.part", "E01.x y.part"]
        others += ["E01.avi.part", "E01.avi.part.ledger", "E01.mp4.part.backup", "E01.mp4.parts"]
        others += ["E01.mp4.part.s1.txt", "E02.mkv.part", "E01.mp4.part.mine/keep.txt"]
        self.put_all(library, *ours, *(f"A/{name}" for name in others))
        text = b'{"ledger":1,"shape":{}}'
        self.put(library, "A/E01.mp4.part.ledger", b"%08x %b\n" % (zlib.crc32(text), text))

        await library.clear_leftovers("A/E01.mkv")
        await library.clear_leftovers("A/E01.mkv")

        assert [name for name in others if not self.is_there(library, f"A/{name}")] == []
        assert [name for name in ours if self.is_there(library, name)] == []

    async def test_the_first_folder_of_a_name_is_found(self, library: MediaLibrary) -> None:
        """The first existing folder of the names is found without case; none gives `None`."""
        self.put_all(library, "Beta/1.mkv", "Alpha/2.mkv")
        names = [FolderName("none"), FolderName("BETA"), FolderName("Alpha")]

        found = await library.first_folder(names)

        assert found is not None
        assert (found.folder, found.names) == ("Beta", ("1.mkv",))
        assert await library.first_folder(names[:1]) is None

    async def test_what_is_no_media_is_told(self, library: MediaLibrary) -> None:
        """`check` returns only bad files, with the reason."""
        self.put_all(library, "A/good.mkv")
        self.put(library, "A/empty.mkv", b"")
        self.put(library, "A/page.mkv", b"<!DOCTYPE html><html>")
        bad = await library.check(["A/good.mkv", "A/empty.mkv", "A/page.mkv", "A/gone.mkv"])
        assert set(bad) == {"A/empty.mkv", "A/page.mkv", "A/gone.mkv"}
        assert all(bad.values())

    async def test_equal_content_has_equal_fingerprints(self, library: MediaLibrary) -> None:
        """Files of equal content have the same fingerprint, others none in common."""
        large = bytes(range(256)) * 4096
        contents = {
            "A/1.mkv": _MEDIA,
            "B/Season 1/copy.mp4": _MEDIA,
            "A/2.mkv": _MEDIA + b"x",
            "A/large.mkv": large,
            "A/other start.mkv": b"x" + large[1:],
            "A/other end.mkv": large[:-1] + b"x",
            "A/shorter.mkv": large[:-1],
        }
        for file, content in contents.items():
            self.put(library, file, content)

        found = await library.fingerprints([*contents, "A/gone.mkv", "../outside.mkv"])

        assert set(found) == set(contents)
        assert all(found.values())
        assert found["A/1.mkv"] == found["B/Season 1/copy.mp4"]
        assert len(set(found.values())) == len(contents) - 1

    async def test_free_space_is_a_number_of_bytes(self, library: MediaLibrary) -> None:
        """Free space is a number of bytes."""
        assert await library.free_bytes() >= 0

    async def test_batches_cover_a_large_library(self, library: MediaLibrary) -> None:
        """`survey` returns every folder of a large library once."""
        names: Sequence[str] = [f"Show {number:03}" for number in range(450)]
        self.put_all(library, *(f"{name}/1.mkv" for name in names))
        assert list(await surveyed(library)) == list(names)
