"""Recognise the role of a DASH representation: roles, accessibility, properties and labels."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aniworld_core.domain.media import TrackRole
from aniworld_providers.transfer.manifests.track_names import role_named, role_tagged

_ROLE_SCHEME: Final = "urn:mpeg:dash:role:"
_PURPOSE_SCHEME: Final = "urn:tva:metadata:cs:audiopurposecs:"
#: Values of the role scheme (ISO/IEC 23009-1 section 5.8.5.5).
_ROLES: Final[Mapping[str, TrackRole]] = {
    "description": TrackRole.DESCRIPTION,
    "commentary": TrackRole.COMMENTARY,
    "enhanced-audio-intelligibility": TrackRole.CLEAR_SPEECH,
    "easyreader": TrackRole.CLEAR_SPEECH,
    "sign": TrackRole.SIGN_LANGUAGE,
}
#: Terms of the TV-Anytime AudioPurposeCS.
_PURPOSES: Final[Mapping[str, TrackRole]] = {
    "1": TrackRole.DESCRIPTION,
    "2": TrackRole.CLEAR_SPEECH,
    "3": TrackRole.COMMENTARY,
    "4": TrackRole.COMMENTARY,
    "5": TrackRole.COMMENTARY,
}
#: Essential properties that only describe how video or audio is presented.
_UNDERSTOOD: Final = ("urn:mpeg:mpegb:cicp:", "urn:mpeg:dash:2013:dash-if-init-data")


def role_in(descriptors: Sequence[ET.Element], attributes: Mapping[str, str]) -> TrackRole:
    """Return the role in the descriptors and language of a representation."""
    found = [role for role in _roles(descriptors, attributes) if role is not TrackRole.MAIN]
    return found[0] if found else TrackRole.MAIN


def has_unknown_property(descriptors: Sequence[ET.Element]) -> bool:
    """Whether a representation has an essential property that is not supported."""
    return any(
        not _scheme(d).startswith(_UNDERSTOOD) for d in descriptors if d.tag == "EssentialProperty"
    )


def _roles(descriptors: Sequence[ET.Element], attributes: Mapping[str, str]) -> Iterator[TrackRole]:
    media_type = (attributes.get("mimeType") or attributes.get("contentType") or "").lower()
    is_sound = media_type.startswith("audio")
    if attributes.get("maxPlayoutRate") or attributes.get("codingDependency") == "false":
        # Independent pictures, or those for a high playback speed, are for trick mode.
        yield TrackRole.TRICK_MODE if media_type.startswith("video") else TrackRole.MAIN
    for descriptor in descriptors:
        scheme = _scheme(descriptor)
        value = (descriptor.get("value") or "").strip().lower()
        if descriptor.tag == "Label":
            yield role_named((descriptor.text or "").strip(), is_sound=is_sound)
        elif descriptor.tag.endswith("Property"):
            yield TrackRole.TRICK_MODE if "trickmode" in scheme else TrackRole.MAIN
        elif scheme.startswith(_ROLE_SCHEME):
            yield _ROLES.get(value, TrackRole.MAIN)
        elif scheme.startswith(_PURPOSE_SCHEME):
            yield _PURPOSES.get(value, TrackRole.MAIN)
    if is_sound:
        yield role_tagged(attributes.get("lang"))
    if attributes.get("label"):
        yield role_named(attributes["label"], is_sound=is_sound)


def _scheme(descriptor: ET.Element) -> str:
    return (descriptor.get("schemeIdUri") or "").strip().lower()
