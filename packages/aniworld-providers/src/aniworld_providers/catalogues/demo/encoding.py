"""Encode the media of an episode: H.264 and AAC in the requested packaging."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import attrs
import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from aniworld_core.domain.identity import format_episode_code
from aniworld_providers.catalogues.demo.drawing import (
    HEIGHT,
    SAMPLE_RATE,
    WIDTH,
    Picture,
    make_melody,
)
from aniworld_providers.catalogues.demo.subtitles import PLAYLIST, make_subtitles
from aniworld_providers.catalogues.demo.values import Clip, Packaging

_FPS = 24
_SEGMENT_SECONDS = 2
_VIDEO_BIT_RATE = 700_000
_AUDIO_BIT_RATE = 64_000
_AUDIO_FRAME = 1024
_AnyPacket: TypeAlias = "Packet[VideoStream] | Packet[AudioStream]"
#: Lowest frequency in Hz of the melody for German; other languages get a higher one.
_TONES = {"deu": 220}
_OTHER_TONE = 523
_RENDITIONS = {"deu": ("de", "Deutsch"), "jpn": ("ja", "Japanisch")}
#: Every segment starts with a key frame. One thread gives the same bytes on every machine.
_ENCODER = {
    "preset": "ultrafast",
    "g": str(_FPS * _SEGMENT_SECONDS),
    "keyint_min": str(_FPS * _SEGMENT_SECONDS),
    "sc_threshold": "0",
    "threads": "1",
}
#: Half the work of the default coder; the difference is not audible in tones.
_AUDIO_ENCODER = {"aac_coder": "fast"}
_HLS = {
    "hls_time": str(_SEGMENT_SECONDS),
    "hls_list_size": "0",
    "hls_playlist_type": "vod",
    "hls_flags": "independent_segments",
}


@attrs.frozen(kw_only=True)
class _Tracks:
    """Tracks of one container."""

    clip: Clip
    audio: Sequence[str]
    video: bool = True


def make_clip(clip: Clip, folder: Path) -> None:
    """Write the files of a clip into an empty folder; takes a fraction of a second.

    Blocking. After an error the folder is incomplete: the caller deletes it.
    """
    everything = _Tracks(clip=clip, audio=clip.audio)
    match clip.packaging:
        case Packaging.MP4:
            _encode(folder / clip.entry, "mp4", {"movflags": "+faststart"}, everything)
        case Packaging.MKV:
            _encode(folder / clip.entry, "matroska", {}, everything)
        case Packaging.HLS_TS:
            _encode_hls(folder, "index", {}, everything)
        case Packaging.HLS_FMP4:
            fragmented = {"hls_segment_type": "fmp4", "hls_fmp4_init_filename": "init.mp4"}
            _encode_hls(folder, "index", fragmented, everything)
        case Packaging.HLS_ENCRYPTED:
            _encode_encrypted(folder, everything)
        case Packaging.HLS_AUDIO:
            _encode_hls(folder, "video", {}, _Tracks(clip=clip, audio=()))
            for language in clip.audio:
                _encode_hls(
                    folder, language, {}, _Tracks(clip=clip, audio=(language,), video=False)
                )
            make_subtitles(clip, folder)
            (folder / clip.entry).write_text(_master(clip.audio), encoding="utf-8")


def _encode_encrypted(folder: Path, tracks: _Tracks) -> None:
    key = hashlib.sha256(tracks.clip.name.encode()).digest()[:16]
    (folder / "key.bin").write_bytes(key)
    # The muxer reads three lines: link of the key in the playlist, its file, first vector.
    recipe = folder / "key.info"
    recipe.write_text(f"key.bin\n{folder / 'key.bin'}\n", encoding="utf-8")
    _encode_hls(folder, "index", {"hls_key_info_file": str(recipe)}, tracks)
    recipe.unlink()


def _encode_hls(folder: Path, name: str, options: Mapping[str, str], tracks: _Tracks) -> None:
    suffix = "m4s" if "hls_segment_type" in options else "ts"
    segments = {"hls_segment_filename": str(folder / f"{name}-%03d.{suffix}")}
    _encode(folder / f"{name}.m3u8", "hls", {**_HLS, **options, **segments}, tracks)


def _encode(path: Path, container: str, options: dict[str, str], tracks: _Tracks) -> None:
    seconds = tracks.clip.episode.seconds
    with av.open(str(path), "w", format=container, options=options) as output:
        video = _add_video(output) if tracks.video else None
        audio = [(_add_audio(output, language), language) for language in tracks.audio]
        pictures = _pictures(tracks.clip, video) if video else iter([()] * seconds)
        sounds = [_sounds(stream, tracks.clip, language) for stream, language in audio]
        # Write second by second so that the tracks are interleaved.
        for packets in zip(pictures, *sounds, strict=True):
            output.mux(list(chain.from_iterable(packets)))
        for stream in (video, *(stream for stream, _ in audio)):
            if stream is not None:
                output.mux(stream.encode(None))


def _add_video(output: OutputContainer) -> VideoStream:
    stream = output.add_stream("libx264", rate=_FPS, options=_ENCODER)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.bit_rate = _VIDEO_BIT_RATE
    return stream


def _add_audio(output: OutputContainer, language: str) -> AudioStream:
    stream = output.add_stream("aac", rate=SAMPLE_RATE, options=_AUDIO_ENCODER)
    stream.layout = "mono"
    stream.bit_rate = _AUDIO_BIT_RATE
    stream.metadata["language"] = language
    return stream


def _seed(clip: Clip) -> str:
    """Return what the picture and the melody of an episode are drawn from."""
    return f"{clip.series.key}{format_episode_code(clip.episode.season, clip.episode.number)}"


def _pictures(clip: Clip, stream: VideoStream) -> Iterator[Sequence[_AnyPacket]]:
    """Encode the pictures, one second per step."""
    episode = clip.episode
    code = format_episode_code(episode.season, episode.number)
    picture = Picture(code, seed=_seed(clip))
    cb, cr = (bytes([value]) * (WIDTH // 2 * HEIGHT // 2) for value in clip.series.colour)
    total = episode.seconds * _FPS
    for second in range(episode.seconds):
        packets: list[_AnyPacket] = []
        for index in range(second * _FPS, (second + 1) * _FPS):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane, data in zip(
                frame.planes, (picture.luma(index / total), cb, cr), strict=True
            ):
                plane.update(data)
            frame.pts, frame.time_base = index, Fraction(1, _FPS)
            packets += stream.encode(frame)
        yield packets


def _sounds(stream: AudioStream, clip: Clip, language: str) -> Iterator[Sequence[_AnyPacket]]:
    """Encode the samples, one second per step."""
    seconds = clip.episode.seconds
    lowest = _TONES.get(language, _OTHER_TONE)
    melody = make_melody(lowest, seconds, seed=f"{_seed(clip)}{language}")
    sent = 0
    for second in range(1, seconds + 1):
        packets: list[_AnyPacket] = []
        while sent < second * SAMPLE_RATE:
            count = min(_AUDIO_FRAME, seconds * SAMPLE_RATE - sent)
            frame = av.AudioFrame("s16", "mono", count)
            frame.planes[0].update(melody[sent * 2 : (sent + count) * 2])
            frame.sample_rate = SAMPLE_RATE
            frame.pts, frame.time_base = sent, Fraction(1, SAMPLE_RATE)
            packets += stream.encode(frame)
            sent += count
        yield packets


def _master(languages: Sequence[str]) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for index, language in enumerate(languages):
        default = "YES" if index == 0 else "NO"
        tag, name = _RENDITIONS[language]
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="voices",NAME="{name}",'
            f'LANGUAGE="{tag}",DEFAULT={default},AUTOSELECT=YES,'
            f'URI="{language}.m3u8"'
        )
    lines.append(
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="words",NAME="Deutsch",LANGUAGE="de",'
        f'AUTOSELECT=YES,URI="{PLAYLIST}"'
    )
    bandwidth = 2 * (_VIDEO_BIT_RATE + _AUDIO_BIT_RATE)
    lines.append(
        f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},RESOLUTION={WIDTH}x{HEIGHT},"
        'CODECS="avc1.42c00d,mp4a.40.2",AUDIO="voices",SUBTITLES="words"'
    )
    lines.append("video.m3u8")
    return "\n".join(lines) + "\n"
