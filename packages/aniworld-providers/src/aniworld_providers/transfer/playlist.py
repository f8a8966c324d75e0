"""HLS playlists (RFC 8216) as values: what to fetch, in which order, and how to decrypt it."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from aniworld_core.domain.media import TrackRole
from aniworld_core.errors import BadPlaylistError, UnsupportedSourceError
from aniworld_providers.transfer.hls_tags import (
    Attributes,
    PlaylistTags,
    SegmentTags,
    number_of,
    read_tags,
)
from aniworld_providers.transfer.manifest_links import (
    Links,
    absolute,
    inline_content,
    is_inline,
)
from aniworld_providers.transfer.track_names import role_characterised, role_named, role_tagged

#: Largest error of a duration in whole seconds: it is rounded to the nearest (RFC 8216 4.3.2.1).
_ROUNDING: Final = 0.5
#: Pictures per second that only serve to wind through a film.
_TRICK_RATE: Final = 5.0
#: Longest link of a key that holds the key itself.
_MAX_INLINE_KEY: Final = 1024
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


def parse_playlist(
    text: str, url: str, variables: Mapping[str, str] | None = None
) -> MasterPlaylist | MediaPlaylist:
    """Read a playlist; its content alone decides of which sort it is.

    Args:
        text: The playlist.
        url: Where it came from, after redirects; relative links start there.
        variables: What the playlist that led here has defined.

    Raises:
        BadPlaylistError: If it cannot be read, is empty, or points at what is no http(s) address.
        UnsupportedSourceError: If it lists still pictures instead of media.
    """
    tags = read_tags(text, url, variables)
    if tags.is_variant_list or (tags.renditions and not tags.segments):
        return _master(tags, url)
    if tags.is_pictures_only:
        raise UnsupportedSourceError("the playlist", "it lists still pictures only")
    if not tags.segments:
        raise BadPlaylistError("it is empty")
    return _MediaReader(tags, Links(url)).playlist()


def _master(tags: PlaylistTags, url: str) -> MasterPlaylist:
    kinds = [(entry.get("TYPE", "").upper(), entry) for entry in tags.renditions]
    audio = [_rendition(entry, url) for kind, entry in kinds if kind == "AUDIO"]
    texts = [_text_rendition(e) for kind, e in kinds if kind == "SUBTITLES" and e.get("URI")]
    views = [entry for kind, entry in kinds if kind == "VIDEO" and not entry.get("URI")]
    variants = _without_trick_mode(
        [_variant(link, info, url, views) for link, info in tags.variants]
    )
    if not variants:
        # A master of renditions only: video renditions stand in for variants.
        videos = [entry for kind, entry in kinds if kind == "VIDEO" and "URI" in entry]
        variants = [Variant(url=absolute(url, entry["URI"])) for entry in videos]
    if not variants:
        raise BadPlaylistError("it offers no picture")
    return MasterPlaylist(
        url=url,
        variants=tuple(variants),
        audio=tuple(audio),
        texts=tuple(texts),
        variables=tags.variables,
        notes=tuple(tags.notes),
    )


def _without_trick_mode(variants: list[Variant]) -> list[Variant]:
    """Mark variants of a few pictures per second, where others have many."""
    if all(variant.frame_rate <= _TRICK_RATE for variant in variants):
        return variants
    return [
        attrs.evolve(variant, role=TrackRole.TRICK_MODE)
        if 0 < variant.frame_rate <= _TRICK_RATE
        else variant
        for variant in variants
    ]


def _variant(link: str, info: Attributes, url: str, views: Sequence[Attributes]) -> Variant:
    bandwidth = number_of(info.get("BANDWIDTH")) or number_of(info.get("AVERAGE-BANDWIDTH")) or 0
    _, _, lines = info.get("RESOLUTION", "")[:40].lower().partition("x")
    return Variant(
        url=absolute(url, link),
        bandwidth=int(min(bandwidth, 2**53)),
        height=int(min(number_of(lines) or 0, 100_000)),
        codecs=info.get("CODECS", ""),
        audio_group=info.get("AUDIO"),
        text_group=info.get("SUBTITLES"),
        frame_rate=min(number_of(info.get("FRAME-RATE")) or 0.0, 1_000.0),
        role=_view_role(info, views),
    )


def _view_role(info: Attributes, views: Sequence[Attributes]) -> TrackRole:
    """Tell what a variant's picture is there for, by its own name or by that of its view."""
    role = role_named(info.get("NAME", ""), is_sound=False)
    own = next((v for v in views if v.get("GROUP-ID") == info.get("VIDEO", "")), None)
    if role is not TrackRole.MAIN or own is None:
        return role
    role = role_characterised(own.get("CHARACTERISTICS", ""))
    return role if role is not TrackRole.MAIN else role_named(own.get("NAME", ""), is_sound=False)


def _sound_role(entry: Attributes) -> TrackRole:
    found = (
        role_characterised(entry.get("CHARACTERISTICS", "")),
        role_named(entry.get("NAME", "")),
        role_tagged(entry.get("LANGUAGE")),
    )
    return next((role for role in found if role is not TrackRole.MAIN), TrackRole.MAIN)


def _rendition(entry: Attributes, url: str) -> Rendition:
    reference = entry.get("URI")
    return Rendition(
        group=entry.get("GROUP-ID", ""),
        url=absolute(url, reference) if reference else None,
        name=entry.get("NAME", ""),
        language=entry.get("LANGUAGE"),
        is_default=entry.get("DEFAULT", "").upper() == "YES",
        is_automatic=entry.get("AUTOSELECT", "").upper() == "YES",
        role=_sound_role(entry),
    )


def _text_rendition(entry: Attributes) -> TextRendition:
    return TextRendition(
        group=entry.get("GROUP-ID", ""),
        reference=entry["URI"],
        name=entry.get("NAME", ""),
        language=entry.get("LANGUAGE"),
        forced=entry.get("FORCED", "").upper() == "YES",
        characteristics=entry.get("CHARACTERISTICS", ""),
    )


@attrs.define(eq=False)
class _MediaReader:
    """Turns the tags of a list of segments into values; each tag is read once."""

    _tags: PlaylistTags
    _links: Links
    _protection: str | None = None
    _group: int = 0
    _init: Piece | None = None
    _section: Attributes | None = None
    _offered: tuple[Attributes, ...] = ()
    _key: KeyUse | None = None
    _has_own_iv: bool = True
    _end: tuple[str, int] = ("", 0)

    def playlist(self) -> MediaPlaylist:
        tags = self._tags
        slack = _ROUNDING if all(raw.is_whole for raw in tags.segments) else 0.0
        segments: list[Segment] = []
        gaps = 0
        for position, raw in enumerate(tags.segments):
            sequence = tags.media_sequence + position
            has_new_section = self._read_section(raw, sequence)
            if segments and (raw.has_new_clock or has_new_section):
                self._group += 1
            piece = self._piece(raw, sequence)
            if raw.is_gap:
                gaps += 1
                continue
            segments.append(
                Segment(
                    sequence=sequence,
                    duration=raw.duration,
                    piece=piece,
                    init=self._init,
                    group=self._group,
                    slack=slack,
                    date=raw.date,
                )
            )
        return MediaPlaylist(
            url=self._links.base,
            segments=tuple(segments),
            is_complete=tags.has_end or tags.kind == "VOD",
            has_end=tags.has_end,
            is_event=tags.kind == "EVENT",
            target_duration=min(max(tags.target_duration or 6.0, 0.5), 60.0),
            gaps=gaps,
            protection=self._protection,
            notes=tuple(tags.notes),
        )

    def _piece(self, raw: SegmentTags, sequence: int) -> Piece:
        url = self._links.media(raw.uri)
        previous_end = self._end[1] if self._end[0] == url else None
        part = _byte_range(raw.byte_range, previous_end)
        if part is not None:
            self._end = (url, part.offset + part.length)
        return Piece(url=url, part=part, key=self._key_use(raw.keys, sequence))

    def _read_section(self, raw: SegmentTags, sequence: int) -> bool:
        """Read the initialisation section; tells whether it is another one than before."""
        if raw.section is None or raw.section is self._section:
            return False
        self._section = raw.section
        if "URI" not in raw.section:
            raise BadPlaylistError("an initialisation section has no address")
        part = _byte_range(raw.section.get("BYTERANGE"), 0)
        key = self._key_use(raw.section_keys, sequence)
        found = Piece(url=self._links.media(raw.section["URI"]), part=part, key=key)
        before = self._init
        # The same section named again with another implicit IV is still the same section.
        if before is not None and (found.url, found.part) == (before.url, before.part):
            return False
        self._init = found
        return before is not None

    def _key_use(self, offered: tuple[Attributes, ...], sequence: int) -> KeyUse | None:
        if offered is not self._offered:
            self._offered = offered
            self._key, self._has_own_iv = self._read_key(offered)
        if self._key is None or self._has_own_iv:
            return self._key
        return KeyUse(self._key.url, (sequence % 2**128).to_bytes(16, "big"))

    def _read_key(self, offered: Sequence[Attributes]) -> tuple[KeyUse | None, bool]:
        if not offered:
            return None, True
        plain = [key for key in offered if key.get("KEYFORMAT", "identity").lower() == "identity"]
        chosen = plain[-1] if plain else offered[-1]
        method = chosen.get("METHOD", "").upper()
        if method == "NONE":
            return None, True
        if not plain or method != "AES-128":
            scheme = f"{method or 'unknown method'}, {chosen.get('KEYFORMAT', 'identity')}"[:80]
            self._protection = self._protection or scheme
            return None, True
        reference = chosen.get("URI")
        if not reference:
            raise BadPlaylistError("a key has no address")
        if is_inline(reference) and len(reference) > _MAX_INLINE_KEY:
            raise BadPlaylistError("a key is no key of 16 bytes")
        url = reference if is_inline(reference) else absolute(self._links.base, reference)
        raw = chosen.get("IV")
        return KeyUse(url, bytes(16) if raw is None else _iv(raw)), raw is not None


def _byte_range(raw: str | None, previous_end: int | None) -> ByteRange | None:
    if raw is None:
        return None
    length, at, offset = raw.partition("@")
    numbers = [length.strip(), offset.strip()] if at else [length.strip()]
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        raise BadPlaylistError(f"a byte range is {raw[:40]!r}")
    start = int(numbers[1][:20]) if at else previous_end
    size = int(numbers[0][:20])
    if start is None:
        raise BadPlaylistError("a byte range has no beginning")
    if not 0 < size <= MAX_SEGMENT_BYTES or start > 2**60:
        raise BadPlaylistError(f"a byte range is {raw[:40]!r}")
    return ByteRange(start, size)


def _iv(raw: str) -> bytes:
    digits = raw.lower().removeprefix("0x")
    try:
        value = int(digits[:40], 16)
    except ValueError as error:
        raise BadPlaylistError(f"an initialisation vector is {raw[:40]!r}") from error
    if len(digits) > 32 or value < 0:
        raise BadPlaylistError(f"an initialisation vector is {raw[:40]!r}")
    return value.to_bytes(16, "big")
