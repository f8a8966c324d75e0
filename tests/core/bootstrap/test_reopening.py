"""A changed setting of a catalogue or of the network reopens the adapters that read it."""

from pathlib import Path

import pytest

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.bootstrap.adapters import ContextSource
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import CoverAddress
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import AniworldError, UnknownProviderError
from support.adapter_context import JumpingClock, NoThrottle
from support.sites.page_server import open_page_server

pytestmark = pytest.mark.anyio


def _opened(app: Application) -> dict[str, int]:
    """Return the identity of every opened catalogue."""
    return {name: id(each) for name, each in app.catalogue.loaders.by_name.items()}


async def test_only_the_changed_catalogue_is_reopened(tmp_path: Path) -> None:
    """The others stay as they are; order, switches and addresses apply at once."""
    async with open_application(Settings(data_dir=tmp_path)) as app:
        before = _opened(app)
        archive = app.catalogue.loaders.named("archive")
        await app.config.replace(
            {"providers": {"archive": {"base_url": "http://archive.example", "enabled": True}}}
        )
        after = _opened(app)
        assert {name for name in before if after[name] != before[name]} == {"archive"}
        assert next(iter(after)) == "archive", "configured catalogues come first"
        assert app.catalogue.loaders.named("archive").owns("http://archive.example/details/x")
        assert not archive.owns("http://archive.example/details/x")
        await app.config.replace({"providers": {"aniworld": {"enabled": False}}})
        with pytest.raises(UnknownProviderError):
            app.catalogue.loaders.named("aniworld")
        await app.config.replace({"providers": {"aniworld": {"enabled": True}}})
        assert "aniworld" in _opened(app)


async def test_own_settings_of_a_catalogue_apply_at_once(tmp_path: Path) -> None:
    """Settings that a loader declares itself count as its settings, too."""
    async with open_application(Settings(data_dir=tmp_path)) as app:
        before = _opened(app)
        await app.config.replace({"providers": {"aniworld": {"layout": "v1"}}})
        after = _opened(app)
        assert {name for name in before if after[name] != before[name]} == {"aniworld"}


async def test_network_settings_reach_every_adapter(tmp_path: Path) -> None:
    """After a change of user agent and proxy, catalogues, resolvers, fetchers and covers use it."""
    with open_page_server() as proxy:
        async with open_application(Settings(data_dir=tmp_path)) as app:
            catalogues = _opened(app)
            others = [list(map(id, app.resolvers)), list(map(id, app.fetchers))]
            network = {"proxy": proxy.url(""), "user_agent": "Other/1"}
            archive = {"base_url": "http://archive.example"}
            await app.config.replace({"network": network, "providers": {"archive": archive}})
            assert not set(catalogues.values()) & set(_opened(app).values())
            changed = [list(map(id, app.resolvers)), list(map(id, app.fetchers))]
            for before, after in zip(others, changed, strict=True):
                assert len(before) == len(after) > 0
                assert not set(before) & set(after)
            with pytest.raises(AniworldError):
                await app.catalogue.loaders.named("archive").search("moon")
            await _ask_for_cover(app)
    hosts = {path.split("/")[2] for path, _ in proxy.hits}
    assert hosts == {"archive.example", "covers.example"}
    assert {headers["user-agent"] for _, headers in proxy.hits} == {"Other/1"}


async def _ask_for_cover(app: Application) -> None:
    address = CoverAddress(provider="archive", url="http://covers.example/a.jpg")
    source = app.covers._source
    assert source is not None
    with pytest.raises(AniworldError):
        await source.get(address)


async def test_given_adapters_stay(tmp_path: Path) -> None:
    """Adapters that the caller passed are never replaced."""
    settings = Settings(data_dir=tmp_path)
    async with open_application(settings, loaders=(), resolvers=(), fetchers=()) as app:
        await app.config.replace({"network": {"user_agent": "Other/1"}})
        assert (len(app.resolvers), len(app.fetchers)) == (0, 0)
        assert _opened(app) == {}


async def test_another_change_reopens_nothing(tmp_path: Path) -> None:
    """A change of other sections leaves every adapter as it is."""
    async with open_application(Settings(data_dir=tmp_path)) as app:
        before = _opened(app)
        await app.config.replace({"downloads": {"concurrent": 2}})
        assert _opened(app) == before


def test_new_adapters_share_the_objects_of_the_former(tmp_path: Path) -> None:
    """Each context of an application has the same objects, one for each class and name."""
    source = ContextSource(
        settings=Settings(data_dir=tmp_path),
        current=CurrentConfig(Config()),
        throttle=NoThrottle(),
        clock=JumpingClock(),
    )
    former = source.now().shared.of(list, list)

    assert source.of(Config()).shared.of(list, list) is former
    assert source.now().shared.of(list, list, name="other") is not former
