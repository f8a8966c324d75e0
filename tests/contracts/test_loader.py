"""Contract of loaders."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB
from aniworld_core.ports.loader import Loader
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_providers.catalogues import aniworld, archive, demo, index, jellyfin
from support.adapter_context import make_context
from support.sites.aniworld import foxes, open_aniworld_site
from support.sites.archive import ArchiveSite, fanfare, open_archive_site
from support.sites.index import IndexSite, harbour, open_index_site
from support.sites.jellyfin import API_KEY, SERIES_ID, JellyfinSite, open_jellyfin_site


class TestDemoLoader(LoaderContract):
    query = "Moosgeister"
    key = parse_series_key("moss-spirits-inc")
    link = "https://demo.aniworld.invalid/series/moss-spirits-inc"
    number = 4
    language = GER_SUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open the demo catalogue."""
        async with demo.open_loader(make_context(tmp_path)) as loader:
            yield loader


class TestArchiveLoader(LoaderContract):
    query = "Fanfare foxes"
    key = parse_series_key("fanfare-for-foxes-2011")
    language = GER_DUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def site(self) -> AsyncIterator[ArchiveSite]:
        """Serve one item."""
        async with open_archive_site(fanfare()) as site:
            yield site

    @pytest.fixture
    async def loader(self, site: ArchiveSite, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open the archive loader with the fake server."""
        self.link = f"{site.url}/details/Fanfare_for-Foxes.2011"
        context = make_context(tmp_path, archive=ProviderConfig(base_url=site.url))
        async with archive.open_loader(context) as loader:
            yield loader


class TestJellyfinLoader(LoaderContract):
    query = "lantern"
    key = parse_series_key("lantern-keepers-5f2b1a2c")
    language = GER_DUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def site(self) -> AsyncIterator[JellyfinSite]:
        """Serve one series."""
        async with open_jellyfin_site() as site:
            yield site

    @pytest.fixture
    async def loader(self, site: JellyfinSite, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open the loader with the fake as its only server."""
        self.link = f"{site.url}/web/#/details?id={SERIES_ID}"
        server = ServerConfig(name="attic", base_url=site.url, token=API_KEY)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with jellyfin.open_loader(make_context(tmp_path, jellyfin=section)) as loader:
            # A link contains only an id; its name was read before.
            await loader.search(self.query)
            yield loader


class TestAniworldLoader(LoaderContract):
    query = "Fanf"
    key = parse_series_key("fox-fanfare")
    language = GER_SUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open aniworld.to with a fake server."""
        async with open_aniworld_site("v1", foxes()) as site:
            self.link = f"{site.url}/anime/stream/fox-fanfare/staffel-1/episode-1"
            context = make_context(tmp_path, aniworld=ProviderConfig(base_url=site.url))
            async with aniworld.open_loader(context) as loader:
                yield loader


class TestSerienstreamLoader(LoaderContract):
    query = "Fanf"
    key = parse_series_key("fox-fanfare")
    language = GER_DUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open s.to with a fake server."""
        async with open_aniworld_site("v2", foxes()) as site:
            self.link = f"{site.url}/serie/fox-fanfare"
            context = make_context(tmp_path, serienstream=ProviderConfig(base_url=site.url))
            async with aniworld.open_serienstream(context) as loader:
                yield loader


class TestIndexLoader(LoaderContract):
    query = "harbour"
    key = parse_series_key("harbour-boeats-2011")
    language = GER_DUB
    missing_language = GER_SUB

    @pytest.fixture(params=["dav", "nginx"])
    async def site(self, request: pytest.FixtureRequest) -> AsyncIterator[IndexSite]:
        """Serve some folders."""
        async with open_index_site(IndexSite(kind=request.param, tree=harbour())) as site:
            yield site

    @pytest.fixture
    async def loader(self, site: IndexSite, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open the loader with the fake as its only server."""
        self.link = f"{site.url}/Harbour%20B%C3%B6ats%20%282011%29/"
        server = ServerConfig(name="attic", base_url=site.url)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with index.open_loader(make_context(tmp_path, index=section)) as loader:
            yield loader
