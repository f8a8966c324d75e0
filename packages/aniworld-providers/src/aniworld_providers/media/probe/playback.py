"""Decode samples of a file to find damage inside pictures."""

from typing import TYPE_CHECKING, Any, Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.walk import RECORDINGS

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

#: libav's time unit for containers: microseconds.
_TICKS: Final = 1_000_000
#: Most pictures to decode at one place; a whole group of pictures of common encoders.
_MOST_FRAMES: Final = 300
#: Number of random places, and most pictures to decode at each.
_RANDOM_PLACES: Final = 4
_RANDOM_FRAMES: Final = 50
#: Decoder threads; more would take longer to start than they save.
_THREADS: Final = 2
#: Containers in which a seek leads to the start of a packet in every track.
_EXACT: Final = ("mov", "matroska", "avi", "flv", "ogg")
#: Seconds at the end of a recording in which pictures may be incomplete.
_OPEN_END: Final = 1.0
#: Audio packets after a seek that may fail because they refer to earlier ones.
_SOUND_LEAD: Final = 2


def check_playback(
    container: "InputContainer",
    duration: float | None,
    *,
    most_frames: int = _MOST_FRAMES,
    seed: int | None = None,
    is_fresh: bool = False,
) -> bool:
    """Decode about two seconds each at the beginning, in the middle and at the end.

    Decoding begins at the key frame before a place, which may be much earlier.

    Args:
        container: An open file; its position is changed.
        duration: Its playing time in seconds; without it, only the beginning is decoded.
        most_frames: Most pictures to decode at one place.
        seed: Also decode short parts at random places, equal for equal seeds, and refuse pictures
            that the decoder marks as damaged.
        is_fresh: Whether nothing has been read from the container yet.

    Returns:
        Whether it was possible; False if the container cannot be rewound.

    Raises:
        BadMediaError: If nothing can be decoded at a place, or something is damaged.
        av.error.FFmpegError: If the decoder fails.
    """
    sample = _Sample.of(container, is_strict=seed is not None, duration=duration)
    places = [(0.0, most_frames)]
    if duration is not None and duration > 3:
        places += [(duration / 2 - 1.0, most_frames), (duration - 2.0, most_frames)]
        if seed is not None:
            import random  # films that were just put together need none

            chosen = random.Random(seed)  # noqa: S311 - the same places each time are wanted
            frames = min(most_frames, _RANDOM_FRAMES)
            places += [(chosen.uniform(0.0, duration), frames) for _ in range(_RANDOM_PLACES)]
    if not is_fresh and not sample.seek(0.0):
        return False
    for place, frames in places:
        if not sample.decode_from(place, frames):
            raise BadMediaError(Message("unplayable_at", start_seconds=place))
    return True


def picture_of(container: "InputContainer") -> "Stream":
    """Return the video track: the first one that is not a cover."""
    pictures = container.streams.video
    return next((stream for stream in pictures if not is_cover(stream)), pictures[0])


def is_cover(stream: "Stream") -> bool:
    """Whether a video track is only the cover of the film."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def _leading_of(container: "InputContainer") -> "Stream":
    """Return the track to decode: the video, or the audio of a file without any."""
    sounds = container.streams.audio
    has_film = any(not is_cover(stream) for stream in container.streams.video)
    return sounds[0] if sounds and not has_film else picture_of(container)


@attrs.define(eq=False)
class _Sample:
    container: "InputContainer"
    leading: "Stream"
    beside: "Stream | None"
    is_strict: bool
    start: float
    end: float | None
    now: float = 0.0

    @classmethod
    def of(
        cls, container: "InputContainer", *, is_strict: bool, duration: float | None
    ) -> "_Sample":
        audio = next(iter(container.streams.audio), None)
        if audio is not None and is_strict:
            # Frames of AC-3, MP3 and FLAC have checksums that libav skips by default.
            audio.codec_context.options = {"err_detect": "crccheck"}
        leading = _leading_of(container)
        if leading.type == "video":
            # The user waits for the result, and other processors are idle by now.
            context: Any = leading.codec_context
            context.thread_type, context.thread_count = "AUTO", _THREADS
        beside = None if leading is audio else audio
        start = (container.start_time or 0) / _TICKS
        is_recording = container.format.name in RECORDINGS
        end = start + duration - _OPEN_END if is_recording and duration is not None else None
        return cls(container, leading, beside, is_strict, start, end)

    def decode_from(self, place: float, most_frames: int) -> bool:
        """Decode from a place on; return whether pictures were decoded or none can be expected."""
        if not self.seek(place) and place > 0:
            return True
        streams = [self.leading, *([self.beside] if self.beside is not None else [])]
        for stream in streams:
            stream.codec_context.flush_buffers()
        pictures, sounds, has_key = 0, 0, False
        for packet in self.container.demux(streams):
            is_picture = packet.stream_index == self.leading.index
            if is_picture and not has_key and self.is_strict and packet.size:
                # Pictures before the first key frame may refer to skipped ones.
                if not packet.is_keyframe:
                    continue
                has_key = True
            if not is_picture:
                sounds += 1
            damaged, count = self._decode(packet, is_picture=is_picture, sounds=sounds)
            if packet.dts is not None:
                self.now = float(packet.dts * (packet.time_base or 0))
            # A recording may end within a picture.
            if damaged and (self.end is None or self.now < self.end):
                is_film = is_picture and self.leading.type == "video"
                what = "picture" if is_film else "sound"
                at = max(self.now - self.start, 0.0)
                raise BadMediaError(Message("damaged_at", track=what, start_seconds=at))
            if is_picture:
                pictures += count
                beyond = packet.dts is not None and (
                    packet.dts * (packet.time_base or 0) > self.start + place + 2
                )
                if pictures >= most_frames or (beyond and pictures):
                    break
        return bool(pictures) or (self.is_strict and not has_key and place > 0)

    def seek(self, place: float) -> bool:
        """Seek to a place; return whether the container allows it."""
        import av

        try:
            self.container.seek(int((self.start + place) * _TICKS))
        except av.error.FFmpegError:
            return False
        return True

    def _decode(self, packet: Any, *, is_picture: bool, sounds: int) -> tuple[bool, int]:
        """Decode a packet; return whether it is damaged and the number of frames."""
        import av

        try:
            frames = list(packet.decode())
        except av.error.FFmpegError:
            if not self.is_strict:
                raise
            if is_picture:
                return True, 0
            is_exact = self.container.format.name.startswith(_EXACT)
            return is_exact and sounds > _SOUND_LEAD, 0
        is_damaged = self.is_strict and is_picture and any(frame.is_corrupt for frame in frames)
        return is_damaged, len(frames)
