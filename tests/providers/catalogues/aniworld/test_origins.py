"""Sites of the family at another address."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader, open_serienstream
from support.adapter_context import make_context
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site
from support.sites.aniworld_pages import page

pytestmark = pytest.mark.anyio

KEY = parse_series_key("fox-fanfare")
PATH = "/anime/stream/fox-fanfare"


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v1", foxes()) as site:
        yield site


@pytest.fixture
async def other() -> AsyncIterator[AniworldSite]:
    """Serve the same series under another name."""
    async with open_aniworld_site("v1", foxes()) as other:
        other.url = other.url.replace("127.0.0.1", "localhost")
        yield other


@pytest.fixture
async def loader(site: AniworldSite, other: AniworldSite, tmp_path: Path) -> AsyncIterator[Loader]:
    port = other.url.rpartition(":")[2]
    context = make_context(
        tmp_path,
        allowed=frozenset({f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"}),
        aniworld=ProviderConfig(base_url=site.url),
    )
    async with open_loader(context) as loader:
        yield loader


@pytest.mark.parametrize("text", [page("<h1>Diese Seite ist gesperrt</h1>"), "<html>gesperrt"])
async def test_a_foreign_page_means_a_blocked_name(
    loader: Loader, site: AniworldSite, other: AniworldSite, text: str
) -> None:
    """A page of another host is not a change of the site."""
    site.pages[PATH] = html("", 302, Location=f"{other.url}/gesperrt")
    other.pages["/gesperrt"] = text

    with pytest.raises(
        ProviderUnavailableError, match=r"redirects to .*gesperrt, a page of another site"
    ):
        await loader.get_series(KEY)


async def test_a_redirect_to_a_new_origin_is_followed(
    loader: Loader, site: AniworldSite, other: AniworldSite
) -> None:
    """Links of the page are relative to the address it came from."""
    path = f"{PATH}/staffel-1/episode-1"
    site.pages[PATH] = html("", 302, Location=f"{other.url}{PATH}")
    site.pages[path] = html("", 302, Location=f"{other.url}{path}")

    series = await loader.get_series(KEY)
    (source,) = await loader.get_sources(EpisodeRef(KEY, 1, 1), GER_DUB)

    assert series.link == f"{site.url}{PATH}"
    assert series.cover_url is not None
    assert series.cover_url.startswith(other.url)
    assert source.url == f"{other.url}/redirect/1"
    assert site.asked == [PATH, f"{PATH}/filme", f"{PATH}/staffel-3", path]
    assert other.asked == [PATH, path]


async def test_a_base_may_have_a_path(site: AniworldSite, tmp_path: Path) -> None:
    """A mirror may have a path on another server."""
    context = make_context(tmp_path, aniworld=ProviderConfig(base_url=f"{site.url}/mirror/"))
    async with open_loader(context) as loader:
        link = f"{site.url}/mirror{PATH}/staffel-1"
        assert loader.key_from_link(link) == KEY
        assert not loader.owns(f"{site.url}{PATH}")


async def test_the_public_sites_are_the_default(tmp_path: Path) -> None:
    """Opening sends no request; each loader owns its own links."""
    async with (
        open_loader(make_context(tmp_path)) as aniworld,
        open_serienstream(make_context(tmp_path)) as serienstream,
    ):
        assert aniworld.owns("https://aniworld.to/anime/stream/x")
        assert not aniworld.owns("https://s.to/serie/x")
        assert serienstream.owns("https://serienstream.to/serie/x")
        assert not serienstream.owns("https://aniworld.to/anime/stream/x")
