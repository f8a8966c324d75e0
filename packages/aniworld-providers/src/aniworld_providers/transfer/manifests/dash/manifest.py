"""Load a static DASH manifest and turn the chosen representations into segment lists."""

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
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.manifests.dash.choice import Track, choose, language_of
from aniworld_providers.transfer.manifests.dash.segment_index import read_index
from aniworld_providers.transfer.manifests.dash.segments import Cut
from aniworld_providers.transfer.manifests.dash.subtitles import listed_sets
from aniworld_providers.transfer.manifests.dash.tree import Manifest, Representation, parse_manifest
from aniworld_providers.transfer.manifests.hls.manifest import load_text
from aniworld_providers.transfer.manifests.hls.tags import MAX_SEGMENTS
from aniworld_providers.transfer.manifests.job import ChosenTrack, Selection
from aniworld_providers.transfer.manifests.playlists import (
    ByteRange,
    MediaPlaylist,
    Piece,
    Segment,
    names_sound,
)
from aniworld_providers.transfer.manifests.reading import read_off_loop

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient

_INDEX_BYTES = 4 * 1024 * 1024


async def load_dash(
    client: "ByteClient", stream: Stream, request: FetchRequest, context: AdapterContext
) -> Selection:
    """Load a manifest and choose picture and sound.

    Raises:
        BadPlaylistError: If it cannot be read.
        UnsupportedSourceError: If it offers nothing of the wanted role.
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
    """Join the chosen encode of every period."""
    segments: list[Segment] = []
    protection = next((p.protection for p in track.parts.values() if p.protection), None)
    for period, part in track.parts.items():
        init, cuts = await _unfolded(client, stream, part, is_readable=protection is None)
        if len(segments) + len(cuts) > MAX_SEGMENTS:
            raise BadPlaylistError(f"it has more than {MAX_SEGMENTS} segments")
        for cut in cuts:
            segments.append(
                Segment(
                    sequence=len(segments),
                    duration=cut.duration,
                    piece=cut.piece,
                    init=init,
                    group=period,
                    origin=part.addressing.time_offset,
                    may_be_absent=cut.may_be_absent,
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


async def _unfolded(
    client: "ByteClient", stream: Stream, part: Representation, *, is_readable: bool
) -> tuple[Piece | None, tuple[Cut, ...]]:
    """Return initialisation section and segments; an index of them is read first."""
    addressing = part.addressing
    init = addressing.init()
    index = addressing.index()
    if index is None or not is_readable:
        return init, await read_off_loop(addressing.cuts)
    if index.length > _INDEX_BYTES:
        raise BadPlaylistError("an index of segments is larger than 4 MiB")
    (file,) = addressing.cuts()
    data = await _read_index_bytes(client, stream, file.piece, index)
    found = init or attrs.evolve(file.piece, part=ByteRange(0, index.offset))
    return found, read_index(data, index.offset + index.length, file.piece)


async def _read_index_bytes(
    client: "ByteClient", stream: Stream, file: Piece, index: ByteRange
) -> bytes:
    """Fetch the index of one long file from the first of its addresses that has it."""
    span = (index.offset, index.offset + index.length - 1)
    failure: AniworldError | None = None
    for piece in (file, *file.elsewhere()):
        try:
            body = await client.read_all(
                piece.url, headers=stream.headers, max_bytes=_INDEX_BYTES, span=span
            )
            return bytes(body.data)
        except (SourceGoneError, LinkRefusedError, FetchInterruptedError, BadMediaError) as error:
            failure = failure or error
    raise failure or BadPlaylistError("an index of segments has no address")
