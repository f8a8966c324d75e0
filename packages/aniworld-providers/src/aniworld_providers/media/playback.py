"""Decodes samples of a file: damage inside a picture shows nowhere else."""

from typing import TYPE_CHECKING, Final

from aniworld_core.errors import BadMediaError

if TYPE_CHECKING:
    from av.container import InputContainer

#: libav counts a container's time in microseconds.
_TICKS: Final = 1_000_000
#: One whole group of pictures as encoders make them unless told otherwise.
_MOST_FRAMES: Final = 300
#: More would take longer to fill than they save.
_THREADS: Final = 2


def check_playback(
    container: "InputContainer", duration: float | None, *, most_frames: int = _MOST_FRAMES
) -> None:
    """Decode about two seconds each at the beginning, in the middle and at the end.

    Decoding has to begin at a key frame, which may lie far before the wanted place.

    Args:
        container: An open file; its position is changed.
        duration: Its playing time in seconds; without one only the beginning is decoded.
        most_frames: Most pictures decoded at one place.

    Raises:
        BadMediaError: If nothing can be decoded at one of the places.
        av.error.FFmpegError: If the decoder refuses the data.
    """
    # Somebody waits for the verdict, and the other processors have nothing to do by now.
    context = container.streams.video[0].codec_context
    context.thread_type, context.thread_count = "AUTO", _THREADS
    places = [0.0]
    if duration is not None and duration > 3:
        places += [duration / 2 - 1.0, duration - 2.0]
    start = (container.start_time or 0) / _TICKS
    for place in places:
        container.seek(int((start + place) * _TICKS))
        if not _decode_from(container, start + place, most_frames):
            raise BadMediaError(f"nothing can be played at {place:.0f} s")


def _decode_from(container: "InputContainer", place: float, most_frames: int) -> int:
    video = container.streams.video[0]
    streams = [video, *container.streams.audio[:1]]
    for stream in streams:
        stream.codec_context.flush_buffers()
    pictures = 0
    for packet in container.demux(streams):
        frames = packet.decode()
        if packet.stream_index != video.index:
            continue
        pictures += len(frames)
        beyond = packet.dts is not None and packet.dts * (packet.time_base or 0) > place + 2
        if pictures >= most_frames or (beyond and pictures):
            break
    return pictures
