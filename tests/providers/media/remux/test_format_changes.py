"""Groups whose decoder settings differ: what one track can hold is joined, the rest is refused."""

import hashlib
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.remux.plan import check_remuxed
from providers.faults.judging import looks
from providers.media.remux.test_muxer import source
from support.media.coded_films import Film, encoded
from support.media.mp4_boxes import entry_of

_FRAGMENTS = {"movflags": "+frag_keyframe+empty_moov+default_base_moof"}
#: AC-3 is described by its first packet.
_DELAYED = {"movflags": "+frag_keyframe+delay_moov+default_base_moof"}
#: AAC-LC and AAC Main with 48 kHz and one channel.
_LOW_COMPLEXITY = b"\x11\x88"
_MAIN = b"\x09\x88"
_QUIET = "log-level=none"


def _film(video: str, options: dict[str, str], suffix: str = "mp4", **more: Any) -> bytes:
    mux = _FRAGMENTS if suffix == "mp4" else {}
    name = f"{video}-{'-'.join(options.values())}.{suffix}"
    return encoded(Film(name=name, video=video, options=options, mux=mux, seconds=1, **more))


def _h264(preset: str = "ultrafast", **more: Any) -> bytes:
    return _film("libx264", {"preset": preset}, **more)


def _hevc(more: str = "") -> bytes:
    return _film("libx265", {"x265-params": _QUIET + more})


def _mpeg4(options: dict[str, str]) -> bytes:
    return _film("mpeg4", {"qscale": "8", "bf": "0", **options})


def _sound(rate: int = 48_000, layout: str = "mono", codec: str = "aac") -> bytes:
    """Encode a picture and a second of silence."""
    file = io.BytesIO()
    with (
        av.open(file, "w", format="mp4", options=_DELAYED) as output,
        av.open(io.BytesIO(_h264()), "r") as given,
    ):
        picture = output.add_stream_from_template(given.streams.video[0])
        sound: Any = output.add_stream(codec, rate=rate, layout=layout)
        size = sound.codec_context.frame_size or 1536
        packets = []
        for number in range(rate // size):
            frame = av.AudioFrame("fltp", layout, size)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.pts, frame.time_base = rate, number * size, Fraction(1, rate)
            packets += sound.encode(frame)
        packets += sound.encode(None)
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = picture
                packets.append(packet)
        packets.sort(key=lambda p: float((p.dts or 0) * (p.time_base or 0)))
        for packet in packets:
            output.mux(packet)
    return file.getvalue()


def _kind(data: bytes) -> str:
    return "mpegts" if data[:1] == b"\x47" else "mov"


def _joined(target: Path, *groups: bytes, wanted: str = "") -> MuxReport:
    track = TrackSource(groups=[source(data, _kind(data)) for data in groups])
    report = remux([track], target, expected_duration=float(len(groups)), wanted=wanted)
    check_remuxed(target, report)
    return report


_CASES: dict[str, tuple[Callable[[], bytes], Callable[[], bytes], bytes]] = {
    "h264": (_h264, lambda: _h264("slow"), b"avc3"),
    "hevc": (_hevc, lambda: _hevc(":ctu=32:bframes=0"), b"hev1"),
    "mpeg4": (lambda: _mpeg4({}), lambda: _mpeg4({"mpeg_quant": "1"}), b"mp4v"),
    "h264-packets-first": (lambda: _h264(suffix="ts"), lambda: _h264("slow"), b"avc3"),
    "h264-fragments-first": (lambda: _h264("slow"), lambda: _h264(suffix="ts"), b"avc3"),
}


@pytest.mark.parametrize("wanted", [".mp4", ".mkv"])
@pytest.mark.parametrize("name", list(_CASES))
def test_other_settings_in_the_middle_are_kept(name: str, wanted: str, tmp_path: Path) -> None:
    """Every picture and sound of every group arrives, also after seeking back."""
    first, second, tag = _CASES[name]
    target = tmp_path / "film"

    report = _joined(target, first(), second(), first(), wanted=wanted)

    assert report.suffix == wanted
    expected = [looks(data) for data in (first(), second(), first())]
    pictures, sounds = looks(target)
    assert pictures == sum((each for each, _ in expected), ())
    assert sounds == sum((each for _, each in expected), ())
    with av.open(str(target)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 75
        container.seek(0)
        frame: Any = next(container.decode(video=0))
        assert (
            looks(first())[0][0] == hashlib.sha256(b"".join(map(bytes, frame.planes))).hexdigest()
        )
    if wanted == ".mp4":
        assert entry_of(target.read_bytes())[4:8] == tag


def test_equal_settings_change_nothing(tmp_path: Path) -> None:
    """Tag and packets stay as they are if no group needs settings of its own."""
    _joined(tmp_path / "film", _h264(), _h264())

    assert entry_of((tmp_path / "film").read_bytes())[4:8] == b"avc1"


def test_sound_that_describes_itself_may_change_its_channels(tmp_path: Path) -> None:
    """AC-3 says in every packet how many channels it has."""
    report = _joined(tmp_path / "film", _sound(codec="ac3"), _sound(layout="stereo", codec="ac3"))

    assert report.packets[0] == 50


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (
            _h264,
            _hevc,
            "its video changes from h264 96x96 to hevc 96x96 after 1.0 s",
        ),
        (
            _sound,
            lambda: _sound(rate=44_100),
            "its audio changes from aac 48000 Hz 1 ch to aac 44100 Hz 1 ch after 1.0 s",
        ),
        (
            _sound,
            lambda: _sound(layout="stereo"),
            "its audio changes from aac 48000 Hz 1 ch to aac 48000 Hz 2 ch after 1.0 s",
        ),
        (
            _h264,
            lambda: _h264(audio=None),
            "it has 2 tracks before and 1 track after 1.0 s",
        ),
        (
            _sound,
            lambda: _sound().replace(_LOW_COMPLEXITY, _MAIN, 1),
            "the decoder settings of its audio (aac) change after 1.0 s, "
            "and a file can hold only one of them",
        ),
    ],
    ids=["codec", "rate", "channels", "tracks", "settings"],
)
def test_what_one_track_cannot_hold_is_refused_by_name(
    first: Callable[[], bytes], second: Callable[[], bytes], reason: str, tmp_path: Path
) -> None:
    """The reason names what changes and when."""
    with pytest.raises(BadMediaError) as caught:
        _joined(tmp_path / "film", first(), second())

    assert caught.value.reason == reason
