"""Open the catalogue as configured."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain, count

import attrs

from aniworld_core.domain.configuration import ServerConfig
from aniworld_core.errors import InvalidConfigError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.jellyfin.answers import NAME, SITE
from aniworld_providers.catalogues.jellyfin.links import JellyfinLinks
from aniworld_providers.catalogues.jellyfin.loader import JellyfinLoader
from aniworld_providers.catalogues.jellyfin.series_keys import SeriesKeys
from aniworld_providers.catalogues.jellyfin.server import JellyfinServer
from aniworld_providers.catalogues.jellyfin.session import JellyfinSession
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import PageClient, open_page_client, origin_of

#: Largest decoded answer in bytes; a page of episodes with all tracks is long.
_MAX_ANSWER = 16 * 1024**2


@asynccontextmanager
async def open_loader(context: AdapterContext) -> AsyncIterator[Loader]:
    """Open the configured servers; no request is sent before the first call.

    Raises:
        InvalidConfigError: If the address of a server is not a link, or contains a user name.
    """
    configured = context.config.provider(NAME).all_servers
    reach = [_origin(server, index) for index, server in enumerate(configured)]
    servers = _distinct(configured, reach)
    keys = SeriesKeys(context.data_dir / NAME / "keys.json")
    if servers:
        await keys.load()
    async with (
        open_page_client(
            context, NAME, site=SITE, reach=frozenset(reach), max_bytes=_MAX_ANSWER
        ) as pages,
        AsyncExitStack() as closing,
    ):
        opened = []
        for server, origin in zip(servers, reach, strict=True):
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


def _distinct(servers: Sequence[ServerConfig], reach: Sequence[str]) -> Sequence[ServerConfig]:
    """Give every server a unique name, so that references are unambiguous."""
    names: list[str] = []
    for server, origin in zip(servers, reach, strict=True):
        name = server.name.strip() or origin
        numbered = (f"{name} {number}" for number in count(2))
        names.append(next(n for n in chain([name], numbered) if n not in names))
    return [attrs.evolve(server, name=name) for server, name in zip(servers, names, strict=True)]


def _origin(server: ServerConfig, index: int) -> str:
    pointer = f"/providers/{NAME}/servers/{index}/base_url"
    if "@" in server.base_url:
        # The message does not show the address, because it may contain a password.
        raise InvalidConfigError([(pointer, "must not hold a user name")])
    return origin_of(server.base_url, pointer)
