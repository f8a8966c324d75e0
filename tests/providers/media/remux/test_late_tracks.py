"""Tracks that are announced and begin late, are announced late, or never come."""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.remux.group_feed import Extent, GroupFeed, Stored
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.structure.programme_tables import ProgrammeTables
from support.media import streams, ts_edit

_SECONDS = 20


@attrs.frozen
class Segments:
    """Segments that are all stored."""

    data: list[bytes]

    def wait_for(self, index: int) -> Stored:
        """Give a segment, whose place is its number."""
        return Stored((Extent(index, len(self.data[index])),), 0)

    def read(self, stored: Stored, offset: int, size: int) -> bytes:
        """Give some bytes."""
        return self.data[stored.extents[0].offset][offset : offset + size]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """20 segments of a second, with picture and sound."""
    folder = tmp_path_factory.mktemp("late")
    streams.make_hls(folder, streams.Clip(seconds=_SECONDS, width=64, height=36))
    return [path.read_bytes() for path in sorted(folder.glob("*.ts"))]


def muxed(segments: list[bytes], target: Path) -> MuxReport:
    """Put segments into a file."""
    feed = Segments(segments)
    groups = [lambda: GroupFeed(feed, range(len(segments)))]
    return remux([TrackSource(groups=groups)], target, expected_duration=_SECONDS)


def stuffed(segments: list[bytes]) -> Iterator[bytes]:
    """Make segments large with packets that hold nothing."""
    for data in segments:
        yield data + (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 2000


@pytest.mark.parametrize("is_large", [False, True], ids=["after-12-s", "after-5-MB"])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_a_track_that_begins_late_is_there(
    made: list[bytes], tmp_path: Path, kind: str, *, is_large: bool
) -> None:
    """Also far behind the bytes that libav probes, and in sync."""
    pid = ts_edit.AUDIO if kind == "audio" else ts_edit.VIDEO
    segments = ts_edit.without(made, pid, lambda at: at < 12)
    if is_large:
        segments = list(stuffed(segments))
        assert sum(map(len, segments[:12])) > 4_000_000
    report = muxed(segments, tmp_path / "out")

    tracks = {track.kind: track for track in report.timeline.tracks}
    late = tracks.pop(kind)
    (other,) = tracks.values()
    assert late.begin == pytest.approx(12.0, abs=1.0)
    assert (other.begin, other.end) == pytest.approx((0.0, _SECONDS), abs=0.1)
    assert late.end == pytest.approx(_SECONDS, abs=0.1)


def test_a_track_that_is_announced_late_is_there(made: list[bytes], tmp_path: Path) -> None:
    """A new table of tracks in the middle adds the sound."""
    path = streams.write(
        tmp_path / "picture.ts", streams.Clip(seconds=1, width=64, height=36, tones=())
    )
    table = ts_edit.table_of(path.read_bytes())
    segments = ts_edit.without(made, ts_edit.AUDIO, lambda at: at < 12)
    segments[:12] = [ts_edit.with_table(data, table) for data in segments[:12]]
    report = muxed(list(stuffed(segments)), tmp_path / "out")

    assert [track.kind for track in report.timeline.tracks] == ["video", "audio"]
    assert report.timeline.tracks[1].begin == pytest.approx(12.0, abs=1.0)


def test_a_track_that_never_comes_is_named(made: list[bytes], tmp_path: Path) -> None:
    """An announced track is never left out silently."""
    segments = ts_edit.without(made, ts_edit.AUDIO, lambda _: True)
    with pytest.raises(BadMediaError, match=r"its audio track is announced but empty \(PID 257\)"):
        muxed(segments, tmp_path / "out")


@pytest.mark.parametrize("size", [188, 192])
@pytest.mark.parametrize("cut", [1000, 120_000])
def test_tables_are_read_in_any_pieces(made: list[bytes], size: int, cut: int) -> None:
    """Packets of 188 and 192 bytes, however the bytes arrive."""
    packets = list(ts_edit.packets(made[0]))
    data = b"".join(bytes(size - 188) + packet for packet in packets)
    tables = ProgrammeTables()
    for at in range(0, len(data), cut):
        tables.read(data[at : at + cut], at, at)

    assert tables.programmes == {ts_edit.TABLE: {ts_edit.VIDEO: "video", ts_edit.AUDIO: "audio"}}
    places = [ts_edit.track_of(packet) for packet in packets]
    assert tables.first[ts_edit.AUDIO] // size == places.index(ts_edit.AUDIO)
