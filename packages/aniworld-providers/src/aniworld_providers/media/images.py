"""Image check: detect kind and size of an image by its bytes.

It reads only the headers and decodes no pixels. Sources: RFC 9649 (WebP), the PNG specification,
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
#: JPEG markers without a length: restarts, start and end of the image, and TEM.
_BARE: Final = frozenset({*range(0xD0, 0xDA), 0x01})
#: JPEG markers of frames; the three excluded ones have other meanings.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class NotAnImageError(Exception):
    """The file cannot be shown as a cover; the message states why."""


def read_image(data: bytes) -> Cover:
    """Return the file as a cover.

    Raises:
        NotAnImageError: If its kind is unknown, it is damaged, or its size is not allowed.
    """
    for kind, read in _READERS:
        try:
            size = read(data[:_HEAD])
        except (struct.error, IndexError) as error:
            raise NotAnImageError(Message("image_damaged", format=kind.name)) from error
        if size is not None:
            width, height = size
            if not (min(size) >= _LEAST and max(size) <= _MOST and width * height <= _AREA):
                raise NotAnImageError(Message("image_measures", width=width, height=height))
            # The digest only detects changed bytes; it needs no security.
            tag = hashlib.blake2b(data, digest_size=_TAG_BYTES).hexdigest()
            return Cover(data=data, kind=kind, width=width, height=height, tag=tag)
    raise NotAnImageError(Message("image_unknown"))


def _png(data: bytes) -> _Size | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    length, name, width, height = struct.unpack_from(">I4sII", data, 8)
    return (width, height) if (length, name) == (13, b"IHDR") else (0, 0)


def _gif(data: bytes) -> _Size | None:
    if not data.startswith((b"GIF87a", b"GIF89a")):
        return None
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _jpeg(data: bytes) -> _Size | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    place = 2
    while True:
        if data[place] != 0xFF:
            return 0, 0
        while data[place] == 0xFF:
            place += 1
        marker = data[place]
        place += 1
        if marker in _BARE:
            continue
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 3)
            return width, height
        (length,) = struct.unpack_from(">H", data, place)
        if length < 2 or marker == 0xDA:
            return 0, 0
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
    return 0, 0


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
    return max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))


def _int24(data: bytes, place: int) -> int:
    low, high = struct.unpack_from("<HB", data, place)
    return int(low | high << 16)


_READERS: Final[tuple[tuple[ImageKind, Callable[[bytes], _Size | None]], ...]] = (
    (ImageKind.JPEG, _jpeg),
    (ImageKind.PNG, _png),
    (ImageKind.WEBP, _webp),
    (ImageKind.AVIF, _avif),
    (ImageKind.GIF, _gif),
)
