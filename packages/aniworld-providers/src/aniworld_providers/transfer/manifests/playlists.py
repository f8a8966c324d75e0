"""What manifests list: media playlists with their segments, and the variants to choose from.

HLS playlists (RFC 8216) and DASH manifests become the same values.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import attrs

from aniworld_core.domain.media import TrackRole
from aniworld_providers.transfer.links import absolute, inline_content

#: Largest single resource: a range or a segment.
MAX_SEGMENT_BYTES: Final = 512 * 1024 * 1024


@attrs.frozen
class ByteRange:
    """A part of a resource, from `offset`, `length` bytes long."""

    offset: int
    length: int


@attrs.frozen
class KeyUse:
    """Which key decrypts a piece, and the initialisation vector it is used with."""

    url: str
    iv: bytes


@attrs.frozen(kw_only=True)
class Piece:
    """Bytes to fetch: a whole resource or a part of one, perhaps encrypted.

    Attributes:
        url: Where they are.
        part: Which of them, if not all.
        key: What decrypts them, if they are encrypted.
        reference: The link as the manifest has it, relative to each of `mirrors`.
        mirrors: Further addresses at which the same bytes are.
    """

    url: str
    part: ByteRange | None = None
    key: KeyUse | None = None
    reference: str = ""
    mirrors: tuple[str, ...] = ()

    def elsewhere(self) -> "tuple[Piece, ...]":
        """Return the same bytes at their further addresses."""
        links = dict.fromkeys(absolute(base, self.reference) for base in self.mirrors)
        links.pop(self.url, None)
        return tuple(attrs.evolve(self, url=link, mirrors=()) for link in links)


@attrs.frozen(kw_only=True)
class Segment:
    """A stretch of media.

    Attributes:
        sequence: Its media sequence number, which survives a change of links.
        duration: What the playlist promises, in seconds.
        piece: Where its bytes are.
        init: The initialisation section it needs in front (fragmented MP4), if any.
        group: Counts the stretches of one clock and one initialisation section.
        slack: Seconds by which it may play longer or shorter because its duration is rounded.
        origin: Media time in seconds that plays at the beginning of its stretch; `None` if all
            tracks share one media clock.
        date: When it was recorded, in seconds since 1970, if the playlist tells.
        may_be_absent: Whether its number is only calculated: it may not exist.
    """

    sequence: int
    duration: float
    piece: Piece
    init: Piece | None = None
    group: int = 0
    slack: float = 0.0
    origin: float | None = None
    date: float | None = None
    may_be_absent: bool = False


@attrs.frozen(kw_only=True)
class MediaPlaylist:
    """A list of segments.

    Attributes:
        url: Where it came from, after redirects.
        segments: What to fetch, in order of playing.
        is_complete: Whether nothing will be added.
        has_end: Whether it says so at its end, and so was not cut off.
        is_event: Whether it only grows at its end.
        target_duration: Seconds after which it is worth looking for more.
        gaps: How many segments it declares as missing; they are not among `segments`.
        protection: The scheme that protects it, if it cannot be decrypted with a plain key.
        notes: What is wrong with it and does no harm.
        stretches: The numbers of all groups of the film; the list may have no segment in some of
            them. Empty if it has one in each.
    """

    url: str
    segments: tuple[Segment, ...]
    is_complete: bool = True
    has_end: bool = True
    is_event: bool = False
    target_duration: float = 6.0
    gaps: int = 0
    protection: str | None = None
    notes: tuple[str, ...] = ()
    stretches: tuple[int, ...] = ()

    @property
    def duration(self) -> float:
        """The promised playing time in seconds."""
        return sum(segment.duration for segment in self.segments)

    @property
    def has_pauses(self) -> bool:
        """Whether it has no segments in some stretches of the film."""
        return len({segment.group for segment in self.segments}) < len(self.stretches)

    @property
    def slack(self) -> float:
        """The seconds by which the playing time may differ because durations are rounded."""
        return sum(segment.slack for segment in self.segments)


@attrs.frozen(kw_only=True)
class Variant:
    """One of several encodes of the same film; 0 stands for what the playlist does not say."""

    url: str
    bandwidth: int = 0
    height: int = 0
    codecs: str = ""
    audio_group: str | None = None
    text_group: str | None = None
    frame_rate: float = 0.0
    role: TrackRole = TrackRole.MAIN

    @property
    def is_audio_only(self) -> bool:
        """Whether its codecs are named and none of them is of pictures."""
        return bool(self.codecs) and _codec_names(self.codecs) <= _AUDIO_CODECS

    @property
    def names_sound(self) -> bool:
        """Whether one of its codecs is of sound."""
        return names_sound(self.codecs)


@attrs.frozen(kw_only=True)
class Rendition:
    """An alternate sound track; without a `url` it is inside the variants themselves."""

    group: str
    url: str | None
    name: str = ""
    language: str | None = None
    is_default: bool = False
    is_automatic: bool = False
    role: TrackRole = TrackRole.MAIN


@attrs.frozen(kw_only=True)
class TextRendition:
    """A subtitle. Its link is as it was written: a bad one is no flaw of the film."""

    group: str
    reference: str
    name: str = ""
    language: str | None = None
    forced: bool = False
    characteristics: str = ""


@attrs.frozen(kw_only=True)
class MasterPlaylist:
    """A choice of variants.

    `variables` are handed down to the playlists it leads to; `notes` say what is wrong with it
    and does no harm.
    """

    url: str
    variants: tuple[Variant, ...]
    audio: tuple[Rendition, ...] = ()
    texts: tuple[TextRendition, ...] = ()
    variables: Mapping[str, str] = attrs.Factory(dict)
    notes: tuple[str, ...] = ()


Playlist: TypeAlias = MasterPlaylist | MediaPlaylist

_AUDIO_CODECS: Final = frozenset({"mp4a", "ac-3", "ec-3", "opus", "flac", "alac", "mp3", "ac-4"})


def inline_part(piece: Piece) -> bytes:
    """Return the bytes of a piece whose link holds them (`data:`).

    Raises:
        BadMediaError: If the link holds none.
    """
    body, part = inline_content(piece.url), piece.part
    return body[part.offset : part.offset + part.length] if part else body


def names_sound(codecs: str) -> bool:
    """Whether one of the codecs that a manifest names is of sound."""
    return not _codec_names(codecs).isdisjoint(_AUDIO_CODECS)


def _codec_names(codecs: str) -> set[str]:
    return {codec.strip().split(".")[0].lower() for codec in codecs.split(",")}
