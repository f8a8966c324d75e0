"""How a DASH manifest names the segments of a representation (ISO/IEC 23009-1 section 5.3.9).

Nothing is unfolded before somebody asks: a manifest of 1 KB can name a million segments in
qualities that nobody wants.
"""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.errors import BadPlaylistError
from aniworld_providers.transfer.links import Links, absolute, is_inline
from aniworld_providers.transfer.manifests.hls.tags import MAX_SEGMENTS
from aniworld_providers.transfer.manifests.playlists import MAX_SEGMENT_BYTES, ByteRange, Piece

#: Longest template of a link, in characters.
MAX_TEMPLATE: Final = 4096
#: Most digits that a template pads a number to.
MAX_DIGITS: Final = 32
_IDENTIFIER = re.compile(r"\$([A-Za-z]*)(?:%0([0-9]+)d)?\$")
_MOST_NUMBER: Final = 2**63
_KINDS: Final = ("SegmentTemplate", "SegmentList", "SegmentBase")


@attrs.frozen(kw_only=True)
class Cut:
    """One segment of a representation.

    Attributes:
        piece: Where its bytes are.
        duration: Its playing time in seconds.
        may_be_absent: Whether its number is only calculated: the last one may not exist.
    """

    piece: Piece
    duration: float
    may_be_absent: bool = False


@attrs.frozen(eq=False)
class Naming:
    """The segment elements that hold at one level: inner ones add to and replace outer ones."""

    found: Mapping[str, tuple[Mapping[str, str], Mapping[str, ET.Element]]] = attrs.Factory(dict)

    def within(self, element: ET.Element) -> "Naming":
        """Return what holds inside of an element."""
        own = [child for child in element if child.tag in _KINDS]
        if not own:
            return self
        found = dict(self.found)
        for child in own:
            attributes, children = found.get(child.tag, ({}, {}))
            # Entries of a list come one after another: the list itself stands for them.
            inner = {part.tag: part if part.tag != "SegmentURL" else child for part in child}
            found[child.tag] = ({**attributes, **child.attrib}, {**children, **inner})
        return Naming(found)


@attrs.frozen(eq=False, kw_only=True)
class Addressing:
    """Where the segments of one representation are.

    Attributes:
        naming: The segment elements that hold for it.
        bases: What its links are relative to; each of them has all segments.
        names: What identifiers in templates stand for.
        duration: How long its period plays, in seconds.
    """

    naming: Naming
    bases: tuple[str, ...]
    names: Mapping[str, str]
    duration: float

    @property
    def time_offset(self) -> float:
        """The time of its own clock at which its period begins, in seconds.

        Raises:
            BadPlaylistError: If that makes no sense.
        """
        attributes, _ = self._found()
        try:
            offset = int(attributes.get("presentationTimeOffset") or 0)
            return offset / int(attributes.get("timescale") or 1)
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise BadPlaylistError(f"a time offset makes no sense ({error})") from error

    def init(self) -> Piece | None:
        """Return the initialisation section, if it is apart.

        Raises:
            BadPlaylistError: If it is broken.
        """
        if "SegmentTemplate" in self.naming.found:
            attributes, _ = self.naming.found["SegmentTemplate"]
            template = attributes.get("initialization")
            if template:
                return self._piece(Links(self.bases[0]), _Template(template).filled(self.names))
            return None
        _, children = self._found()
        section = children.get("Initialization")
        if section is None:
            return None
        part = range_of(section.get("range"))
        return self._piece(Links(self.bases[0]), section.get("sourceURL") or "", part)

    def index(self) -> ByteRange | None:
        """Return where an index of segments is, when that has to be read first.

        Raises:
            BadPlaylistError: If that makes no sense.
        """
        if "SegmentTemplate" in self.naming.found or "SegmentList" in self.naming.found:
            return None
        attributes, _ = self._found()
        return range_of(attributes.get("indexRange"))

    def cuts(self) -> tuple[Cut, ...]:
        """Unfold the segments.

        Raises:
            BadPlaylistError: If they make no sense or exceed a limit.
        """
        links = Links(self.bases[0])
        try:
            if "SegmentTemplate" in self.naming.found:
                return tuple(self._templated(links))
            if "SegmentList" in self.naming.found:
                return tuple(self._listed(links))
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            raise BadPlaylistError(f"its segments make no sense ({error})") from error
        return (Cut(piece=self._piece(links, ""), duration=self.duration),)

    def _found(self) -> tuple[Mapping[str, str], Mapping[str, ET.Element]]:
        nothing: tuple[Mapping[str, str], Mapping[str, ET.Element]] = ({}, {})
        return next((self.naming.found[k] for k in _KINDS if k in self.naming.found), nothing)

    def _piece(self, links: Links, reference: str, part: ByteRange | None = None) -> Piece:
        if reference and is_inline(reference):
            return Piece(url=links.media(reference), part=part)
        url = links.media(reference) if reference else links.counted(self.bases[0])
        return Piece(url=url, part=part, reference=reference, mirrors=self.bases[1:])

    def _templated(self, links: Links) -> Iterator[Cut]:
        attributes, children = self.naming.found["SegmentTemplate"]
        if not attributes.get("media"):
            raise BadPlaylistError("a segment template has no address")
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
            yield Cut(
                piece=self._piece(links, template.filled(names)),
                duration=max(length / scale, 0.0),
                may_be_absent=not is_certain and 0 < place == len(listed) - 1,
            )

    def _even(self, attributes: Mapping[str, str], most: int | None) -> list[tuple[int, int]]:
        """Return beginning and length of segments of one length."""
        scale = int(attributes.get("timescale") or 1)
        length = int(attributes.get("duration") or 0)
        end = round(self.duration * scale)
        if length < 0:
            raise BadPlaylistError("the duration of a segment is negative")
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
                raise BadPlaylistError("a segment timeline makes no sense")
            if repeats < 0:
                following = entries[place + 1].get("t") if place + 1 < len(entries) else None
                end = int(following) if following else offset + round(self.duration * scale)
                repeats = max(math.ceil((end - at) / length), 1) - 1
            _require_count(len(times) + repeats + 1)
            times += [(at + i * length, length) for i in range(repeats + 1)]
            at += (repeats + 1) * length
        return times

    def _listed(self, links: Links) -> Iterator[Cut]:
        attributes, children = self.naming.found["SegmentList"]
        held = children.get("SegmentURL")
        entries = [] if held is None else [part for part in held if part.tag == "SegmentURL"]
        _require_count(len(entries))
        scale = int(attributes.get("timescale") or 1)
        for entry, length in zip(entries, self._lengths(len(entries)), strict=True):
            part = range_of(entry.get("mediaRange"))
            piece = self._piece(links, entry.get("media") or "", part)
            yield Cut(piece=piece, duration=max(length / scale, 0.0))

    def _lengths(self, count: int) -> Sequence[int]:
        """Return the length of each entry of a list."""
        attributes, children = self.naming.found["SegmentList"]
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
    """A template of a link, taken apart once."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_TEMPLATE:
            raise BadPlaylistError(f"a segment template has more than {MAX_TEMPLATE} characters")
        self._parts: list[str | tuple[str, int]] = []
        at = 0
        for match in _IDENTIFIER.finditer(text):
            self._parts.append(text[at : match.start()])
            at = match.end()
            name, digits = match.group(1), match.group(2)
            if digits is not None and (len(digits) > 3 or int(digits) > MAX_DIGITS):
                raise BadPlaylistError(f"a segment template pads to more than {MAX_DIGITS} digits")
            self._parts.append((name, int(digits or 0)) if name else "$")
        self._parts.append(text[at:])

    def filled(self, names: Mapping[str, str]) -> str:
        """Return the link for these values.

        Raises:
            BadPlaylistError: If it uses another one.
        """
        return "".join(p if isinstance(p, str) else _value(names, *p) for p in self._parts)


def _value(names: Mapping[str, str], name: str, digits: int) -> str:
    if name not in names:
        raise BadPlaylistError(f"a segment template uses ${name[:40]}$ where it has no value")
    return names[name].zfill(digits)


def _require_count(count: int) -> None:
    if count > MAX_SEGMENTS:
        raise BadPlaylistError(f"it has more than {MAX_SEGMENTS} segments")


def bases_of(element: ET.Element, outer: Sequence[str], most: int) -> tuple[str, ...]:
    """Return what links inside of an element are relative to, the preferred address first.

    Every `BaseURL` is an address of its own, relative to each of the outer ones. Those with a
    lower `priority` (ETSI TS 103 285) come first.

    Args:
        element: What may have some.
        outer: The addresses around it.
        most: How many addresses are kept.

    Raises:
        BadPlaylistError: If none of them can be used.
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
        raise failure or BadPlaylistError("it has no address")
    return tuple(found)


def _priority(element: ET.Element) -> int:
    raw = next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == "priority"), "1")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 1


def range_of(raw: str | None) -> ByteRange | None:
    """Read a range as manifests write it, `first-last`.

    Raises:
        BadPlaylistError: If it makes no sense.
    """
    if not raw:
        return None
    first, _, last = raw.partition("-")
    try:
        start, length = int(first), int(last) - int(first) + 1
    except ValueError as error:
        raise BadPlaylistError(f"a byte range is {raw[:40]!r}") from error
    if start < 0 or not 0 < length <= MAX_SEGMENT_BYTES:
        raise BadPlaylistError(f"a byte range is {raw[:40]!r}")
    return ByteRange(start, length)
