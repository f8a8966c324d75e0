"""The contents of manifests: media playlists with their segments, and variants.

HLS playlists (RFC 8216) and DASH manifests are parsed into the same values.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import attrs

from aniworld_core.domain.media import TrackRole
from aniworld_providers.transfer.links import absolute, inline_content

#: Largest manifest in bytes, after decompression.
MAX_PLAYLIST_BYTES: Final = 4 * 1024 * 1024
#: Most segments of one playlist or DASH manifest.
MAX_SEGMENTS: Final = 20_000
#: Largest segment or byte range in bytes.
MAX_SEGMENT_BYTES: Final = 512 * 1024 * 1024


@attrs.frozen
class ByteRange:
    """A part of a resource: `length` bytes from `offset` on."""

    offset: int
    length: int


@attrs.frozen
class KeyUse:
    """The URL of a key and the initialisation vector to use with it."""

    url: str
    iv: bytes


@attrs.frozen(kw_only=True)
class Piece:
    """Bytes to fetch: a resource or a part of one, possibly encrypted.

    Attributes:
        url: Its URL.
        part: Its byte range; `None` for the whole resource.
        key: The key that decrypts it; `None` if it is clear.
        reference: The URL as written in the manifest, relative to each of `mirrors`.
        mirrors: Further base URLs of the same bytes.
    """

    url: str
    part: ByteRange | None = None
    key: KeyUse | None = None
    reference: str = ""
    mirrors: tuple[str, ...] = ()

    @property
    def key_url(self) -> str | None:
        """The URL of the key that decrypts it, `None` if it is clear."""
        return self.key.url if self.key is not None else None

    def mirror_pieces(self) -> "tuple[Piece, ...]":
        """Return this piece once for each mirror of the playlist."""
        links = dict.fromkeys(absolute(base, self.reference) for base in self.mirrors)
        links.pop(self.url, None)
        return tuple(attrs.evolve(self, url=link, mirrors=()) for link in links)


@attrs.frozen(kw_only=True)
class Segment:
    """A segment of a track.

    Attributes:
        sequence: Its media sequence number, which is equal with a fresh link.
        duration: Announced playing time in seconds.
        piece: Its address.
        init: The initialisation section that it needs (fragmented MP4), if any.
        group: Number of its group; a group has one clock and one initialisation section.
        slack: Seconds by which the playing time may differ because durations are rounded.
        origin: Media time in seconds at the start of its group; `None` if all tracks share one
            media clock.
        date: Time of recording in seconds since 1970, if known.
        may_be_absent: Whether its number is only calculated, so that it may not exist.
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
        url: Its URL after redirects.
        segments: The segments, in order of playing.
        is_complete: Whether no segments will be added.
        has_end: Whether it has an end mark, and so was not cut off.
        is_event: Whether segments are only added at its end.
        target_duration: Seconds to wait before loading it again.
        gaps: Number of segments that it declares as missing; they are not in `segments`.
        protection: The encryption scheme, if a plain key cannot decrypt it.
        notes: Its harmless faults.
        stretches: The numbers of all groups of the film, if this playlist has no segments in some
            of them; empty otherwise.
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
        """Announced playing time in seconds."""
        return sum(segment.duration for segment in self.segments)

    @property
    def has_pauses(self) -> bool:
        """Whether it has no segments in some groups of the film."""
        return len({segment.group for segment in self.segments}) < len(self.stretches)

    @property
    def slack(self) -> float:
        """Seconds by which the playing time may differ because durations are rounded."""
        return sum(segment.slack for segment in self.segments)


@attrs.frozen(kw_only=True)
class Variant:
    """One of several encodes of a film; 0 means that the playlist does not name the value."""

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
        """Whether all of its named codecs are audio codecs."""
        return bool(self.codecs) and _codec_names(self.codecs) <= _AUDIO_CODECS

    @property
    def names_sound(self) -> bool:
        """Whether one of its codecs is an audio codec."""
        return names_sound(self.codecs)


@attrs.frozen(kw_only=True)
class Rendition:
    """An alternative audio track; without a `url` it is in the variants themselves."""

    group: str
    url: str | None
    name: str = ""
    language: str | None = None
    is_default: bool = False
    is_automatic: bool = False
    role: TrackRole = TrackRole.MAIN


@attrs.frozen(kw_only=True)
class TextRendition:
    """A subtitle; its URL is not resolved, because a bad one is no fault of the film."""

    group: str
    reference: str
    name: str = ""
    language: str | None = None
    forced: bool = False
    characteristics: str = ""


@attrs.frozen(kw_only=True)
class MasterPlaylist:
    """A list of variants.

    `variables` are passed to the playlists it links to; `notes` are its harmless faults.
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
    """Return the bytes of a piece with a `data:` URL.

    Raises:
        BadMediaError: If the URL holds none.
    """
    body, part = inline_content(piece.url), piece.part
    return body[part.offset : part.offset + part.length] if part else body


def names_sound(codecs: str) -> bool:
    """Whether one of the codecs in a manifest is an audio codec."""
    return not _codec_names(codecs).isdisjoint(_AUDIO_CODECS)


def _codec_names(codecs: str) -> set[str]:
    return {codec.strip().split(".")[0].lower() for codec in codecs.split(",")}
