"""Resolver for links that lead to media directly."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.media import MediaSource, Stream, StreamKind, stream_from_source
from aniworld_core.errors import UnsupportedSourceError
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.resolver import StreamResolver
from aniworld_providers.media.link_kinds import kind_by_suffix


@attrs.define(eq=False)
class DirectResolver(StreamResolver):
    """Accept sources that are marked as media, or whose path ends like a media file."""

    @property
    def name(self) -> str:
        return "direct"

    def accepts(self, source: MediaSource) -> bool:
        return _kind(source) is not None

    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        kind = _kind(source)
        if kind is None:
            raise UnsupportedSourceError(source.hoster or source.url, Message("not_a_media_link"))
        return (stream_from_source(source, kind),)


def _kind(source: MediaSource) -> StreamKind | None:
    try:
        parts = urlsplit(source.url.strip())
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return None
    return source.kind or kind_by_suffix(source.url)


@contextlib.asynccontextmanager
async def open_resolver(context: AdapterContext) -> AsyncIterator[StreamResolver]:
    """Open the resolver installed as `direct`."""
    yield DirectResolver()
