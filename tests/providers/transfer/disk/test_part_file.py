"""The unfinished file: what counts when it is opened again, and what is closed and deleted."""

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aniworld_core.errors import LibraryUnavailableError, PartInUseError
from aniworld_providers.transfer.disk import part_file
from aniworld_providers.transfer.disk.file_version import FileVersion
from aniworld_providers.transfer.disk.part_file import Block, PartFile
from aniworld_providers.transfer.disk.paths import PartPaths, part_paths

BODY = random.Random(1).randbytes(3_000_000)
VERSION = FileVersion(size=len(BODY), etag='"a"')


@pytest.fixture
def paths(tmp_path: Path) -> PartPaths:
    return part_paths(tmp_path / "film.mp4")


@pytest.fixture
def part(paths: PartPaths) -> Iterator[PartFile]:
    """Open a new part for a version."""
    opened = PartFile.open(paths)
    opened.begin(VERSION)
    yield opened
    opened.close()


def _descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_recorded_blocks_count_after_reopening(part: PartFile, paths: PartPaths) -> None:
    """Ranges, number of bytes and prefix are those of the recorded blocks."""
    assert (part.done, part.done_bytes, part.prefix) == ([], 0, 0)
    assert part.write(0, [BODY[:10], BODY[10:30]]) == 30
    assert part.write(50, [memoryview(BODY)[50:51]]) == 1
    part.close()

    with_blocks = PartFile.open(paths)
    assert with_blocks.done == [(0, 30), (50, 51)]
    assert (with_blocks.done_bytes, with_blocks.prefix) == (31, 30)
    assert with_blocks.version == VERSION
    assert with_blocks.read(0, 30) == BODY[:30]
    with_blocks.close()


def _changed(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(29)
        file.write(bytes([BODY[29] ^ 1]))


@pytest.mark.parametrize(
    "damage",
    [_changed, lambda path: os.truncate(path, 29), lambda path: os.truncate(path, 0)],
    ids=["last byte changed", "last byte lost", "empty"],
)
def test_a_block_that_changed_on_disk_does_not_count(
    part: PartFile, paths: PartPaths, damage: Callable[[Path], None]
) -> None:
    """One changed or lost byte is enough."""
    part.write(10, [BODY[10:30]])
    part.close()
    damage(paths.part)

    reopened = PartFile.open(paths)
    assert reopened.done == []
    reopened.close()


def test_bytes_without_a_record_do_not_count(part: PartFile, paths: PartPaths) -> None:
    """A block that is written and not recorded is fetched again; an empty one is no block."""
    block = Block(part, 100)
    assert (block.record(), part.done) == (0, [])
    block.add(BODY[100:120])
    block.add(BODY[120:125])
    assert (block.size, part.done) == (25, [])
    assert (block.record(), part.done) == (25, [(100, 125)])
    block.add(BODY[125:130])
    part.close()

    reopened = PartFile.open(paths)
    assert reopened.done == [(100, 125)]
    reopened.close()


@pytest.mark.parametrize("keep", [0, 1, 1024 * 1024, 1024 * 1024 + 1, len(BODY)])
def test_another_version_keeps_the_start(paths: PartPaths, part: PartFile, keep: int) -> None:
    """Exactly the kept bytes count, now and after reopening; the file has the new size."""
    part.write(0, [BODY])
    other = FileVersion(size=len(BODY) + 5, etag='"b"')
    part.begin(other, keep=keep)
    expected = [(0, keep)] if keep else []
    assert part.done == expected
    assert paths.part.stat().st_size == len(BODY) + 5
    part.close()

    reopened = PartFile.open(paths)
    assert (reopened.done, reopened.version) == (expected, other)
    reopened.close()


def test_a_version_of_unknown_size_has_only_the_kept_bytes(
    part: PartFile, paths: PartPaths
) -> None:
    """The file ends behind them."""
    part.write(0, [BODY[:30]])
    part.begin(FileVersion(size=None), keep=10)
    assert part.done == [(0, 10)]
    assert paths.part.stat().st_size == 10


def test_a_size_that_becomes_known_keeps_the_bytes(paths: PartPaths) -> None:
    """Validators and bytes stay; without a version nothing is recorded."""
    part = PartFile.open(paths)
    part.set_size(7)
    first: FileVersion | None = part.version
    assert first is None
    part.begin(FileVersion(size=None, etag='"a"', modified="yesterday"))
    part.write(0, [BODY[:10]])
    part.set_size(20)
    assert part.version == FileVersion(size=20, etag='"a"', modified="yesterday")
    assert (part.done, paths.part.stat().st_size) == ([(0, 10)], 20)
    part.close()


def test_a_reset_drops_everything(part: PartFile, paths: PartPaths) -> None:
    """Ledger, version, blocks and digest."""
    part.write(0, [BODY[:10]])
    part.reset()
    assert (part.done, part.version, paths.ledger.exists()) == ([], None, False)
    part.begin(VERSION)
    part.write(0, [BODY])
    assert part.finish(len(BODY)) == hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
@pytest.mark.parametrize("digest", [True, False])
def test_the_digest_is_of_the_whole_file(paths: PartPaths, order: list[int], digest: bool) -> None:
    """In whatever order the blocks came, and of a reopened part; surplus bytes are cut off."""
    part = PartFile.open(paths, digest=digest)
    part.begin(FileVersion(size=len(BODY) + 9))
    for place in order:
        first = place * 1_000_000
        part.write(first, [BODY[first : first + 1_000_000]])
    expected = hashlib.sha256(BODY).hexdigest() if digest else None
    assert part.finish(len(BODY)) == expected
    assert paths.part.stat().st_size == len(BODY)
    part.close()

    reopened = PartFile.open(paths, digest=digest)
    assert reopened.finish(len(BODY)) == expected
    reopened.close()


def test_a_part_in_use_is_left_alone(part: PartFile, paths: PartPaths) -> None:
    """The second one that opens it gets an error and keeps no descriptor."""
    part.write(0, [BODY[:10]])
    before = _descriptors()
    with pytest.raises(PartInUseError):
        PartFile.open(paths)
    assert _descriptors() == before
    assert part.read(0, 10) == BODY[:10]


def test_every_descriptor_is_closed(paths: PartPaths) -> None:
    """Of part and ledger, of each version; closing twice is allowed."""
    before = _descriptors()
    part = PartFile.open(paths)
    part.begin(VERSION)
    part.begin(FileVersion(size=5))
    part.close()
    part.close()
    assert _descriptors() == before
    PartFile.open(paths).discard()
    assert _descriptors() == before
    assert not paths.part.exists()
    assert not paths.ledger.exists()


def test_a_ledger_that_is_no_file_leaves_no_descriptor(paths: PartPaths) -> None:
    """It is an error of the disk."""
    paths.ledger.mkdir()
    before = _descriptors()
    with pytest.raises(LibraryUnavailableError):
        PartFile.open(paths)
    assert _descriptors() == before


def test_writing_back_starts_every_sixteen_mebibytes(
    part: PartFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the write that reaches the amount, and again after as much."""
    started: list[int] = []
    monkeypatch.setattr(part_file, "start_writeback", started.append)
    monkeypatch.setattr(part_file, "_SYNC_EVERY", 30)
    counts = []
    for place in range(7):
        part.write_part(BODY[:10], place * 10)
        counts.append(len(started))
    assert counts == [0, 0, 1, 1, 1, 2, 2]


def test_a_closed_part_is_free_while_a_copy_of_its_descriptor_is_open(
    part: PartFile, paths: PartPaths
) -> None:
    """A process that another thread is starting has such a copy; the next attempt works."""
    held = next(
        int(link.name) for link in Path("/dev/fd").iterdir() if _is_link_to(link, paths.part)
    )
    copy = os.dup(held)
    try:
        part.close()
        again = PartFile.open(paths)
        assert again.version == VERSION
        again.close()
    finally:
        os.close(copy)


def _is_link_to(link: Path, path: Path) -> bool:
    return link.exists() and link.resolve() == path
