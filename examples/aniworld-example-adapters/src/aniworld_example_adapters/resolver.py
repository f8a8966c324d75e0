"""Resolver: pages of a site of your own that name their film in a JSON document beside them.

The page `https://films.example/watch/7` belongs to `https://films.example/watch/7.json`, which is
`{"film": "https://films.example/files/7.mp4"}`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import attrs
from aniworld_core.domain.media import MediaSource, Stream, StreamKind, stream_from_source
from aniworld_core.errors import UnsupportedSourceError
from aniworld_core.ports import AdapterContext, StreamResolver
from aniworld_providers.network.pages import PageClient, open_page_client

NAME: Final = "filmpages"
#: Host of the site whose pages it accepts; all others are left to other resolvers.
SITE: Final = "films.example"


@attrs.define(eq=False)
class FilmPageResolver(StreamResolver):
    """Asks for the document beside a page; it never runs scripts of the page."""

    _pages: PageClient
    _site: str

    @property
    def name(self) -> str:
        return NAME

    def accepts(self, source: MediaSource) -> bool:
        try:
            parts = urlsplit(source.url)
        except ValueError:
            return False
        return parts.netloc == self._site and parts.path.startswith("/watch/")

    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        document = await self._pages.get_json(f"{source.url}.json")
        film = document.get("film") if isinstance(document, dict) else None
        if not isinstance(film, str):
            raise UnsupportedSourceError(source.hoster, "its document names no film")
        return [attrs.evolve(stream_from_source(source, StreamKind.DIRECT), url=film)]


@asynccontextmanager
async def open_resolver(context: AdapterContext, site: str = SITE) -> AsyncIterator[StreamResolver]:
    """Open the resolver with a page client of its own."""
    async with open_page_client(context, NAME) as pages:
        yield FilmPageResolver(pages, site)
