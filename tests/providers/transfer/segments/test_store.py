"""The segments that an attempt stored are there for the next one, except those it dropped."""

from pathlib import Path

from aniworld_providers.transfer.disk.paths import PartPaths, part_paths
from aniworld_providers.transfer.segments.store import SegmentStore

_IDENTITY = {"stream": "one"}


def _open(paths: PartPaths) -> SegmentStore:
    return SegmentStore.open(paths, _IDENTITY, count=3)


def _write(store: SegmentStore, index: int, data: bytes) -> None:
    writer = store.writer(index)
    writer.write([data])
    writer.commit()


def test_dropped_segments_are_not_done_after_reopening(tmp_path: Path) -> None:
    """A dropped segment stays away, also for a process that finds the ledger; the others stay."""
    paths = part_paths(tmp_path / "film.mp4")
    store = _open(paths)
    for index in range(3):
        _write(store, index, bytes([index]) * 100)
    store.drop({1, 2})
    assert set(store.done) == {0}
    store.close()

    store = _open(paths)
    assert set(store.done) == {0}
    assert store.resumed_bytes == 100
    store.close()


def test_a_dropped_segment_that_is_written_again_is_done(tmp_path: Path) -> None:
    """The last line about a segment counts."""
    paths = part_paths(tmp_path / "film.mp4")
    store = _open(paths)
    _write(store, 1, b"wrong")
    store.drop({1})
    _write(store, 1, b"right!")
    store.close()

    store = _open(paths)
    assert store.read(store.done[1], 0, 100) == b"right!"
    store.close()
