"""The loader passes the contract suite and names missing parts of answers."""

from collections.abc import AsyncIterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from aniworld_core import Settings, open_application
from aniworld_core.application.downloads import SharedThrottle
from aniworld_core.domain.configuration import Config, ProviderConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB
from aniworld_core.errors import InvalidConfigError, ProviderChangedError
from aniworld_core.ports import AdapterContext, Loader
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_core.testing.fakes import FakeClock
from example_site import ExampleSite, open_example_site

from aniworld_example_provider import open_loader

pytestmark = pytest.mark.anyio

KEY = parse_series_key("paper-moon")


def make_context(data_dir: Path, base_url: str) -> AdapterContext:
    """Return an adapter context as Aniworld passes it."""
    return AdapterContext(
        config=Config(providers={"example": ProviderConfig(base_url=base_url)}),
        data_dir=data_dir,
        allowed_addresses=frozenset(),
        throttle=SharedThrottle(0),
        clock=FakeClock(),
        user_agent="Aniworld/0 (tests)",
    )


@pytest.fixture
async def site() -> AsyncIterator[ExampleSite]:
    """Serve the catalogue."""
    async with open_example_site() as site:
        yield site


@pytest.fixture
async def loader(site: ExampleSite, tmp_path: Path) -> AsyncIterator[Loader]:
    """Open the loader with the fake as its base URL."""
    async with open_loader(make_context(tmp_path, site.url)) as loader:
        yield loader


class TestExampleLoader(LoaderContract):
    query = "paper"
    key = KEY
    language = GER_DUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self, site: ExampleSite, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open the loader with the fake as its base URL."""
        self.link = f"{site.url}/series/paper-moon"
        async with open_loader(make_context(tmp_path, site.url)) as loader:
            yield loader


async def test_a_rescan_costs_one_request(loader: Loader, site: ExampleSite) -> None:
    """A rescan of a library costs one request per series."""
    await loader.get_series(KEY)
    site.asked.clear()

    await loader.get_series(KEY, "paper-moon")

    assert len(site.asked) == 1


async def test_announced_episodes_are_not_available(loader: Loader) -> None:
    """They are listed, but not available."""
    series = await loader.get_series(KEY)

    assert [e.number for e in series.episodes if not e.available] == [3]


@pytest.mark.parametrize(
    ("answer", "piece"),
    [
        ([], "the name of a series"),
        ({"key": "paper-moon", "name": "x"}, "the list of episodes"),
        ({"key": "No Key", "name": "x", "episodes": []}, "the key of a series"),
        ({"key": "a", "name": "x", "episodes": [{"season": "1"}]}, "the number of an episode"),
    ],
)
async def test_a_missing_part_is_named(
    loader: Loader, site: ExampleSite, tmp_path: Path, answer: Any, piece: str
) -> None:
    """The error names the missing part, and the answers are saved in a capsule."""
    site.answers["/series/paper-moon.json"] = answer

    with pytest.raises(ProviderChangedError) as changed:
        await loader.get_series(KEY)

    assert changed.value.missing == piece
    assert len(list((tmp_path / "capsules").glob("example-*.zip"))) == 1


async def test_without_a_base_it_does_not_open(tmp_path: Path) -> None:
    """Aniworld reports it and works without it."""
    with pytest.raises(InvalidConfigError, match="base_url"):
        async with open_loader(make_context(tmp_path, "")):
            pass


async def test_aniworld_finds_it(site: ExampleSite, tmp_path: Path) -> None:
    """It is installed under its name, and a search finds its series."""
    (point,) = entry_points(group="aniworld.loader", name="example")
    assert point.load() is open_loader
    (tmp_path / "config.json").write_text(
        f'{{"providers": {{"example": {{"base_url": "{site.url}"}}}}}}'
    )
    settings = Settings(data_dir=tmp_path, loaders=("example",))
    async with open_application(settings, storage=MemoryStorage()) as app:
        hits = await app.catalogue.search("paper moon")

    assert [hit.key for hit in hits] == [KEY]
