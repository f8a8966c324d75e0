"""The job of a segmented transfer: the pieces to fetch, in order, and the tracks they make up."""

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
    """A wanted playlist and the tracks that are wanted of it.

    Attributes:
        playlist: Its segments.
        has_video: Whether its video is wanted.
        has_audio: Whether its audio is wanted.
        language: ISO 639-3 code of its audio, if the manifest names it.
        mirrors: Loaders of further playlists of the same encode.
    """

    playlist: MediaPlaylist
    has_video: bool = True
    has_audio: bool = True
    language: str | None = None
    mirrors: tuple[MirrorLoader, ...] = ()


@attrs.frozen(kw_only=True)
class Selection:
    """What a manifest offers and what of it is wanted.

    Attributes:
        tracks: The wanted tracks; the first one has the video.
        heights: Offered picture heights, tallest first.
        audio_languages: ISO 639-3 codes of the offered audio tracks, in order.
        identity: Text that distinguishes this encode from the others of the manifest.
        height: Picture height of the chosen encode, 0 if unknown.
        expects_sound: Whether the manifest announces audio.
        texts: The listed subtitles.
        roles: The roles of further video and audio tracks.
        notices: Harmless faults of the manifest.
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
        """Announced playing time in seconds."""
        return max(track.playlist.duration for track in self.tracks)

    @property
    def slack(self) -> float:
        """Seconds by which the playing time may differ because durations are rounded."""
        return max(track.playlist.slack for track in self.tracks)

    @property
    def protection(self) -> str | None:
        """The encryption scheme of any track, `None` if all are clear."""
        return next((t.playlist.protection for t in self.tracks if t.playlist.protection), None)

    @property
    def is_live(self) -> bool:
        """Whether any track has no end yet."""
        return not all(track.playlist.is_complete for track in self.tracks)

    def require_fetchable(self, what: str) -> None:
        """Refuse a stream that cannot be fetched completely.

        Raises:
            ProtectedError: If it is encrypted.
            UnsupportedSourceError: If it is live.
            SourceGoneError: If the manifest declares gaps.
        """
        if self.protection is not None:
            raise ProtectedError(what, self.protection)
        if self.is_live:
            raise UnsupportedSourceError(what, Message("live_broadcast"))
        gaps = sum(track.playlist.gaps for track in self.tracks)
        if gaps:
            reason = Message("segments_declared_missing", gaps=gaps)
            raise SourceGoneError(
                Message("part_of", inner=Message("a_part"), part=what), reason, is_part=True
            )
        if not all(track.playlist.segments for track in self.tracks):
            raise BadPlaylistError(Message("lists_no_segments"))


@attrs.frozen(kw_only=True)
class Item:
    """A segment or initialisation section to fetch.

    Attributes:
        piece: Its address.
        sequence: Its media sequence number.
        duration: Its playing time in seconds, 0 for an initialisation section.
        is_init: Whether it is an initialisation section.
        has_init: Whether it needs an initialisation section, and so is an MP4 fragment.
        slack: Seconds by which the playing time may differ because durations are rounded.
        may_be_absent: Whether its number is only calculated, so that it may not exist.
        track: Index of its track.
        place: Index of the segment in the track's playlist; for a section, of the segment behind
            it.
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
        """Shortest playing time in seconds that the playlist allows."""
        return max(self.duration - self.slack, 0.0)


@attrs.frozen(kw_only=True)
class JobTrack:
    """One track: the indices of its items, grouped by clock.

    Attributes:
        groups: The indices per group.
        has_video: Whether its video is wanted.
        has_audio: Whether its audio is wanted.
        language: ISO 639-3 code of its audio, if known.
        origins: Per group, `Segment.origin` of its first segment.
        dates: Per group, its start in seconds since 1970, if known.
    """

    groups: tuple[tuple[int, ...], ...]
    has_video: bool
    has_audio: bool
    language: str | None
    origins: tuple[float | None, ...] = ()
    dates: tuple[float | None, ...] = ()


@attrs.frozen(kw_only=True)
class Job:
    """A complete segmented transfer.

    Attributes:
        items: All items, in the order in which the muxer needs them.
        tracks: The tracks that the items make up.
        identity: What stays equal with a fresh link: sequence numbers, durations, sizes.
        duration: Announced playing time in seconds.
        slack: Seconds by which the playing time may differ because durations are rounded.
    """

    items: tuple[Item, ...]
    tracks: tuple[JobTrack, ...]
    identity: Entry
    duration: float
    slack: float = 0.0


@attrs.define
class _Placed:
    at: float
    track: int
    item: Item


def plan_job(selection: Selection) -> Job:
    """Return the job of a selection."""
    placed: list[_Placed] = []
    layouts: list[list[list[int]]] = []
    for number, track in enumerate(selection.tracks):
        layouts.append(_lay_out(track.playlist, number, placed))
    # Audio and video of the same time are fetched together, because the muxer needs both.
    order = sorted(range(len(placed)), key=lambda i: (placed[i].at, not placed[i].item.is_init, i))
    place_of = {old: new for new, old in enumerate(order)}
    items = tuple(placed[old].item for old in order)
    tracks = tuple(
        JobTrack(
            groups=tuple(tuple(place_of[i] for i in group) for group in layout),
            has_video=track.has_video,
            has_audio=track.has_audio,
            language=track.language,
            origins=tuple(g[0].origin if g else None for g in _groups_of(track.playlist)),
            dates=tuple(_date_of(group) for group in _groups_of(track.playlist)),
        )
        for track, layout in zip(selection.tracks, layouts, strict=True)
    )
    return Job(
        items=items,
        tracks=tracks,
        identity=_identity_of(selection.identity, items, tracks),
        duration=selection.duration,
        slack=selection.slack,
    )


def _groups_of(playlist: MediaPlaylist) -> list[list[Segment]]:
    """Return the segments of each group; empty where the track has a pause."""
    found = [(number, list(group)) for number, group in groupby(playlist.segments, _group_of)]
    if not playlist.stretches:
        return [group for _, group in found]
    by_number = dict(found)
    return [by_number.get(number, []) for number in playlist.stretches]


def _group_of(segment: Segment) -> int:
    return segment.group


def _date_of(members: Sequence[Segment]) -> float | None:
    """Return the start of a group from its first date, in seconds since 1970."""
    at = 0.0
    for segment in members:
        if segment.date is not None:
            return segment.date - at
        at += segment.duration
    return None


def _lay_out(playlist: MediaPlaylist, track: int, placed: list[_Placed]) -> list[list[int]]:
    groups: list[list[int]] = []
    at, place = 0.0, 0
    for members in _groups_of(playlist):
        groups.append([])
        if members and (section := members[0].init) is not None:
            groups[-1].append(len(placed))
            init = Item(
                piece=section,
                sequence=members[0].sequence,
                is_init=True,
                track=track,
                place=place,
            )
            placed.append(_Placed(at, track, init))
        for segment in members:
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


def _identity_of(identity: str, items: Sequence[Item], tracks: Sequence[JobTrack]) -> Entry:
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
