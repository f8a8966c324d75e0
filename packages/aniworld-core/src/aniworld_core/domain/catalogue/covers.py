"""Covers: pictures of series."""

import enum

import attrs


class ImageKind(enum.StrEnum):
    """Picture format of a cover; the value is the media type.

    SVG is left out because it can hold scripts.
    """

    AVIF = "image/avif"
    GIF = "image/gif"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


@attrs.frozen(kw_only=True)
class CoverAddress:
    """Address of a picture.

    Attributes:
        provider: Provider whose proxy, rate limit and servers apply.
        url: Link of the picture.
        reach: `host:port` pairs that may be reached besides the public internet.
    """

    provider: str
    url: str
    reach: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class Cover:
    """A picture with its size.

    Attributes:
        data: Content of the file.
        kind: Format, detected from the bytes.
        width: In pixels.
        height: In pixels.
        tag: Identifies the content, for `ETag`.
    """

    data: bytes = attrs.field(repr=False)
    kind: ImageKind
    width: int
    height: int
    tag: str
