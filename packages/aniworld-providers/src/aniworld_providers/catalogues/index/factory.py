"""Open the catalogue as configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.index.access import IndexAccess
from aniworld_providers.catalogues.index.links import IndexLinks
from aniworld_providers.catalogues.index.listing import NAME, SITE
from aniworld_providers.catalogues.index.loader import IndexLoader
from aniworld_providers.catalogues.index.server import IndexServer
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import configured_servers, open_page_client

#: Largest decoded answer in bytes; WebDAV answers are long.
_MAX_ANSWER = 16 * 1024**2


@asynccontextmanager
async def open_loader(context: AdapterContext) -> AsyncIterator[Loader]:
    """Open the configured servers; no request is sent before the first call.

    Raises:
        InvalidConfigError: If the address of a server is not a link, or contains a user name.
    """
    servers = configured_servers(context, NAME)
    reach = frozenset(origin for _, origin in servers)
    async with open_page_client(
        context, NAME, site=SITE, reach=reach, max_bytes=_MAX_ANSWER
    ) as pages:
        loader = IndexLoader(
            servers=[
                IndexServer(
                    server=server,
                    links=IndexLinks.below(server.base_url),
                    reach=origin,
                    access=IndexAccess(server),
                    pages=pages,
                    clock=context.clock,
                )
                for server, origin in servers
            ]
        )
        yield record_capsules(loader, context)
