"""Contract of cover sources."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import CoverAddress
from aniworld_core.ports.covers import CoverSource
from aniworld_core.testing.contracts.covers import CoverSourceContract
from aniworld_core.testing.fakes import FakeCovers, make_cover
from aniworld_providers.covers import open_covers
from support.adapter_context import make_context
from support.sites.page_server import Answer, PageServer, open_page_server

COVER = make_cover()


class TestKeptCovers(CoverSourceContract):
    @pytest.fixture
    def site(self) -> Iterator[PageServer]:
        """Serve an image."""
        with open_page_server() as pages:
            pages.answers["/cover"] = Answer.media("image/png", COVER.data)
            yield pages

    @pytest.fixture
    async def covers(self, tmp_path: Path) -> AsyncIterator[CoverSource]:
        """Open the cover source with a cache on disk."""
        async with open_covers(make_context(tmp_path)) as covers:
            yield covers

    @pytest.fixture
    async def address(self, site: PageServer) -> CoverAddress:
        """Return the address of the image."""
        return CoverAddress(provider="p", url=site.url("/cover"), reach=frozenset({site.address}))

    @pytest.fixture
    async def there(self) -> bytes:
        """Return the image."""
        return COVER.data


class TestFakeCovers(CoverSourceContract):
    @pytest.fixture
    async def covers(self) -> CoverSource:
        """Return the fake."""
        return FakeCovers({"https://example.org/a": COVER})

    @pytest.fixture
    async def address(self) -> CoverAddress:
        """Return any link."""
        return CoverAddress(provider="p", url="https://example.org/a")

    @pytest.fixture
    async def there(self) -> bytes:
        """Return the image."""
        return COVER.data
