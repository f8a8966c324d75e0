"""Rescan of s.to, whose list of new episodes is not known to be complete."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.errors import SeriesNotFoundError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_serienstream
from support.adapter_context import JumpingClock, make_context
from support.sites.aniworld import AniworldSite, foxes, open_aniworld_site
from support.sites.aniworld_pages import MadeEpisode, MadeSeries

pytestmark = pytest.mark.anyio

KEY = parse_series_key("fox-fanfare")
PATH = "/serie/fox-fanfare"


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v2", foxes()) as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def loader(site: AniworldSite, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[Loader]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    async with open_serienstream(
        make_context(tmp_path, clock=clock, serienstream=config)
    ) as loader:
        yield loader


async def test_a_rescan_without_news_costs_one_request(loader: Loader, site: AniworldSite) -> None:
    """Most answers are "not modified"."""
    keys = [SeriesKey(f"series-{n}") for n in range(30)]
    for key in keys:
        seasons = {season: [MadeEpisode(1), MadeEpisode(2)] for season in range(4)}
        site.series[key] = MadeSeries(key, key, seasons)
    known = [await loader.get_series(key) for key in keys]
    site.asked.clear()
    site.statuses.clear()

    assert known == [await loader.refresh(series) for series in known]

    assert site.asked == [f"/serie/{key}/staffel-3" for key in keys]
    assert set(site.statuses) == {304}


async def test_a_new_episode_is_found(loader: Loader, site: AniworldSite) -> None:
    """New episodes appear in the newest season."""
    before = await loader.get_series(KEY)
    site.series[KEY].seasons[3].append(MadeEpisode(27))
    site.asked.clear()

    after = await loader.refresh(before)

    assert len(after.episodes) == len(before.episodes) + 1
    assert site.asked == [f"{PATH}/staffel-3"]


async def test_a_new_season_is_found(loader: Loader, site: AniworldSite) -> None:
    """The page of the newest season links to a new one, which causes one full refresh."""
    known = await loader.get_series(KEY)
    site.series[KEY].seasons[4] = [MadeEpisode(1)]
    site.asked.clear()

    after = await loader.refresh(known)

    assert len(set(site.asked)) == len(site.asked)
    assert (4, 1) in [(e.season, e.number) for e in after.episodes]


async def test_a_series_that_is_gone_is_noticed(loader: Loader, site: AniworldSite) -> None:
    """A removed series is noticed although the log has an entry for it."""
    known = await loader.get_series(KEY)
    site.series.clear()

    with pytest.raises(SeriesNotFoundError):
        await loader.refresh(known)


async def test_after_two_days_everything_is_read(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """A full refresh also finds additions to an older season."""
    before = await loader.get_series(KEY)
    site.series[KEY].seasons[1].append(MadeEpisode(4))
    assert await loader.refresh(before) == before
    clock.time += timedelta(days=2)

    after = await loader.refresh(before)

    assert len(after.episodes) == len(before.episodes) + 1
