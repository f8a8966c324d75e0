"""The subtitles in a DASH manifest: WebVTT as whole files or in segments.

Subtitles in MP4 fragments (`wvtt`, `stpp`) or as TTML are reported but not supported.
"""

from collections import defaultdict
from typing import Final

from aniworld_core.domain.media import normalise_tag
from aniworld_core.domain.subtitles import TextTrack, flags_in
from aniworld_core.errors import BadPlaylistError
from aniworld_core.messages import Message
from aniworld_providers.transfer.manifests.dash.tree import Manifest, Representation
from aniworld_providers.transfer.manifests.playlists import MAX_SEGMENTS, MediaPlaylist
from aniworld_providers.transfer.manifests.subtitle_offers import MOST_OFFERS, TextOffer, TextPart

_PLAIN: Final = frozenset({"text/vtt", "application/x-subrip", "text/srt", "text/plain"})
_PACKED: Final = ("wvtt", "stpp")
#: Roles of ISO/IEC 23009-1 section 5.8.5.5 besides `subtitle`.
_FORCED: Final = frozenset({"forced-subtitle", "forced_subtitle"})
_HEARING: Final = frozenset({"caption"})


def listed_sets(manifest: Manifest, film: MediaPlaylist) -> tuple[TextOffer, ...]:
    """Return one subtitle per language and purpose, joined over all periods.

    Args:
        manifest: The manifest.
        film: The chosen video; its groups are the periods, and its segments give their durations.
    """
    sets: defaultdict[TextTrack, dict[int, Representation]] = defaultdict(dict)
    for representation in manifest.representations:
        if _is_text(representation):
            sets[_track(representation)].setdefault(representation.period, representation)
    starts = _starts(film)
    offers: list[TextOffer] = []
    left = MAX_SEGMENTS
    for track, periods in list(sets.items())[:MOST_OFFERS]:
        # Behind the limit, the segments of further subtitles are not listed at all.
        offer = TextOffer(track=track, refusal=Message("subtitles_too_many_segments"))
        if left > 0:
            try:
                offer = _offer(track, periods, starts)
            except BadPlaylistError as error:
                offer = TextOffer(track=track, refusal=error.reason)
            left -= len(offer.parts)
        offers.append(offer)
    return tuple(offers)


def _offer(
    track: TextTrack, periods: dict[int, Representation], starts: dict[int, float]
) -> TextOffer:
    for representation in periods.values():
        if representation.protection is not None:
            return TextOffer(
                track=track, refusal=Message("is_protected", scheme=representation.protection)
            )
        if representation.media_type not in _PLAIN or representation.addressing.init() is not None:
            kind = representation.codecs or representation.media_type
            return TextOffer(track=track, refusal=Message("format_unsupported", format=kind[:40]))
    parts = [
        TextPart(piece=segment.piece, group=period, start=starts.get(period, 0.0))
        for period, representation in sorted(periods.items())
        if period in starts
        for segment in representation.addressing.segments()
    ]
    return TextOffer(track=track, parts=tuple(parts))


def _is_text(representation: Representation) -> bool:
    if representation.kind == "text" or representation.media_type in _PLAIN:
        return True
    return "ttml" in representation.media_type or representation.codecs.startswith(_PACKED)


def _track(representation: Representation) -> TextTrack:
    forced, hearing_impaired = flags_in(" ".join(representation.roles))
    tag = representation.language
    return TextTrack(
        language=normalise_tag(tag) if tag else None,
        forced=forced or not representation.roles.isdisjoint(_FORCED),
        hearing_impaired=hearing_impaired or not representation.roles.isdisjoint(_HEARING),
    )


def _starts(film: MediaPlaylist) -> dict[int, float]:
    starts: dict[int, float] = {}
    at = 0.0
    for segment in film.segments:
        starts.setdefault(segment.group, at)
        at += segment.duration
    return starts
