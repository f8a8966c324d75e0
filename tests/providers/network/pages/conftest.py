"""A page client for a site on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_providers.network.pages import PageClient, open_page_client
from support.adapter_context import JumpingClock, make_context
from support.sites.page_site import Site, serve_pages


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site with prepared answers."""
    async with serve_pages() as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    """The clock of the client; its sleeps return at once."""
    return JumpingClock()


@pytest.fixture
async def client(site: Site, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[PageClient]:
    """A client that may ask the site often."""
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    context = make_context(tmp_path, clock=clock, fake=config)
    async with open_page_client(context, "fake", site="fake.example") as client:
        yield client
