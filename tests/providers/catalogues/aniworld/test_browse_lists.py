"""Browse lists of aniworld.to and s.to: popular series, new episodes, calendar."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB
from aniworld_core.errors import NeedsPersonError, ProviderChangedError, ProviderUnavailableError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader, open_serienstream
from aniworld_providers.catalogues.aniworld.browse_lists import moment_of
from support.adapter_context import JumpingClock, make_context
from support.sites import aniworld_pages as v1
from support.sites import serienstream_pages as v2
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site

pytestmark = pytest.mark.anyio

POPULAR, NEW, CALENDAR = BrowseListName.POPULAR, BrowseListName.NEW, BrowseListName.CALENDAR
PATHS = {
    "v1": {POPULAR: "/beliebte-animes", NEW: "/neue-episoden", CALENDAR: "/animekalender"},
    "v2": {POPULAR: "/beliebte-serien", NEW: "/neue-episoden", CALENDAR: "/serienkalender"},
}
HOSTILE = "&lt;img src=x onerror=alert(1)&gt; \U0001f98a キツネ"


@pytest.fixture(params=["v1", "v2"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site(request.param, foxes()) as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def loader(site: AniworldSite, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[Loader]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    context = make_context(tmp_path, clock=clock, aniworld=config, serienstream=config)
    opening = open_loader if site.layout == "v1" else open_serienstream
    async with opening(context) as loader:
        yield loader


def root(site: AniworldSite) -> str:
    return "/anime/stream" if site.layout == "v1" else "/serie"


async def test_popular_series(loader: Loader, site: AniworldSite) -> None:
    """Series are in page order, with name, link and cover."""
    pages = v1 if site.layout == "v1" else v2
    other = v1.MadeSeries("other-one", HOSTILE, {})
    site.pages[PATHS[site.layout][POPULAR]] = pages.popular_page([foxes(), other, foxes()])

    first, second = await loader.browse(POPULAR)

    assert (first.key, first.name) == ("fox-fanfare", "Fox & Fanfäre")
    assert first.link == f"{site.url}{root(site)}/fox-fanfare"
    assert first.cover_url == f"{site.url}/public/img/cover/made-up_220x330.jpg"
    assert (first.season, first.number, first.day, first.at) == (None, None, None, None)
    assert second.name == "<img src=x onerror=alert(1)> \U0001f98a キツネ"


async def test_new_episodes_are_merged(loader: Loader, site: AniworldSite) -> None:
    """Edge case 15: the lines of an episode, one per language, are one entry; film = season 0."""
    pages = v1 if site.layout == "v1" else v2
    subtitled = "japanese-german" if site.layout == "v1" else "english-german"
    film = "filme/film-2" if site.layout == "v1" else "staffel-0/episode-2"
    one = f"{root(site)}/fox-fanfare/staffel-1/episode-3"
    site.pages["/neue-episoden"] = pages.news_page(
        [
            (one, "Fox", "21.11.2026", "german"),
            (f"{root(site)}/fox-fanfare/{film}", "Fox", "20.11.2026", "german"),
            (one.upper(), "Fox", "21.11.2026", subtitled),
            ("/support/frage/x", "Hilfe", "21.11.2026", "german"),
        ]
    )

    entries = await loader.browse(NEW)

    assert [(e.code, e.day, e.name) for e in entries] == [
        ("S01E03", date(2026, 11, 21), "Fox"),
        ("S00E02", date(2026, 11, 20), "Fox"),
    ]
    assert [e.languages for e in entries] == [
        frozenset({GER_DUB, GER_SUB}),
        frozenset({GER_DUB}),
    ]


async def test_the_calendar(loader: Loader, site: AniworldSite) -> None:
    """Dates are those of the site; times are in UTC and only where the site states one."""
    pages = v1 if site.layout == "v1" else v2
    site.pages[PATHS[site.layout][CALENDAR]] = pages.calendar_page(
        [
            (
                "Samstag, 24.10.2026",
                [
                    ("fox", "Fox", "S01E05", "", "german"),
                    ("owl", HOSTILE, "S02E105", "~ 12:00 Uhr", "german"),
                ],
            ),
            ("Sonntag, 25.10.2026", [("elk", "Elk", "S01E06", "~ 02:30 Uhr", "german")]),
            ("Montag, 26.10.2026", [("yak", "Yak", "bald", "~ 12:00 Uhr", "german")]),
        ]
    )

    entries = await loader.browse(CALENDAR)

    assert [(e.key, e.code, e.day, e.at) for e in entries] == [
        ("owl", "S02E105", date(2026, 10, 24), datetime(2026, 10, 24, 10, tzinfo=UTC)),
        ("fox", "S01E05", date(2026, 10, 24), None),
        ("elk", "S01E06", date(2026, 10, 25), None),
        ("yak", None, date(2026, 10, 26), datetime(2026, 10, 26, 11, tzinfo=UTC)),
    ]
    assert entries[0].name.startswith("<img")
    assert {e.languages for e in entries} == {frozenset({GER_DUB})}


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (time(1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (time(2, 0), None),
        (time(2, 59), None),
        (time(3, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_skipped_hour_has_no_time(hour: time | None, expected: datetime | None) -> None:
    """A local time skipped by the clock change in March gives no UTC time."""
    assert moment_of(date(2026, 3, 29), hour) == expected


async def test_a_browse_list_is_requested_three_times_an_hour(
    loader: Loader, site: AniworldSite, clock: JumpingClock, tmp_path: Path
) -> None:
    """Whatever the cache headers say, also across processes."""
    path = PATHS[site.layout][CALENDAR]
    first = await loader.browse(CALENDAR)
    clock.time += timedelta(minutes=19)
    assert first == await loader.browse(CALENDAR)

    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    context = make_context(tmp_path, clock=clock, aniworld=config, serienstream=config)
    opening = open_loader if site.layout == "v1" else open_serienstream
    async with opening(context) as another:
        assert first == await another.browse(CALENDAR)

    assert site.asked == [path]


async def test_no_store_is_respected(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """A browse list with `no-store` is not cached and is requested again."""
    path = PATHS[site.layout][POPULAR]
    pages = v1 if site.layout == "v1" else v2
    site.pages[path] = html(pages.popular_page([foxes()]), Cache_Control="no-store")
    await loader.browse(POPULAR)
    await loader.browse(POPULAR)
    clock.time += timedelta(minutes=20)
    await loader.browse(POPULAR)

    assert site.asked == [path, path]


@pytest.mark.parametrize("browse_list", BrowseListName)
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (html("<html>weg</html>", status=404), ProviderChangedError),
        (html("<html><title>404</title></html>"), ProviderChangedError),
        (html("<html><h1>anders</h1></html>"), ProviderChangedError),
        (html("<html><div class='newEpisodeList calendarList'>"), ProviderUnavailableError),
        (html("<html><title>502 Bad Gateway</title></html>"), ProviderUnavailableError),
        (html("<html>Checking your browser</html>"), NeedsPersonError),
        (html("nein", status=403), NeedsPersonError),
    ],
)
async def test_a_missing_browse_list_is_named(
    loader: Loader,
    site: AniworldSite,
    browse_list: BrowseListName,
    answer: object,
    error: type[Exception],
) -> None:
    """An error page is not an empty browse list."""
    site.pages[PATHS[site.layout][browse_list]] = answer  # type: ignore[assignment]

    with pytest.raises(error):
        await loader.browse(browse_list)


@pytest.mark.parametrize("site", ["v1"], indirect=True)
async def test_cards_without_series_or_name_are_left_out(
    loader: Loader, site: AniworldSite
) -> None:
    """Links of navigation and advertisements are not series."""
    site.pages["/beliebte-animes"] = v1.page(
        '<div class="col-md-15"><a href="https://example.invalid/anime/stream/"><h3>X</h3></a>'
        '<a href="/anime/stream/no-name"><h3> </h3></a>'
        '<a href="/anime/stream/owl/staffel-1"><h3>Season</h3></a>'
        '<a href="/anime/stream/OWL/?x#y"><img src="/o.png" alt="Owl"></a></div>'
    )

    (entry,) = await loader.browse(POPULAR)

    assert (entry.key, entry.name, entry.cover_url) == ("owl", "Owl", f"{site.url}/o.png")


@pytest.mark.parametrize("site", ["v1"], indirect=True)
async def test_a_row_needs_no_date(loader: Loader, site: AniworldSite) -> None:
    """Dated rows come first; an unknown flag is not a language."""
    row = "/anime/stream/fox/staffel-1/episode-"
    site.pages["/neue-episoden"] = v1.news_page(
        [(f"{row}1", "Fox", "bald", "klingon"), (f"{row}2", "", "1.2.2026", "japanese-english")]
    )

    second, first = await loader.browse(NEW)

    assert (first.number, first.day, first.languages) == (1, None, None)
    assert (second.number, second.day) == (2, date(2026, 2, 1))
    assert (second.languages, second.name) == (frozenset({ENG_SUB}), "Fox")
