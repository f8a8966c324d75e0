"""Fake source of covers."""

import struct
import zlib
from collections.abc import Mapping

import attrs

from aniworld_core.domain.catalogue import Cover, CoverAddress, ImageKind
from aniworld_core.errors import AniworldError, CoverNotFoundError
from aniworld_core.ports.covers import CoverSource


def make_cover(width: int = 20, height: int = 30, *, shade: int = 128) -> Cover:
    """Return a grey picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes([shade]) * width) * height)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
    return Cover(
        data=data, kind=ImageKind.PNG, width=width, height=height, tag=f"{width}-{height}-{shade}"
    )


def make_frame(shade: int = 128) -> Cover:
    """Return a picture that only has the marks of a JPEG file."""
    data = b"\xff\xd8\xff\xe0" + bytes([shade]) * 16 + b"\xff\xd9"
    return Cover(data=data, kind=ImageKind.JPEG, width=640, height=360, tag=f"frame-{shade}")


@attrs.define(eq=False)
class FakeCovers(CoverSource):
    """Return given covers.

    Attributes:
        covers: Covers by link; others are missing.
        failure: Error to raise instead of any answer.
        asked: Every requested address, in order.
    """

    covers: Mapping[str, Cover] = attrs.field(factory=dict)
    failure: AniworldError | None = None
    asked: list[CoverAddress] = attrs.field(factory=list)

    async def get(self, address: CoverAddress) -> Cover:
        self.asked.append(address)
        if self.failure is not None:
            raise self.failure
        if address.url not in self.covers:
            raise CoverNotFoundError(address.url, "it was not given")
        return self.covers[address.url]
