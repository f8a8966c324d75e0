"""What a stream's transfer consists of: pieces to fetch, in order, and how they belong together."""

import hashlib
import json
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import attrs

from aniworld_core.domain.media import TrackRole
from aniworld_core.errors import (
    BadPlaylistError,
    ProtectedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_providers.transfer.disk.ledger import Entry
from aniworld_providers.transfer.manifests.mirrors import MirrorLoader
from aniworld_providers.transfer.manifests.playlists import MediaPlaylist, Piece, Segment
from aniworld_providers.transfer.manifests.subtitle_offers import TextOffer

_FORMAT: Final = 1


@attrs.frozen(kw_only=True)
class ChosenTrack:
    """A playlist that is wanted, and for what.

    Attributes:
        playlist: Its segments.
        has_video: Whether its picture is wanted.
        has_audio: Whether its sound is wanted.
        language: ISO 639-3 code of its sound, where the manifest tells.
        mirrors: Load further playlists of the same encode.
    """

    playlist: MediaPlaylist
    has_video: bool = True
    has_audio: bool = True
    language: str | None = None
    mirrors: tuple[MirrorLoader, ...] = ()


@attrs.frozen(kw_only=True)
class Selection:
    """What a manifest offers, and what of it is wanted.

    Attributes:
        tracks: What is wanted; the first gives the picture.
        heights: Picture heights on offer, tallest first.
        audio_languages: ISO 639-3 codes of the sound tracks on offer, in order.
        identity: What tells this encode from the others of the manifest.
        height: Picture height of the chosen encode, 0 if unknown.
        expects_sound: Whether the manifest promises sound.
        texts: The subtitles it lists.
        roles: Which picture or sound it offers besides the ordinary ones.
        notices: What is wrong with it and does no harm.
    """

    tracks: tuple[ChosenTrack, ...]
    heights: tuple[int, ...] = ()
    audio_languages: tuple[str, ...] = ()
    identity: str = ""
    height: int = 0
    expects_sound: bool = False
    texts: tuple[TextOffer, ...] = ()
    roles: tuple[TrackRole, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """The promised playing time in seconds."""
        return max(track.playlist.duration for track in self.tracks)

    @property
    def slack(self) -> float:
        """The seconds by which the playing time may differ because durations are rounded."""
        return max(track.playlist.slack for track in self.tracks)

    @property
    def protection(self) -> str | None:
        """The scheme that protects any of it."""
        return next((t.playlist.protection for t in self.tracks if t.playlist.protection), None)

    @property
    def is_live(self) -> bool:
        """Whether any of it has no end yet."""
        return not all(track.playlist.is_complete for track in self.tracks)

    def require_fetchable(self, what: str) -> None:
        """Refuse what cannot be fetched as a whole.

        Raises:
            ProtectedError: If it is protected.
            UnsupportedSourceError: If it is live.
            SourceGoneError: If the manifest itself says that pieces are missing.
        """
        if self.protection is not None:
            raise ProtectedError(what, self.protection)
        if self.is_live:
            raise UnsupportedSourceError(what, Message("live_broadcast"))
        gaps = sum(track.playlist.gaps for track in self.tracks)
        if gaps:
            reason = f"the playlist calls {gaps} of its segments missing"
            raise SourceGoneError(f"part of {what}", reason, is_part=True)
        if not all(track.playlist.segments for track in self.tracks):
            raise BadPlaylistError("it is empty")


@attrs.frozen(kw_only=True)
class Item:
    """One thing to fetch.

    Attributes:
        piece: Where its bytes are.
        sequence: Its media sequence number.
        duration: How long it plays in seconds, 0 for an initialisation section.
        is_init: Whether it is an initialisation section.
        has_init: Whether it needs one in front, and so is a fragment of an MP4.
        slack: Seconds by which it may play longer or shorter because its duration is rounded.
        may_be_absent: Whether its number is only calculated: it may not exist.
        track: Of which track it is.
        place: Which segment of the track's playlist it is, or is in front of.
    """

    piece: Piece
    sequence: int
    duration: float = 0.0
    is_init: bool = False
    has_init: bool = False
    slack: float = 0.0
    may_be_absent: bool = False
    track: int = 0
    place: int = 0

    @property
    def shortest(self) -> float:
        """The shortest playing time in seconds that the playlist allows."""
        return max(self.duration - self.slack, 0.0)


@attrs.frozen(kw_only=True)
class JobTrack:
    """One track: indices of its items, per stretch of one clock.

    Attributes:
        groups: The indices.
        has_video: Whether its picture is wanted.
        has_audio: Whether its sound is wanted.
        language: ISO 639-3 code of its sound, if known.
        origins: Per stretch, `Segment.origin` of its first segment.
        dates: Per stretch, when it begins in seconds since 1970, if the playlist tells.
    """

    groups: tuple[tuple[int, ...], ...]
    has_video: bool
    has_audio: bool
    language: str | None
    origins: tuple[float | None, ...] = ()
    dates: tuple[float | None, ...] = ()


@attrs.frozen(kw_only=True)
class Job:
    """A whole transfer.

    Attributes:
        items: Everything to fetch, in the order in which it is needed.
        tracks: How the items make up tracks.
        shape: What survives a new link: sequence numbers, durations, sizes.
        duration: The promised playing time in seconds.
        slack: Seconds by which the playing time may differ because durations are rounded.
    """

    items: tuple[Item, ...]
    tracks: tuple[JobTrack, ...]
    shape: Entry
    duration: float
    slack: float = 0.0


@attrs.define
class _Placed:
    at: float
    track: int
    item: Item


def plan_job(selection: Selection) -> Job:
    """Lay out the transfer of a selection."""
    placed: list[_Placed] = []
    layouts: list[list[list[int]]] = []
    for number, track in enumerate(selection.tracks):
        layouts.append(_lay_out(track.playlist, number, placed))
    # Sound and picture of the same moment are fetched together: the muxer needs both.
    order = sorted(range(len(placed)), key=lambda i: (placed[i].at, not placed[i].item.is_init, i))
    place_of = {old: new for new, old in enumerate(order)}
    items = tuple(placed[old].item for old in order)
    tracks = tuple(
        JobTrack(
            groups=tuple(tuple(place_of[i] for i in group) for group in layout),
            has_video=track.has_video,
            has_audio=track.has_audio,
            language=track.language,
            origins=tuple(g[0].origin if g else None for g in _stretches(track.playlist)),
            dates=tuple(_date_of(group) for group in _stretches(track.playlist)),
        )
        for track, layout in zip(selection.tracks, layouts, strict=True)
    )
    return Job(
        items=items,
        tracks=tracks,
        shape=_shape(selection.identity, items, tracks),
        duration=selection.duration,
        slack=selection.slack,
    )


def _stretches(playlist: MediaPlaylist) -> list[list[Segment]]:
    """Return the segments of every stretch of one clock, none where the track has a pause."""
    found = [(number, list(group)) for number, group in groupby(playlist.segments, _group_of)]
    if not playlist.stretches:
        return [group for _, group in found]
    by_number = dict(found)
    return [by_number.get(number, []) for number in playlist.stretches]


def _group_of(segment: Segment) -> int:
    return segment.group


def _date_of(stretch: Sequence[Segment]) -> float | None:
    """Return when a stretch begins, by the first date in it; seconds since 1970."""
    at = 0.0
    for segment in stretch:
        if segment.date is not None:
            return segment.date - at
        at += segment.duration
    return None


def _lay_out(playlist: MediaPlaylist, track: int, placed: list[_Placed]) -> list[list[int]]:
    groups: list[list[int]] = []
    at, place = 0.0, 0
    for stretch in _stretches(playlist):
        groups.append([])
        if stretch and (section := stretch[0].init) is not None:
            groups[-1].append(len(placed))
            init = Item(
                piece=section,
                sequence=stretch[0].sequence,
                is_init=True,
                track=track,
                place=place,
            )
            placed.append(_Placed(at, track, init))
        for segment in stretch:
            groups[-1].append(len(placed))
            item = Item(
                piece=segment.piece,
                sequence=segment.sequence,
                duration=segment.duration,
                has_init=segment.init is not None,
                slack=segment.slack,
                may_be_absent=segment.may_be_absent,
                track=track,
                place=place,
            )
            placed.append(_Placed(at, track, item))
            at += segment.duration
            place += 1
    return groups


def _shape(identity: str, items: Sequence[Item], tracks: Sequence[JobTrack]) -> Entry:
    listed = [
        [
            item.sequence,
            round(item.duration, 3),
            item.is_init,
            item.piece.part.length if item.piece.part else None,
            item.piece.key is not None,
        ]
        for item in items
    ]
    layout = [[track.groups, track.has_video, track.has_audio] for track in tracks]
    text = json.dumps([identity, listed, layout], separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"kind": "segments", "version": _FORMAT, "count": len(items), "digest": digest}
