"""Open the loaders of both sites as configured."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio

from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld.browse_lists import BrowseLists
from aniworld_providers.catalogues.aniworld.full_refresh_log import RefreshLog
from aniworld_providers.catalogues.aniworld.loader import AniworldLoader, SitePages
from aniworld_providers.catalogues.aniworld.new_episodes import NewEpisodes
from aniworld_providers.catalogues.aniworld.page_requests import PageReader
from aniworld_providers.catalogues.aniworld.search import SiteSearch
from aniworld_providers.catalogues.aniworld.settings import SiteSettings
from aniworld_providers.catalogues.aniworld.site import (
    ANIWORLD,
    SERIENSTREAM,
    Site,
    with_layout,
)
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import open_page_client, origin_of


def open_loader(context: AdapterContext) -> AbstractAsyncContextManager[Loader]:
    """Open the loader for aniworld.to, or for the site at `providers.aniworld.base_url`.

    Raises:
        InvalidConfigError: If the configured base URL or proxy cannot be used.
    """
    return open_site(context, ANIWORLD)


def open_serienstream(context: AdapterContext) -> AbstractAsyncContextManager[Loader]:
    """Open the loader for s.to, or for the site at `providers.serienstream.base_url`.

    Raises:
        InvalidConfigError: If the configured base URL or proxy cannot be used.
    """
    return open_site(context, SERIENSTREAM)


@asynccontextmanager
async def open_site(context: AdapterContext, site: Site) -> AsyncIterator[Loader]:
    """Open the loader for one site of the family."""
    section = context.config.provider(site.name)
    own = context.own_settings(site.name, SiteSettings)
    site = with_layout(site, own.layout)
    configured = section.base_url.strip()
    links = site.links(configured)
    clock = context.clock
    log = RefreshLog(context.data_dir / "cache" / site.name / "full_refreshes.json")
    # One request at a time, because the sites block clients that send more.
    async with open_page_client(context, site.name, site=site.title, concurrency=1) as client:
        reader = PageReader(site=site, pages=client)
        browse_lists = BrowseLists(site=site, links=links, reader=reader, clock=clock)
        search = SiteSearch(site=site, links=links, pages=client, reader=reader, clock=clock)
        news = NewEpisodes(site=site, browse_lists=browse_lists, clock=clock)
        loader = AniworldLoader(
            site=site,
            links=links,
            reach=frozenset({origin_of(configured)}) if configured else frozenset(),
            pages=SitePages(reader=reader, search=search, browse_lists=browse_lists, news=news),
            log=log,
            clock=clock,
        )
        try:
            yield record_capsules(loader, context, own)
        finally:
            with anyio.CancelScope(shield=True):
                await log.save()
