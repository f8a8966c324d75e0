"""Search on aniworld.to: its two searches, and its list of all series."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.errors import (
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
)
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site
from support.sites.aniworld_pages import MadeEpisode, MadeSeries, page

pytestmark = pytest.mark.anyio

FIRST, SECOND, INDEX = "/ajax/seriesSearch", "/ajax/search", "/animes"


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    soma = MadeSeries(
        "food-wars-shokugeki-no-sma",
        "Food Wars! Shokugeki no Sōma",
        {1: [MadeEpisode(1)]},
        alternatives="Restaurant Wars, 食戟のソーマ",
    )
    plain = MadeSeries("soma", "Soma", {1: [MadeEpisode(1)]})
    async with open_aniworld_site("v1", foxes(), soma, plain) as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def loader(site: AniworldSite, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[Loader]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    async with open_loader(make_context(tmp_path, clock=clock, aniworld=config)) as loader:
        yield loader


def json_page(value: object) -> str:
    """Return a JSON answer declared as HTML, as scripts of the sites send it."""
    return json.dumps(value)


async def test_a_hit_has_the_data_of_the_site(loader: Loader, site: AniworldSite) -> None:
    """Entities are decoded in each text; the year is the first one of the range."""
    (hit,) = await loader.search("Fanf")

    assert (hit.key, hit.name) == ("fox-fanfare", "Fox & Fanfäre")
    assert (hit.year, hit.description) == (2013, "Kurz …")
    assert hit.link == f"{site.url}/anime/stream/fox-fanfare"
    assert hit.cover_url == f"{site.url}/public/img/cover/made-up_220x330.jpg"
    assert len(site.asked) == 1


async def test_umlauts_are_sent_in_utf8(loader: Loader, site: AniworldSite) -> None:
    """Separators in the query are encoded."""
    await loader.search("  Sōma &  Co ")

    assert site.asked == ["/ajax/seriesSearch?keyword=S%C5%8Dma+%26+Co"]


@pytest.mark.parametrize("query", ["", "  ", "\u200b", "?!", "---"])
async def test_a_query_without_words_sends_no_request(
    loader: Loader, site: AniworldSite, query: str
) -> None:
    """A query of punctuation only has no results."""
    assert await loader.search(query) == []
    assert site.asked == []


async def test_hits_outside_series_are_left_out(loader: Loader, site: AniworldSite) -> None:
    """A malformed entry only costs itself."""
    site.pages[FIRST] = json_page(
        [
            {"name": "A &#8230; &amp;amp; B", "link": "A-B", "cover": "", "productionYear": "?"},
            {"name": "the same", "link": "/anime/stream/a-b/"},
            {"name": "", "link": "no-name", "cover": "javascript:alert(1)"},
            {"name": "x", "link": "a_b"},
            {"name": "x", "link": ""},
            {"name": "x"},
            {"name": None, "link": ["a"]},
            "nonsense",
            None,
        ]
    )

    hits = await loader.search("x")

    assert [(h.key, h.name, h.cover_url) for h in hits] == [
        ("a-b", "A … &amp; B", None),
        ("no-name", "No Name", None),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        html("<html>Wartung</html>"),
        html(""),
        html("weg", status=404),
        html('{"error": "x"}'),
        html("null"),
    ],
)
async def test_the_second_search_follows_the_first(
    loader: Loader, site: AniworldSite, answer: object
) -> None:
    """It is sent as a form, as the page's own script does."""
    site.pages[FIRST] = answer  # type: ignore[assignment]

    (hit,) = await loader.search("Fanf")

    assert hit.name == "Fox & Fanfäre"
    assert site.forms == [{"keyword": "Fanf"}]


async def test_other_hits_of_the_second_search_are_left_out(
    loader: Loader, site: AniworldSite
) -> None:
    """Episodes and help pages are skipped; highlighting is removed."""
    site.pages[FIRST] = "<html>Wartung</html>"
    site.pages[SECOND] = json_page(
        [
            {"title": "<em>Fox</em> &#8211; A", "description": "<em>x", "link": "/anime/stream/a"},
            {"title": "Folge", "link": "/anime/stream/b/staffel-1/episode-2"},
            {"title": "Season", "link": "/anime/stream/b/staffel-1"},
            {"title": "Hilfe", "link": "/support/frage/anime"},
            {"title": "More", "link": "/anime/stream/c/more"},
            {"title": "B", "link": "/anime/stream/b/"},
        ]
    )

    assert [(h.key, h.name) for h in await loader.search("x")] == [("a", "Fox – A"), ("b", "B")]


async def test_no_hits_are_an_answer(loader: Loader, site: AniworldSite) -> None:
    """After an empty result no other way is tried."""
    assert await loader.search("gibt es nicht") == []
    assert len(site.asked) == 1


async def test_the_index_is_searched_last(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """All words in any title, without accents, closest first; requested once an hour."""
    site.pages[FIRST] = site.pages[SECOND] = "<html>Wartung</html>"

    assert [h.key for h in await loader.search("soma")] == ["soma", "food-wars-shokugeki-no-sma"]
    assert [h.key for h in await loader.search("wars food")] == ["food-wars-shokugeki-no-sma"]
    assert [h.key for h in await loader.search("食戟")] == ["food-wars-shokugeki-no-sma"]
    assert await loader.search("fox wars") == []
    assert site.asked.count(INDEX) == 1

    clock.time = clock.time.replace(hour=20)
    await loader.search("soma")
    assert site.asked.count(INDEX) == 2


@pytest.mark.parametrize("status", [200, 403, 503])
async def test_a_bot_check_is_not_circumvented(
    loader: Loader, site: AniworldSite, status: int
) -> None:
    """After a bot check no other way is tried."""
    site.pages[FIRST] = html("<html>Checking your browser</html>", status=status)

    with pytest.raises(NeedsPersonError):
        await loader.search("x")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(403, NeedsPersonError), (500, ProviderUnavailableError)]
)
async def test_refusals_and_faults_are_not_circumvented(
    loader: Loader, site: AniworldSite, status: int, error: type[Exception]
) -> None:
    """They concern the whole site."""
    site.pages[FIRST] = html("nein", status=status)

    with pytest.raises(error):
        await loader.search("x")
    assert set(site.asked) == {"/ajax/seriesSearch?keyword=x"}


async def test_a_bot_check_of_the_second_search_counts(loader: Loader, site: AniworldSite) -> None:
    """The index is not requested after a bot check."""
    site.pages[FIRST] = "<html>Wartung</html>"
    site.pages[SECOND] = "<html>captcha</html>"

    with pytest.raises(NeedsPersonError):
        await loader.search("x")
    assert INDEX not in site.asked


@pytest.mark.parametrize("text", [page("nichts"), page("", title="404")])
async def test_without_any_answer_the_site_has_changed(
    loader: Loader, site: AniworldSite, text: str
) -> None:
    """The error names the list of all series."""
    site.pages[FIRST] = site.pages[SECOND] = "<html>Wartung</html>"
    site.pages[INDEX] = text

    with pytest.raises(ProviderChangedError, match="list of all series"):
        await loader.search("x")
