"""The resolver passes the contract suite against a site on loopback."""

from collections.abc import AsyncIterator

import attrs
import pytest
from aiohttp import web
from aniworld_core.domain.media import GER_DUB, MediaSource
from aniworld_core.errors import SourceGoneError, UnsupportedSourceError
from aniworld_core.ports import AdapterContext, StreamResolver
from aniworld_core.testing.contracts.resolver import StreamResolverContract

from aniworld_example_adapters.resolver import open_resolver


async def answer(request: web.Request) -> web.Response:
    """Answer as the invented site does."""
    documents = {
        "/watch/7.json": {"film": f"http://{request.host}/files/7.mp4"},
        "/watch/8.json": {"text": "soon"},
    }
    if request.path not in documents:
        return web.Response(status=404)
    return web.json_response(documents[request.path])


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """Serve the site; return its host and port."""
    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def resolver(site: str, context: AdapterContext) -> AsyncIterator[StreamResolver]:
    """Open the resolver for the site on loopback."""
    allowed = attrs.evolve(context, allowed_addresses=frozenset({site}))
    async with open_resolver(allowed, site) as resolver:
        yield resolver


@pytest.fixture
async def source(site: str) -> MediaSource:
    """Return a source with a page of the site."""
    return MediaSource(
        provider="example", hoster="Films", url=f"http://{site}/watch/7", language=GER_DUB
    )


class TestFilmPageResolver(StreamResolverContract):
    @pytest.fixture
    async def resolver(self, resolver: StreamResolver) -> StreamResolver:
        return resolver

    @pytest.fixture
    async def source(self, source: MediaSource) -> MediaSource:
        return source


@pytest.mark.anyio
async def test_other_sites_are_left_to_other_resolvers(
    resolver: StreamResolver, source: MediaSource
) -> None:
    """A page with the same path on another host is not accepted."""
    assert not resolver.accepts(attrs.evolve(source, url="https://other.example/watch/7"))


@pytest.mark.anyio
@pytest.mark.parametrize(("page", "error"), [("8", UnsupportedSourceError), ("9", SourceGoneError)])
async def test_a_page_without_a_film_is_an_error_of_the_port(
    resolver: StreamResolver, source: MediaSource, page: str, error: type[Exception]
) -> None:
    """A document without a film and a missing page raise what the port names."""
    with pytest.raises(error):
        await resolver.resolve(attrs.evolve(source, url=source.url.replace("/7", f"/{page}")))
