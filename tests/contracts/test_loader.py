"""Every catalogue keeps to the contract of loaders."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_SUB
from aniworld_core.ports.loader import Loader
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_providers.catalogues import demo
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
