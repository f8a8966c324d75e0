"""Take one frame of a video as its picture for media servers."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from aniworld_core.domain.catalogue import Cover, ImageKind
from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_core.messages import Message, os_reason
from aniworld_providers.media.images import NotAnImageError, read_image
from aniworld_providers.media.probe.inspect import kind_of, opened
from aniworld_providers.media.probe.libav.input import LibavFile
from aniworld_providers.media.probe.playback import picture_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: libav's time unit for containers: microseconds.
_TICKS: Final = 1_000_000
#: Places to try, as parts of the playing time; openings often begin in black.
_PLACES: Final = (0.1, 0.13, 0.17, 0.22, 0.3, 0.4)
#: Most pictures to decode at one place; a whole group of pictures of common encoders.
_MOST_FRAMES: Final = 300
#: Most packets to read at one place.
_MOST_PACKETS: Final = 4000
#: Seconds after which the best picture so far is taken.
_MOST_SECONDS: Final = 20.0
#: Largest width in pixels.
_MOST_WIDTH: Final = 960
#: Largest width of a converted picture in pixels, and largest size before, in bytes.
_MOST_PICTURE_WIDTH: Final = 1920
_MOST_PICTURE: Final = 5 * 1024 * 1024
#: Demuxer of each kind of picture.
_DEMUXERS: Final = {
    ImageKind.AVIF: "mov",
    ImageKind.GIF: "gif",
    ImageKind.JPEG: "jpeg_pipe",
    ImageKind.PNG: "png_pipe",
    ImageKind.WEBP: "webp_pipe",
}
#: Least mean brightness and least range of brightness, of 255, of a picture that shows something.
_LEAST_MEAN: Final = 24
_LEAST_RANGE: Final = 32
#: Side of the small copy whose brightness is measured.
_SAMPLE: Final = 32
#: Quantiser of JPEG: 2 is best, 31 worst.
_QUALITY: Final = "4"


def still_of(path: Path) -> Cover:
    """Return a frame of a video as a JPEG picture; blocks.

    Args:
        path: The file.

    Raises:
        BadMediaError: If it is not a video, or no frame can be decoded.
        LibraryUnavailableError: If it cannot be read.
    """
    kind = kind_of(path)
    with opened(path, kind) as container:
        if not container.streams.video:
            raise BadMediaError(Message("no_picture"))
        video = cast("VideoStream", picture_of(container))
        if video.codec_context is None:
            raise BadMediaError(Message("unknown_codec", track="video"))
        frame = _best_frame(container, video)
        if frame is None:
            raise BadMediaError(Message("no_frame"))
        ratio = video.sample_aspect_ratio or video.codec_context.sample_aspect_ratio or 1
        return _jpeg(frame, float(ratio) if ratio > 0 else 1.0)


def jpeg_of(path: Path) -> Cover:
    """Return a picture of another format as a JPEG; the first frame of an animation; blocks.

    Raises:
        BadMediaError: If it is not a picture, or cannot be decoded.
        LibraryUnavailableError: If it cannot be read.
    """
    import av

    try:
        with path.open("rb") as file:
            picture = read_image(file.read(_MOST_PICTURE + 1))
            file.seek(0)
            with av.open(LibavFile(file), "r", format=_DEMUXERS[picture.kind]) as container:
                frame = next(container.decode(video=0), None)
                if frame is None:
                    raise BadMediaError(Message("no_frame"))
                return _jpeg(frame, 1.0, _MOST_PICTURE_WIDTH)
    except NotAnImageError as error:
        raise BadMediaError(error.args[0]) from error
    except av.error.FFmpegError as error:
        raise BadMediaError(Message("image_damaged", format=picture.kind.name)) from error
    except OSError as error:
        raise LibraryUnavailableError(str(path), os_reason(error)) from error


def _best_frame(container: "InputContainer", video: "VideoStream") -> "VideoFrame | None":
    """Return the first frame that shows something, else the one with the largest contrast."""
    ticks = container.duration
    places = [0.0] if ticks is None or ticks <= 0 else [p * ticks / _TICKS for p in _PLACES]
    start = (container.start_time or 0) / _TICKS
    deadline = time.monotonic() + _MOST_SECONDS
    best: tuple[int, VideoFrame] | None = None
    for place in places:
        frame = _frame_at(container, video, start, place)
        if frame is not None:
            mean, span = _brightness(frame)
            if mean >= _LEAST_MEAN and span >= _LEAST_RANGE:
                return frame
            if best is None or span > best[0]:
                best = span, frame
        if time.monotonic() > deadline:
            break
    return None if best is None else best[1]


def _frame_at(
    container: "InputContainer", video: "VideoStream", start: float, place: float
) -> "VideoFrame | None":
    """Return the first frame from a place on, or the last one that was decoded before it."""
    import av

    try:
        container.seek(int((start + place) * _TICKS))
    except av.error.FFmpegError:
        if place > 0:
            return None
    video.codec_context.flush_buffers()
    last = None
    for count, frame in enumerate(_frames(container, video)):
        last = frame
        at = cast("float | None", frame.time)  # a broken stream has frames without a time
        if (at is not None and at >= start + place) or count >= _MOST_FRAMES:
            break
    return last


def _frames(container: "InputContainer", video: "VideoStream") -> "Iterator[VideoFrame]":
    import av

    for count, packet in enumerate(container.demux(video)):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue  # the next key frame may be whole
        if count > _MOST_PACKETS:
            return


def _brightness(frame: "VideoFrame") -> tuple[int, int]:
    """Return mean and range of the brightness of a frame, from 0 to 255."""
    small = frame.reformat(width=_SAMPLE, height=_SAMPLE, format="gray")
    plane = small.planes[0]
    content = bytes(plane)
    lines = [content[y * plane.line_size :][:_SAMPLE] for y in range(_SAMPLE)]
    values = sorted(b"".join(lines))
    # The outermost values may be a logo or noise.
    edge = len(values) // 20
    return sum(values) // len(values), values[-1 - edge] - values[edge]


def _jpeg(frame: "VideoFrame", ratio: float, most_width: int = _MOST_WIDTH) -> Cover:
    """Return a frame as a picture with square pixels, not larger than the limit.

    Args:
        frame: The frame.
        ratio: Width of its pixels divided by their height.
        most_width: Largest width in pixels.
    """
    from fractions import Fraction

    import av

    width = frame.width * ratio
    scale = min(1.0, most_width / width)
    # JPEG with halved colours has even sides.
    size = [max(16, round(side * scale / 2) * 2) for side in (width, frame.height)]
    picture = frame.reformat(width=size[0], height=size[1], format="yuvj420p")
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = size[0], size[1], "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": _QUALITY, "qmax": _QUALITY, "threads": "1"}
    picture.pts = 0
    data = b"".join(map(bytes, [*encoder.encode(picture), *encoder.encode(None)]))
    tag = hashlib.blake2b(data, digest_size=16).hexdigest()
    return Cover(data=data, kind=ImageKind.JPEG, width=size[0], height=size[1], tag=tag)
