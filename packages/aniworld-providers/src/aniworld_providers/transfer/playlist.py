"""HLS playlists (RFC 8216) as values: what to fetch, in which order, and how to decrypt it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin, urlsplit

import attrs

from aniworld_core.errors import BadPlaylistError, UnsupportedSourceError
from aniworld_providers.transfer.hls_tags import Attributes, number_of, read_tags

#: Largest error of a duration in whole seconds: it is rounded to the nearest (RFC 8216 4.3.2.1).
_ROUNDING: Final = 0.5
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
    """Bytes to fetch: a whole resource or a part of one, perhaps encrypted."""

    url: str
    part: ByteRange | None = None
    key: KeyUse | None = None


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
    """

    sequence: int
    duration: float
    piece: Piece
    init: Piece | None = None
    group: int = 0
    slack: float = 0.0


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
    """

    url: str
    segments: tuple[Segment, ...]
    is_complete: bool = True
    has_end: bool = True
    is_event: bool = False
    target_duration: float = 6.0
    gaps: int = 0
    protection: str | None = None

    @property
    def duration(self) -> float:
        """The promised playing time in seconds."""
        return sum(segment.duration for segment in self.segments)

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

    @property
    def is_audio_only(self) -> bool:
        """Whether its codecs are named and none of them is of pictures."""
        return bool(self.codecs) and self._codec_names <= _AUDIO_CODECS

    @property
    def names_sound(self) -> bool:
        """Whether one of its codecs is of sound."""
        return not self._codec_names.isdisjoint(_AUDIO_CODECS)

    @property
    def _codec_names(self) -> set[str]:
        return {codec.strip().split(".")[0].lower() for codec in self.codecs.split(",")}


@attrs.frozen(kw_only=True)
class Rendition:
    """An alternate sound track; without a `url` it is inside the variants themselves."""

    group: str
    url: str | None
    name: str = ""
    language: str | None = None
    is_default: bool = False


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
    """A choice of variants; `variables` are handed down to the playlists it leads to."""

    url: str
    variants: tuple[Variant, ...]
    audio: tuple[Rendition, ...] = ()
    texts: tuple[TextRendition, ...] = ()
    variables: Mapping[str, str] = attrs.Factory(dict)


Playlist: TypeAlias = MasterPlaylist | MediaPlaylist

_AUDIO_CODECS: Final = frozenset({"mp4a", "ac-3", "ec-3", "opus", "flac", "alac", "mp3", "ac-4"})


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
    data = read_tags(text, url, variables)
    if data["is_variant"] or (data["media"] and not data["segments"]):
        return _master(data, url)
    if data["is_i_frames_only"] or data["is_images_only"]:
        raise UnsupportedSourceError("the playlist", "it lists still pictures only")
    if not data["segments"]:
        raise BadPlaylistError("it is empty")
    return _media(data, url)


def absolute(base: str, reference: str) -> str:
    """Resolve a link of a playlist.

    Raises:
        BadPlaylistError: If it leads to anything but an http(s) address.
    """
    try:
        url = urljoin(base, reference.strip())
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise BadPlaylistError(f"it points at {reference[:80]!r}") from error
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise BadPlaylistError(f"it points at {reference[:80]!r}, which is no web address")
    return url


def _master(data: Mapping[str, Any], url: str) -> MasterPlaylist:
    audio = tuple(
        _rendition(entry, url)
        for entry in data["media"]
        if entry.get("TYPE", "").upper() == "AUDIO"
    )
    texts = tuple(
        _text_rendition(entry)
        for entry in data["media"]
        if entry.get("TYPE", "").upper() == "SUBTITLES" and entry.get("URI")
    )
    variants = [_variant(entry, url) for entry in data["playlists"]]
    if not variants:
        # A master of renditions only: video renditions stand in for variants.
        videos = [m for m in data["media"] if m.get("TYPE", "").upper() == "VIDEO" and "URI" in m]
        variants = [Variant(url=absolute(url, entry["URI"])) for entry in videos]
    if not variants:
        raise BadPlaylistError("it offers no picture")
    return MasterPlaylist(
        url=url,
        variants=tuple(variants),
        audio=audio,
        texts=texts,
        variables=data["variables"],
    )


def _variant(entry: Mapping[str, Any], url: str) -> Variant:
    info: Attributes = entry["stream_info"]
    bandwidth = number_of(info.get("BANDWIDTH")) or number_of(info.get("AVERAGE-BANDWIDTH")) or 0
    _, _, lines = info.get("RESOLUTION", "").lower().partition("x")
    return Variant(
        url=absolute(url, entry["uri"]),
        bandwidth=int(min(bandwidth, 2**53)),
        height=int(min(number_of(lines) or 0, 100_000)),
        codecs=info.get("CODECS", ""),
        audio_group=info.get("AUDIO"),
        text_group=info.get("SUBTITLES"),
    )


def _rendition(entry: Attributes, url: str) -> Rendition:
    reference = entry.get("URI")
    return Rendition(
        group=entry.get("GROUP-ID", ""),
        url=absolute(url, reference) if reference else None,
        name=entry.get("NAME", ""),
        language=entry.get("LANGUAGE"),
        is_default=entry.get("DEFAULT", "").upper() == "YES",
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


def _media(data: Mapping[str, Any], url: str) -> MediaPlaylist:
    segments: list[Segment] = []
    gaps = 0
    protection: str | None = None
    group = 0
    init: Piece | None = None
    ends: dict[str, int] = {}
    slack = _ROUNDING if all(raw.get("is_whole") for raw in data["segments"]) else 0.0
    for position, raw in enumerate(data["segments"]):
        sequence = data["media_sequence"] + position
        key, scheme = _key_use(raw.get("key"), sequence, url)
        protection = protection or scheme
        if raw.get("init_section"):
            found, scheme = _init(raw["init_section"], sequence, url)
            protection = protection or scheme
            # The same section named again with another implicit IV is still the same section.
            changed = init is not None and (found.url, found.part) != (init.url, init.part)
            init = init if init is not None and not changed else found
        else:
            changed = False
        if segments and (raw.get("discontinuity") or changed):
            group += 1
        resource = absolute(url, raw["uri"])
        part = _byte_range(raw.get("byterange"), ends.get(resource))
        if part is not None:
            ends = {resource: part.offset + part.length}
        if raw.get("gap_tag"):
            gaps += 1
            continue
        piece = Piece(url=resource, part=part, key=key)
        segments.append(
            Segment(
                sequence=sequence,
                duration=raw["duration"],
                piece=piece,
                init=init,
                group=group,
                slack=slack,
            )
        )
    kind = data["playlist_type"]
    return MediaPlaylist(
        url=url,
        segments=tuple(segments),
        is_complete=bool(data["is_endlist"]) or kind == "VOD",
        has_end=bool(data["is_endlist"]),
        is_event=kind == "EVENT",
        target_duration=min(max(data.get("targetduration") or 6.0, 0.5), 60.0),
        gaps=gaps,
        protection=protection,
    )


def _init(raw: Mapping[str, Any], sequence: int, url: str) -> tuple[Piece, str | None]:
    if "URI" not in raw:
        raise BadPlaylistError("an initialisation section has no address")
    key, scheme = _key_use(raw.get("keys"), sequence, url)
    part = _byte_range(raw.get("BYTERANGE"), 0)
    return Piece(url=absolute(url, raw["URI"]), part=part, key=key), scheme


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


def _key_use(
    offered: Sequence[Attributes] | None, sequence: int, url: str
) -> tuple[KeyUse | None, str | None]:
    if not offered:
        return None, None
    plain = [key for key in offered if key.get("KEYFORMAT", "identity").lower() == "identity"]
    chosen = plain[-1] if plain else offered[-1]
    method = chosen.get("METHOD", "").upper()
    if method == "NONE":
        return None, None
    if not plain or method != "AES-128":
        return None, f"{method or 'unknown method'}, {chosen.get('KEYFORMAT', 'identity')}"[:80]
    reference = chosen.get("URI")
    if not reference:
        raise BadPlaylistError("a key has no address")
    is_inline = reference.lower().startswith("data:")
    key_url = reference if is_inline else absolute(url, reference)
    return KeyUse(key_url, _iv(chosen.get("IV"), sequence)), None


def _iv(raw: str | None, sequence: int) -> bytes:
    if raw is None:
        return (sequence % 2**128).to_bytes(16, "big")
    digits = raw.lower().removeprefix("0x")
    try:
        value = int(digits, 16)
    except ValueError as error:
        raise BadPlaylistError(f"an initialisation vector is {raw[:40]!r}") from error
    if len(digits) > 32 or value < 0:
        raise BadPlaylistError(f"an initialisation vector is {raw[:40]!r}")
    return value.to_bytes(16, "big")
