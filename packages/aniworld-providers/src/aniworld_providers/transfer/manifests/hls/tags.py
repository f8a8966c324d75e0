"""Parse the tags of an HLS playlist (RFC 8216), as tolerantly as players do.

Every step is linear in the length of the text. Everything that a playlist could repeat without end
has a limit: lines, segments, variants, keys, attributes and variables.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

import attrs

from aniworld_core.errors import BadPlaylistError
from aniworld_core.messages import Message
from aniworld_providers.transfer.manifests.playlists import MAX_PLAYLIST_BYTES, MAX_SEGMENTS

#: Most lines of one playlist; a segment has up to ten.
MAX_LINES: Final = 250_000
#: Most variants, and most renditions, of one playlist.
MAX_VARIANTS: Final = 1_000
#: Most formats in which one key is offered.
MAX_KEYS: Final = 32
#: Most attributes of one tag.
MAX_ATTRIBUTES: Final = 100
#: Most variables that one playlist defines.
MAX_VARIABLES: Final = 200
#: Lines in which a playlist without `#EXTM3U` must show that it is one.
_FIRST_LINES: Final = 50

Attributes: TypeAlias = dict[str, str]

_ATTRIBUTE_NAME = re.compile(r"[A-Z0-9-]{1,64}")
_VARIABLE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_WHOLE_NUMBER = re.compile(r"\s*[0-9]+\s*(?:,|\Z)")
_SEQUENCE = re.compile(r"\s*\+?([0-9]{1,18})(?![0-9])")
#: Quotation marks around attribute values: the standard's, and what people write instead.
_QUOTES: Final[Mapping[str, str]] = {'"': '"', "'": "'", "\u201c": "\u201d", "\u201e": "\u201c"}


@attrs.define(kw_only=True)
class SegmentTags:
    """The tags of one segment.

    Attributes:
        uri: Its URI as written; empty until it has been read.
        duration: Playing time in seconds, 0 if unknown.
        is_whole: Whether the duration has no fraction.
        byte_range: Value of `EXT-X-BYTERANGE`.
        keys: Its key in every offered format.
        section: Attributes of `EXT-X-MAP`.
        section_keys: The keys that apply to the section.
        has_new_clock: Whether `EXT-X-DISCONTINUITY` precedes it.
        is_gap: Whether `EXT-X-GAP` declares it as missing.
        date: `EXT-X-PROGRAM-DATE-TIME` in seconds since 1970.
    """

    uri: str = ""
    duration: float = 0.0
    is_whole: bool = False
    byte_range: str | None = None
    keys: tuple[Attributes, ...] = ()
    section: Attributes | None = None
    section_keys: tuple[Attributes, ...] = ()
    has_new_clock: bool = False
    is_gap: bool = False
    date: float | None = None


@attrs.define(kw_only=True)
class PlaylistTags:
    """The tags of a playlist.

    Attributes:
        variables: The variables that `EXT-X-DEFINE` defines.
        variants: URI and attributes of each `EXT-X-STREAM-INF`.
        renditions: Attributes of each `EXT-X-MEDIA`.
        segments: Its segments, in order.
        is_variant_list: Whether it has an `EXT-X-STREAM-INF`.
        media_sequence: Sequence number of the first segment.
        kind: Value of `EXT-X-PLAYLIST-TYPE`, in upper case.
        has_end: Whether it has an `EXT-X-ENDLIST`.
        target_duration: Value of `EXT-X-TARGETDURATION` in seconds.
        is_pictures_only: Whether it lists key frames or images.
        notes: Its harmless faults.
    """

    variables: dict[str, str] = attrs.Factory(dict)
    variants: list[tuple[str, Attributes]] = attrs.Factory(list)
    renditions: list[Attributes] = attrs.Factory(list)
    segments: list[SegmentTags] = attrs.Factory(list)
    is_variant_list: bool = False
    media_sequence: int = 0
    kind: str | None = None
    has_end: bool = False
    target_duration: float | None = None
    is_pictures_only: bool = False
    notes: list[str] = attrs.Factory(list)


def read_tags(text: str, url: str, imported: Mapping[str, str] | None = None) -> PlaylistTags:
    """Parse the tags of a playlist.

    Args:
        text: The playlist.
        url: Its URL after redirects; `QUERYPARAM` variables are read from it.
        imported: Variables of the playlist that links to it.

    Raises:
        BadPlaylistError: If it is not a playlist, too long, or invalid where that matters.
    """
    reader = _Reader(_Variables(url, imported or {}))
    body = text.removeprefix("\ufeff").strip()
    if body.count("\n") + body.count("\r") > MAX_LINES:
        raise BadPlaylistError(Message("too_many_lines", limit=MAX_LINES))
    if body[:7].upper() != "#EXTM3U":
        if not _looks_like_a_playlist(body):
            raise BadPlaylistError(Message("playlist_no_start"))
        reader.found.notes.append(Message("playlist_lacks_start"))
    for line in _lines(body):
        reader.read(line)
    return reader.finish()


def _lines(body: str) -> Iterator[str]:
    for line in body.replace("\r", "\n").split("\n"):
        stripped = line.strip()
        if stripped:
            yield stripped


def _looks_like_a_playlist(body: str) -> bool:
    tags = ("#EXTINF:", "#EXT-X-")
    first = (line for _, line in zip(range(_FIRST_LINES), _lines(body[:65_536]), strict=False))
    return any(line[:8].upper().startswith(tags) for line in first)


def attributes_of(line: str) -> Attributes:
    """Parse the attribute list of a tag (RFC 8216 section 4.2); names are in upper case.

    Raises:
        BadPlaylistError: If there are too many attributes.
    """
    _, _, listed = line.partition(":")
    found: Attributes = {}
    at = 0
    for _ in range(MAX_ATTRIBUTES):
        equals = listed.find("=", at)
        if equals < 0:
            return found
        name = listed[at:equals].rpartition(",")[2].strip().upper()
        value, at = _value(listed, equals + 1)
        if value and _ATTRIBUTE_NAME.fullmatch(name):
            found[name] = value
    raise BadPlaylistError(Message("tag_too_many_attributes", limit=MAX_ATTRIBUTES))


def _value(listed: str, start: int) -> tuple[str, int]:
    """Parse an attribute value; return it and the start of the next attribute."""
    while start < len(listed) and listed[start] in " \t":
        start += 1
    closing = _QUOTES.get(listed[start : start + 1])
    close = listed.find(closing, start + 1) if closing else -1
    comma = listed.find(",", max(start, close))
    end = comma if comma >= 0 else len(listed)
    # A quotation mark that is not closed at the end of the value is part of the value.
    if close >= 0:
        return listed[start + 1 : close].strip(), end + 1
    return listed[start:end].strip().strip('"'), end + 1


def number_of(raw: str | None) -> float | None:
    """Return the number at the start of a text, `None` without one."""
    match = _NUMBER.match((raw or "")[:64])
    return float(match.group(1)) if match else None


@attrs.define(eq=False)
class _Variables:
    """The variables of a playlist (`EXT-X-DEFINE`, RFC 8216bis section 4.4.2.3)."""

    _url: str
    _imported: Mapping[str, str]
    values: dict[str, str] = attrs.Factory(dict)
    _query: dict[str, list[str]] | None = None
    _expanded_length: int = 0

    def expand(self, line: str) -> str:
        """Replace the variables in a line.

        Raises:
            BadPlaylistError: If a variable is unknown, or the playlist becomes too large.
        """
        if not self.values or "{$" not in line:
            return line
        # The length of the result is checked before it is built.
        self._expanded_length += sum(len(self._value(name)) for name in _VARIABLE.findall(line))
        if self._expanded_length > MAX_PLAYLIST_BYTES:
            raise BadPlaylistError(Message("variables_too_large"))
        return _VARIABLE.sub(lambda match: self._value(match.group(1)), line)

    def define(self, attributes: Attributes) -> None:
        """Define a variable.

        Raises:
            BadPlaylistError: If the value is not available, or there are too many variables.
        """
        if len(self.values) >= MAX_VARIABLES:
            raise BadPlaylistError(Message("too_many_variables", limit=MAX_VARIABLES))
        if "NAME" in attributes:
            self.values[attributes["NAME"]] = attributes.get("VALUE", "")
        elif "IMPORT" in attributes:
            name = attributes["IMPORT"]
            if name not in self._imported:
                raise BadPlaylistError(Message("variable_not_imported", name=name[:40]))
            self.values[name] = self._imported[name]
        elif "QUERYPARAM" in attributes:
            name = attributes["QUERYPARAM"]
            if self._query is None:
                self._query = parse_qs(urlsplit(self._url).query)
            if not self._query.get(name):
                raise BadPlaylistError(Message("query_parameter_missing", name=name[:40]))
            self.values[name] = self._query[name][0]

    def _value(self, name: str) -> str:
        if name not in self.values:
            raise BadPlaylistError(Message("variable_unknown", name=name[:40]))
        return self.values[name]


@attrs.define(eq=False)
class _Reader:
    """Collects the tags of a playlist."""

    _variables: _Variables
    found: PlaylistTags = attrs.field(factory=PlaylistTags, init=False)
    _segment: SegmentTags = attrs.field(factory=SegmentTags, init=False)
    _has_duration: bool = attrs.field(default=False, init=False)
    _variant: Attributes | None = attrs.field(default=None, init=False)
    _keys: tuple[Attributes, ...] = attrs.field(default=(), init=False)
    _keys_at: int = attrs.field(default=-1, init=False)
    _section: Attributes | None = attrs.field(default=None, init=False)
    _section_keys: tuple[Attributes, ...] = attrs.field(default=(), init=False)

    def read(self, line: str) -> None:
        """Parse the next line, which is neither blank nor surrounded by spaces."""
        if not line.startswith("#"):
            self._link(self._variables.expand(line))
            return
        if line[:4].upper() != "#EXT":
            return
        name = line[:48].partition(":")[0].strip().upper()
        tag = _TAGS.get(name)
        if tag is not None:
            tag(self, line if name == "#EXT-X-DEFINE" else self._variables.expand(line))

    def finish(self) -> PlaylistTags:
        """Return the collected tags after the last line."""
        if self._has_duration and not self.found.has_end:
            # It is cut off before the URI of its last segment, so its declared type is ignored.
            self.found.kind = None
        self.found.variables = self._variables.values
        return self.found

    def _link(self, line: str) -> None:
        if self._has_duration:
            segment = self._segment
            segment.uri = line
            segment.keys = self._keys
            segment.section, segment.section_keys = self._section, self._section_keys
            self.found.segments.append(segment)
            self._segment, self._has_duration = SegmentTags(), False
        elif self._variant is not None:
            self.found.variants.append((line, self._variant))
            _require(len(self.found.variants), MAX_VARIANTS, "too_many_variants")
            self._variant = None

    def duration(self, line: str) -> None:
        _require(len(self.found.segments) + 1, MAX_SEGMENTS, "too_many_segments")
        raw = line.partition(":")[2]
        # An invalid duration is harmless: the sum is only compared with the fetched media.
        self._segment.duration = number_of(raw) or 0.0
        self._segment.is_whole = _WHOLE_NUMBER.match(raw[:64]) is not None
        self._has_duration = True

    def byte_range(self, line: str) -> None:
        self._segment.byte_range = line.partition(":")[2].strip().strip('"')

    def key(self, line: str) -> None:
        # Consecutive keys without a segment between them are one key in several formats; a key
        # behind a segment replaces the former ones.
        place = len(self.found.segments)
        before = self._keys if self._keys_at == place else ()
        _require(len(before) + 1, MAX_KEYS, "too_many_keys")
        self._keys, self._keys_at = (*before, attributes_of(line)), place

    def section(self, line: str) -> None:
        self._section, self._section_keys = attributes_of(line), self._keys

    def variant(self, line: str) -> None:
        self.found.is_variant_list = True
        self._variant = attributes_of(line)

    def rendition(self, line: str) -> None:
        self.found.renditions.append(attributes_of(line))
        _require(len(self.found.renditions), MAX_VARIANTS, "too_many_renditions")

    def define(self, line: str) -> None:
        self._variables.define(attributes_of(line))

    def media_sequence(self, line: str) -> None:
        raw = line.partition(":")[2].strip()
        match = _SEQUENCE.match(raw[:64])
        self.found.media_sequence = int(match.group(1)) if match else 0
        if match is None or match.end() < len(raw):
            number = self.found.media_sequence
            note = Message("media_sequence_replaced", raw=raw[:40], number=number)
            self.found.notes.append(note)

    def skipped(self, _line: str) -> None:
        raise BadPlaylistError(Message("playlist_is_update"))

    def pictures_only(self, _line: str) -> None:
        self.found.is_pictures_only = True

    def new_clock(self, _line: str) -> None:
        self._segment.has_new_clock = True

    def gap(self, _line: str) -> None:
        self._segment.is_gap = True

    def date(self, line: str) -> None:
        try:
            date = datetime.fromisoformat(line.partition(":")[2].strip()[:64])
            # Playlists without a time zone use the same one; only differences between them matter.
            date = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
            self._segment.date = date.timestamp()
        except (ValueError, OverflowError):
            return  # dates are used only for audio without timestamps

    def end(self, _line: str) -> None:
        self.found.has_end = True

    def kind(self, line: str) -> None:
        self.found.kind = line.partition(":")[2].strip()[:40].upper()

    def target_duration(self, line: str) -> None:
        self.found.target_duration = number_of(line.partition(":")[2])


_TAGS: Final[Mapping[str, Callable[[_Reader, str], None]]] = {
    "#EXTINF": _Reader.duration,
    "#EXT-X-BYTERANGE": _Reader.byte_range,
    "#EXT-X-KEY": _Reader.key,
    "#EXT-X-MAP": _Reader.section,
    "#EXT-X-STREAM-INF": _Reader.variant,
    "#EXT-X-MEDIA": _Reader.rendition,
    "#EXT-X-DEFINE": _Reader.define,
    "#EXT-X-MEDIA-SEQUENCE": _Reader.media_sequence,
    "#EXT-X-SKIP": _Reader.skipped,
    "#EXT-X-I-FRAMES-ONLY": _Reader.pictures_only,
    "#EXT-X-IMAGES-ONLY": _Reader.pictures_only,
    "#EXT-X-DISCONTINUITY": _Reader.new_clock,
    "#EXT-X-GAP": _Reader.gap,
    "#EXT-X-PROGRAM-DATE-TIME": _Reader.date,
    "#EXT-X-ENDLIST": _Reader.end,
    "#EXT-X-PLAYLIST-TYPE": _Reader.kind,
    "#EXT-X-TARGETDURATION": _Reader.target_duration,
}


def _require(count: int, limit: int, kind: str) -> None:
    if count > limit:
        raise BadPlaylistError(Message(kind, limit=limit))
