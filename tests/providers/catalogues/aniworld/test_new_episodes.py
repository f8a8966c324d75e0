"""Rescan of aniworld.to: one request per series while nothing is new."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.errors import NeedsPersonError, ProviderChangedError, SeriesNotFoundError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site
from support.sites.aniworld_pages import MadeEpisode, MadeSeries, news_page

pytestmark = pytest.mark.anyio

KEY = parse_series_key("fox-fanfare")
PATH = "/anime/stream/fox-fanfare"
NEWS = "/neue-episoden"
#: A row of another series.
OTHER = ("/anime/stream/other/staffel-1/episode-1", "Other", "21.11.2026", "german")


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v1", foxes()) as site:
        site.pages[NEWS] = news_page([OTHER])
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def loader(site: AniworldSite, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[Loader]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    async with open_loader(make_context(tmp_path, clock=clock, aniworld=config)) as loader:
        yield loader


async def look_again(loader: Loader, site: AniworldSite, known: Series | None = None) -> list[str]:
    """Refresh the series as the library has it; return the requested paths."""
    known = known or await loader.get_series(KEY)
    site.asked.clear()
    assert known == await loader.refresh(known)
    return site.asked


async def test_a_rescan_without_news_costs_one_request(loader: Loader, site: AniworldSite) -> None:
    """Each series costs one request; the list of new episodes is requested once for all."""
    keys = [SeriesKey(f"series-{n}") for n in range(30)]
    for key in keys:
        seasons = {season: [MadeEpisode(1), MadeEpisode(2)] for season in range(4)}
        site.series[key] = MadeSeries(key, key, seasons)
    known = [await loader.get_series(key) for key in keys]
    site.asked.clear()
    site.statuses.clear()

    assert known == [await loader.refresh(series) for series in known]

    assert sorted(site.asked) == sorted([NEWS, *(f"/anime/stream/{k}/staffel-3" for k in keys)])
    assert site.statuses.count(304) == len(keys)


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("staffel-1/episode-4", "staffel-1"),
        ("STAFFEL-1/episode-4/?x", "staffel-1"),
        ("filme/film-2", "filme"),
    ],
)
async def test_seasons_with_new_episodes_are_read(
    loader: Loader, site: AniworldSite, place: str, asked: str
) -> None:
    """Of the older seasons, only the one with a new episode costs a request."""
    row = (f"{PATH}/{place}", "Fox", "21.11.2026", "german")
    known = await loader.get_series(KEY)
    site.pages[NEWS] = news_page([row, (*row[:3], "japanese-german"), OTHER])
    site.series[KEY].seasons[1].append(MadeEpisode(4))
    site.series[KEY].seasons[0].append(MadeEpisode(2))
    site.asked.clear()

    series = await loader.refresh(known)

    assert sorted(site.asked) == sorted([NEWS, f"{PATH}/staffel-3", f"{PATH}/{asked}"])
    assert len(series.episodes) == len(known.episodes) + 1


async def test_known_episodes_are_not_new(loader: Loader, site: AniworldSite) -> None:
    """Another language of a known episode changes no list."""
    row = (f"{PATH}/staffel-1/episode-2", "Fox", "21.11.2026", "german")
    site.pages[NEWS] = news_page([row, OTHER])

    assert await look_again(loader, site) == [f"{PATH}/staffel-3", NEWS]


@pytest.mark.parametrize(
    "news",
    [
        html("weg", status=404),
        html("kaputt", status=500),
        html("<html><body>anders</body></html>"),
        html("<html>"),
        html(news_page([])),
        html(news_page([(*OTHER[:2], "99.99.2026", OTHER[3])])),
    ],
)
async def test_an_unusable_list_changes_nothing(
    loader: Loader, site: AniworldSite, news: object
) -> None:
    """The newest season is read anyway, and older ones by the daily full refresh."""
    site.pages[NEWS] = news  # type: ignore[assignment]

    assert set(await look_again(loader, site)) == {f"{PATH}/staffel-3", NEWS}


async def test_the_list_is_requested_three_times_an_hour(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """Not more often, even if there is none."""
    site.pages[NEWS] = html("weg", status=404)
    known = await loader.get_series(KEY)
    for _ in range(4):
        await loader.refresh(known)
    assert site.asked.count(NEWS) == 1

    clock.time += timedelta(minutes=20)
    await loader.refresh(known)
    assert site.asked.count(NEWS) == 2


async def test_new_episodes_and_seasons_are_found(loader: Loader, site: AniworldSite) -> None:
    """New episodes are found at once; a new season causes one full refresh."""
    known = await loader.get_series(KEY)
    site.series[KEY].seasons[3].append(MadeEpisode(27))
    longer = await loader.refresh(known)
    site.series[KEY].seasons[4] = [MadeEpisode(1)]
    site.asked.clear()
    longest = await loader.refresh(longer)

    assert (3, 27) in [(e.season, e.number) for e in longer.episodes]
    assert (4, 1) in [(e.season, e.number) for e in longest.episodes]
    assert len(set(site.asked)) == len(site.asked)


async def test_episodes_missing_in_the_library_are_found_again(
    loader: Loader, site: AniworldSite
) -> None:
    """The log is ignored if the library lacks episodes of the last full refresh."""
    known = await loader.get_series(KEY)
    poorer = attrs.evolve(known, episodes=[e for e in known.episodes if e.season != 1])

    assert known == await loader.refresh(poorer)


async def test_after_two_days_every_season_is_read(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """Titles change without appearing in the list of new episodes."""
    known = await loader.get_series(KEY)
    clock.time += timedelta(days=2)

    assert set(await look_again(loader, site, known)) == {
        PATH, f"{PATH}/filme", f"{PATH}/staffel-3"
    }  # fmt: skip


async def test_the_log_is_shared_between_processes(
    loader: Loader, site: AniworldSite, clock: JumpingClock, tmp_path: Path
) -> None:
    """Entries of concurrent processes are merged; an unreadable file only costs requests."""
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    context = make_context(tmp_path, clock=clock, aniworld=config)
    site.series["one"] = MadeSeries("one", "One", {n: [MadeEpisode(1)] for n in (1, 2)})
    async with open_loader(context) as first, open_loader(context) as second:
        known = [await first.get_series(KEY), await second.get_series(SeriesKey("one"))]
    site.asked.clear()

    async with open_loader(context) as third:
        assert known == [await third.refresh(series) for series in known]
    assert site.asked == [f"{PATH}/staffel-3", NEWS, "/anime/stream/one/staffel-2"]

    (tmp_path / "cache" / "aniworld" / "full_refreshes.json").write_text(
        '{"fox-fanfare": {"at": 1}, "x": []}'
    )
    async with open_loader(context) as fourth:
        assert known[0] == await fourth.refresh(known[0])
    assert site.asked[3:] == [PATH, f"{PATH}/filme", f"{PATH}/staffel-3"]


async def test_a_changed_season_page_is_named(loader: Loader, site: AniworldSite) -> None:
    """The page of the series is requested before the error."""
    known = await loader.get_series(KEY)
    site.pages[f"{PATH}/staffel-3"] = "<html>anders</html>"

    with pytest.raises(ProviderChangedError, match="list of episodes"):
        await loader.refresh(known)


async def test_a_removed_series_is_noticed(loader: Loader, site: AniworldSite) -> None:
    """A removed series is noticed although the log has an entry for it."""
    known = await loader.get_series(KEY)
    removed = site.series.pop(KEY)
    with pytest.raises(SeriesNotFoundError):
        await loader.refresh(known)
    site.series[KEY] = removed

    assert PATH in await look_again(loader, site, known)


async def test_a_renamed_series_is_reported(loader: Loader, site: AniworldSite) -> None:
    """Edge case 8: pages that redirect to another key are not used silently."""
    known = await loader.get_series(KEY)
    site.series["fox-new"] = attrs.evolve(site.series.pop(KEY), key="fox-new")
    for path in ("", "/staffel-1", "/staffel-3", "/filme"):
        moved = f"/anime/stream/fox-new{path}"
        site.pages[f"{PATH}{path}"] = html("", status=301, Location=moved)

    series = await loader.refresh(known)

    assert series.key == series.provider_ref == "fox-new"


async def test_a_bot_check_is_for_a_person(loader: Loader, site: AniworldSite) -> None:
    """After a bot check no further page is requested."""
    known = await loader.get_series(KEY)
    site.pages[NEWS] = "<html>Checking your browser</html>"
    site.asked.clear()

    with pytest.raises(NeedsPersonError):
        await loader.refresh(known)
    assert site.asked == [f"{PATH}/staffel-3", NEWS]
