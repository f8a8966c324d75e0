"""Small real streams for tests: a moving picture and a tone, made once with PyAV."""

import functools
import math
import struct
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import av
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

FPS = 25
RATE = 48_000


@attrs.frozen(kw_only=True)
class Clip:
    """What to encode."""

    seconds: float = 6.0
    video: bool = True
    tones: tuple[int, ...] = (440,)
    languages: tuple[str, ...] = ()
    width: int = 160
    height: int = 90
    gop: int = FPS
    preset: str = "veryfast"


def _video_packets(stream: Any, clip: Clip) -> Any:
    for number in range(int(clip.seconds * FPS)):
        frame = av.VideoFrame(clip.width, clip.height, "yuv420p")
        for plane, value in zip(frame.planes, (number * 3 % 200 + 20, 90, 160), strict=True):
            lines = [
                bytes([(value + line * 2) % 256]) * plane.line_size for line in range(plane.height)
            ]
            plane.update(b"".join(lines))
        frame.pts = number
        frame.time_base = Fraction(1, FPS)
        yield from stream.encode(frame)
    yield from stream.encode(None)


@functools.cache
def _tone(frequency: int, number: int) -> bytes:
    return struct.pack(
        "<1024f",
        *(
            0.2 * math.sin(2 * math.pi * frequency * (number * 1024 + i) / RATE)
            for i in range(1024)
        ),
    )


def _audio_packets(stream: Any, clip: Clip, tone: int) -> Any:
    for number in range(int(clip.seconds * RATE / 1024)):
        frame = av.AudioFrame("fltp", "mono", 1024)
        frame.planes[0].update(_tone(tone, number % 64))
        frame.sample_rate = RATE
        frame.pts = number * 1024
        frame.time_base = Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def write(
    path: Path,
    clip: Clip,
    *,
    muxer: str | None = None,
    options: Mapping[str, str] | None = None,
    sound: str = "aac",
) -> Path:
    """Encode *clip* into *path*; by default with one key frame per second.

    A clip is encoded once for each name and packaging; `{folder}` in an option is where *path* is.
    """
    chosen = tuple(sorted((options or {}).items()))
    for name, data in _encoded(path.name, clip, muxer, chosen, sound).items():
        (path.parent / name).write_bytes(data)
    return path


@functools.cache
def _encoded(
    name: str, clip: Clip, muxer: str | None, options: tuple[tuple[str, str], ...], sound: str
) -> Mapping[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        placed = {key: value.replace("{folder}", folder) for key, value in options}
        _encode(Path(folder) / name, clip, muxer, placed, sound)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _encode(path: Path, clip: Clip, muxer: str | None, options: dict[str, str], sound: str) -> None:
    with av.open(str(path), "w", format=muxer, options=options) as output:
        sources = []
        if clip.video:
            video = output.add_stream("libx264", rate=FPS)
            video.width, video.height, video.pix_fmt = clip.width, clip.height, "yuv420p"
            video.options = {
                "g": str(clip.gop),
                "keyint_min": str(clip.gop),
                "preset": clip.preset,
                "sc_threshold": "0",
            }
            sources.append(_video_packets(video, clip))
        for index, tone in enumerate(clip.tones):
            layout = "fltp" if sound == "aac" else "s16"
            audio: Any = output.add_stream(sound, rate=RATE, layout="mono", format=layout)
            audio.bit_rate = 32_000 if sound == "aac" else 0
            audio.options = {"aac_coder": "fast"} if sound == "aac" else {}
            if index < len(clip.languages):
                audio.metadata["language"] = clip.languages[index]
            sources.append(_audio_packets(audio, clip, tone))
        packets = [packet for source in sources for packet in source]
        packets.sort(key=lambda packet: float((packet.dts or 0) * (packet.time_base or 0)))
        for packet in packets:
            output.mux(packet)


def make_hls(
    folder: Path,
    clip: Clip | None = None,
    *,
    kind: str = "mpegts",
    single: bool = False,
    name: str = "media",
) -> Path:
    """Write a playlist with segments of one second; give the playlist's path."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "m4s" if kind == "fmp4" else "ts"
    options = {
        "hls_time": "1",
        "hls_list_size": "0",
        "hls_playlist_type": "vod",
        "hls_segment_type": kind,
        "hls_fmp4_init_filename": f"{name}-init.mp4",
        "hls_segment_filename": f"{{folder}}/{name}{'' if single else '-%03d'}.{suffix}",
    }
    if single:
        options["hls_flags"] = "single_file"
    return write(folder / f"{name}.m3u8", clip or Clip(), muxer="hls", options=options)


def encrypt(data: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-128-CBC with PKCS7 padding, as RFC 8216 has it."""
    padder = PKCS7(128).padder()
    padded = padder.update(data) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


@attrs.frozen
class Contents:
    """What a file holds: packets and duration per kind of track."""

    video: int
    audio: tuple[int, ...]
    duration: float
    start: float
    languages: tuple[str, ...]


def contents(path: Path) -> Contents:
    """Read every packet of *path* back, without any code under test."""
    with av.open(str(path)) as container:
        counts: dict[int, int] = {}
        for packet in container.demux():
            if packet.size:
                counts[packet.stream_index] = counts.get(packet.stream_index, 0) + 1
        return Contents(
            video=sum(counts.get(s.index, 0) for s in container.streams.video),
            audio=tuple(counts.get(s.index, 0) for s in container.streams.audio),
            duration=(container.duration or 0) / 1_000_000,
            start=(container.start_time or 0) / 1_000_000,
            languages=tuple(s.metadata.get("language", "und") for s in container.streams.audio),
        )
