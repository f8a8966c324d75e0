"""Small films of many codecs and containers, made with PyAV, and damage done to them."""

import functools
import random
import tempfile
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import av

FPS = 25
RATE = 48_000
_SIDE = 96


@attrs.frozen(kw_only=True)
class Film:
    """What to encode.

    Attributes:
        name: The file's name; its suffix chooses the container.
        video: The encoder of the picture, if there is one.
        audio: The encoder of the sound, if there is one.
        seconds: How long it plays.
        options: Options of the picture's encoder.
        mux: Options of the container.
        gop: Pictures from one key frame to the next.
    """

    name: str
    video: str | None = "libx264"
    audio: str | None = "aac"
    seconds: float = 3.5
    options: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    mux: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    gop: int = 25


@functools.cache
def encoded(film: Film) -> bytes:
    """Return the bytes of a film."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / film.name
        write_film(path, film)
        return path.read_bytes()


def write_film(path: Path, film: Film) -> Path:
    """Encode pictures and sound of noise, which no encoder can make small, into a file."""
    with av.open(str(path), "w", options=dict(film.mux)) as output:
        packets = []
        if film.video is not None:
            video: Any = output.add_stream(film.video, rate=FPS)
            video.width = video.height = _SIDE
            video.pix_fmt = "yuv420p"
            video.options = _OPTIONS.get(film.video, {}) | dict(film.options)
            video.gop_size = film.gop
            packets += _pictures(video, film.seconds)
        if film.audio is not None:
            quickly = {"aac_coder": "fast"} if film.audio == "aac" else {}
            audio: Any = output.add_stream(film.audio, rate=RATE, layout="mono", options=quickly)
            packets += _sounds(audio, film.seconds)
        packets.sort(key=lambda p: float((p.dts or 0) * (p.time_base or 0)))
        for packet in packets:
            output.mux(packet)
    return path


_OPTIONS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "ultrafast", "bf": "2", "crf": "30"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "mpeg4": {"qscale": "8", "bf": "2"},
    "mpeg2video": {"qscale": "8"},
}


def _pictures(stream: Any, seconds: float) -> Any:
    noise = random.Random(5)
    for number in range(int(seconds * FPS)):
        frame = av.VideoFrame(_SIDE, _SIDE, "yuv420p")
        for plane in frame.planes:
            plane.update(noise.randbytes(plane.buffer_size))
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _sounds(stream: Any, seconds: float) -> Any:
    resampler = av.AudioResampler(stream.format, stream.layout, RATE, stream.frame_size or 1024)
    noise = random.Random(6)
    for number in range(int(seconds * RATE / 1024)):
        frame = av.AudioFrame("s16", "mono", 1024)
        frame.planes[0].update(noise.randbytes(2048))
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * 1024, Fraction(1, RATE)
        for part in resampler.resample(frame):
            yield from stream.encode(part)
    yield from stream.encode(None)


def overwritten(data: bytes, at: int, piece: bytes) -> bytes:
    """Return *data* with *piece* written over its bytes at *at*."""
    return data[:at] + piece + data[at + len(piece) :]


#: What can happen to the middle of a file whose size stays right.
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "second-half-zeros": lambda d: d[: len(d) // 2] + bytes(len(d) - len(d) // 2),
    "zeros-inside": lambda d: overwritten(d, len(d) // 2, bytes(len(d) // 6)),
    "noise-inside": lambda d: overwritten(d, len(d) // 2, random.Random(1).randbytes(len(d) // 6)),
    "block-twice": lambda d: overwritten(d, len(d) // 2, d[len(d) // 4 :][: len(d) // 6]),
}
