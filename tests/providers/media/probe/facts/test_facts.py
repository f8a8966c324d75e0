"""Facts of files for the library: tracks and samples of the audio."""

import array
import math
import signal
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from aniworld_core.domain.library import FileFacts, is_same_sound
from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_core.messages import kind_of
from aniworld_providers.media.probe.facts import process as process_module
from aniworld_providers.media.probe.facts.process import DescribeProcess
from aniworld_providers.media.probe.facts.reading import describe_file

_RATE = 16_000
_SECONDS = 6


def _film(
    path: Path, *tones: float | None, languages: tuple[str, ...] = (), codec: str = "aac"
) -> Path:
    """Write a film with one audio track for each tone; `None` is a silent track."""
    with av.open(str(path), "w") as output:
        video: Any = output.add_stream("mpeg4", rate=5)
        video.width, video.height, video.pix_fmt = 64, 32, "yuv420p"
        tracks: list[Any] = []
        for n in range(len(tones)):
            track: Any = output.add_stream(codec, rate=_RATE, layout="mono")
            if languages:
                track.metadata["language"] = languages[n]
            tracks.append(track)
        packets = []
        for number in range(_SECONDS * 5):
            frame = av.VideoFrame(64, 32, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, 5)
            packets += video.encode(frame)
        packets += video.encode(None)
        for track, tone in zip(tracks, tones, strict=True):
            packets += _sound(track, tone)
        packets.sort(key=lambda p: float((p.dts or 0) * (p.time_base or 0)))
        for packet in packets:
            output.mux(packet)
    return path


def _sound(track: Any, tone: float | None) -> list[Any]:
    size = 1024
    packets = []
    for start in range(0, _SECONDS * _RATE, size):
        times = [n / _RATE for n in range(start, start + size)]
        samples = array.array(
            "h",
            (
                round(9000 * math.sin(2 * math.pi * (tone or 0) * t) * (1 + math.sin(9 * t)))
                for t in times
            ),
        )
        frame = av.AudioFrame(format="s16", layout="mono", samples=size)
        frame.planes[0].update(samples.tobytes())
        frame.pts, frame.sample_rate, frame.time_base = start, _RATE, Fraction(1, _RATE)
        packets += track.encode(frame)
    return [*packets, *track.encode(None)]


def test_the_tracks_are_described(tmp_path: Path) -> None:
    """Picture, codecs, languages and length are stated; one silent track is named."""
    path = _film(tmp_path / "a.mkv", 300.0, None, languages=("ger", "jpn"))

    facts = describe_file(path, with_sound=True)

    assert (facts.width, facts.height, facts.video_codec) == (64, 32, "mpeg4")
    assert facts.audio_codecs == ("aac", "aac")
    assert facts.audio_languages == ("deu", "jpn")
    assert facts.duration_seconds == pytest.approx(_SECONDS, abs=0.5)
    assert facts.silent_tracks == (1,)
    assert facts.sound


def test_the_same_audio_is_recognised_in_another_container_and_codec(tmp_path: Path) -> None:
    """Another tone is different, and silence is the same as nothing."""
    one = describe_file(_film(tmp_path / "1.mkv", 300.0), with_sound=True).sound or ""
    same = describe_file(_film(tmp_path / "2.mp4", 300.0, codec="mp3"), with_sound=True).sound or ""
    other = describe_file(_film(tmp_path / "3.mkv", 700.0), with_sound=True).sound or ""
    silent = describe_file(_film(tmp_path / "4.mkv", None), with_sound=True)

    assert is_same_sound(one, same)
    assert not is_same_sound(one, other)
    assert (silent.silent_tracks, silent.sound) == ((0,), "")


def test_audio_is_not_sampled_unless_requested(tmp_path: Path) -> None:
    """Without the audio check, a silent track is not named."""
    facts = describe_file(_film(tmp_path / "a.mkv", None), with_sound=False)

    assert (facts.silent_tracks, facts.sound) == ((), None)


def test_a_file_that_ends_the_process_is_bad_and_the_next_is_described(
    tmp_path: Path,
) -> None:
    """A crash of libav is an error of the file; a process that was killed says nothing about it."""
    path = _film(tmp_path / "a.mkv", 300.0)
    with DescribeProcess() as process:
        assert isinstance(process.describe(path, with_sound=False), FileFacts)
        crashed = _after_signal(process, path, signal.SIGSEGV)
        assert isinstance(crashed, BadMediaError)
        assert kind_of(crashed.reason) == "media_crashed"
        assert isinstance(process.describe(path, with_sound=False), FileFacts)
        killed = _after_signal(process, path, signal.SIGKILL)
        assert isinstance(killed, LibraryUnavailableError)
        assert isinstance(process.describe(path, with_sound=False), FileFacts)


def _after_signal(process: DescribeProcess, path: Path, number: int) -> object:
    running = process._process
    assert running is not None
    running.send_signal(number)
    running.wait()
    return process.describe(path, with_sound=False)


def test_a_file_that_takes_too_long_is_unreadable(tmp_path: Path) -> None:
    """It may be on a slow drive, so it is not called damaged."""
    with DescribeProcess(seconds=0.0) as process:
        found = process.describe(tmp_path / "a.mkv", with_sound=False)

    assert isinstance(found, LibraryUnavailableError)


def test_a_process_that_does_not_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits without a limit for a process that has closed its output and lives on."""
    monkeypatch.setattr(process_module, "_END_SECONDS", 0.05)
    with DescribeProcess() as process:
        running = subprocess.Popen(
            ["/bin/sh", "-c", "exec >&-; exec sleep 600"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        process._process = running

        found = process.describe(tmp_path / "a.mkv", with_sound=False)

        assert isinstance(found, LibraryUnavailableError)
        assert kind_of(found.reason) == "inspection_ended"
        assert running.returncode == -signal.SIGKILL
        film = _film(tmp_path / "b.mkv", 300.0)
        assert isinstance(process.describe(film, with_sound=False), FileFacts)
