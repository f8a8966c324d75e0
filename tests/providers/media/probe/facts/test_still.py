"""Frames of videos as pictures for media servers."""

from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.frame import VideoFrame

from aniworld_core.domain.catalogue import ImageKind
from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_providers.media.images import read_image
from aniworld_providers.media.probe.facts.still import jpeg_of, still_of
from support.media.pictures import picture, still
from support.thorough import IS_THOROUGH

_SECONDS = 20
_RATE = 2


def _film(
    path: Path,
    shade_of: Callable[[int], int],
    *,
    gop: int = 5,
    size: tuple[int, int] = (64, 32),
    ratio: Fraction | None = None,
) -> Path:
    """Write a film; each picture goes from black at the left to its shade at the right."""
    with av.open(str(path), "w") as output:
        video: Any = output.add_stream("mpeg4", rate=_RATE)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.gop_size = gop
        if ratio is not None:
            video.codec_context.sample_aspect_ratio = ratio
        for number in range(_SECONDS * _RATE):
            frame = av.VideoFrame(*size, "yuv420p")
            light, *colours = frame.planes
            top = shade_of(number // _RATE)
            line = bytes(16 + max(top - 16, 0) * x // size[0] for x in range(size[0]))
            light.update((line + bytes(light.line_size - size[0])) * size[1])
            for colour in colours:
                colour.update(bytes([128]) * colour.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, _RATE)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    return path


def _brightest(jpeg: bytes) -> int:
    with av.open(BytesIO(jpeg), "r", format="mjpeg") as container:
        frame = next(container.decode(video=0))
        assert isinstance(frame, VideoFrame)
        return max(bytes(frame.reformat(format="gray").planes[0]))


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.avi"] if IS_THOROUGH else ["a.mkv"])
@pytest.mark.parametrize("gop", [5, 600])
def test_the_frame_is_after_the_first_tenth(tmp_path: Path, name: str, gop: int) -> None:
    """Also if the only key frame of the film is its first one."""
    path = _film(tmp_path / name, lambda second: 235 if second in (2, 3) else 90, gop=gop)
    assert _brightest(still_of(path).data) > 200


def test_a_black_opening_is_passed(tmp_path: Path) -> None:
    """Black pictures, and pictures in one colour, show nothing."""
    path = _film(tmp_path / "a.mkv", lambda second: 16 if second < 4 else 200)
    assert _brightest(still_of(path).data) > 150


def test_a_black_film_has_a_black_picture(tmp_path: Path) -> None:
    """If there is nothing else in the first half."""
    path = _film(tmp_path / "a.mkv", lambda second: 16 if second < 12 else 200)
    assert _brightest(still_of(path).data) < 60


def test_the_shape_is_that_of_the_screen(tmp_path: Path) -> None:
    """Pixels become square, and wide pictures are made smaller."""
    path = _film(tmp_path / "a.mkv", lambda _: 200, ratio=Fraction(2), size=(720, 360))
    picture = read_image(still_of(path).data)
    assert (picture.width, picture.height) == (960, 240)


def test_the_rest_of_a_damaged_film_is_enough(tmp_path: Path) -> None:
    """A picture that cannot be decoded is skipped."""
    path = _film(tmp_path / "a.mkv", lambda _: 200)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : third + 100] = bytes(100)
    path.write_bytes(data)
    assert _brightest(still_of(path).data) > 150


def test_what_has_no_picture_is_refused(tmp_path: Path) -> None:
    """Text, a video without frames, and a file that is not there."""
    text = tmp_path / "text.mkv"
    text.write_text("<html>")
    with pytest.raises(BadMediaError):
        still_of(text)
    film = _film(tmp_path / "a.mp4", lambda _: 200)
    whole = film.read_bytes()
    start = whole.index(b"mdat") + 4
    end = whole.index(b"moov", start)
    film.write_bytes(whole[:start] + bytes(end - start) + whole[end:])
    with pytest.raises(BadMediaError):
        still_of(film)
    with pytest.raises(LibraryUnavailableError):
        still_of(tmp_path / "gone.mkv")


PICTURES = {
    "webp": still("libwebp", "webp"),
    "webp with alpha": still("libwebp", "webp", "bgra"),
    "avif": still("libsvtav1", "avif"),
    "gif": still("gif", "gif", "rgb8"),
    "png": picture("png", 222, 332),
    "jpeg": picture("mjpeg", 222, 332),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_become_jpeg(tmp_path: Path, name: str) -> None:
    """Of every kind that sites send, in its size."""
    path = tmp_path / "picture"
    path.write_bytes(PICTURES[name])
    found = read_image(jpeg_of(path).data)

    assert (found.kind, found.width, found.height) == (ImageKind.JPEG, 222, 332)


@pytest.mark.parametrize(
    "data",
    [
        PICTURES["webp"][:40],
        PICTURES["avif"][:-80],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00" + bytes(4) + b"\x3f\x00\x00" * 2,
        b"",
    ],
    ids=["short webp", "cut avif", "svg", "header of a webp", "empty"],
)
def test_damaged_pictures_are_refused(tmp_path: Path, data: bytes) -> None:
    """With an error that the caller can report."""
    path = tmp_path / "picture"
    path.write_bytes(data)

    with pytest.raises(BadMediaError):
        jpeg_of(path)
