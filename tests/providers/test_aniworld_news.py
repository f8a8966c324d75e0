"""Looking again at series of aniworld.to: one request each while nothing is new."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.config import ProviderConfig
from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.errors import NeedsPersonError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader
from providers.aniworld_pages import MadeEpisode, MadeSeries, news_page
from providers.aniworld_site import AniworldSite, foxes, html, open_aniworld_site
from providers.surroundings import JumpingClock, make_context

pytestmark = pytest.mark.anyio

KEY = parse_series_key("fox-fanfare")
PATH = "/anime/stream/fox-fanfare"
NEWS = "/neue-episoden"
#: A line that reaches back to before the tests' day, about another series.
OLD = ("/anime/stream/other/staffel-1/episode-1", "Other", "01.11.2026", "german")


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v1", foxes()) as site:
        site.pages[NEWS] = news_page([OLD])
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def loader(site: AniworldSite, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[Loader]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    async with open_loader(make_context(tmp_path, clock=clock, aniworld=config)) as loader:
        yield loader


async def look_twice(loader: Loader, site: AniworldSite) -> list[str]:
    """Look at the series, then again; tell what the second look asked."""
    await loader.get_series(KEY)
    site.asked.clear()
    await loader.get_series(KEY)
    return site.asked


async def test_a_rescan_without_news_asks_once_per_series(
    loader: Loader, site: AniworldSite
) -> None:
    """However many seasons they have; the list of new episodes is asked for once for all."""
    keys = [SeriesKey(f"series-{n}") for n in range(30)]
    for key in keys:
        seasons = {season: [MadeEpisode(1), MadeEpisode(2)] for season in range(4)}
        site.series[key] = MadeSeries(key, key, seasons)
    first = [await loader.get_series(key) for key in keys]
    site.asked.clear()
    site.statuses.clear()

    second = [await loader.get_series(key) for key in keys]

    assert first == second
    assert sorted(site.asked) == sorted([NEWS, *(f"/anime/stream/{key}" for key in keys)])
    assert site.statuses.count(304) == len(keys)


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("staffel-3/episode-27", "staffel-3"),
        ("STAFFEL-3/episode-26/?x", "staffel-3"),
        ("filme/film-2", "filme"),
    ],
)
async def test_news_are_looked_at(
    loader: Loader, site: AniworldSite, place: str, asked: str
) -> None:
    """Only the season concerned costs a page; an announced episode is news when it comes."""
    row = (f"{PATH}/{place}", "Fox", "21.11.2026", "german")

    await loader.get_series(KEY)
    site.pages[NEWS] = news_page([row, (*row[:3], "japanese-german"), OLD])
    site.series[KEY].seasons[3].append(MadeEpisode(27))
    site.asked.clear()
    series = await loader.get_series(KEY)

    assert site.asked.count(f"{PATH}/{asked}") == 1
    assert sorted(site.asked) == sorted([PATH, NEWS, f"{PATH}/{asked}"])
    assert ((3, 27) in [(e.season, e.number) for e in series.episodes]) == (asked != "filme")


async def test_known_episodes_are_no_news(loader: Loader, site: AniworldSite) -> None:
    """Another language of an episode that is listed already changes no list."""
    row = (f"{PATH}/staffel-3/episode-25", "Fox", "21.11.2026", "german")
    site.pages[NEWS] = news_page([row, OLD])

    assert set(await look_twice(loader, site)) == {PATH, NEWS}


@pytest.mark.parametrize(
    "news",
    [
        html("weg", status=404),
        html("kaputt", status=500),
        html("<html><body>anders</body></html>"),
        html("<html>"),
        html(news_page([])),
        html(news_page([(*OLD[:2], "bald", OLD[3])])),
        html(news_page([(*OLD[:2], "99.99.2026", OLD[3])])),
        html(news_page([(*OLD[:2], "21.11.2026", OLD[3])])),
    ],
)
async def test_a_list_that_says_nothing_saves_nothing(
    loader: Loader, site: AniworldSite, news: object
) -> None:
    """Without it, or where it does not reach back far enough, every season is looked at."""
    site.pages[NEWS] = news  # type: ignore[assignment]

    asked = await look_twice(loader, site)

    assert set(asked) == {PATH, NEWS, f"{PATH}/filme", f"{PATH}/staffel-3"}


async def test_the_list_is_asked_for_every_quarter_of_an_hour(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """And not more often, also where there is none."""
    site.pages[NEWS] = html("weg", status=404)
    for _ in range(4):
        await loader.get_series(KEY)
    assert site.asked.count(NEWS) == 1

    clock.time += timedelta(minutes=15)
    await loader.get_series(KEY)
    assert site.asked.count(NEWS) == 2


async def test_after_a_day_every_season_is_looked_at(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """Titles change without being news."""
    await loader.get_series(KEY)
    site.asked.clear()
    clock.time += timedelta(days=1)
    await loader.get_series(KEY)

    assert site.asked == [PATH, f"{PATH}/filme", f"{PATH}/staffel-3"]


async def test_a_bot_check_is_for_a_person(loader: Loader, site: AniworldSite) -> None:
    """The seasons would be refused as well."""
    site.pages[NEWS] = "<html>Checking your browser</html>"

    with pytest.raises(NeedsPersonError):
        await look_twice(loader, site)
    assert site.asked == [PATH, NEWS]
