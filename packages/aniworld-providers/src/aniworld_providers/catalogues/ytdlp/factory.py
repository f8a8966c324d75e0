"""Open the catalogue as configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.ytdlp.episodes import NAME
from aniworld_providers.catalogues.ytdlp.lists import VideoLists
from aniworld_providers.catalogues.ytdlp.loader import YtDlpLoader
from aniworld_providers.catalogues.ytdlp.stored import (
    StoredListing,
    stored_from_json,
    stored_to_json,
)
from aniworld_providers.listings import ListingStorage
from aniworld_providers.ytdlp import HostPace, Runner, YtDlpSettings, open_pool

#: Most concurrent listings.
_PLACES: Final = 2


@asynccontextmanager
async def open_loader(
    context: AdapterContext, *, run: Runner | None = None
) -> AsyncIterator[Loader]:
    """Open the catalogue; no request is sent before the first call.

    Args:
        context: The adapter context.
        run: Runs a listing; `None` for separate processes.
    """
    storage = ListingStorage[StoredListing](
        folder=context.data_dir / NAME, to_json=stored_to_json, from_json=stored_from_json
    )
    await storage.load_index()
    async with open_pool(_PLACES) as pool:
        lists = VideoLists(
            storage=storage,
            clock=context.clock,
            allowed=context.allowed_addresses,
            run=run or pool.run,
            pace=HostPace.of(context),
            requests_pause=60 / context.config.provider(NAME).requests_per_minute,
            settings=context.own_settings(NAME, YtDlpSettings),
        )
        yield YtDlpLoader(lists=lists)
