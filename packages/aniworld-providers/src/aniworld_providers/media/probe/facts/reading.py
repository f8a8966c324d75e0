"""Describe a media file for the library: its tracks and, if requested, samples of its audio."""

import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aniworld_core.domain.library import RATE, FileFacts, is_silent, sound_print, windows_of
from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.inspect import kind_of, language_of, opened
from aniworld_providers.media.probe.playback import picture_of

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream

#: libav's time unit for containers: microseconds.
_TICKS: Final = 1_000_000
#: Audio tracks that are sampled.
_MOST_TRACKS: Final = 4
#: Most packets that are read for one window.
_MOST_PACKETS: Final = 4000
#: Seconds that all windows of a file may take; a broken index can make every seek slow.
_MOST_SECONDS: Final = 20.0


def describe_file(path: Path, *, with_sound: bool) -> FileFacts:
    """Open a file and return the facts that the library stores; blocks.

    Args:
        path: The file.
        with_sound: Whether audio is sampled.

    Raises:
        BadMediaError: If it is not a video, or cannot be opened.
        LibraryUnavailableError: If it cannot be read.
    """
    kind = kind_of(path)
    with opened(path, kind) as container:
        streams = container.streams
        if not streams.video:
            raise BadMediaError(Message("no_picture"))
        picture = picture_of(container)
        ticks = container.duration
        duration = None if ticks is None or ticks <= 0 else ticks / _TICKS
        silent: tuple[int, ...] = ()
        sound = None
        if with_sound:
            silent, sound = _sound_of(container, duration)
        return FileFacts(
            duration_seconds=duration,
            width=_context(picture, "width") or None,
            height=_context(picture, "height") or None,
            video_codec=_context(picture, "name") or "",
            audio_codecs=tuple(_context(track, "name") or "" for track in streams.audio),
            audio_languages=tuple(language_of(track) for track in streams.audio),
            subtitle_languages=tuple(language_of(track) for track in streams.subtitles),
            silent_tracks=silent,
            sound=sound,
        )


def _context(track: "Stream", name: str) -> Any:
    """Return a property of the decoder of a track; `None` for a codec that libav does not know."""
    return getattr(track.codec_context, name, None)


def _sound_of(container: "InputContainer", duration: float | None) -> tuple[tuple[int, ...], str]:
    """Return the silent tracks, and the print of the first track; both empty without samples."""
    audio = container.streams.audio
    positions = [n for n, track in enumerate(audio) if _context(track, "name")]
    positions = positions[:_MOST_TRACKS]
    tracks = [audio[n] for n in positions]
    if not tracks or duration is None:
        return (), ""
    windows: list[list[array[int]]] = []
    deadline = time.monotonic() + _MOST_SECONDS
    for start, length in windows_of(duration):
        if time.monotonic() > deadline:
            return (), ""
        found = _samples(container, tracks, start, length)
        if found is None:
            return (), ""
        windows.append(found)
    by_track = list(zip(*windows, strict=True))
    # A window without a sample says nothing: the track may have a gap there.
    silent = tuple(
        positions[n]
        for n, parts in enumerate(by_track)
        if all(map(is_silent, parts)) and any(map(len, parts))
    )
    return silent, sound_print(by_track[0])


def _samples(
    container: "InputContainer", tracks: "Sequence[AudioStream]", start: float, length: float
) -> "list[array[int]] | None":
    """Return the samples of a window of each track; `None` if the container cannot be sampled."""
    import av

    begin = (container.start_time or 0) / _TICKS + start
    try:
        container.seek(int(begin * _TICKS))
    except av.error.FFmpegError:
        return None
    windows = {track.index: _Window(begin, length) for track in tracks}
    for track in tracks:
        track.codec_context.flush_buffers()
    for count, packet in enumerate(container.demux(*tracks)):
        window = windows[packet.stream.index]
        try:
            for frame in packet.decode():
                window.add(frame)
        except av.error.FFmpegError:
            continue  # damaged audio is the subject of other checks
        if count > _MOST_PACKETS or all(each.is_full for each in windows.values()):
            break
    return [windows[track.index].samples for track in tracks]


class _Window:
    """The samples of one track from a time on."""

    def __init__(self, begin: float, length: float) -> None:
        import av

        self._begin = begin
        self._size = round(length * RATE)
        self._skip: int | None = None
        self._found: array[int] = array("h")
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)

    @property
    def is_full(self) -> bool:
        return self._skip is not None and len(self._found) >= self._skip + self._size

    @property
    def samples(self) -> "array[int]":
        skip = self._skip or 0
        return self._found[skip : skip + self._size]

    def add(self, frame: object) -> None:
        from av.audio.frame import AudioFrame

        if not isinstance(frame, AudioFrame) or frame.time is None or self.is_full:
            return
        if frame.time + frame.samples / frame.sample_rate <= self._begin:
            return
        if self._skip is None:
            if frame.time > self._begin + self._size / RATE:
                self._size = 0  # the track has a gap here
            self._skip = max(round((self._begin - frame.time) * RATE), 0)
        for part in self._resampler.resample(frame):
            self._found.frombytes(bytes(part.planes[0])[: part.samples * 2])
