"""Missing media of one track: the other tracks decide whether it is a new clock."""

import io
from pathlib import Path

import av
import pytest

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.probe.inspect import examine_file, inspect_file
from aniworld_providers.media.probe.track_steps import TrackSteps
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.remux.timeline import ClockShift, LoneJumpError, OutputTrack, Timeline
from providers.media.remux.test_muxer import source
from support.media import streams, ts_edit

_CLIP = streams.Clip(seconds=26, width=64, height=36)
_TRACKS = {"audio": ts_edit.AUDIO, "video": ts_edit.VIDEO}


@pytest.fixture(scope="module")
def muxed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """26 seconds of picture and sound."""
    path = tmp_path_factory.mktemp("muxed") / "a.ts"
    return streams.write(path, _CLIP).read_bytes()


def paused(data: bytes, kind: str, first: float, last: float) -> bytes:
    """Leave a stretch of one track out."""
    (edited,) = ts_edit.without([data], _TRACKS[kind], lambda at: first < at < last)
    return edited


def times(path: Path, kind: str) -> list[float]:
    """Return when the packets of a track are shown."""
    with av.open(str(path)) as container:
        (stream,) = (s for s in container.streams if s.type == kind)
        base = float(stream.time_base or 0)
        return sorted(p.pts * base for p in container.demux(stream) if p.pts is not None)


def muxed_into(target: Path, *sources: TrackSource) -> MuxReport:
    """Put sources into a file."""
    return remux(sources, target, expected_duration=26)


@pytest.mark.parametrize("kind", ["audio", "video"])
@pytest.mark.parametrize("last", [9.0, 20.0], ids=["4s", "15s"])
def test_a_pause_of_one_track_stays_a_pause(
    muxed: bytes, tmp_path: Path, kind: str, last: float
) -> None:
    """Short or long, later samples keep their time, and a notice names the pause."""
    muxed_into(tmp_path / "whole", TrackSource(groups=[source(muxed)]))
    data = paused(muxed, kind, 5.0, last)
    report = muxed_into(tmp_path / "out", TrackSource(groups=[source(data)]))

    for track in _TRACKS:
        whole, found = times(tmp_path / "whole", track), times(tmp_path / "out", track)
        assert found[-1] == pytest.approx(whole[-1], abs=0.005)
        assert (len(found) < len(whole)) == (track == kind)
    (track_found,) = [track for track in report.timeline.tracks if track.missing]
    assert track_found.kind == kind
    assert track_found.pause == pytest.approx(last - 5.0, abs=0.3)
    assert report.timeline.jumps == 0


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_a_pause_of_one_list_stays_a_pause(tmp_path: Path, kind: str) -> None:
    """Separate sources share one clock: a jump of one of them alone is no new clock."""
    parts = {
        "video": streams.Clip(seconds=26, width=64, height=36, tones=()),
        "audio": streams.Clip(seconds=26, video=False),
    }
    made = {k: streams.write(tmp_path / f"{k}.ts", c).read_bytes() for k, c in parts.items()}
    (made[kind],) = ts_edit.without([made[kind]], ts_edit.VIDEO, lambda at: 5.0 < at < 20.0)
    report = muxed_into(
        tmp_path / "out",
        TrackSource(groups=[source(made["video"])], has_audio=False),
        TrackSource(groups=[source(made["audio"])], has_video=False),
    )

    assert times(tmp_path / "out", kind)[-1] == pytest.approx(26.0, abs=0.2)
    assert sum(track.missing is not None for track in report.timeline.tracks) == 1


def test_a_jump_of_all_tracks_is_a_new_clock(muxed: bytes, tmp_path: Path) -> None:
    """Forward or back."""
    later = streams.write(
        tmp_path / "b.ts", _CLIP, muxer="mpegts", options={"output_ts_offset": "200"}
    ).read_bytes()
    for name, data in {"on": muxed + later, "back": later + muxed}.items():
        report = muxed_into(tmp_path / name, TrackSource(groups=[source(data)]))
        assert report.timeline.end == pytest.approx(52.0, abs=0.2)
        assert report.timeline.jumps == 1
        assert not any(track.missing for track in report.timeline.tracks)


def test_a_track_that_goes_back_alone_is_refused() -> None:
    """It cannot be brought in step."""
    timeline, clock = Timeline(), ClockShift((0, 0), 0.0)
    picture, sound = OutputTrack("video"), OutputTrack("audio")

    def play(track: OutputTrack, raw: float) -> None:
        at = raw + clock.place(raw, track, timeline)
        track.go_to(at)
        track.next_dts = at + 1.0

    for second in range(5):
        play(picture, second)
        play(sound, second)
    play(sound, 2.0)
    for second in range(5, 16):
        play(picture, second)
    with pytest.raises(LoneJumpError) as caught:
        play(picture, 16)
    assert caught.value.jump.track is sound
    assert caught.value.jump.by == pytest.approx(-3.0)


def steps(kind: str, *lengths: float) -> TrackSteps:
    """Play samples with these distances."""
    track = TrackSteps(kind)
    at = 0.0
    track.go_to(at)
    for length in lengths:
        at += length
        track.go_to(at)
    return track


@pytest.mark.parametrize(
    ("lengths", "is_missing"),
    [
        ([0.04] * 500, False),
        ([0.04] * 250 + [0.5] + [0.04] * 250, False),
        ([0.04] * 250 + [0.6] + [0.04] * 250, True),
        ([5.0, 12.0, 3.0, 60.0, 5.0], False),  # slides
        ([1.0] * 60, False),  # one picture a second
        ([0.04, 0.04, 0.12, 0.04, 0.2] * 40 + [3.0] + [0.04] * 50, False),  # variable rate
        ([0.04, 0.04, 0.12, 0.04, 0.2] * 40 + [14.0] + [0.04] * 50, True),
    ],
)
def test_slow_tracks_are_told_from_missing_stretches(
    lengths: list[float], *, is_missing: bool
) -> None:
    """A long step means missing media only in a track without other long steps."""
    assert (steps("video", *lengths).missing is not None) == is_missing


@pytest.mark.parametrize("suffix", [".ts", ".mkv", ".mp4"])
def test_files_are_judged_per_track(muxed: bytes, tmp_path: Path, suffix: str) -> None:
    """In every container; an index that lists every packet proves nothing about time."""
    data = paused(muxed, "audio", 5.0, 9.0)
    path = tmp_path / f"a{suffix}"
    with av.open(io.BytesIO(data), "r") as before, av.open(str(path), "w") as after:
        outputs = [after.add_stream_from_template(s) for s in before.streams]
        for packet in before.demux():
            if packet.dts is not None:
                packet.stream = outputs[packet.stream_index]
                after.mux(packet)

    with pytest.raises(BadMediaError, match=r"audio is missing for [34]\.\d s after"):
        inspect_file(path, thorough=True)


@pytest.mark.parametrize(("last", "is_refused"), [(16.0, True), (23.5, False)])
def test_a_file_whose_sound_ends_early_is_named(
    muxed: bytes, tmp_path: Path, last: float, *, is_refused: bool
) -> None:
    """Ten seconds of 26 are missing media; two and a half are worth a notice."""
    path = tmp_path / "a.ts"
    path.write_bytes(paused(muxed, "audio", last, 99.0))
    if is_refused:
        with pytest.raises(BadMediaError, match=r"its audio ends after 1\d\.\d of 2\d\.\d s"):
            examine_file(path)
        return
    _, notices = examine_file(path)
    assert [notice for notice in notices if "its audio ends" in notice]
