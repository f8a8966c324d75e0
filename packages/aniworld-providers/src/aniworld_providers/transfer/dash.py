"""The fetcher of static DASH streams: their manifests become lists of segments."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import attrs

from aniworld_core.domain.media import Language, Stream, StreamKind, normalise_tag
from aniworld_core.errors import BadPlaylistError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchRequest, MediaFetcher
from aniworld_providers.transfer.dash_index import read_index
from aniworld_providers.transfer.dash_tree import Manifest, Representation, parse_manifest
from aniworld_providers.transfer.hls import SegmentedFetcher
from aniworld_providers.transfer.hls_choice import ranked_variants
from aniworld_providers.transfer.hls_job import ChosenTrack, Selection
from aniworld_providers.transfer.hls_manifest import load_text
from aniworld_providers.transfer.playlist import (
    ByteRange,
    MasterPlaylist,
    MediaPlaylist,
    Piece,
    Segment,
    Variant,
)
from aniworld_providers.transfer.subtitle_sets import listed_sets

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient, Patience

_INDEX_BYTES = 4 * 1024 * 1024


async def load_dash(
    client: "ByteClient", stream: Stream, request: FetchRequest, context: AdapterContext
) -> Selection:
    """Load a manifest and choose picture and sound.

    Raises:
        BadPlaylistError: If it cannot be read.
        What `ByteClient.open` raises.
    """
    text, url = await load_text(client, stream, stream.url, context.clock)
    manifest = parse_manifest(text, url)
    pictures = [r for r in manifest.representations if r.kind == "video"]
    sounds = [r for r in manifest.representations if r.kind == "audio"]
    if not pictures:
        raise BadPlaylistError("it offers no picture")
    picture = _best_picture(pictures, request)
    chosen = _chosen_sounds(sounds, request.languages)
    loaded = partial(_playlist, client, stream, manifest, url)
    film = await loaded(pictures, picture)
    tracks = [ChosenTrack(playlist=film, has_audio=not chosen)]
    tracks += [
        ChosenTrack(
            playlist=await loaded(sounds, sound), has_video=False, language=_language(sound)
        )
        for sound in chosen
    ]
    return Selection(
        tracks=tuple(tracks),
        heights=tuple(sorted({r.height for r in pictures if r.height}, reverse=True)),
        audio_languages=tuple(dict.fromkeys(_language(r) or "und" for r in sounds)),
        identity="/".join([picture.id, str(picture.bandwidth), *(s.id for s in chosen)]),
        height=picture.height,
        expects_sound=bool(chosen),
        texts=listed_sets(manifest, film),
    )


def _best_picture(pictures: Sequence[Representation], request: FetchRequest) -> Representation:
    first = [r for r in pictures if r.period == pictures[0].period]
    variants = [
        Variant(url=str(place), bandwidth=r.bandwidth, height=r.height)
        for place, r in enumerate(first)
    ]
    offered = MasterPlaylist(url="", variants=tuple(variants))
    return first[int(ranked_variants(offered, request.quality)[0].url)]


def _chosen_sounds(
    sounds: Sequence[Representation], languages: Sequence[Language]
) -> list[Representation]:
    if not sounds:
        return []
    first = [r for r in sounds if r.period == sounds[0].period]
    best_first = sorted(first, key=lambda r: -r.bandwidth)
    chosen: list[Representation] = []
    for language in languages:
        chosen += [r for r in best_first if _language(r) == language.audio and r not in chosen][:1]
    default = [r for r in best_first if r.language == first[0].language]
    return chosen or default[:1]


def _language(representation: Representation) -> str | None:
    return normalise_tag(representation.language) if representation.language else None


async def _playlist(
    client: "ByteClient",
    stream: Stream,
    manifest: Manifest,
    url: str,
    offered: Sequence[Representation],
    chosen: Representation,
) -> MediaPlaylist:
    """Join the chosen encode of every period."""
    segments: list[Segment] = []
    protection = chosen.protection
    for period in sorted({r.period for r in offered}):
        like = [r for r in offered if r.period == period]
        same = [r for r in like if r.language == chosen.language] or like
        part = min(same, key=lambda r: (r.id != chosen.id, abs(r.bandwidth - chosen.bandwidth)))
        protection = protection or part.protection
        if part.index is not None and protection is None:
            part = await _indexed(client, stream, part)
        init = Piece(url=part.init[0], part=part.init[1]) if part.init else None
        for cut in part.cuts:
            segments.append(
                Segment(
                    sequence=len(segments),
                    duration=cut.duration,
                    piece=Piece(url=cut.url, part=cut.part),
                    init=init,
                    group=period,
                    origin=part.origin,
                )
            )
    is_live = manifest.is_live
    return MediaPlaylist(
        url=url,
        segments=tuple(segments),
        is_complete=not is_live,
        has_end=not is_live,
        protection=protection,
    )


async def _indexed(
    client: "ByteClient", stream: Stream, representation: Representation
) -> Representation:
    """Cut one long file into the segments that its own index lists."""
    index, file = representation.index, representation.cuts[0].url
    if index is None:
        return representation
    if index.length > _INDEX_BYTES:
        raise BadPlaylistError("an index of segments is larger than 4 MiB")
    span = (index.offset, index.offset + index.length - 1)
    body = await client.read_all(file, headers=stream.headers, max_bytes=_INDEX_BYTES, span=span)
    init = representation.init or (file, ByteRange(0, index.offset))
    cuts = read_index(bytes(body.data), index.offset + index.length, file)
    return attrs.evolve(representation, init=init, cuts=cuts, index=None)


@asynccontextmanager
async def open_dash_fetcher(
    context: AdapterContext, *, patience: "Patience | None" = None
) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `dash`."""
    load = partial(load_dash, context=context)
    yield SegmentedFetcher("dash", StreamKind.DASH, load, load, context, patience)
