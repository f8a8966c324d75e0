"""aniworld.to: series, seasons and episodes, against a fake of its layout."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import Series, Titles
from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.errors import (
    InvalidLinkError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader
from support.adapter_context import make_context
from support.sites import aniworld_pages
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site
from support.sites.aniworld_pages import MadeEpisode, MadeSeries, page

pytestmark = pytest.mark.anyio

KEY = parse_series_key("fox-fanfare")
PATH = "/anime/stream/fox-fanfare"


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v1", foxes()) as site:
        yield site


@pytest.fixture
async def loader(site: AniworldSite, tmp_path: Path) -> AsyncIterator[Loader]:
    context = make_context(tmp_path, aniworld=ProviderConfig(base_url=f"{site.url}/"))
    async with open_loader(context) as loader:
        yield loader


def places(series: Series) -> list[tuple[int, int]]:
    return [(episode.season, episode.number) for episode in series.episodes]


async def test_a_series_has_all_data_of_its_page(loader: Loader, site: AniworldSite) -> None:
    """Title, other titles, years, genres without language tags, description, cover, episodes."""
    series = await loader.get_series(KEY)

    assert series.name == "Fox & Fanfäre"
    assert series.folder == "Fox & Fanfäre (2013)"
    assert series.alternative_titles == ("狐のファンファーレ", "Fuchs")
    assert (series.year, series.end_year) == (2013, None)
    assert series.genres == ("Abenteuer", "Fantasy")
    assert series.description == 'Ein Fuchs sucht\nsein <Glück> & "mehr".'
    assert series.cover_url == f"{site.url}/public/img/cover/made-up_220x330.jpg"
    assert series.link == f"{site.url}{PATH}"
    assert series.provider_ref == KEY
    assert places(series) == [(0, 1), (1, 1), (1, 2), (1, 3), (3, 25), (3, 26)]
    assert series.episode(1, 2).titles == Titles(de="Folge 2 de", en="Part 2")


async def test_flags_of_lists_are_not_languages(loader: Loader) -> None:
    """The languages of an episode are unknown until its own page is read."""
    assert {e.languages for e in (await loader.get_series(KEY)).episodes} == {None}


async def test_a_shown_season_is_not_requested(loader: Loader, site: AniworldSite) -> None:
    """The page of the series shows season 1; every other season costs one request."""
    await loader.get_series(KEY)

    assert site.asked == [PATH, f"{PATH}/filme", f"{PATH}/staffel-3"]


async def test_a_thousand_episodes_cost_one_page_per_season(
    loader: Loader, site: AniworldSite
) -> None:
    """No request is made per episode, however long a series is."""
    seasons = {s: [MadeEpisode(100 * s + n) for n in range(100)] for s in range(1, 11)}
    site.series["long"] = MadeSeries("long", "Long", seasons)

    series = await loader.get_series(SeriesKey("long"))

    assert len(series.episodes) == 1000
    assert len(site.asked) == len(set(site.asked)) <= 10


async def test_an_unchanged_series_is_revalidated(loader: Loader, site: AniworldSite) -> None:
    """A second refresh gets "not modified" for every page and finds the same episodes."""
    first = await loader.get_series(KEY)
    asked = len(site.asked)
    second = await loader.get_series(KEY)

    assert first == second
    assert set(site.statuses[asked:]) == {304}


async def test_a_fresh_page_is_not_requested(loader: Loader, site: AniworldSite) -> None:
    """The cache headers of the site are respected."""
    text = aniworld_pages.series_page(MadeSeries("one", "One", {1: [MadeEpisode(1)]}))
    site.pages["/anime/stream/one"] = html(text, Cache_Control="max-age=3600")
    for _ in range(3):
        await loader.get_series(SeriesKey("one"))

    assert site.asked == ["/anime/stream/one"]


async def test_only_films(loader: Loader, site: AniworldSite) -> None:
    """Edge case 1: a series with films only; films are season 0."""
    site.series["film"] = MadeSeries("film", "Film", {0: [MadeEpisode(1), MadeEpisode(2)]})

    series = await loader.get_series(SeriesKey("film"))

    assert places(series) == [(0, 1), (0, 2)]
    assert site.asked == ["/anime/stream/film"]


async def test_no_season_yet(loader: Loader, site: AniworldSite) -> None:
    """Edge case 1: an announced series exists without episodes."""
    site.series["soon"] = MadeSeries("soon", "Soon", {})

    assert (await loader.get_series(SeriesKey("soon"))).episodes == ()


async def test_seasons_are_taken_from_their_links(loader: Loader, site: AniworldSite) -> None:
    """Edge case 2: numbers have gaps, and the season count of the page includes the films."""
    seasons = {n: [MadeEpisode(1)] for n in (0, 1, 2, 4)}
    site.series["holes"] = MadeSeries("holes", "Holes", seasons)

    assert places(await loader.get_series(SeriesKey("holes"))) == [(n, 1) for n in seasons]


async def test_episodes_are_not_renumbered(loader: Loader, site: AniworldSite) -> None:
    """Edge case 3: gaps and numbers that continue across seasons stay; placeholder 0 is dropped."""
    placeholder = MadeEpisode(0, de="Platzhalter", hosters=())
    prologue = MadeEpisode(0, de="Prolog")
    site.series["cour"] = MadeSeries(
        "cour",
        "Cour",
        {1: [placeholder, MadeEpisode(1), MadeEpisode(4)], 2: [prologue, MadeEpisode(113)]},
    )

    series = await loader.get_series(SeriesKey("cour"))

    assert places(series) == [(1, 1), (1, 4), (2, 0), (2, 113)]


async def test_films_have_only_an_english_title(loader: Loader) -> None:
    """Edge case 4: rows of films have neither a number nor a German title."""
    film = (await loader.get_series(KEY)).episode(0, 1)

    assert film.titles == Titles(de=None, en="The Movie")


@pytest.mark.parametrize(
    ("de", "en", "titles"),
    [
        ("", "", Titles()),
        ("Nur so", "", Titles(de="Nur so")),
        ("&#039;A&#039; &amp; &quot;B&quot;", "x", Titles(de="'A' & \"B\"", en="x")),
        ("Wört\u00aders\u200bpiel\u00a0 hier", "x", Titles(de="Wörterspiel hier", en="x")),
        ("Fu\u0308chse", "進撃の巨人 👩\u200d🚀", Titles(de="Füchse", en="進撃の巨人 👩\u200d🚀")),
        ("Wer?/Wo: Da...", ".hack", Titles(de="Wer?/Wo: Da...", en=".hack")),
        ("x", "The End [Episode 001]", Titles(de="x", en="The End")),
        ("\u202egnp.exe", "\u2066x\u2069", Titles(de="gnp.exe", en="x")),
    ],
)
async def test_titles_are_cleaned(
    loader: Loader, site: AniworldSite, de: str, en: str, titles: Titles
) -> None:
    """Edge case 5: entities are decoded, invisible characters removed, all others kept."""
    site.series["odd"] = MadeSeries("odd", "Odd", {1: [MadeEpisode(1, de=de, en=en)]})

    assert (await loader.get_series(SeriesKey("odd"))).episode(1, 1).titles == titles


@pytest.mark.parametrize(
    ("title", "flags", "hosters", "available", "name"),
    [
        ("[TBA]", (), (), False, None),
        ("Der Fuchs [Start: 07.10.2026]", (), (), False, "Der Fuchs"),
        ("Der Fuchs [TBA]", ("1", "2", "3"), (), False, "Der Fuchs"),
        ("Der Fuchs", (), (), False, "Der Fuchs"),
        ("Der Fuchs [TBA]", ("1",), (("1", "VOE"),), True, "Der Fuchs"),
        ("Der Fuchs", ("1",), (), True, "Der Fuchs"),
    ],
)
async def test_announced_episodes_are_listed_but_not_available(
    loader: Loader,
    site: AniworldSite,
    title: str,
    flags: tuple[str, ...],
    hosters: tuple[tuple[str, str], ...],
    available: bool,
    name: str | None,
) -> None:
    """Edge case 6: without hoster and language, or by its title, an episode is only announced."""
    episode = MadeEpisode(7, de=title, flags=flags, hosters=hosters)
    site.series["soon"] = MadeSeries("soon", "Soon", {1: [MadeEpisode(6), episode]})

    listed = (await loader.get_series(SeriesKey("soon"))).episode(1, 7)

    assert listed.available == available
    assert listed.titles.de == name
    assert await loader.get_episodes(SeriesKey("soon")) == {1: [6, 7] if available else [6]}


@pytest.mark.parametrize(
    "answer",
    [
        html(page("<h2>404</h2>")),
        html(page("", title="404 | Seite nicht gefunden")),
        html(page('<div class="messageAlert danger">Die Serie gibt es nicht.</div>')),
        html("<html>weg</html>", status=404),
        html("<html>weg</html>", status=410),
    ],
)
async def test_removed_series_are_not_found(
    loader: Loader, site: AniworldSite, answer: object
) -> None:
    """Edge case 8: a page that reports a removed series may have any status."""
    site.pages[PATH] = answer  # type: ignore[assignment]

    with pytest.raises(SeriesNotFoundError):
        await loader.get_series(KEY)


async def test_removed_series_may_lead_to_the_front_page(
    loader: Loader, site: AniworldSite
) -> None:
    """Edge case 8: a redirect to a page outside all series means that the series is gone."""
    site.pages[PATH] = html("", status=302, Location="/animes")

    with pytest.raises(SeriesNotFoundError):
        await loader.get_series(KEY)


async def test_a_new_key_is_reported(loader: Loader, site: AniworldSite) -> None:
    """Edge case 8: a renamed series is returned with its new key, which then works."""
    site.pages["/anime/stream/fox-old"] = html("", status=301, Location=f"{PATH}/")

    series = await loader.get_series(SeriesKey("fox-old"))

    assert series.key == series.provider_ref == KEY
    assert series.link == f"{site.url}{PATH}"
    assert f"{PATH}/staffel-3" in site.asked
    with pytest.raises(SeriesNotFoundError, match="fox-fanfare"):
        await loader.get_episodes(SeriesKey("fox-old"))


async def test_a_key_of_the_library_is_kept(loader: Loader) -> None:
    """The library may use another key; the reference selects the requested one."""
    series = await loader.get_series(SeriesKey("fox-fanfare-aniworld"), "fox-fanfare")

    assert series.key == "fox-fanfare-aniworld"
    assert series.provider_ref == KEY


async def test_careless_markup_is_parsed(loader: Loader, site: AniworldSite) -> None:
    """Edge case 9: CRLF, open tags, duplicate attributes, a comment of 100 kB."""
    text = aniworld_pages.series_page(foxes())
    text = text.replace("</div>", "").replace("\n", "\r\n")
    text = text.replace("<tr ", '<div class=open><tr class="" class="twice" ')
    text = text.replace("<body>", f"<body><!-- {'<div>' * 20_000} -->")
    site.pages[PATH] = html(text)

    assert len((await loader.get_series(KEY)).episodes) == 6


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252", "nonsense", "utf-16"])
async def test_pages_are_utf8_whatever_the_header_says(
    loader: Loader, site: AniworldSite, charset: str
) -> None:
    """Edge case 10: the charset of the header is ignored; invalid bytes are replaced."""
    made = MadeSeries("umlaut", "Fu\u0308chse 狐 ", {1: [MadeEpisode(1)]})
    answer = html(aniworld_pages.series_page(made), Content_Type=f"text/html; charset={charset}")
    assert isinstance(answer.body, bytes)
    answer.body = answer.body.replace("狐".encode(), b"\xff")
    site.pages["/anime/stream/umlaut"] = answer

    assert (await loader.get_series(SeriesKey("umlaut"))).name == "Füchse \ufffd"


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2013", "Heute", (2013, None)),
        ("2013", "2016", (2013, 2016)),
        ("", "", (None, None)),
        ("bald", "Heute", (None, None)),
    ],
)
async def test_years(
    loader: Loader,
    site: AniworldSite,
    start: str,
    end: str,
    years: tuple[int | None, int | None],
) -> None:
    """Edge case 11: a running series has no last year; years may be missing."""
    made = MadeSeries("years", "Years", {1: [MadeEpisode(1)]}, start=start, end=end)
    site.series["years"] = made

    series = await loader.get_series(SeriesKey("years"))

    assert (series.year, series.end_year) == years


async def test_other_titles(loader: Loader, site: AniworldSite) -> None:
    """Edge case 12: neither the title itself nor duplicates nor empty ones, even of many."""
    listed = ["Many", "many", "", "  ", *(f"Title {n}" for n in range(35)), "Title 3"]
    made = MadeSeries("many", "Many", {1: [MadeEpisode(1)]}, alternatives=",".join(listed))
    site.series["many"] = made

    series = await loader.get_series(SeriesKey("many"))

    assert series.alternative_titles == tuple(f"Title {n}" for n in range(35))


async def test_descriptions(loader: Loader, site: AniworldSite) -> None:
    """Edge case 13: the attribute has the whole text; a placeholder text counts as empty."""
    text = aniworld_pages.series_page(foxes())
    site.pages[PATH] = html(text.replace("data-full-description", "data-other"))
    assert (await loader.get_series(KEY)).description.startswith("Ein Fuchs …")

    filler = "Für diesen Anime ist noch keine Beschreibung vorhanden."
    site.pages[PATH] = html(text.replace("Ein Fuchs sucht", filler))
    assert (await loader.get_series(KEY)).description == ""


@pytest.mark.parametrize(
    "link",
    [
        "https://aniworld.to/anime/stream/fox-fanfare",
        "http://www.aniworld.to/anime/stream/Fox-Fanfare/",
        "https://aniworld.to/anime/stream/fox-fanfare/staffel-1/episode-2?x=1#top",
        "https://aniworld.to/anime/stream/fox-fanfare/filme/film-1",
        " HTTPS://ANIWORLD.TO/anime/stream/FOX-FANFARE/staffel-3/ ",
    ],
)
async def test_links_as_people_paste_them(loader: Loader, link: str) -> None:
    """Edge case 14: links with the site's public name belong to it, also with another base URL."""
    assert loader.owns(link)
    assert loader.key_from_link(link) == KEY


@pytest.mark.parametrize(
    "link",
    [
        "https://aniworld.to/",
        "https://aniworld.to/animes",
        "https://aniworld.to/anime/stream/",
        "https://aniworld.to/anime/stream/a_b",
        "https://aniworld.to/support/anime-x",
        "https://aniworld.to.example/anime/stream/fox-fanfare",
        "https://user@aniworld.to/anime/stream/fox-fanfare",
        "https://aniworld.to:8443/anime/stream/fox-fanfare",
    ],
)
async def test_links_without_a_key(loader: Loader, link: str) -> None:
    """Pages outside a series and lookalike hosts have no key."""
    with pytest.raises(InvalidLinkError):
        loader.key_from_link(link)


async def test_links_in_pages_may_be_absolute(loader: Loader, site: AniworldSite) -> None:
    """Edge case 14: only the path of a link counts, whatever its host, case or slash."""
    text = aniworld_pages.series_page(foxes())
    text = text.replace(f'href="{PATH}', f'href="https://OLD.example{PATH.upper()}')
    text = text.replace('staffel-3"', 'STAFFEL-3/?x=1"')
    site.pages[PATH] = html(text)

    assert len((await loader.get_series(KEY)).episodes) == 6
    assert site.asked == [PATH, f"{PATH}/filme", f"{PATH}/staffel-3"]


async def test_empty_titles_fall_back_to_the_key(loader: Loader, site: AniworldSite) -> None:
    """A series always has a name."""
    site.series["no-name"] = MadeSeries("no-name", "", {1: [MadeEpisode(1)]})

    assert (await loader.get_series(SeriesKey("no-name"))).name == "No Name"


async def test_hostile_titles_make_harmless_folders(loader: Loader, site: AniworldSite) -> None:
    """The suggested folder is a single path component."""
    site.series["evil"] = MadeSeries("evil", "../../etc/passwd", {1: [MadeEpisode(1)]})

    series = await loader.get_series(SeriesKey("evil"))

    assert "/" not in series.folder
    assert not series.folder.startswith(".")


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("series-title", "titel", "title"),
        ('id="stream"', 'id="x"', None),
        ('id="stream"><ul>', 'id="stream"><ol>', None),
        ("seasonEpisodesList", "liste", "list of episodes"),
    ],
)
async def test_a_missing_part_is_named(
    loader: Loader, site: AniworldSite, old: str, new: str, piece: str | None
) -> None:
    """A changed page is an error; a page with empty fields is not."""
    site.pages[PATH] = html(aniworld_pages.series_page(foxes()).replace(old, new))
    season = aniworld_pages.season_page(foxes(), 1).replace(old, new)
    site.pages[f"{PATH}/staffel-1"] = html(season)

    if piece is None:  # the episode list of the shown season still shows one season
        assert places(await loader.get_series(KEY)) == [(1, 1), (1, 2), (1, 3)]
        return
    with pytest.raises(ProviderChangedError, match=piece):
        await loader.get_series(KEY)


async def test_without_any_sign_of_seasons_the_page_has_changed(
    loader: Loader, site: AniworldSite
) -> None:
    """Without links and rows the page counts as changed if it states a number of seasons."""
    text = aniworld_pages.series_page(foxes())
    text = text.replace("seasonEpisodesList", "x").replace("/staffel-", "/x-")
    site.pages[PATH] = html(text.replace("/filme", "/x"))

    with pytest.raises(ProviderChangedError, match="list of seasons"):
        await loader.get_series(KEY)


async def test_too_many_seasons_are_refused(loader: Loader, site: AniworldSite) -> None:
    """A page cannot cause thousands of requests."""
    seasons = {n: [MadeEpisode(1)] for n in range(1, 5000)}
    site.series["evil"] = MadeSeries("evil", "Evil", seasons)

    with pytest.raises(ProviderChangedError, match="more than 200 seasons"):
        await loader.get_series(SeriesKey("evil"))
    assert len(site.asked) == 1


async def test_a_cut_page_is_requested_again(loader: Loader, site: AniworldSite) -> None:
    """A page without its end may have been cut off in transit."""
    whole = aniworld_pages.series_page(MadeSeries("one", "One", {1: [MadeEpisode(1)]}))
    answers = [html(whole[:900], Cache_Control="max-age=60"), html(whole)]
    site.pages["/anime/stream/one"] = lambda: answers.pop(0)

    assert len((await loader.get_series(SeriesKey("one"))).episodes) == 1
    assert len(site.asked) == 2


async def test_a_page_damaged_twice_is_not_available(loader: Loader, site: AniworldSite) -> None:
    """A second damaged response means that the site is temporarily unavailable."""
    site.pages[PATH] = html(aniworld_pages.series_page(foxes())[:-20])

    with pytest.raises(ProviderUnavailableError, match="damaged"):
        await loader.get_series(KEY)
    assert len(site.asked) == 2


async def test_a_damaged_season_fails_the_refresh(loader: Loader, site: AniworldSite) -> None:
    """A series is never returned with part of its episodes."""
    site.pages[f"{PATH}/staffel-3"] = html("<html><body>")

    with pytest.raises(ProviderUnavailableError):
        await loader.get_series(KEY)


async def test_a_linked_season_may_be_missing(loader: Loader, site: AniworldSite) -> None:
    """It has no episodes; the other seasons stay."""
    site.pages[f"{PATH}/staffel-3"] = html("", status=404)

    assert places(await loader.get_series(KEY)) == [(0, 1), (1, 1), (1, 2), (1, 3)]


async def test_rows_of_another_season_are_ignored(loader: Loader, site: AniworldSite) -> None:
    """Each row states its season."""
    site.pages[f"{PATH}/staffel-3"] = html(aniworld_pages.season_page(foxes(), 1))

    assert places(await loader.get_series(KEY)) == [(0, 1), (1, 1), (1, 2), (1, 3)]


@pytest.mark.parametrize("status", [200, 403, 503])
async def test_a_bot_check_is_for_a_person(loader: Loader, site: AniworldSite, status: int) -> None:
    """A bot check is requested once, and the error names the link to open."""
    site.pages[PATH] = html("<html>DDoS-Guard: Checking your browser</html>", status=status)

    with pytest.raises(NeedsPersonError) as caught:
        await loader.get_series(KEY)

    assert caught.value.link == f"{site.url}{PATH}"
    assert len(site.asked) == 1


async def test_a_real_page_may_mention_the_check(loader: Loader, site: AniworldSite) -> None:
    """The sites load the script of their protection service on every page."""
    text = aniworld_pages.series_page(foxes())
    site.pages[PATH] = html(text.replace("</head>", "<script src='ddos-guard.js'></script></head>"))

    assert (await loader.get_series(KEY)).episodes


@pytest.mark.parametrize(
    "text",
    [page("", title="502 Bad Gateway"), page("<h2>503 Service Unavailable</h2>")],
)
async def test_a_fault_with_status_200_is_temporary(
    loader: Loader, site: AniworldSite, text: str
) -> None:
    """The site reports its fault in the text only."""
    site.pages[PATH] = html(text)

    with pytest.raises(ProviderUnavailableError, match="50"):
        await loader.get_series(KEY)
