"""Page client: permitted addresses and size limits."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    ProviderChangedError,
    ProviderUnavailableError,
)
from aniworld_providers.network.pages import PageClient, open_page_client, origin_of
from support.adapter_context import JumpingClock, make_context
from support.sites.page_site import Site, html, serve_pages

pytestmark = pytest.mark.anyio


def _bomb(mebibytes: int) -> web.Response:
    packed = gzip.compress(bytes(mebibytes * 1024**2), 9)
    return web.Response(body=packed, headers={"Content-Encoding": "gzip"})


def _long() -> web.Response:
    return web.Response(body=bytes(5 * 1024**2 + 1))


async def test_redirects_are_followed(client: PageClient, site: Site) -> None:
    """The page has the link that the redirects lead to."""
    site.answers = [html("", status=302, Location="../there?x=1#part"), html("fine")]

    page = await client.get(f"{site.url}/a/b/c")

    assert page.text == "fine"
    assert page.url == f"{site.url}/a/there?x=1"


async def test_redirect_loops_end(client: PageClient, site: Site) -> None:
    """Five redirects are followed, not more."""
    site.answers = [html("", status=301, Location="/again")]

    with pytest.raises(ProviderUnavailableError, match="more than 5 times"):
        await client.get(site.url)
    assert len(site.requests) <= 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[", "ftp://x/y"])
async def test_invalid_redirects(client: PageClient, site: Site, target: str) -> None:
    """A redirect to an invalid link is an error of the site."""
    site.answers = [html("", status=302, Location=target)]

    with pytest.raises(ProviderChangedError, match="redirect"):
        await client.get(site.url)


async def test_only_the_configured_address_is_reached(client: PageClient, site: Site) -> None:
    """The grant is for one port; other ports of the same host are refused."""
    async with serve_pages() as other:
        other.answers = [html()]
        site.answers = [html("", status=302, Location=other.url)]
        with pytest.raises(AddressRefusedError):
            await client.get(site.url)
        with pytest.raises(AddressRefusedError):
            await client.get(other.url)

    assert other.requests == []


async def test_what_a_caller_sends_stays_with_the_origin(site: Site, tmp_path: Path) -> None:
    """A redirect to another origin gets neither credentials nor other headers."""
    async with serve_pages() as other:
        other.answers = [html("fine")]
        site.answers = [html("", status=302, Location=other.url)]
        context = make_context(
            tmp_path,
            allowed=frozenset({origin_of(other.url)}),
            fake=ProviderConfig(base_url=site.url),
        )
        async with open_page_client(context, "fake") as client:
            await client.get(site.url, headers={"Authorization": "secret", "X-Own": "1"})

    assert site.requests[0].headers["Authorization"] == "secret"
    assert "Authorization" not in other.requests[0].headers
    assert "X-Own" not in other.requests[0].headers


@pytest.mark.parametrize("packed", [gzip.compress(b"Hallo", mtime=0), zlib.compress(b"Hallo")])
async def test_compressed_answers_are_read(client: PageClient, site: Site, packed: bytes) -> None:
    """Gzip and deflate are decoded."""
    coding = "gzip" if packed[:2] == b"\x1f\x8b" else "deflate"
    site.answers = [web.Response(body=packed, headers={"Content-Encoding": coding})]

    assert (await client.get(site.url)).text == "Hallo"


@pytest.mark.parametrize("answer", [lambda: _bomb(200), _long], ids=["bomb", "long"])
async def test_answers_are_bounded(
    client: PageClient, site: Site, answer: Callable[[], web.Response]
) -> None:
    """The limit applies to the decoded size."""
    site.answers = [answer()]

    with pytest.raises(ProviderChangedError, match="is longer than"):
        await client.get(site.url)


async def test_a_bomb_does_not_fill_the_memory(client: PageClient, site: Site) -> None:
    """A compression bomb is never decompressed beyond the limit."""
    site.answers = [_bomb(100)]
    tracemalloc.start()
    try:
        with pytest.raises(ProviderChangedError):
            await client.get(site.url)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 30 * 1024**2


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(body=b"not gzip at all", headers={"Content-Encoding": "gzip"}),
        web.Response(body=b"x", headers={"Content-Encoding": "br"}),
    ],
)
async def test_undecodable_answers(client: PageClient, site: Site, answer: web.Response) -> None:
    """A body that does not match its coding is an error of the site."""
    site.answers = [answer]

    with pytest.raises(ProviderChangedError):
        await client.get(site.url)


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return response


async def test_a_cut_answer_is_requested_again(client: PageClient, site: Site) -> None:
    """A cut page is never taken as complete."""
    site.answers = [_cut, html("whole")]

    assert (await client.get(site.url)).text == "whole"


async def test_a_cut_compressed_answer_is_requested_again(client: PageClient, site: Site) -> None:
    """A cut compressed body is detected although the server ends it normally."""
    half = gzip.compress(json.dumps(list(range(5000))).encode())[:-20]
    site.answers = [web.Response(body=half, headers={"Content-Encoding": "gzip"}), html("whole")]

    assert (await client.get(site.url)).text == "whole"


async def test_a_refused_connection(client: PageClient, site: Site, tmp_path: Path) -> None:
    """A refused connection means that the site is not available."""
    async with serve_pages() as other:
        url = other.url
    context = make_context(tmp_path, fake=ProviderConfig(base_url=url))
    async with open_page_client(context, "fake") as lonely:
        with pytest.raises(ProviderUnavailableError, match="connection failed"):
            await lonely.get(url)


async def test_an_unknown_name(client: PageClient, clock: JumpingClock) -> None:
    """The error names a host that cannot be looked up; many internet providers block names."""
    with pytest.raises(
        ProviderUnavailableError, match=r"name aniworld\.invalid cannot be looked up"
    ):
        await client.get("http://aniworld.invalid/")
    assert clock.slept == []


async def test_a_proxy_is_used_for_everything(site: Site, tmp_path: Path) -> None:
    """With a proxy, it looks up the names, and the client connects to nothing else."""
    site.answers = [html("by proxy")]
    context = make_context(tmp_path, fake=ProviderConfig(proxy=site.url))
    async with open_page_client(context, "fake") as client:
        page = await client.get("http://catalogue.example/series")
        with pytest.raises(AddressRefusedError):
            await client.get("http://127.0.0.1:1/")

    assert page.text == "by proxy"
    assert site.requests[0].headers["Host"] == "catalogue.example"


async def test_invalid_links_raise_a_known_error(client: PageClient) -> None:
    """An invalid link raises an error of this project."""
    for link in ("", "x", "http://", "http://[::1", "http://a b/", "mailto:x@y"):
        with pytest.raises(AniworldError):
            await client.get(link)
