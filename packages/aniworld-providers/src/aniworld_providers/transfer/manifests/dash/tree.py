"""Parse a DASH manifest (ISO/IEC 23009-1) into its representations."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from aniworld_core.documents import XmlError, XmlLimits, read_xml
from aniworld_core.domain.media import TrackRole
from aniworld_core.errors import BadPlaylistError, UnsupportedSourceError
from aniworld_core.messages import Message
from aniworld_providers.transfer.manifests.dash.roles import has_unknown_property, role_in
from aniworld_providers.transfer.manifests.dash.segments import Addressing, SegmentInfo, base_urls

#: Limits of a manifest; a film of three hours has fewer elements and about eight levels.
XML_LIMITS: Final = XmlLimits(elements=100_000, depth=32, attributes=64)
#: Most periods, and most representations in all of them.
MAX_PERIODS: Final = 1_000
MAX_REPRESENTATIONS: Final = 5_000
#: Most base URLs of one representation.
MAX_ADDRESSES: Final = 8
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?)?"
)
_SECONDS: Final = (31_536_000, 2_592_000, 86_400, 3600, 60, 1)
_LONGEST_NUMBER: Final = 64
_FILM: Final = frozenset({"video", "audio"})
_KINDS: Final = _FILM | {"text"}
#: A link to an empty element (ISO/IEC 23009-1 section 5.5.3).
_NOTHING: Final = "urn:mpeg:dash:resolve-to-zero:2013"


@attrs.frozen(kw_only=True)
class Representation:
    """One encode in one period.

    Attributes:
        id: Its name in the manifest.
        kind: `video`, `audio`, `text` or anything else.
        language: Its language tag, if any.
        bandwidth: Bits per second, 0 if unknown.
        height: Picture height, 0 if unknown.
        codecs: Its codecs.
        protection: Its encryption scheme, if any.
        addressing: The addresses of its segments.
        period: Number of its period.
        media_type: Its MIME type, in lower case.
        roles: The values of its descriptors, in lower case.
        role: Its role.
        is_main: Whether the manifest marks it as the main one of its kind.
        is_doubtful: Whether it has an essential property that is not supported.
    """

    id: str
    kind: str
    language: str | None
    bandwidth: int
    height: int
    codecs: str
    protection: str | None
    addressing: Addressing
    period: int
    media_type: str = ""
    roles: frozenset[str] = frozenset()
    role: TrackRole = TrackRole.MAIN
    is_main: bool = False
    is_doubtful: bool = False

    @property
    def codec(self) -> str:
        """Name of its codec without profile and level, empty if unknown."""
        return self.codecs.partition(",")[0].partition(".")[0].strip().lower()


@attrs.frozen(kw_only=True)
class Manifest:
    """All representations of a manifest.

    Attributes:
        representations: In the manifest's order.
        is_live: Whether the manifest may still change.
        durations: Playing time of each period in seconds, 0 if unknown.
    """

    representations: tuple[Representation, ...]
    is_live: bool
    durations: tuple[float, ...] = ()


def parse_manifest(text: str, url: str) -> Manifest:
    """Parse a manifest without listing any segments.

    Raises:
        BadPlaylistError: If it is not a DASH manifest, or invalid where that matters.
        UnsupportedSourceError: If a part of it is in another document.
    """
    try:
        root = read_xml(text.strip(), XML_LIMITS)
    except XmlError as error:
        raise BadPlaylistError(error.args[0]) from error
    if root.tag != "MPD":
        raise BadPlaylistError(Message("no_dash_manifest"))
    try:
        whole = seconds_of(root.get("mediaPresentationDuration"))
        periods = _timed(_kept(root, "Period", MAX_PERIODS), whole)
        found = tuple(_representations(root, periods, url))
    except (ValueError, OverflowError) as error:
        raise BadPlaylistError(Message("manifest_value_invalid", detail=str(error))) from error
    return Manifest(
        representations=found,
        is_live=root.get("type", "").strip().lower() == "dynamic",
        durations=tuple(duration for _, duration in periods),
    )


def _timed(
    periods: Sequence[ET.Element], whole: float | None
) -> tuple[tuple[ET.Element, float], ...]:
    """Return each period with its duration, computed from the starts where needed."""
    starts = [seconds_of(period.get("start")) for period in periods]
    given = [seconds_of(period.get("duration")) for period in periods]
    durations: list[float] = []
    at: float | None = 0.0
    for place, duration in enumerate(given):
        start = starts[place] if starts[place] is not None else at
        following = starts[place + 1] if place + 1 < len(periods) else whole
        lasts = duration
        if start is not None and following is not None and following > start:
            rest = following - start
            is_last = place + 1 == len(periods)
            # A period with a duration is only cut by the end of the presentation.
            lasts = rest if duration is None or (not is_last and rest < duration) else duration
        durations.append(lasts or 0.0)
        at = None if start is None or lasts is None else start + lasts
    return tuple(zip(periods, durations, strict=True))


def _representations(
    root: ET.Element, periods: Iterable[tuple[ET.Element, float]], url: str
) -> Iterator[Representation]:
    outermost = _Level.of(root, url)
    count = 0
    for number, (period, duration) in enumerate(periods):
        around = outermost.within(period)
        for group in _kept(period, "AdaptationSet", MAX_REPRESENTATIONS):
            inside = around.within(group)
            for entry in group:
                if entry.tag != "Representation":
                    continue
                count += 1
                if count > MAX_REPRESENTATIONS:
                    raise BadPlaylistError(
                        Message("too_many_representations", limit=MAX_REPRESENTATIONS)
                    )
                try:
                    yield inside.within(entry).representation(duration, number)
                except (BadPlaylistError, ValueError):
                    # An invalid subtitle does not fail the film.
                    if inside.within(entry, is_checked=False).kind in _FILM:
                        raise


def _kept(element: ET.Element, tag: str, most: int) -> list[ET.Element]:
    """Return the children with a tag; empty ones are left out, those elsewhere are refused.

    Raises:
        BadPlaylistError: If there are too many.
        UnsupportedSourceError: If one is in another document.
    """
    found = []
    for child in element:
        if child.tag != tag:
            continue
        link = next((v for k, v in child.attrib.items() if k.endswith("/xlink}href")), None)
        if link is not None and link.strip() == _NOTHING:
            continue
        if link is not None and not len(child):
            what = Message("a_period" if tag == "Period" else "an_adaptation_set")
            raise UnsupportedSourceError(
                Message("the_manifest"), Message("in_other_document", what=what)
            )
        found.append(child)
        if len(found) > most:
            raise BadPlaylistError(Message("too_many_elements", limit=most, tag=tag))
    return found


@attrs.frozen(eq=False, kw_only=True)
class _Level:
    """The attributes and elements that apply inside of an element."""

    attributes: dict[str, str]
    bases: tuple[str, ...] = ()
    info: SegmentInfo = attrs.Factory(SegmentInfo)
    protection: str | None = None
    descriptors: tuple[ET.Element, ...] = ()

    @classmethod
    def of(cls, root: ET.Element, url: str) -> "_Level":
        bases = base_urls(root, (url,), MAX_ADDRESSES)
        return cls(attributes={}, bases=bases, protection=_protection(root))

    def within(self, element: ET.Element, *, is_checked: bool = True) -> "_Level":
        kept = element.tag != "Period"
        own = [child for child in element if child.tag in _DESCRIPTORS] if kept else []
        attributes = {**self.attributes, **element.attrib} if kept else {}
        if element.tag == "AdaptationSet":
            attributes.pop("id", None)  # the set's own id, not that of its representations
        return _Level(
            attributes=attributes,
            bases=base_urls(element, self.bases, MAX_ADDRESSES) if is_checked else self.bases,
            info=self.info.within(element),
            protection=self.protection or _protection(element),
            descriptors=(*self.descriptors, *own[:_MOST_DESCRIPTORS]),
        )

    @property
    def media_type(self) -> str:
        attributes = self.attributes
        return (attributes.get("mimeType") or attributes.get("contentType") or "").lower()

    @property
    def kind(self) -> str:
        kind = self.media_type.partition("/")[0]
        return self.attributes.get("contentType", kind).lower() if kind not in _KINDS else kind

    def representation(self, duration: float, period: int) -> Representation:
        attributes = self.attributes
        identifier = attributes.get("id", "")[:_LONGEST_ID]
        names = {"RepresentationID": identifier, "Bandwidth": attributes.get("bandwidth", "0")}
        values = [(d.get("value") or d.text or "").strip().lower() for d in self.descriptors]
        return Representation(
            id=identifier,
            kind=self.kind,
            language=attributes.get("lang"),
            bandwidth=int(attributes.get("bandwidth") or 0),
            height=int(attributes.get("height") or 0),
            codecs=attributes.get("codecs") or "",
            protection=self.protection,
            addressing=Addressing(
                info=self.info, base_urls=self.bases, names=names, duration=duration
            ),
            period=period,
            media_type=self.media_type,
            roles=frozenset(values),
            role=role_in(self.descriptors, attributes),
            is_main="main" in values,
            is_doubtful=has_unknown_property(self.descriptors),
        )


_DESCRIPTORS: Final = frozenset(
    {"Role", "Accessibility", "Label", "EssentialProperty", "SupplementalProperty"}
)
#: Most descriptors of one element that are read.
_MOST_DESCRIPTORS: Final = 50
#: Longest id of a representation; it is part of every URL of a template.
_LONGEST_ID: Final = 1_024


def _protection(element: ET.Element) -> str | None:
    guard = element.find("ContentProtection")
    return None if guard is None else (guard.get("schemeIdUri") or "ContentProtection")


def seconds_of(raw: str | None) -> float | None:
    """Parse an ISO 8601 duration; return `None` without one.

    Raises:
        ValueError: If it is invalid.
    """
    if not raw:
        return None
    match = _DURATION.fullmatch(raw.strip()) if len(raw) <= _LONGEST_NUMBER else None
    if match is None:
        raise ValueError(raw[:_LONGEST_NUMBER])
    pairs = zip(match.groups(), _SECONDS, strict=True)
    return sum(float(value) * unit for value, unit in pairs if value)
