"""Page client: requests of any method."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.errors import ProviderDeniedError, ProviderUnavailableError
from aniworld_providers.network.pages import NotJsonError, PageClient, open_page_client
from aniworld_providers.network.pages.answers import PageRequest
from support.adapter_context import make_context
from support.sites.page_site import Site, html, serve_pages

pytestmark = pytest.mark.anyio

_CANARY = "canary-7f3a"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve_pages() as site:
        yield site


@pytest.fixture
async def client(site: Site, tmp_path: Path) -> AsyncIterator[PageClient]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    async with open_page_client(make_context(tmp_path, fake=config), "fake") as client:
        yield client


async def test_method_and_body_arrive(client: PageClient, site: Site) -> None:
    """Any method is sent, with the body unchanged."""
    bodies = []

    async def answer(request: web.Request) -> web.StreamResponse:
        bodies.append((request.method, await request.read(), request.query["q"]))
        return web.Response(status=207, text="many")

    site.answers = [answer]

    page = await client.ask("PROPFIND", site.url, params={"q": "ä"}, body=b"<x/>")

    assert (page.status, page.text) == (207, "many")
    assert bodies == [("PROPFIND", b"<x/>", "ä")]


async def test_an_expected_status_is_returned(client: PageClient, site: Site) -> None:
    """A status in `accepts` is returned; any other raises its usual error."""
    site.answers = [html("no", status=401, WWW_Authenticate="Basic")]
    headers = {"Authorization": "Basic eA=="}

    page = await client.ask("GET", site.url, headers=headers, accepts={401})

    assert page.status == 401
    assert page.headers["www-authenticate"] == "Basic"
    with pytest.raises(ProviderDeniedError):
        await client.ask("GET", site.url, headers=headers)


async def test_only_headers_are_read(client: PageClient, site: Site) -> None:
    """The body is not read, even if it is larger than any page."""
    site.answers = [html("x" * 6 * 1024**2, Content_Type="video/mp4")]

    page = await client.ask("GET", site.url, wants_body=False)

    assert (page.status, page.text) == (200, "")
    assert page.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("accepts", [(), (200, 401)])
async def test_another_origin_gets_nothing(
    site: Site, tmp_path: Path, accepts: tuple[int, ...]
) -> None:
    """A body may contain a password, so a redirect to another origin is refused."""
    async with serve_pages() as other:
        reach = frozenset(s.url.removeprefix("http://") for s in (site, other))
        other.answers = [html("caught")]
        site.answers = [html(status=307, Location=f"{other.url}/login")]
        async with open_page_client(make_context(tmp_path), "fake", reach=reach) as client:
            with pytest.raises(ProviderUnavailableError, match="is that its address now"):
                await client.ask("POST", site.url, body=_CANARY.encode(), accepts=accepts)

    assert other.requests == []


async def test_a_redirect_on_the_same_server_is_followed(client: PageClient, site: Site) -> None:
    """Method and body stay the same."""
    site.answers = [html(status=301, Location="/folder/"), html("there")]

    page = await client.ask("PROPFIND", f"{site.url}/folder")

    assert page.url == f"{site.url}/folder/"
    assert [request.method for request in site.requests] == ["PROPFIND", "PROPFIND"]


async def test_nothing_private_is_cached(client: PageClient, site: Site, tmp_path: Path) -> None:
    """Neither credentials nor answers to them reach the disk; public pages do."""
    kept = "public, max-age=600"
    site.answers = [
        html("public page", Cache_Control=kept),
        html(f"secret {_CANARY}", Cache_Control=kept),
    ]
    await client.get(f"{site.url}/public")
    for _ in range(2):
        await client.get(f"{site.url}/own", headers={"Authorization": f"Bearer {_CANARY}"})
    await client.ask("POST", f"{site.url}/login", body=_CANARY.encode())
    await client.aclose()

    kept_bytes = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert b"public page" in kept_bytes
    assert _CANARY.encode() not in kept_bytes
    assert len(site.requests) == 4


async def test_a_request_does_not_show_its_secrets() -> None:
    """The representation of a request contains no secret."""
    asked = PageRequest.of("http://x/", None, {"Authorization": _CANARY}, fresh=False)

    assert _CANARY not in repr(asked)


async def test_json_of_an_answer(client: PageClient, site: Site) -> None:
    """JSON is parsed; another answer raises NotJsonError."""
    site.answers = [html('{"a": 1}'), html("<html>")]

    assert client.read_json(await client.ask("POST", site.url)) == {"a": 1}
    with pytest.raises(NotJsonError):
        client.read_json(await client.ask("POST", site.url))
