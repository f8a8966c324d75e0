"""Recognition of a file that was published just before a kill."""

import zlib
from pathlib import Path

import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.disk.existing import _holds, published_file
from aniworld_providers.transfer.disk.ledger import Ledger
from aniworld_providers.transfer.disk.paths import part_paths

BODY = bytes(range(100))


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
