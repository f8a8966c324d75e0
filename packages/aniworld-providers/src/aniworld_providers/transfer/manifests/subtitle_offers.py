"""What subtitles there are to fetch, as pieces: whole files, or segments of a manifest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.domain.subtitles import Subtitle, TextTrack
from aniworld_providers.transfer.manifests.playlists import MediaPlaylist, Piece

#: More subtitles than any film has.
MOST_OFFERS: Final = 60


@attrs.frozen(kw_only=True)
class TextPart:
    """A file or a segment.

    Attributes:
        piece: Where its bytes are.
        group: Which stretch of one clock it belongs to.
        start: When its clock begins, in seconds of the film.
    """

    piece: Piece
    group: int = 0
    start: float = 0.0


@attrs.frozen(kw_only=True)
class TextOffer:
    """A subtitle that can be had.

    Attributes:
        track: What it is.
        headers: What its server wants to see.
        parts: Its bytes, in order.
        playlist: Link of the HLS playlist that lists its parts, where that must be read first;
            relative to `base`.
        base: Link of the manifest it was found in.
        variables: What that manifest hands down.
        refusal: Why it cannot be used, if that is known already.
    """

    track: TextTrack
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    parts: tuple[TextPart, ...] = ()
    playlist: str | None = None
    base: str = ""
    variables: Mapping[str, str] = attrs.Factory(dict)
    refusal: str | None = None

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"subtitle {self.track.tags.removeprefix('.') or 'of unknown language'}"


def offers_of(stream: Stream, listed: Iterable[TextOffer]) -> Sequence[TextOffer]:
    """Put together what lies beside a stream and what its manifest lists; no link twice."""
    beside = [_offer(subtitle) for subtitle in stream.subtitles]
    # Whoever reads the manifest sends what the stream needs.
    inside = [attrs.evolve(offer, headers=stream.headers) for offer in listed]
    found: dict[object, TextOffer] = {}
    for offer in (*beside, *inside):
        place = (offer.base, offer.playlist, offer.parts)
        found.setdefault((*place, offer.track) if offer.refusal else place, offer)
    return list(found.values())[:MOST_OFFERS]


def parts_of(playlist: MediaPlaylist) -> tuple[TextPart, ...]:
    """Return the segments of a playlist of subtitles."""
    return tuple(TextPart(piece=s.piece, group=s.group) for s in playlist.segments)


def _offer(subtitle: Subtitle) -> TextOffer:
    return TextOffer(
        track=TextTrack(
            language=subtitle.language,
            forced=subtitle.forced,
            hearing_impaired=subtitle.hearing_impaired,
        ),
        headers=subtitle.headers,
        parts=(TextPart(piece=Piece(url=subtitle.url)),),
    )
