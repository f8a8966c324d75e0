"""The segments of a DASH representation (ISO/IEC 23009-1 section 5.3.9).

Segments are listed only when needed: a manifest of 1 KB can name a million segments in unwanted
qualities.
"""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.errors import BadPlaylistError
from aniworld_core.messages import Message
from aniworld_providers.transfer.links import Links, absolute, is_inline
from aniworld_providers.transfer.manifests.playlists import (
    MAX_SEGMENT_BYTES,
    MAX_SEGMENTS,
    ByteRange,
    Piece,
)

#: Longest URL template in characters.
MAX_TEMPLATE: Final = 4096
#: Most digits to which a template pads a number.
MAX_DIGITS: Final = 32
_IDENTIFIER = re.compile(r"\$([A-Za-z]*)(?:%0([0-9]+)d)?\$")
_MOST_NUMBER: Final = 2**63
_KINDS: Final = ("SegmentTemplate", "SegmentList", "SegmentBase")


@attrs.frozen(kw_only=True)
class ListedSegment:
    """One segment of a representation.

    Attributes:
        piece: Its address.
        duration: Its playing time in seconds.
        may_be_absent: Whether its number is only calculated, so that the last one may not exist.
    """

    piece: Piece
    duration: float
    may_be_absent: bool = False


@attrs.frozen(eq=False)
class SegmentInfo:
    """The segment elements at one level; inner ones extend and override outer ones."""

    found: Mapping[str, tuple[Mapping[str, str], Mapping[str, ET.Element]]] = attrs.Factory(dict)

    def within(self, element: ET.Element) -> "SegmentInfo":
        """Return the segment elements inside of an element."""
        own = [child for child in element if child.tag in _KINDS]
        if not own:
            return self
        found = dict(self.found)
        for child in own:
            attributes, children = found.get(child.tag, ({}, {}))
            # The entries of a list are siblings, so the list stands for them.
            inner = {part.tag: part if part.tag != "SegmentURL" else child for part in child}
            found[child.tag] = ({**attributes, **child.attrib}, {**children, **inner})
        return SegmentInfo(found)


@attrs.frozen(eq=False, kw_only=True)
class Addressing:
    """The addresses of the segments of one representation.

    Attributes:
        info: Its segment elements.
        base_urls: Base URLs of its links; each one has all segments.
        names: Values of the identifiers in templates.
        duration: Playing time of its period in seconds.
    """

    info: SegmentInfo
    base_urls: tuple[str, ...]
    names: Mapping[str, str]
    duration: float

    @property
    def time_offset(self) -> float:
        """Time on its own clock at which its period begins, in seconds.

        Raises:
            BadPlaylistError: If the value is invalid.
        """
        attributes, _ = self._found()
        try:
            offset = int(attributes.get("presentationTimeOffset") or 0)
            return offset / int(attributes.get("timescale") or 1)
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise BadPlaylistError(Message("time_offset_invalid", detail=str(error))) from error

    def init(self) -> Piece | None:
        """Return the initialisation section, if it is separate.

        Raises:
            BadPlaylistError: If it is invalid.
        """
        if "SegmentTemplate" in self.info.found:
            attributes, _ = self.info.found["SegmentTemplate"]
            template = attributes.get("initialization")
            if template:
                return self._piece(Links(self.base_urls[0]), _Template(template).filled(self.names))
            return None
        _, children = self._found()
        section = children.get("Initialization")
        if section is None:
            return None
        part = range_of(section.get("range"))
        return self._piece(Links(self.base_urls[0]), section.get("sourceURL") or "", part)

    def index(self) -> ByteRange | None:
        """Return the byte range of a segment index, if it has to be loaded first.

        Raises:
            BadPlaylistError: If it is invalid.
        """
        if "SegmentTemplate" in self.info.found or "SegmentList" in self.info.found:
            return None
        attributes, _ = self._found()
        return range_of(attributes.get("indexRange"))

    def segments(self) -> tuple[ListedSegment, ...]:
        """List the segments.

        Raises:
            BadPlaylistError: If they are invalid or exceed a limit.
        """
        links = Links(self.base_urls[0])
        try:
            if "SegmentTemplate" in self.info.found:
                return tuple(self._templated(links))
            if "SegmentList" in self.info.found:
                return tuple(self._listed(links))
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            raise BadPlaylistError(Message("segment_list_invalid", detail=str(error))) from error
        return (ListedSegment(piece=self._piece(links, ""), duration=self.duration),)

    def _found(self) -> tuple[Mapping[str, str], Mapping[str, ET.Element]]:
        nothing: tuple[Mapping[str, str], Mapping[str, ET.Element]] = ({}, {})
        return next((self.info.found[k] for k in _KINDS if k in self.info.found), nothing)

    def _piece(self, links: Links, reference: str, part: ByteRange | None = None) -> Piece:
        if reference and is_inline(reference):
            return Piece(url=links.media(reference), part=part)
        url = links.media(reference) if reference else links.counted(self.base_urls[0])
        return Piece(url=url, part=part, reference=reference, mirrors=self.base_urls[1:])

    def _templated(self, links: Links) -> Iterator[ListedSegment]:
        attributes, children = self.info.found["SegmentTemplate"]
        if not attributes.get("media"):
            raise BadPlaylistError(Message("template_no_media"))
        template = _Template(attributes["media"])
        scale = int(attributes.get("timescale") or 1)
        number = int(attributes.get("startNumber") or 1)
        last = int(attributes["endNumber"]) if attributes.get("endNumber") else None
        most = None if last is None else max(last - number + 1, 0)
        if "SegmentTimeline" in children:
            times, is_certain = self._timeline(attributes, children["SegmentTimeline"]), True
        else:
            times, is_certain = self._even(attributes, most), most is not None
        listed = times if most is None else times[:most]
        for place, (at, length) in enumerate(listed):
            names = {**self.names, "Number": str(number + place), "Time": str(at)}
            yield ListedSegment(
                piece=self._piece(links, template.filled(names)),
                duration=max(length / scale, 0.0),
                may_be_absent=not is_certain and 0 < place == len(listed) - 1,
            )

    def _even(self, attributes: Mapping[str, str], most: int | None) -> list[tuple[int, int]]:
        """Return start and length of segments of equal length."""
        scale = int(attributes.get("timescale") or 1)
        length = int(attributes.get("duration") or 0)
        end = round(self.duration * scale)
        if length < 0:
            raise BadPlaylistError(Message("segment_duration_negative"))
        if not length:
            return [(0, end)]
        count = math.ceil(self.duration * scale / length - 1e-6)
        if not end and most is not None:
            count, end = most, most * length
        _require_count(count)
        return [(i * length, min(length, end - i * length)) for i in range(count)]

    def _timeline(
        self, attributes: Mapping[str, str], timeline: ET.Element
    ) -> list[tuple[int, int]]:
        scale = int(attributes.get("timescale") or 1)
        offset = int(attributes.get("presentationTimeOffset") or 0)
        entries = [entry for entry in timeline if entry.tag == "S"]
        times: list[tuple[int, int]] = []
        at = 0
        for place, entry in enumerate(entries):
            at = int(entry.get("t") or at)
            length, repeats = int(entry.get("d") or 0), int(entry.get("r") or 0)
            if length <= 0 or not 0 <= at < _MOST_NUMBER:
                raise BadPlaylistError(Message("timeline_entry_invalid"))
            if repeats < 0:
                following = entries[place + 1].get("t") if place + 1 < len(entries) else None
                end = int(following) if following else offset + round(self.duration * scale)
                repeats = max(math.ceil((end - at) / length), 1) - 1
            _require_count(len(times) + repeats + 1)
            times += [(at + i * length, length) for i in range(repeats + 1)]
            at += (repeats + 1) * length
        return times

    def _listed(self, links: Links) -> Iterator[ListedSegment]:
        attributes, children = self.info.found["SegmentList"]
        held = children.get("SegmentURL")
        entries = [] if held is None else [part for part in held if part.tag == "SegmentURL"]
        _require_count(len(entries))
        scale = int(attributes.get("timescale") or 1)
        for entry, length in zip(entries, self._lengths(len(entries)), strict=True):
            part = range_of(entry.get("mediaRange"))
            piece = self._piece(links, entry.get("media") or "", part)
            yield ListedSegment(piece=piece, duration=max(length / scale, 0.0))

    def _lengths(self, count: int) -> Sequence[int]:
        """Return the length of each entry of a list."""
        attributes, children = self.info.found["SegmentList"]
        if "SegmentTimeline" in children:
            times = self._timeline(attributes, children["SegmentTimeline"])[:count]
            return [length for _, length in times] + [0] * (count - len(times))
        length = int(attributes.get("duration") or 0)
        end = round(self.duration * int(attributes.get("timescale") or 1))
        lengths = [length] * count
        if count and (count - 1) * length < end:
            lengths[-1] = min(length, end - (count - 1) * length)
        return lengths


class _Template:
    """A parsed URL template."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_TEMPLATE:
            raise BadPlaylistError(Message("template_too_long", limit=MAX_TEMPLATE))
        self._parts: list[str | tuple[str, int]] = []
        at = 0
        for match in _IDENTIFIER.finditer(text):
            self._parts.append(text[at : match.start()])
            at = match.end()
            name, digits = match.group(1), match.group(2)
            if digits is not None and (len(digits) > 3 or int(digits) > MAX_DIGITS):
                raise BadPlaylistError(Message("template_too_padded", limit=MAX_DIGITS))
            self._parts.append((name, int(digits or 0)) if name else "$")
        self._parts.append(text[at:])

    def filled(self, names: Mapping[str, str]) -> str:
        """Return the URL for the given values.

        Raises:
            BadPlaylistError: If the template uses another identifier.
        """
        return "".join(p if isinstance(p, str) else _value(names, *p) for p in self._parts)


def _value(names: Mapping[str, str], name: str, digits: int) -> str:
    if name not in names:
        raise BadPlaylistError(Message("template_no_value", name=name[:40]))
    return names[name].zfill(digits)


def _require_count(count: int) -> None:
    if count > MAX_SEGMENTS:
        raise BadPlaylistError(Message("too_many_segments", limit=MAX_SEGMENTS))


def base_urls(element: ET.Element, outer: Sequence[str], most: int) -> tuple[str, ...]:
    """Return the base URLs inside of an element, the preferred one first.

    Every `BaseURL` is a further address, relative to each outer one. A lower `priority` (ETSI TS
    103 285) comes first.

    Args:
        element: The element.
        outer: The base URLs around it.
        most: Most base URLs to return.

    Raises:
        BadPlaylistError: If none is valid.
    """
    own = [child for child in element if child.tag == "BaseURL" and (child.text or "").strip()]
    if not own:
        return tuple(outer)
    own = sorted(own[: 4 * most], key=_priority)
    found: dict[str, None] = {}
    failure: BadPlaylistError | None = None
    for base in outer:
        for child in own:
            if len(found) < most:
                try:
                    found[absolute(base, (child.text or "").strip())] = None
                except BadPlaylistError as error:
                    failure = failure or error
    if not found:
        raise failure or BadPlaylistError(Message("no_base_url"))
    return tuple(found)


def _priority(element: ET.Element) -> int:
    raw = next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == "priority"), "1")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 1


def range_of(raw: str | None) -> ByteRange | None:
    """Parse a byte range `first-last`.

    Raises:
        BadPlaylistError: If it is invalid.
    """
    if not raw:
        return None
    first, _, last = raw.partition("-")
    try:
        start, length = int(first), int(last) - int(first) + 1
    except ValueError as error:
        raise BadPlaylistError(Message("byte_range_invalid", raw=raw[:40])) from error
    if start < 0 or not 0 < length <= MAX_SEGMENT_BYTES:
        raise BadPlaylistError(Message("byte_range_invalid", raw=raw[:40]))
    return ByteRange(start, length)
