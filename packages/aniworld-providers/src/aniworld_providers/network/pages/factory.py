"""Open the page client of a provider as configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from aniworld_core.ports.context import AdapterContext
from aniworld_providers.network.guard import AddressGuard
from aniworld_providers.network.pages.answers import origin_of
from aniworld_providers.network.pages.client import MAX_PAGE, PageClient, PageLimits
from aniworld_providers.network.pages.exchanges import current_player
from aniworld_providers.network.pages.rate_limit import HostRateLimit

if TYPE_CHECKING:
    import httpx


@asynccontextmanager
async def open_page_client(
    context: AdapterContext,
    provider: str,
    *,
    site: str = "",
    reach: frozenset[str] = frozenset(),
    concurrency: int = 2,
    max_bytes: int = MAX_PAGE,
) -> AsyncIterator[PageClient]:
    """Open the page client of one provider; connect at the first request.

    Proxy, request rate and access to the configured `base_url` come from the provider's section
    of the configuration.

    Args:
        context: The adapter context.
        provider: Name of the provider, used for its section, its cache and its errors.
        site: Display name of the site; the provider's name if empty.
        reach: Further `host:port` pairs that the owner configured.
        concurrency: Most concurrent requests to one host.
        max_bytes: Largest decoded answer, in bytes.

    Raises:
        InvalidConfigError: If the configured base URL or proxy cannot be used.
    """
    section = context.config.provider(provider)
    proxy = section.proxy or context.config.network.proxy
    guard = _guard(context, provider, reach)
    if proxy:
        origin_of(proxy, f"/providers/{provider}/proxy")
    rate_limit = HostRateLimit(context.clock, per_minute=section.requests_per_minute)

    def connect() -> "httpx.AsyncClient":
        # httpx and the cache take a third of a second to load, so they load on demand.
        from aniworld_providers.network.pages.http import make_client

        return make_client(
            provider=provider,
            guard=guard,
            rate_limit=rate_limit,
            proxy=proxy,
            user_agent=context.config.network.user_agent or context.user_agent,
            cache=context.data_dir / "cache" / provider / "pages-2.db",
        )

    client = PageClient(
        provider=provider,
        site=site or provider,
        guard=guard,
        clock=context.clock,
        connect=connect,
        limits=PageLimits(concurrency=concurrency, max_bytes=max_bytes),
        player=current_player(),
    )
    try:
        yield client
    finally:
        with anyio.CancelScope(shield=True):
            await client.aclose()


def _guard(context: AdapterContext, provider: str, reach: frozenset[str]) -> AddressGuard:
    """Return the guard of a provider, which permits its configured base URL."""
    base_url = context.config.provider(provider).base_url
    pointer = f"/providers/{provider}/base_url"
    own = {origin_of(base_url, pointer)} if base_url else set()
    return AddressGuard(context.allowed_addresses | reach | own)
