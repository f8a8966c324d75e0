"""s.to with layout v2, and both sites with the layout of the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import Titles
from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import ENG_DUB, ENG_SUB, GER_DUB, GER_SUB, Language
from aniworld_core.errors import (
    EpisodeNotFoundError,
    InvalidLinkError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import Loader
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_providers.catalogues.aniworld import open_loader, open_serienstream
from support.adapter_context import make_context
from support.sites import serienstream_pages
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site
from support.sites.aniworld_pages import MadeEpisode, MadeSeries, page

pytestmark = pytest.mark.anyio

KEY = parse_series_key("fox-fanfare")
PATH = "/serie/fox-fanfare"
EPISODE = EpisodeRef(KEY, 1, 1)


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v2", foxes()) as site:
        yield site


@pytest.fixture
async def loader(site: AniworldSite, tmp_path: Path) -> AsyncIterator[Loader]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    async with open_serienstream(make_context(tmp_path, serienstream=config)) as loader:
        yield loader


async def test_a_series_has_all_data_of_its_page(loader: Loader, site: AniworldSite) -> None:
    """The backdrop is not the cover; an invalid last year is ignored."""
    series = await loader.get_series(KEY)

    assert (series.name, series.site, series.provider) == (
        "Fox & Fanfäre",
        "s.to",
        "serienstream",
    )
    assert (series.year, series.end_year) == (2013, None)
    assert series.genres == ("Abenteuer", "Fantasy")
    assert series.description.startswith("Ein Fuchs sucht")
    assert series.cover_url == f"{site.url}/public/img/cover/made-up_220x330.jpg"
    assert series.link == f"{site.url}{PATH}"
    assert [(e.season, e.number) for e in series.episodes] == [
        (0, 1),
        (1, 1),
        (1, 2),
        (1, 3),
        (3, 25),
        (3, 26),
    ]
    assert series.episode(1, 2).titles == Titles(de="Folge 2 de", en="Part 2")
    assert site.asked == [PATH, f"{PATH}/staffel-0", f"{PATH}/staffel-3"]


async def test_flags_are_languages(loader: Loader) -> None:
    """In this layout the flags of a list are the available languages."""
    series = await loader.get_series(KEY)

    assert series.episode(1, 1).languages == frozenset({GER_DUB, GER_SUB})
    assert series.episode(3, 26).languages is None
    assert not series.episode(3, 26).available
    assert series.episode(3, 26).titles == Titles()


async def test_an_episode_zero_needs_flags_or_hosters(loader: Loader, site: AniworldSite) -> None:
    """Otherwise it is a placeholder."""
    site.series["zero"] = MadeSeries(
        "zero",
        "Zero",
        {1: [MadeEpisode(0, hosters=()), MadeEpisode(1)], 2: [MadeEpisode(0)]},
    )

    series = await loader.get_series(SeriesKey("zero"))

    assert [(e.season, e.number) for e in series.episodes] == [(1, 1), (2, 0)]


async def test_flags_may_be_in_the_image_only(loader: Loader, site: AniworldSite) -> None:
    """The class of the image or the link in it names the flag."""
    text = serienstream_pages.series_page(foxes()).replace("svg-flag-", "x-")
    site.pages[PATH] = text

    assert (await loader.get_series(KEY)).episode(1, 1).languages == frozenset({GER_DUB, GER_SUB})


async def test_labels_are_languages(loader: Loader, site: AniworldSite) -> None:
    """`Ger-Sub` means German subtitles, whatever the audio language."""
    (german,) = await loader.get_sources(EPISODE, GER_DUB)
    (subtitled,) = await loader.get_sources(EPISODE, GER_SUB)

    assert (german.url, german.hoster) == (f"{site.url}/r?t=token1", "VOE")
    assert (subtitled.url, subtitled.hoster) == (f"{site.url}/r?t=token2", "Filemoon")
    assert site.asked == [f"{PATH}/staffel-1/episode-1"]


@pytest.mark.parametrize(
    ("label", "key", "language"),
    [
        ("", "1", GER_DUB),
        ("", "2", ENG_DUB),
        ("", "3", GER_SUB),
        ("Klingonisch", "1", None),
        ("", "9", None),
        ("Englisch", "1", ENG_DUB),
    ],
)
async def test_a_label_takes_precedence_over_a_number(
    loader: Loader, site: AniworldSite, label: str, key: str, language: Language | None
) -> None:
    """Numbers count only without a label; unknown labels are kept as unknown."""
    site.pages[f"{PATH}/staffel-1/episode-1"] = page(
        f'<button data-play-url="/r?t=x" data-provider-name="Provider" data-language-id="{key}"'
        f' data-language-label="{label}"></button>'
    )

    (source,) = await loader.get_sources(EPISODE, language or GER_DUB)

    assert (source.language, source.hoster) == (language, "Provider")


async def test_two_labels_for_one_number_are_damage(loader: Loader, site: AniworldSite) -> None:
    """A source in the wrong language would be worse than none."""
    text = serienstream_pages.episode_page(foxes(), 1, MadeEpisode(1))
    site.pages[f"{PATH}/staffel-1/episode-1"] = text.replace('"3"', '"1"')

    with pytest.raises(ProviderUnavailableError, match="two labels"):
        await loader.get_sources(EPISODE, GER_DUB)


async def test_single_use_links_are_requested_anew(site: AniworldSite, loader: Loader) -> None:
    """A cached page may contain links that were used already."""
    path = f"{PATH}/staffel-1/episode-1"
    text = serienstream_pages.episode_page(foxes(), 1, MadeEpisode(1))
    site.pages[path] = html(text, Cache_Control="max-age=3600")
    for number in (1, 2, 1):
        await loader.get_sources(EpisodeRef(KEY, 1, number), GER_DUB)

    assert site.asked.count(path) == 2


async def test_a_hit_has_the_data_of_the_site(loader: Loader, site: AniworldSite) -> None:
    """Entries for people and genres are ignored."""
    (hit,) = await loader.search("Fanf")

    assert (hit.key, hit.name) == (KEY, "Fox & Fanfäre")
    assert hit.link == f"{site.url}{PATH}"
    assert site.asked == ["/api/search/suggest?term=Fanf"]


@pytest.mark.parametrize("answer", ["<html>Wartung</html>", '{"shows": null}', "{}"])
async def test_the_results_page_is_next(loader: Loader, site: AniworldSite, answer: str) -> None:
    """If the first search fails, the page with the results is used."""
    site.pages["/api/search/suggest"] = answer

    (hit,) = await loader.search("Fanf")

    assert (hit.key, hit.name) == (KEY, "Fox & Fanfäre")
    assert hit.cover_url == f"{site.url}/public/img/cover/made-up_220x330.jpg"
    assert site.asked[-1] == "/suche?term=Fanf&tab=shows"


@pytest.mark.parametrize("text", [page("nichts"), "<html>", page("", title="404")])
async def test_the_index_is_searched_last(loader: Loader, site: AniworldSite, text: str) -> None:
    """It is used when both searches fail."""
    site.pages["/api/search/suggest"] = "<html>Wartung</html>"
    site.pages["/suche"] = text

    assert [h.key for h in await loader.search("fanfare")] == [KEY]
    assert site.asked[-1] == "/serien"


async def test_a_bot_check_is_not_circumvented(loader: Loader, site: AniworldSite) -> None:
    """Neither another search nor a retry follows."""
    site.pages["/api/search/suggest"] = "<html>cf-turnstile</html>"

    with pytest.raises(NeedsPersonError):
        await loader.search("x")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://s.to/serie/fox-fanfare",
        "https://serienstream.to/serie/Fox-Fanfare/staffel-0/episode-1",
        "http://www.s.to/serie/stream/fox-fanfare/",
        "https://s.to/serie/stream/fox-fanfare/filme/film-2?x#y",
    ],
)
async def test_links_of_both_names_and_both_generations(loader: Loader, link: str) -> None:
    """Links of the former layout give the same key."""
    assert loader.key_from_link(link) == KEY


async def test_a_series_may_be_called_stream(loader: Loader) -> None:
    """A former path segment can be a key."""
    assert loader.key_from_link("https://s.to/serie/stream") == "stream"
    assert loader.key_from_link("https://s.to/serie/stream/staffel-1") == "stream"


@pytest.mark.parametrize("link", ["https://aniworld.to/anime/stream/x", "https://s.to/serien"])
async def test_other_links_have_no_key(loader: Loader, link: str) -> None:
    """Links to the other site belong to the other catalogue."""
    with pytest.raises(InvalidLinkError):
        loader.key_from_link(link)


@pytest.mark.parametrize(
    "text",
    [
        page("", title="404"),
        page('<h1 class="h2 mb-1 fw-bold">Seite nicht gefunden</h1>'),
        page("<h1>404 - nicht gefunden</h1>"),
    ],
)
async def test_removed_series_are_not_found(loader: Loader, site: AniworldSite, text: str) -> None:
    """The page reports it with status 200; its episodes are not found either."""
    site.pages[PATH] = site.pages[f"{PATH}/staffel-1/episode-1"] = text

    with pytest.raises(SeriesNotFoundError):
        await loader.get_series(KEY)
    with pytest.raises(SeriesNotFoundError):
        await loader.get_sources(EPISODE, GER_DUB)


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("fw-bold", "x", "title"),
        ("episode-table", "x", "list of episodes"),
        ("episode-number-cell", "x", None),
    ],
)
async def test_a_missing_part_is_named(
    loader: Loader, site: AniworldSite, old: str, new: str, piece: str | None
) -> None:
    """Numbers can also be taken from links."""
    site.pages[PATH] = serienstream_pages.series_page(foxes()).replace(old, new)
    for season in (0, 1, 3):
        text = serienstream_pages.season_page(foxes(), season)
        site.pages[f"{PATH}/staffel-{season}"] = text.replace(old, new)

    if piece is None:
        assert len((await loader.get_series(KEY)).episodes) == 6
        return
    with pytest.raises(ProviderChangedError, match=piece):
        await loader.get_series(KEY)


async def test_rows_without_any_number_are_a_change(loader: Loader, site: AniworldSite) -> None:
    """An unreadable list is not an empty list."""
    text = serienstream_pages.series_page(foxes())
    site.pages[PATH] = text.replace("episode-number-cell", "x").replace("/episode-", "/teil-")

    with pytest.raises(ProviderChangedError, match="numbers"):
        await loader.get_series(KEY)


async def test_an_unknown_episode_is_not_found(loader: Loader) -> None:
    """The series exists."""
    with pytest.raises(EpisodeNotFoundError):
        await loader.get_sources(EpisodeRef(KEY, 1, 99), GER_DUB)


class TestAniworldInTheNewLayout(LoaderContract):
    """After a change of its layout, a site works with a changed setting."""

    query = "Fanf"
    key = KEY
    language = GER_SUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open aniworld.to with the layout of s.to."""
        async with open_aniworld_site("v2", foxes()) as site:
            self.link = f"{site.url}/anime/stream/fox-fanfare"
            config = ProviderConfig(base_url=site.url)
            own = {"/providers/aniworld/layout": "v2"}
            async with open_loader(make_context(tmp_path, own=own, aniworld=config)) as loader:
                yield loader


class TestSerienstreamInTheFormerLayout(LoaderContract):
    """The layout until January 2026, with one more path segment."""

    query = "Fanf"
    key = KEY
    language = GER_SUB
    missing_language = ENG_SUB

    @pytest.fixture
    async def loader(self, tmp_path: Path) -> AsyncIterator[Loader]:
        """Open s.to with the layout of aniworld.to."""
        async with open_aniworld_site("v1", foxes()) as site:
            self.link = f"{site.url}/serie/stream/fox-fanfare"
            config = ProviderConfig(base_url=site.url)
            own = {"/providers/serienstream/layout": "v1"}
            context = make_context(tmp_path, own=own, serienstream=config)
            async with open_serienstream(context) as loader:
                yield loader
