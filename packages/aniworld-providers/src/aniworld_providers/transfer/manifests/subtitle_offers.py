"""Subtitles that a stream or an HLS playlist offers, as pieces to fetch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.domain.subtitles import Subtitle, TextTrack, flags_in
from aniworld_core.errors import AniworldError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.transfer.manifests.playlists import (
    MasterPlaylist,
    MediaPlaylist,
    Piece,
    TextRendition,
    Variant,
)

#: Most subtitles of one film.
MOST_OFFERS: Final = 60


@attrs.frozen(kw_only=True)
class TextPart:
    """A file or segment of a subtitle.

    Attributes:
        piece: Its address.
        group: Number of its group.
        start: Start of its clock in seconds of the film.
    """

    piece: Piece
    group: int = 0
    start: float = 0.0


@attrs.frozen(kw_only=True)
class TextOffer:
    """A subtitle that can be fetched.

    Attributes:
        track: Language and kind.
        headers: Request headers for its server.
        parts: Its pieces, in order.
        playlist: URL of the HLS playlist that lists its parts, if it has to be loaded first;
            relative to `base`.
        base: URL of the manifest that lists it.
        variables: Variables that the manifest passes on.
        refusal: Reason why it cannot be used, if already known.
    """

    track: TextTrack
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    parts: tuple[TextPart, ...] = ()
    playlist: str | None = None
    base: str = ""
    variables: Mapping[str, str] = attrs.Factory(dict)
    refusal: str | None = None

    @property
    def label(self) -> Message:
        """Its name in messages."""
        tags = self.track.tags.removeprefix(".")
        return Message("subtitle_named", tags=tags) if tags else Message("subtitle_unnamed")

    def missing(self, reason: object) -> Message:
        """Return the notice that it is missing.

        Args:
            reason: The error or message that says why.
        """
        said = reason.message if isinstance(reason, AniworldError) else reason
        return Message(
            "part_reason",
            part=self.label,
            reason=said if isinstance(said, Message) else str(said),
        )


def offers_of(stream: Stream, listed: Iterable[TextOffer]) -> Sequence[TextOffer]:
    """Return the subtitles beside a stream and those in its manifest, without duplicates."""
    beside = [_offer(subtitle) for subtitle in stream.subtitles]
    # Subtitles in the manifest need the request headers of the stream.
    inside = [attrs.evolve(offer, headers=stream.headers) for offer in listed]
    found: dict[object, TextOffer] = {}
    for offer in (*beside, *inside):
        place = (offer.base, offer.playlist, offer.parts)
        found.setdefault((*place, offer.track) if offer.refusal else place, offer)
    return list(found.values())


def parts_of(playlist: MediaPlaylist) -> tuple[TextPart, ...]:
    """Return the segments of a subtitle playlist as parts."""
    return tuple(TextPart(piece=s.piece, group=s.group) for s in playlist.segments)


def _offer(subtitle: Subtitle) -> TextOffer:
    return TextOffer(
        track=TextTrack(
            language=subtitle.language,
            forced=subtitle.forced,
            hearing_impaired=subtitle.hearing_impaired,
            translated=subtitle.translated,
        ),
        headers=subtitle.headers,
        parts=(TextPart(piece=Piece(url=subtitle.url)),),
    )


#: Media characteristics of subtitles for the hearing impaired.
_HEARING: Final = (
    "public.accessibility.transcribes-spoken-dialog",
    "public.accessibility.describes-music-and-sound",
)


def listed_texts(master: MasterPlaylist, variant: Variant) -> tuple[TextOffer, ...]:
    """Return the subtitles of a variant's group, or all if the variant names no group."""
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
