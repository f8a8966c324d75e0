"""Every catalogue keeps to the contract of loaders."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.config import ProviderConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB
from aniworld_core.ports.loader import Loader
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_providers.catalogues import archive, demo
from providers.archive_site import ArchiveSite, fanfare, open_archive_site
from providers.surroundings import make_context


class TestDemoLoader(LoaderContract):
    query = "Moosgeister"
    key = parse_series_key("moss-spirits-inc")
    link = "https://demo.aniworld.invalid/series/moss-spirits-inc"
    number = 4
    language = GER_SUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open the demo."""
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
        """Open the archive with the fake as its base."""
        self.link = f"{site.url}/details/Fanfare_for-Foxes.2011"
        context = make_context(tmp_path, archive=ProviderConfig(base_url=site.url))
        async with archive.open_loader(context) as loader:
            yield loader
