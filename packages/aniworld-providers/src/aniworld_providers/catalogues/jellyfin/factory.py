"""Open the catalogue as configured."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aniworld_core.domain.configuration import ServerConfig
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.jellyfin.answers import NAME, SITE
from aniworld_providers.catalogues.jellyfin.links import JellyfinLinks
from aniworld_providers.catalogues.jellyfin.loader import JellyfinLoader
from aniworld_providers.catalogues.jellyfin.series_keys import SeriesKeys
from aniworld_providers.catalogues.jellyfin.server import JellyfinServer
from aniworld_providers.catalogues.jellyfin.session import JellyfinSession
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import PageClient, configured_servers, open_page_client

#: Largest decoded answer in bytes; a page of episodes with all tracks is long.
_MAX_ANSWER = 16 * 1024**2


@asynccontextmanager
async def open_loader(context: AdapterContext) -> AsyncIterator[Loader]:
    """Open the configured servers; no request is sent before the first call.

    Raises:
        InvalidConfigError: If the address of a server is not a link, or contains a user name.
    """
    servers = configured_servers(context, NAME)
    reach = frozenset(origin for _, origin in servers)
    keys = SeriesKeys(context.data_dir / NAME / "keys.json")
    if servers:
        await keys.load()
    async with (
        open_page_client(context, NAME, site=SITE, reach=reach, max_bytes=_MAX_ANSWER) as pages,
        AsyncExitStack() as closing,
    ):
        opened = []
        for server, origin in servers:
            session = _session(context, server, pages)
            closing.push_async_callback(session.aclose)
            opened.append(JellyfinServer(reach=origin, session=session, clock=context.clock))
        yield record_capsules(JellyfinLoader(servers=opened, keys=keys), context)


def _session(context: AdapterContext, server: ServerConfig, pages: PageClient) -> JellyfinSession:
    return JellyfinSession(
        server=server,
        links=JellyfinLinks.below(server.base_url),
        pages=pages,
        version=context.user_agent.partition("/")[2].partition(" ")[0] or "0",
    )
