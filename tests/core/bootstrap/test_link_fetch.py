"""Open the download engine without an application."""

from pathlib import Path

import pytest

from aniworld_core import LinkOrder, Settings, open_link_fetch
from aniworld_core.testing.fakes import FakeClock, FakeFetcher, FakeResolver

pytestmark = pytest.mark.anyio


async def test_it_needs_and_makes_no_data_folder(tmp_path: Path) -> None:
    """It works with a missing or broken data folder, and creates none."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{")

    for data_dir in (tmp_path / "missing", broken):
        settings = Settings(data_dir=data_dir, database_url="nosuch://database")
        async with open_link_fetch(settings, resolvers=[FakeResolver()], fetchers=[]):
            pass

    assert [path.name for path in tmp_path.rglob("*")] == ["broken", "config.json"]


async def test_what_is_given_is_used(tmp_path: Path) -> None:
    """Given fetchers, resolvers, clock and limit are used."""
    fetcher, resolver = FakeFetcher(), FakeResolver()
    opening = open_link_fetch(
        Settings(data_dir=tmp_path / "data"),
        limit_rate=5000,
        resolvers=[resolver],
        fetchers=[fetcher],
        clock=FakeClock(),
    )
    async with opening as links:
        assert links.throttle.limit_rate == 5000
        file = await links.fetch(LinkOrder(url="https://h.invalid/a.mp4", folder=tmp_path))

    assert file.path == tmp_path / "a.mp4"
    assert resolver.resolved == ["https://h.invalid/a.mp4"]
    assert len(fetcher.requests) == 1


async def test_installed_adapters_are_found(tmp_path: Path) -> None:
    """Installed adapters are found by entry point."""
    async with open_link_fetch(Settings(data_dir=tmp_path / "data")) as links:
        names = {fetcher.name for fetcher in links._streams._fetchers}

    assert {"direct", "hls", "dash"} <= names
    assert list(tmp_path.iterdir()) == []
