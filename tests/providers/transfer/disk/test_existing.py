"""Recognition of a file that was published before, by this transfer or by another program."""

import hashlib
import zlib
from pathlib import Path

import pytest

from aniworld_core.domain.media import Checksum, Stream, StreamKind
from aniworld_core.errors import FileExistsConflictError
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.disk.existing import _holds, matching_file, published_file
from aniworld_providers.transfer.disk.ledger import Ledger
from aniworld_providers.transfer.disk.paths import existing_targets, part_paths
from support.media.coded_films import Film, write_film

BODY = bytes(range(100))
FILM = Film(name="film.mkv", seconds=1.0)


@pytest.mark.parametrize(
    ("body", "is_held"),
    [
        (BODY, True),
        (BODY[:-1], False),
        (BODY[:60], False),
        (BODY + b"x", False),
        (BODY[:-1] + b"x", False),
        (b"x" + BODY[1:], False),
        (b"", False),
    ],
    ids=[
        "same",
        "one byte less",
        "one block less",
        "one more",
        "last other",
        "first other",
        "empty",
    ],
)
def test_a_file_is_held_if_it_is_exactly_the_blocks(
    tmp_path: Path, body: bytes, is_held: bool
) -> None:
    """A file that another program cut, extended or changed is not taken for the fetched one."""
    ledger = Ledger.create(tmp_path / "film.ledger", {"kind": "direct", "size": 100})
    for first, stop in [(60, 100), (0, 60)]:
        ledger.append({"a": first, "b": stop, "c": zlib.crc32(BODY[first:stop])})
    path = tmp_path / "film.mp4"
    path.write_bytes(body)
    assert _holds(path, ledger) is is_held
    ledger.close()


@pytest.mark.parametrize("has_entry", [False, True])
def test_a_fetch_that_published_nothing_has_no_file(tmp_path: Path, *, has_entry: bool) -> None:
    """A file of the wanted name belongs to somebody else until the ledger names it."""
    destination = tmp_path / "film.mp4"
    destination.write_bytes(BODY)
    paths = part_paths(destination)
    ledger = Ledger.create(paths.ledger, {"kind": "direct", "size": 100})
    if has_entry:
        ledger.append({"a": 0, "b": 100, "c": zlib.crc32(BODY)})
    ledger.close()
    stream = Stream(url="https://a.example/film.mp4", kind=StreamKind.DIRECT)

    request = FetchRequest(stream=stream, destination=destination)

    assert published_file(request, paths) is None


def _request(destination: Path, *, exact_name: bool = False, sha1: str = "") -> FetchRequest:
    stream = Stream(
        url="https://a.example/film.mp4",
        kind=StreamKind.DIRECT,
        checksum=Checksum("sha1", sha1) if sha1 else None,
    )
    return FetchRequest(stream=stream, destination=destination, exact_name=exact_name)


@pytest.mark.parametrize(("exact_name", "others"), [(True, 2), (False, 3)])
def test_the_requested_name_comes_first_among_the_existing_files(
    tmp_path: Path, exact_name: bool, others: int
) -> None:
    """The same name with another media suffix may be the finished file, unless both would fit."""
    names = ["film.avi", "film.mkv", "film.mp4", "film.webm"]
    for name in [*names, "film.txt", "other.mkv"]:
        (tmp_path / name).write_bytes(BODY)
    found = existing_targets(tmp_path / "film.mkv", exact_name=exact_name)
    names = ["film.mkv", "film.avi", "film.mp4", "film.webm"]
    assert [path.name for path in found] == names[: others + 1]


def test_an_existing_file_with_the_promised_checksum_is_kept(tmp_path: Path) -> None:
    """Also if its size was not announced; with another checksum it is in the way."""
    film = write_film(tmp_path / "film.mkv", FILM)
    digest = hashlib.sha1(film.read_bytes(), usedforsecurity=False).hexdigest()
    kept = matching_file(_request(film, sha1=digest), None)
    assert kept is not None
    assert (kept.path, kept.bytes) == (film, film.stat().st_size)
    with pytest.raises(FileExistsConflictError):
        matching_file(_request(film, sha1="0" * 40), film.stat().st_size)


def test_an_existing_file_of_the_same_size_is_kept_if_it_is_whole(tmp_path: Path) -> None:
    """Size and an inspection decide without a checksum; another size is another file."""
    film = write_film(tmp_path / "film.mkv", FILM)
    size = film.stat().st_size
    kept = matching_file(_request(film), size)
    assert kept is not None
    assert kept.resumed_bytes == size
    for other in (None, size - 1, size + 1):
        with pytest.raises(FileExistsConflictError):
            matching_file(_request(film), other)
    film.write_bytes(film.read_bytes()[: size // 2] + bytes(size - size // 2))
    with pytest.raises(FileExistsConflictError):
        matching_file(_request(film), size)


def test_a_different_file_with_another_suffix_is_not_in_the_way(tmp_path: Path) -> None:
    """Only the requested name is needed."""
    (tmp_path / "film.avi").write_bytes(BODY)
    assert matching_file(_request(tmp_path / "film.mkv"), len(BODY)) is None
    assert matching_file(_request(tmp_path / "film.mkv"), None) is None
