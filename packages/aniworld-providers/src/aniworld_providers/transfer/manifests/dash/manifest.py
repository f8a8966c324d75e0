"""Load a static DASH manifest and list the segments of the chosen representations."""

from functools import partial
from typing import TYPE_CHECKING

import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
    LinkRefusedError,
    SourceGoneError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.manifests.dash.choice import Track, choose, language_of
from aniworld_providers.transfer.manifests.dash.segments import ListedSegment
from aniworld_providers.transfer.manifests.dash.sidx import read_index
from aniworld_providers.transfer.manifests.dash.subtitles import listed_sets
from aniworld_providers.transfer.manifests.dash.tree import Manifest, Representation, parse_manifest
from aniworld_providers.transfer.manifests.job import ChosenTrack, Selection
from aniworld_providers.transfer.manifests.playlists import (
    MAX_SEGMENTS,
    ByteRange,
    MediaPlaylist,
    Piece,
    Segment,
    names_sound,
)
from aniworld_providers.transfer.manifests.reading import load_text, read_off_loop

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient

_INDEX_BYTES = 4 * 1024 * 1024


async def load_dash(
    client: "ByteClient", stream: Stream, request: FetchRequest, context: AdapterContext
) -> Selection:
    """Load a manifest and choose video and audio.

    Raises:
        BadPlaylistError: If the manifest is invalid.
        UnsupportedSourceError: If it does not offer the wanted role.
        What `ByteClient.open` raises.
    """
    text, url = await load_text(client, stream, stream.url, context.clock)
    manifest = await read_off_loop(parse_manifest, text, url)
    choice = choose(manifest, request)
    loaded = partial(_playlist, client, stream, manifest, url)
    film = await loaded(choice.picture)
    stretches = film.stretches
    tracks = [ChosenTrack(playlist=film, has_audio=not choice.sounds)]
    tracks += [
        ChosenTrack(
            playlist=attrs.evolve(await loaded(sound), stretches=stretches),
            has_video=False,
            language=language_of(sound.leading),
        )
        for sound in choice.sounds
    ]
    picture = choice.picture.leading
    names = [picture.id, str(picture.bandwidth), *(s.leading.id for s in choice.sounds)]
    return Selection(
        tracks=tuple(tracks),
        heights=choice.heights,
        audio_languages=choice.audio_languages,
        identity="/".join(names),
        height=picture.height,
        expects_sound=bool(choice.sounds) or names_sound(picture.codecs),
        texts=await read_off_loop(listed_sets, manifest, film),
        roles=choice.roles,
        notices=choice.notices,
    )


async def _playlist(
    client: "ByteClient", stream: Stream, manifest: Manifest, url: str, track: Track
) -> MediaPlaylist:
    """Join the chosen representations of all periods."""
    segments: list[Segment] = []
    protection = next((p.protection for p in track.parts.values() if p.protection), None)
    for period, part in track.parts.items():
        init, listed = await _load_segments(client, stream, part, is_readable=protection is None)
        if len(segments) + len(listed) > MAX_SEGMENTS:
            raise BadPlaylistError(Message("too_many_segments", limit=MAX_SEGMENTS))
        for segment in listed:
            segments.append(
                Segment(
                    sequence=len(segments),
                    duration=segment.duration,
                    piece=segment.piece,
                    init=init,
                    group=period,
                    origin=part.addressing.time_offset,
                    may_be_absent=segment.may_be_absent,
                )
            )
    is_live = manifest.is_live
    return MediaPlaylist(
        url=url,
        segments=tuple(segments),
        is_complete=not is_live,
        has_end=not is_live,
        protection=protection,
        stretches=tuple(track.parts),
    )


async def _load_segments(
    client: "ByteClient", stream: Stream, part: Representation, *, is_readable: bool
) -> tuple[Piece | None, tuple[ListedSegment, ...]]:
    """Return initialisation section and segments of a representation; load its index if needed."""
    addressing = part.addressing
    init = addressing.init()
    index = addressing.index()
    if index is None or not is_readable:
        return init, await read_off_loop(addressing.segments)
    if index.length > _INDEX_BYTES:
        raise BadPlaylistError(Message("index_too_large"))
    (file,) = addressing.segments()
    data = await _read_index_bytes(client, stream, file.piece, index)
    found = init or attrs.evolve(file.piece, part=ByteRange(0, index.offset))
    return found, read_index(data, index.offset + index.length, file.piece)


async def _read_index_bytes(
    client: "ByteClient", stream: Stream, file: Piece, index: ByteRange
) -> bytes:
    """Load the segment index of a file from the first address that has it."""
    byte_range = (index.offset, index.offset + index.length - 1)
    failure: AniworldError | None = None
    for piece in (file, *file.mirror_pieces()):
        try:
            body = await client.read_all(
                piece.url, headers=stream.headers, max_bytes=_INDEX_BYTES, span=byte_range
            )
            return bytes(body.data)
        except (SourceGoneError, LinkRefusedError, FetchInterruptedError, BadMediaError) as error:
            failure = failure or error
    raise failure or BadPlaylistError(Message("index_no_address"))
