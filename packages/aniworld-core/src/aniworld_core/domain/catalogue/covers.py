"""Covers: pictures that stand for a series."""

import enum

import attrs


class ImageKind(enum.StrEnum):
    """What a cover may be; its value is the media type.

    Pictures made of markup are left out on purpose: they can hold scripts.
    """

    AVIF = "image/avif"
    GIF = "image/gif"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


@attrs.frozen(kw_only=True)
class CoverAddress:
    """Where a catalogue says that a picture is.

    Attributes:
        provider: Whose manners apply: its proxy, its pace, its own servers.
        url: The link.
        reach: `host:port` pairs that may be reached for it besides the public internet.
    """

    provider: str
    url: str
    reach: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class Cover:
    """A picture, as it is shown.

    Attributes:
        data: The file.
        kind: What it is, judged by its bytes.
        width: In pixels.
        height: In pixels.
        tag: Tells it apart from other pictures.
    """

    data: bytes = attrs.field(repr=False)
    kind: ImageKind
    width: int
    height: int
    tag: str
