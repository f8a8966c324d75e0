"""Putting streams into containers: one clock, every packet, no encoding."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import attrs
import av
import pytest

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.remux import muxer as mux
from aniworld_providers.media.remux.input import ByteSource, MuxCancelledError, TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.remux.plan import check_remuxed
from aniworld_providers.media.structure.programme_tables import ProgrammeTables
from support.media import streams


@attrs.define(eq=False)
class Bytes:
    """A complete byte source."""

    file: io.BytesIO
    kind: str = "mpegts"

    def read(self, size: int, /) -> bytes:
        """Give some."""
        return self.file.read(size)

    def time_at(self, position: int, /) -> tuple[int, float] | None:
        """Return no tag time."""
        return None

    @property
    def tables(self) -> ProgrammeTables | None:
        """Return no tables."""
        return None

    def demuxer(self) -> str:
        """Say what they are."""
        return self.kind


def joined(folder: Path, name: str = "media") -> bytes:
    """All segments of a made stream behind their section."""
    init = folder / f"{name}-init.mp4"
    parts = sorted(folder.glob(f"{name}-0*"))
    return b"".join(path.read_bytes() for path in ([init] if init.exists() else []) + parts)


def source(data: bytes, kind: str = "mpegts") -> Callable[[], ByteSource]:
    """Begin to read."""
    return lambda: Bytes(io.BytesIO(data), kind)


@pytest.fixture(scope="module")
def ts(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Six seconds of transport stream."""
    return joined(streams.make_hls(tmp_path_factory.mktemp("ts") / "a").parent)


def write(target: Path, *tracks: TrackSource, seconds: float = 6.0) -> MuxReport:
    """Remux and check."""
    report = remux(tracks, target, expected_duration=seconds)
    check_remuxed(target, report)
    return report


def test_it_starts_at_zero_and_keeps_every_packet(ts: bytes, tmp_path: Path) -> None:
    """The clock of a transport stream starts anywhere; that of the file does not."""
    report = write(tmp_path / "out", TrackSource(groups=[source(ts)], language="deu"))
    found = streams.contents(tmp_path / "out")

    assert report.packets == (150, 282)
    assert (found.video, found.audio, found.languages) == (150, (282,), ("deu",))
    assert found.start == pytest.approx(0.0, abs=0.05)
    assert found.duration == pytest.approx(6.0, abs=0.1)
    assert report.timeline.hole == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize(("wanted", "zero"), [("", "video"), (".mkv", "audio")])
def test_the_first_picture_is_at_zero_where_sound_may_come_before(
    ts: bytes, tmp_path: Path, wanted: str, zero: str
) -> None:
    """An MP4 leaves out the start-up of the sound; Matroska has no way to say that."""
    track = TrackSource(groups=[source(ts)])
    remux([track], tmp_path / "out", expected_duration=6, wanted=wanted)

    with av.open(io.BytesIO(ts), format="mpegts") as before:
        starts = [float((s.start_time or 0) * (s.time_base or 0)) for s in before.streams]
    with av.open(str(tmp_path / "out")) as container:
        firsts: dict[str, float] = {}
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                at = float(packet.pts * packet.time_base)
                firsts[packet.stream.type] = min(firsts.get(packet.stream.type, at), at)
    lead = starts[0] - starts[1]
    assert 0 < lead < 0.1
    assert firsts["video"] - firsts["audio"] == pytest.approx(lead, abs=0.002)
    assert firsts[zero] == pytest.approx(0.0, abs=0.0001)


def test_fragments_are_joined(tmp_path: Path) -> None:
    """An initialisation section and fragments make one input."""
    data = joined(streams.make_hls(tmp_path / "a", kind="fmp4").parent)
    report = write(tmp_path / "out", TrackSource(groups=[source(data, "mov")]))

    assert report.packets == (150, 282)


@pytest.mark.parametrize("groups", [1, 2])
def test_a_clock_that_starts_again_goes_on(ts: bytes, tmp_path: Path, groups: int) -> None:
    """As a group of its own, or in the middle of one."""
    data = [source(ts), source(ts)] if groups == 2 else [source(ts + ts)]
    report = write(tmp_path / "out", TrackSource(groups=data), seconds=12)

    assert report.packets == (300, 564)
    assert report.timeline.end == pytest.approx(12.04, abs=0.05)
    assert report.timeline.hole < 0.05
    assert report.timeline.jumps == 2 - groups


def test_a_hole_is_noticed(ts: bytes, tmp_path: Path) -> None:
    """A stretch that is missing inside shows on the clock."""
    third = len(ts) // 3 // 188 * 188
    report = remux(
        [TrackSource(groups=[source(ts[:third] + ts[2 * third :])])],
        tmp_path / "out",
        expected_duration=6,
    )

    assert report.timeline.hole == pytest.approx(2.0, abs=0.2)


def test_an_index_that_does_not_fit_is_put_in_front_otherwise(
    ts: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too little room for it costs a second pass, not the file."""
    monkeypatch.setattr(mux, "_INDEX_BYTES", 0)
    many = [source(ts)] * 12
    report = write(tmp_path / "out", TrackSource(groups=many), seconds=1)
    data = (tmp_path / "out").read_bytes()

    assert report.packets == (1800, 3384)
    assert data.index(b"moov") < data.index(b"mdat")


def test_another_codec_in_the_middle_is_refused(ts: bytes, tmp_path: Path) -> None:
    """Another size cannot be glued on."""
    clip = streams.Clip(seconds=1, width=192, height=108)
    other = joined(streams.make_hls(tmp_path / "b", clip).parent)
    with pytest.raises(BadMediaError, match="changes from h264 160x90 to h264 192x108"):
        remux(
            [TrackSource(groups=[source(ts), source(other)])],
            tmp_path / "out",
            expected_duration=7,
        )


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    """A picture is needed."""
    data = joined(streams.make_hls(tmp_path / "a", streams.Clip(seconds=1, video=False)).parent)
    with pytest.raises(BadMediaError, match="picture"):
        remux([TrackSource(groups=[source(data)])], tmp_path / "out", expected_duration=1)


def test_picture_alone_is_a_film(tmp_path: Path) -> None:
    """If there never was any audio."""
    data = joined(streams.make_hls(tmp_path / "a", streams.Clip(seconds=1, tones=())).parent)

    assert write(tmp_path / "out", TrackSource(groups=[source(data)]), seconds=1).packets == (25,)


@pytest.mark.parametrize("data", [b"", b"\x00" * 5000, b"G" * 188])
def test_nonsense_is_refused(data: bytes, tmp_path: Path) -> None:
    """With one typed error."""
    with pytest.raises(BadMediaError):
        remux([TrackSource(groups=[source(data)])], tmp_path / "out", expected_duration=1)


def test_muxing_can_be_cancelled(ts: bytes, tmp_path: Path) -> None:
    """Between packets, and while waiting for bytes."""
    flag = threading.Event()
    flag.set()
    with pytest.raises(MuxCancelledError):
        remux(
            [TrackSource(groups=[source(ts)])],
            tmp_path / "out",
            expected_duration=6,
            cancelled=flag.is_set,
        )

    class Stopping(Bytes):
        def read(self, size: int, /) -> bytes:
            data = super().read(1000)
            if self.file.tell() > 40_000:
                raise MuxCancelledError
            return data

    with pytest.raises(MuxCancelledError):
        remux(
            [TrackSource(groups=[lambda: Stopping(io.BytesIO(ts))])],
            tmp_path / "out",
            expected_duration=6,
        )


def test_a_target_that_cannot_be_written_is_the_disks_fault(ts: bytes, tmp_path: Path) -> None:
    """The error is about the disk, not the media."""
    with pytest.raises(OSError, match="No such file"):
        remux(
            [TrackSource(groups=[source(ts)])],
            tmp_path / "missing" / "out",
            expected_duration=6,
        )
