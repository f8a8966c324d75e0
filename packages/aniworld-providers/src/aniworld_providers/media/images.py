"""Image check: detect kind and size of an image by its bytes.

It reads only the structure and decodes no pixels. Sources: RFC 9649 (WebP), the PNG specification,
ITU-T T.81 (JPEG), GIF89a and ISO/IEC 23008-12 (the container of AVIF).
"""

import hashlib
import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from aniworld_core.domain.catalogue import Cover, ImageKind
from aniworld_core.messages import Message

#: Smallest and largest side in pixels; smaller images are tracking pixels.
_LEAST: Final = 16
_MOST: Final = 10_000
#: Largest area in pixels, which a browser has to hold in memory.
_AREA: Final = 40_000_000
#: Bytes to search for the size of an image.
_HEAD: Final = 512 * 1024
_TAG_BYTES: Final = 16

_Size: TypeAlias = tuple[int, int]
#: Size of a damaged image.
_NO_SIZE: Final[_Size] = (0, 0)
#: JPEG markers without a length: restarts, start and end of the image, and TEM.
_BARE: Final = frozenset({*range(0xD0, 0xDA), 0x01})
#: JPEG markers of frames; the three excluded ones have other meanings.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: JPEG marker before the data of the image.
_SCAN: Final = frozenset({0xDA})


class NotAnImageError(Exception):
    """The file cannot be shown as a cover; the message states why."""


class _DamagedError(Exception):
    """The parts of an image contradict each other."""


def read_image(data: bytes) -> Cover:
    """Return the file as a cover.

    Raises:
        NotAnImageError: If its kind is unknown, it is damaged, its end is missing, or its size is
            not allowed.
    """
    for kind, read, is_whole in _READERS:
        try:
            size = read(data[:_HEAD])
            if size is None:
                continue
            ends_early = size != _NO_SIZE and not is_whole(data)
        except (struct.error, IndexError, _DamagedError) as error:
            raise NotAnImageError(Message("image_damaged", format=kind.name)) from error
        if size == _NO_SIZE:
            raise NotAnImageError(Message("image_damaged", format=kind.name))
        width, height = size
        if not (min(size) >= _LEAST and max(size) <= _MOST and width * height <= _AREA):
            raise NotAnImageError(Message("image_measures", width=width, height=height))
        if ends_early:
            raise NotAnImageError(Message("image_ends_early", format=kind.name))
        # The digest only detects changed bytes; it needs no security.
        tag = hashlib.blake2b(data, digest_size=_TAG_BYTES).hexdigest()
        return Cover(data=data, kind=kind, width=width, height=height, tag=tag)
    raise NotAnImageError(Message("image_unknown"))


def _png(data: bytes) -> _Size | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    length, name, width, height = struct.unpack_from(">I4sII", data, 8)
    return (width, height) if (length, name) == (13, b"IHDR") else _NO_SIZE


def _png_is_whole(data: bytes) -> bool:
    end = data.rfind(b"\0\0\0\0IEND")
    return 0 <= end <= len(data) - 12  # with its checksum


def _gif(data: bytes) -> _Size | None:
    if not data.startswith((b"GIF87a", b"GIF89a")):
        return None
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _gif_is_whole(data: bytes) -> bool:
    """Follow the blocks to the trailer; bytes after it do not matter.

    Raises:
        _DamagedError: If a frame lies outside the canvas; browsers would enlarge the canvas.
    """
    canvas = struct.unpack_from("<HH", data, 6)
    place = _after_colours(data, 10, 13)
    while (kind := data[place : place + 1]) != b";":
        if kind == b"!":  # an extension
            place += 2
        elif kind == b",":  # an image
            left, top, width, height = struct.unpack_from("<4H", data, place + 1)
            if left + width > canvas[0] or top + height > canvas[1]:
                raise _DamagedError
            place = 1 + _after_colours(data, place + 9, place + 10)
        else:
            return False
        while length := data[place]:
            place += 1 + length
        place += 1
    return True


def _after_colours(data: bytes, flags: int, place: int) -> int:
    """Return the place after the table of colours that *flags* describe."""
    return place + (3 << (data[flags] & 7) + 1 if data[flags] & 0x80 else 0)


def _jpeg(data: bytes) -> _Size | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    frame = _jpeg_segment(data, _FRAMES)
    if frame is None:
        return _NO_SIZE
    height, width = struct.unpack_from(">HH", data, frame + 3)
    return width, height


def _jpeg_is_whole(data: bytes) -> bool:
    # In the data of an image the marker of its end cannot occur.
    scan = _jpeg_segment(data, _SCAN)
    return scan is not None and data.find(b"\xff\xd9", scan) >= 0


def _jpeg_segment(data: bytes, wanted: frozenset[int]) -> int | None:
    """Return the place after the first of the wanted markers, up to the data of the image."""
    place = 2
    while True:
        if data[place] != 0xFF:
            return None
        while data[place] == 0xFF:
            place += 1
        marker = data[place]
        place += 1
        if marker in wanted:
            return place
        if marker in _BARE:
            continue
        (length,) = struct.unpack_from(">H", data, place)
        if length < 2 or marker in _SCAN:
            return None
        place += length


def _webp(data: bytes) -> _Size | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    form = data[12:16]
    if form == b"VP8X":
        return 1 + _int24(data, 24), 1 + _int24(data, 27)
    if form == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return _NO_SIZE


def _webp_is_whole(data: bytes) -> bool:
    (length,) = struct.unpack_from("<I", data, 4)
    return len(data) >= 8 + int(length)


def _avif(data: bytes) -> _Size | None:
    if data[4:8] != b"ftyp":
        return None
    (length,) = struct.unpack_from(">I", data, 0)
    brands = data[8:12] + data[16 : min(length, 256)]
    if not {b"avif", b"avis"} & {brands[i : i + 4] for i in range(0, len(brands), 4)}:
        return None
    # Each image in the file has an `ispe` box, also tiles and alpha planes. The largest is the
    # whole image. The position of the box in the tree does not matter for the size.
    sizes = []
    place = data.find(b"ispe")
    while place >= 0:
        sizes.append(struct.unpack_from(">II", data, place + 8))
        place = data.find(b"ispe", place + 4)
    return max(sizes, key=lambda size: size[0] * size[1], default=_NO_SIZE)


def _avif_is_whole(data: bytes) -> bool:
    place = 0
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        if length == 0:
            return True  # the last box, up to the end of the file
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, place + 8)
        if length < 8:
            return False
        place += int(length)
    return place == len(data)


def _int24(data: bytes, place: int) -> int:
    low, high = struct.unpack_from("<HB", data, place)
    return int(low | high << 16)


#: Kind, function that returns the size or `None` for another kind, and one that finds the end.
_READERS: Final[
    tuple[tuple[ImageKind, Callable[[bytes], _Size | None], Callable[[bytes], bool]], ...]
] = (
    (ImageKind.JPEG, _jpeg, _jpeg_is_whole),
    (ImageKind.PNG, _png, _png_is_whole),
    (ImageKind.WEBP, _webp, _webp_is_whole),
    (ImageKind.AVIF, _avif, _avif_is_whole),
    (ImageKind.GIF, _gif, _gif_is_whole),
)
