"""Parse HLS playlists (RFC 8216)."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.domain.media import TrackRole
from aniworld_core.errors import BadPlaylistError, UnsupportedSourceError
from aniworld_core.messages import Message
from aniworld_providers.transfer.links import Links, absolute, is_inline
from aniworld_providers.transfer.manifests.hls.tags import (
    Attributes,
    PlaylistTags,
    SegmentTags,
    number_of,
    read_tags,
)
from aniworld_providers.transfer.manifests.playlists import (
    MAX_SEGMENT_BYTES,
    ByteRange,
    KeyUse,
    MasterPlaylist,
    MediaPlaylist,
    Piece,
    Rendition,
    Segment,
    TextRendition,
    Variant,
)
from aniworld_providers.transfer.manifests.track_names import (
    role_characterised,
    role_named,
    role_tagged,
)

#: Largest error of a duration in whole seconds: it is rounded to the nearest (RFC 8216 4.3.2.1).
_ROUNDING: Final = 0.5
#: Largest frame rate of a variant for trick mode, in pictures per second.
_TRICK_RATE: Final = 5.0
#: Longest `data:` URL of a key in characters.
_MAX_INLINE_KEY: Final = 1024


def parse_playlist(
    text: str, url: str, variables: Mapping[str, str] | None = None
) -> MasterPlaylist | MediaPlaylist:
    """Parse a playlist; its content decides which sort it is.

    Args:
        text: The playlist.
        url: Its URL after redirects; relative URLs start there.
        variables: Variables of the playlist that links to it.

    Raises:
        BadPlaylistError: If it is invalid or empty, or has a URL that is not http(s).
        UnsupportedSourceError: If it lists still pictures instead of media.
    """
    tags = read_tags(text, url, variables)
    if tags.is_variant_list or (tags.renditions and not tags.segments):
        return _master(tags, url)
    if tags.is_pictures_only:
        raise UnsupportedSourceError(Message("the_playlist"), Message("still_pictures_only"))
    if not tags.segments:
        raise BadPlaylistError(Message("lists_no_segments"))
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
        # A master playlist without variants: video renditions are used instead.
        videos = [entry for kind, entry in kinds if kind == "VIDEO" and "URI" in entry]
        variants = [Variant(url=absolute(url, entry["URI"])) for entry in videos]
    if not variants:
        raise BadPlaylistError(Message("lists_no_video"))
    return MasterPlaylist(
        url=url,
        variants=tuple(variants),
        audio=tuple(audio),
        texts=tuple(texts),
        variables=tags.variables,
        notes=tuple(tags.notes),
    )


def _without_trick_mode(variants: list[Variant]) -> list[Variant]:
    """Mark variants of a few pictures per second, if others have more."""
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
    """Return the role in a variant's own name or in that of its video rendition."""
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
    """Converts the tags of a media playlist into values; each tag is parsed once."""

    _tags: PlaylistTags
    _links: Links
    _protection: str | None = attrs.field(default=None, init=False)
    _group: int = attrs.field(default=0, init=False)
    _init: Piece | None = attrs.field(default=None, init=False)
    _section: Attributes | None = attrs.field(default=None, init=False)
    _offered: tuple[Attributes, ...] = attrs.field(default=(), init=False)
    _key: KeyUse | None = attrs.field(default=None, init=False)
    _has_own_iv: bool = attrs.field(default=True, init=False)
    _end: tuple[str, int] = attrs.field(default=("", 0), init=False)

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
        """Parse the initialisation section; return whether it differs from the one before."""
        if raw.section is None or raw.section is self._section:
            return False
        self._section = raw.section
        if "URI" not in raw.section:
            raise BadPlaylistError(Message("init_no_uri"))
        part = _byte_range(raw.section.get("BYTERANGE"), 0)
        key = self._key_use(raw.section_keys, sequence)
        found = Piece(url=self._links.media(raw.section["URI"]), part=part, key=key)
        before = self._init
        # A section that is repeated with another implicit IV is still the same section.
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
            raise BadPlaylistError(Message("key_no_uri"))
        if is_inline(reference) and len(reference) > _MAX_INLINE_KEY:
            raise BadPlaylistError(Message("key_too_long"))
        url = reference if is_inline(reference) else absolute(self._links.base, reference)
        raw = chosen.get("IV")
        return KeyUse(url, bytes(16) if raw is None else _iv(raw)), raw is not None


def _byte_range(raw: str | None, previous_end: int | None) -> ByteRange | None:
    if raw is None:
        return None
    length, at, offset = raw.partition("@")
    numbers = [length.strip(), offset.strip()] if at else [length.strip()]
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        raise BadPlaylistError(Message("byte_range_invalid", raw=raw[:40]))
    start = int(numbers[1][:20]) if at else previous_end
    size = int(numbers[0][:20])
    if start is None:
        raise BadPlaylistError(Message("byte_range_no_offset"))
    if not 0 < size <= MAX_SEGMENT_BYTES or start > 2**60:
        raise BadPlaylistError(Message("byte_range_invalid", raw=raw[:40]))
    return ByteRange(start, size)


def _iv(raw: str) -> bytes:
    digits = raw.lower().removeprefix("0x")
    try:
        value = int(digits[:40], 16)
    except ValueError as error:
        raise BadPlaylistError(Message("iv_invalid", raw=raw[:40])) from error
    if len(digits) > 32 or value < 0:
        raise BadPlaylistError(Message("iv_invalid", raw=raw[:40]))
    return value.to_bytes(16, "big")
