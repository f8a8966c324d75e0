"""Open the catalogue as configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.feed.loader import SITE, FeedLoader
from aniworld_providers.catalogues.feed.reading import NAME, FeedReader, read_in_process
from aniworld_providers.catalogues.feed.settings import FeedSettings
from aniworld_providers.catalogues.feed.stored import (
    StoredFeed,
    stored_from_json,
    stored_to_json,
)
from aniworld_providers.listings import ListingStorage
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import open_page_client

#: Largest decoded feed in bytes; podcasts with a thousand long descriptions need a third.
_MAX_FEED: Final = 16 * 1024**2


@asynccontextmanager
async def open_loader(
    context: AdapterContext, *, read: FeedReader = read_in_process
) -> AsyncIterator[Loader]:
    """Open the catalogue; no request is sent before the first call.

    Args:
        context: The adapter context.
        read: Reads a feed.
    """
    storage = ListingStorage[StoredFeed](
        folder=context.data_dir / NAME, to_json=stored_to_json, from_json=stored_from_json
    )
    await storage.load_index()
    async with open_page_client(context, NAME, site=SITE, max_bytes=_MAX_FEED) as pages:
        loader = FeedLoader(
            storage=storage,
            pages=pages,
            read=read,
            settings=context.own_settings(NAME, FeedSettings),
        )
        yield record_capsules(loader, context)
