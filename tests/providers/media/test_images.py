"""Image check: kind and size by the bytes of a file."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import ImageKind
from aniworld_core.testing.fakes import make_cover
from aniworld_providers.media.images import NotAnImageError, read_image
from support.media.pictures import still

FILES = {
    "jpeg": (ImageKind.JPEG, still("mjpeg", "image2pipe", "yuvj420p")),
    "png": (ImageKind.PNG, still("png", "image2pipe", "rgb24")),
    "gif": (ImageKind.GIF, still("gif", "gif", "rgb8")),
    "webp": (ImageKind.WEBP, still("libwebp", "webp", "yuv420p")),
    "webp lossless": (ImageKind.WEBP, still("libwebp", "webp", "bgra")),
    "avif": (ImageKind.AVIF, still("libsvtav1", "avif", "yuv420p")),
}
each_file = pytest.mark.parametrize("name", FILES)


@each_file
def test_encoded_images_are_recognised(name: str) -> None:
    """Kind and size are those that the encoder was given."""
    kind, data = FILES[name]

    cover = read_image(data)

    assert (cover.kind, cover.width, cover.height) == (kind, 222, 332)
    assert cover.data == data


def test_a_webp_with_extras_is_measured() -> None:
    """The canvas of an extended WebP is its size."""
    canvas = (221).to_bytes(3, "little") + (331).to_bytes(3, "little")
    data = b"RIFF\x16\0\0\0WEBPVP8X" + struct.pack("<IB3x", 10, 0) + canvas

    cover = read_image(data)

    assert (cover.kind, cover.width, cover.height) == (ImageKind.WEBP, 222, 332)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"\xef\xbb\xbf<svg/>",
        b"<!DOCTYPE html><html>a check</html>",
        b"%PDF-1.7",
        b"BM" + bytes(60),
        b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(60),
        b"RIFF\0\0\0\0WAVEfmt " + bytes(60),
    ],
)
def test_what_is_no_picture_of_pixels_is_refused(data: bytes) -> None:
    """Markup, pages, films and old image formats are not images of a known kind."""
    with pytest.raises(NotAnImageError):
        read_image(data)


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (15, 400), (10_001, 20), (9000, 9000), (0, 50), (2**31, 2)]
)
def test_unusable_sizes_are_refused(width: int, height: int) -> None:
    """Tracking pixels and images that would fill a browser's memory are refused."""
    data = bytearray(make_cover().data)
    data[16:24] = struct.pack(">II", width, height)

    with pytest.raises(NotAnImageError, match="measures"):
        read_image(bytes(data))


@each_file
def test_a_file_that_ends_too_early_is_refused(name: str) -> None:
    """A file that is too short for its size field is refused."""
    with pytest.raises(NotAnImageError):
        read_image(FILES[name][1][:9])


@each_file
@pytest.mark.parametrize("share", [0.3, 0.9, 1.0])
def test_a_file_without_its_end_is_refused(name: str, share: float) -> None:
    """The size is known, but pixels are missing; a cache would show half a cover for a month."""
    data = FILES[name][1]

    with pytest.raises(NotAnImageError, match=r"damaged|too early"):
        read_image(data[: min(int(len(data) * share), len(data) - 1)])


@each_file
def test_bytes_after_the_end_do_not_matter(name: str) -> None:
    """Sites append comments and statistics; players and browsers ignore them."""
    kind, data = FILES[name]
    if kind is ImageKind.AVIF:
        more = struct.pack(">I4s", 12, b"free") + bytes(4)  # a file of boxes only
    else:
        more = b"<!-- cached -->"

    assert read_image(data + more).kind is kind


def test_a_frame_outside_its_canvas_is_refused() -> None:
    """A browser would enlarge the canvas to the frame, whatever size was checked."""
    data = bytearray(FILES["gif"][1])
    data[6:10] = struct.pack("<HH", 20, 20)

    with pytest.raises(NotAnImageError, match="damaged"):
        read_image(bytes(data))


@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_files_raise_nothing_else(name: str, data: st.DataObject) -> None:
    """A damaged file is recognised or refused; no other error occurs."""
    damaged = bytearray(FILES[name][1][:2000])
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
        damaged[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    try:
        cover = read_image(bytes(damaged[:end]))
    except NotAnImageError:
        return
    assert cover.width * cover.height <= 40_000_000
