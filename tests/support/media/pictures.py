"""Pictures for tests, made with PyAV."""

import functools
import io
from fractions import Fraction
from typing import Any

import av


@functools.cache
def picture(encoder: str = "mjpeg", width: int = 320, height: int = 180) -> bytes:
    """Return a JPEG (`mjpeg`) or PNG (`png`) file."""
    form = "yuvj420p" if encoder == "mjpeg" else "rgb24"
    codec: Any = av.CodecContext.create(encoder, "w")
    codec.width, codec.height, codec.pix_fmt = width, height, form
    codec.time_base = Fraction(1, 25)
    frame = av.VideoFrame(width, height, form)
    for plane in frame.planes:
        plane.update(bytes([99]) * plane.buffer_size)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])


@functools.cache
def still(
    codec: str, container: str, pixels: str = "yuv420p", width: int = 222, height: int = 332
) -> bytes:
    """Return an image of a format with a container, such as WebP, AVIF or GIF."""
    made = io.BytesIO()
    with av.open(made, "w", format=container) as output:
        stream = output.add_stream(codec, rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        frame = av.VideoFrame(width, height, "rgb24").reformat(format=pixels)
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return made.getvalue()
