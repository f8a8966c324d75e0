"""The subtitles that an HLS playlist of variants lists (RFC 8216 section 4.3.4.1)."""

from typing import Final

from aniworld_core.domain.subtitles import TextTrack, flags_in
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.transfer.manifests.playlists import MasterPlaylist, TextRendition, Variant
from aniworld_providers.transfer.manifests.subtitle_offers import TextOffer

#: Media characteristics of subtitles that also tell of sounds.
_HEARING: Final = (
    "public.accessibility.transcribes-spoken-dialog",
    "public.accessibility.describes-music-and-sound",
)


def listed_texts(master: MasterPlaylist, variant: Variant) -> tuple[TextOffer, ...]:
    """Return the subtitles of a variant's group; all there are where it names no group."""
    group = [text for text in master.texts if text.group == variant.text_group]
    return tuple(
        TextOffer(
            track=_track(text),
            playlist=text.reference,
            base=master.url,
            variables=master.variables,
        )
        for text in group or master.texts
    )


def _track(text: TextRendition) -> TextTrack:
    forced, hearing_impaired = flags_in(text.name)
    named = text.characteristics.lower()
    return TextTrack(
        language=language_named(text.language, text.name),
        forced=text.forced or forced,
        hearing_impaired=hearing_impaired or any(tag in named for tag in _HEARING),
    )
