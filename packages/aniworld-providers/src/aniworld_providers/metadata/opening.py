"""Open the metadata sources that ask an API."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeVar

from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.metadata import MetadataSource
from aniworld_providers.metadata.pace import RequestPace
from aniworld_providers.network.pages import PageClient, open_page_client

S_co = TypeVar("S_co", bound=MetadataSource, covariant=True)


class ApiSource(Protocol[S_co]):
    """Class of a source that asks an API."""

    def __call__(self, *, base: str, pages: PageClient, pace: RequestPace, clock: Clock) -> S_co:
        """Return the source."""
        ...


def opener(
    source: ApiSource[S_co], name: str, *, site: str, base: str, per_minute: int
) -> Callable[[AdapterContext], AbstractAsyncContextManager[S_co]]:
    """Return the factory of a source; an opened one sends no request before the first call.

    Args:
        source: Class of the source.
        name: Its name in the configuration.
        site: Public name of its site.
        base: Address of the API, if the configuration names no other.
        per_minute: Requests per minute that the API allows.
    """

    @asynccontextmanager
    async def open_source(context: AdapterContext) -> AsyncIterator[S_co]:
        # Shared, so that a change of settings does not end the wait of a rate limit.
        pace = context.shared.of(
            RequestPace,
            lambda: RequestPace(name=name, per_minute=per_minute, clock=context.clock),
            name=name,
        )
        async with open_page_client(context, name, site=site) as pages:
            yield source(
                base=(context.config.provider(name).base_url or base).rstrip("/"),
                pages=pages,
                pace=pace,
                clock=context.clock,
            )

    return open_source
