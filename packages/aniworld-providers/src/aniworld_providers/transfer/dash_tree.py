"""Reads a DASH manifest (ISO/IEC 23009-1) into what it says about each representation."""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from aniworld_core.errors import BadPlaylistError
from aniworld_providers.transfer.hls_tags import MAX_SEGMENTS
from aniworld_providers.transfer.manifest_links import absolute
from aniworld_providers.transfer.playlist import MAX_SEGMENT_BYTES, ByteRange

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?)?"
)
_SECONDS: Final = (31_536_000, 2_592_000, 86_400, 3600, 60, 1)
_IDENTIFIER = re.compile(r"\$(?:(RepresentationID|Number|Time|Bandwidth)(?:%0(\d{1,2})d)?)?\$")
_MOST_NUMBER: Final = 2**63
_FILM: Final = frozenset({"video", "audio"})


@attrs.frozen(kw_only=True)
class Cut:
    """One segment of a representation: its link, its range, its playing time."""

    url: str
    part: ByteRange | None
    duration: float


@attrs.frozen(kw_only=True)
class Representation:
    """One encode in one period.

    Attributes:
        id: What the manifest calls it.
        kind: `video`, `audio` or anything else.
        language: Its language tag, if any.
        bandwidth: Bits per second, 0 if unknown.
        height: Picture height, 0 if unknown.
        codecs: What it is encoded with.
        protection: The scheme that protects it, if any.
        init: Its initialisation section, if apart.
        cuts: Its segments.
        index: Where an index of segments is, when that has to be read first.
        period: The number of its period.
        media_type: Its MIME type, in lower case.
        roles: What it is there for, in words of the manifest, in lower case.
        origin: Media time in seconds at which its period begins (`presentationTimeOffset`,
            ISO/IEC 23009-1 5.3.9.2).
    """

    id: str
    kind: str
    language: str | None
    bandwidth: int
    height: int
    codecs: str
    protection: str | None
    init: tuple[str, ByteRange | None] | None
    cuts: tuple[Cut, ...]
    index: ByteRange | None
    period: int
    media_type: str = ""
    roles: frozenset[str] = frozenset()
    origin: float = 0.0


@attrs.frozen(kw_only=True)
class Manifest:
    """All representations, and whether more will come."""

    representations: tuple[Representation, ...]
    is_live: bool


def parse_manifest(text: str, url: str) -> Manifest:
    """Read a manifest.

    Raises:
        BadPlaylistError: If it is none, or broken where that matters.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadPlaylistError("it defines entities, which no manifest needs")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without entities there is nothing to expand
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        if root.tag != "MPD":
            raise BadPlaylistError("it is no DASH manifest")
        found = tuple(_representations(root, url))
    except (ET.ParseError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise BadPlaylistError(f"the manifest makes no sense ({error})") from error
    return Manifest(representations=found, is_live=root.get("type") == "dynamic")


def _representations(root: ET.Element, url: str) -> Iterator[Representation]:
    whole = seconds_of(root.get("mediaPresentationDuration"))
    base = _base(root, url)
    periods = root.findall("Period")
    for number, period in enumerate(periods):
        duration = seconds_of(period.get("duration")) or whole
        if duration is None or (number and not period.get("duration")):
            start = seconds_of(period.get("start")) or 0.0
            duration = max((whole or 0.0) - start, 0.0)
        for group in period.findall("AdaptationSet"):
            for entry in group.findall("Representation"):
                try:
                    bases = _base(entry, _base(group, _base(period, base)))
                    yield _representation((period, group, entry), bases, duration, number)
                except (BadPlaylistError, ValueError):
                    # Whatever is wrong with a subtitle is no flaw of the film.
                    if _media_type(group, entry).partition("/")[0] in _FILM:
                        raise


def _representation(
    levels: tuple[ET.Element, ET.Element, ET.Element], base: str, duration: float, period: int
) -> Representation:
    _, group, entry = levels
    media_type = _media_type(group, entry)
    guard = entry.find("ContentProtection")
    guard = guard if guard is not None else group.find("ContentProtection")
    names = {
        "RepresentationID": entry.get("id", ""),
        "Bandwidth": entry.get("bandwidth", "0"),
    }
    init, cuts, index = _addresses(levels, base, duration, names)
    return Representation(
        id=entry.get("id", ""),
        kind=media_type.partition("/")[0],
        language=entry.get("lang") or group.get("lang"),
        bandwidth=int(entry.get("bandwidth") or 0),
        height=int(entry.get("height") or group.get("height") or 0),
        codecs=entry.get("codecs") or group.get("codecs") or "",
        protection=None if guard is None else (guard.get("schemeIdUri") or "ContentProtection"),
        init=init,
        cuts=cuts,
        index=index,
        period=period,
        media_type=media_type.lower(),
        roles=frozenset(_roles(group)) | frozenset(_roles(entry)),
        origin=_origin(levels),
    )


def _origin(levels: tuple[ET.Element, ...]) -> float:
    for tag in ("SegmentTemplate", "SegmentList", "SegmentBase"):
        found = _merged(levels, tag)
        if found is not None:
            offset = int(found.get("presentationTimeOffset") or 0)
            return offset / int(found.get("timescale") or 1)
    return 0.0


def _media_type(group: ET.Element, entry: ET.Element) -> str:
    return entry.get("mimeType") or group.get("mimeType") or group.get("contentType") or ""


def _roles(element: ET.Element) -> Iterator[str]:
    for child in element:
        if child.tag in {"Role", "Accessibility"}:
            yield (child.get("value") or "").lower()
        elif child.tag == "Label":
            yield (child.text or "").lower()


def _addresses(
    levels: tuple[ET.Element, ...], base: str, duration: float, names: Mapping[str, str]
) -> tuple[tuple[str, ByteRange | None] | None, tuple[Cut, ...], ByteRange | None]:
    template = _merged(levels, "SegmentTemplate")
    if template is not None:
        init = template.get("initialization")
        first = (absolute(base, _filled(init, names)), None) if init else None
        return first, tuple(_templated(template, base, duration, names)), None
    listed = _merged(levels, "SegmentList")
    if listed is not None:
        return _section(listed, base), tuple(_listed(listed, base)), None
    single = _merged(levels, "SegmentBase")
    whole = (Cut(url=base, part=None, duration=duration),)
    if single is None:
        return None, whole, None
    return _section(single, base), whole, range_of(single.get("indexRange"))


def _merged(levels: tuple[ET.Element, ...], tag: str) -> ET.Element | None:
    """Put the levels of one element together; the innermost says it last."""
    found = [child for level in levels if (child := level.find(tag)) is not None]
    if not found:
        return None
    merged = ET.Element(tag)
    for element in found:
        merged.attrib.update(element.attrib)
        for child in element:
            for old in merged.findall(child.tag) if child.tag != "SegmentURL" else []:
                merged.remove(old)
        merged.extend(list(element))
    return merged


def _section(element: ET.Element, base: str) -> tuple[str, ByteRange | None] | None:
    init = element.find("Initialization")
    if init is None:
        return None
    source = init.get("sourceURL")
    return (absolute(base, source) if source else base), range_of(init.get("range"))


def _templated(
    template: ET.Element, base: str, duration: float, names: Mapping[str, str]
) -> Iterator[Cut]:
    media = template.get("media")
    if not media:
        raise BadPlaylistError("a segment template has no address")
    scale = int(template.get("timescale") or 1)
    number = int(template.get("startNumber") or 1)
    timeline = template.find("SegmentTimeline")
    if timeline is not None:
        times = _timeline(
            timeline, scale, duration, int(template.get("presentationTimeOffset") or 0)
        )
    else:
        length = int(template.get("duration") or 0)
        count = math.ceil(duration * scale / length - 1e-6) if length else 1
        _require_count(count)
        each = length or round(duration * scale)
        end = round(duration * scale)
        times = ((i * each, min(each, end - i * each)) for i in range(count))
    for place, (at, length) in enumerate(times):
        filled = _filled(media, {**names, "Number": str(number + place), "Time": str(at)})
        yield Cut(url=absolute(base, filled), part=None, duration=max(length / scale, 0.0))


def _timeline(
    timeline: ET.Element, scale: int, duration: float, offset: int
) -> Iterator[tuple[int, int]]:
    entries = timeline.findall("S")
    at, count = 0, 0
    for place, entry in enumerate(entries):
        at = int(entry.get("t") or at)
        length, repeats = int(entry.get("d") or 0), int(entry.get("r") or 0)
        if length <= 0 or not 0 <= at < _MOST_NUMBER:
            raise BadPlaylistError("a segment timeline makes no sense")
        if repeats < 0:
            following = entries[place + 1].get("t") if place + 1 < len(entries) else None
            end = int(following) if following else offset + round(duration * scale)
            repeats = max(math.ceil((end - at) / length), 1) - 1
        count += repeats + 1
        _require_count(count)
        for _ in range(repeats + 1):
            yield at, length
            at += length


def _listed(element: ET.Element, base: str) -> Iterator[Cut]:
    entries = element.findall("SegmentURL")
    _require_count(len(entries))
    length = int(element.get("duration") or 0) / int(element.get("timescale") or 1)
    for entry in entries:
        media = entry.get("media")
        url = absolute(base, media) if media else base
        yield Cut(url=url, part=range_of(entry.get("mediaRange")), duration=length)


def _filled(template: str, names: Mapping[str, str]) -> str:
    def value_of(match: re.Match[str]) -> str:
        name, width = match.group(1), match.group(2)
        if name is None:
            return "$"
        if name not in names:
            raise BadPlaylistError(f"a segment template uses ${name}$ where it has no value")
        return names[name].zfill(int(width)) if width else names[name]

    return _IDENTIFIER.sub(value_of, template)


def _base(element: ET.Element, base: str) -> str:
    found = element.findtext("BaseURL")
    return absolute(base, found) if found and found.strip() else base


def _require_count(count: int) -> None:
    if count > MAX_SEGMENTS:
        raise BadPlaylistError(f"it has more than {MAX_SEGMENTS} segments")


def range_of(raw: str | None) -> ByteRange | None:
    """Read a range as manifests write it, `first-last`.

    Raises:
        ValueError: If it makes no sense.
    """
    if not raw:
        return None
    first, _, last = raw.partition("-")
    length = int(last) - int(first) + 1
    if int(first) < 0 or not 0 < length <= MAX_SEGMENT_BYTES:
        raise ValueError(raw)
    return ByteRange(int(first), length)


def seconds_of(raw: str | None) -> float | None:
    """Read an ISO 8601 duration, `None` if there is none.

    Raises:
        ValueError: If it is none.
    """
    if not raw:
        return None
    match = _DURATION.fullmatch(raw.strip())
    if match is None:
        raise ValueError(raw)
    pairs = zip(match.groups(), _SECONDS, strict=True)
    return sum(float(value) * unit for value, unit in pairs if value)
