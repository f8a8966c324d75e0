"""Loader of the demo."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB, StreamKind
from aniworld_core.errors import InvalidLinkError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.demo.all_series import ALL_SERIES
from aniworld_providers.catalogues.demo.loader import open_loader
from support.adapter_context import make_context

pytestmark = pytest.mark.anyio


@pytest.fixture
async def loader(tmp_path: Path) -> AsyncIterator[Loader]:
    async with open_loader(make_context(tmp_path), bandwidth=None) as loader:
        yield loader


async def test_the_demo_has_enough_to_show(loader: Loader) -> None:
    """Six series, several seasons, films, two languages and every packaging."""
    series = [await loader.get_series(key) for key in ALL_SERIES]

    episodes = [episode for one in series for episode in one.episodes if episode.available]
    assert len(series) >= 6
    assert 25 <= len(episodes) <= 30
    assert {0, 1, 2} == {episode.season for episode in episodes}
    assert {GER_DUB, GER_SUB} <= frozenset().union(*(e.languages or () for e in episodes))
    assert any(episode.languages == frozenset({GER_SUB}) for episode in episodes)
    assert any(not episode.available for one in series for episode in one.episodes)
    kinds = {
        (source.kind, source.hoster)
        for one in series
        for episode in one.episodes
        for source in await loader.get_sources(one.ref(episode), GER_SUB)
    }
    assert {
        (StreamKind.HLS, "Loopback HLS"),
        (StreamKind.DIRECT, "Loopback File"),
    } == kinds


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Kapitänin", "captain-twine"),
        ("KAPITAENIN zwirn", "captain-twine"),
        ("kapitanin", "captain-twine"),
        ("kiesel", "lanterns-over-pebble-harbour"),
        ("laternen uber", "lanterns-over-pebble-harbour"),
        ("pebble LANTERNS", "lanterns-over-pebble-harbour"),
        ("moss spirits inc", "moss-spirits-inc"),
        ("moss-spirits-inc", "moss-spirits-inc"),
        ("norden", "night-bus-north"),
    ],
)
async def test_search_is_tolerant(loader: Loader, query: str, first: str) -> None:
    """Case, umlauts, punctuation, word order and language of the title do not matter."""
    hits = await loader.search(query)

    assert first == hits[0].key


async def test_an_empty_query_lists_everything(loader: Loader) -> None:
    """All series are returned in their own order."""
    assert list(ALL_SERIES) == [hit.key for hit in await loader.search("")]


async def test_sources_are_fetchable_and_reach_only_the_own_server(
    loader: Loader, tmp_path: Path
) -> None:
    """Every source can be fetched, and its grant is one exact address."""
    episode = EpisodeRef(parse_series_key("lanterns-over-pebble-harbour"), 1, 1)
    sources = await loader.get_sources(episode, GER_DUB)

    assert [source.hoster for source in sources] == ["Loopback HLS", "Loopback File"]
    async with aiohttp.ClientSession() as session:
        for source in sources:
            assert {source.url.split("/")[2]} == source.reach
            assert source.language == GER_DUB
            async with session.get(source.url) as answer:
                assert answer.status == 200
                assert await answer.read()


async def test_a_language_of_another_series_is_not_offered(loader: Loader) -> None:
    """An episode with subtitles only has no source in the dubbed language."""
    episode = EpisodeRef(parse_series_key("clockmaker-of-platform-nine"), 2, 1)

    assert await loader.get_sources(episode, GER_SUB)
    assert list(await loader.get_sources(episode, GER_DUB)) == []
    assert list(await loader.get_sources(episode, ENG_DUB)) == []


async def test_the_port_is_reused(tmp_path: Path) -> None:
    """Cached covers stay valid because their links keep the port."""
    covers = []
    for _ in range(2):
        async with open_loader(make_context(tmp_path)) as loader:
            covers.append([hit.cover_url for hit in await loader.search("")])

    assert covers[0] == covers[1]


@pytest.mark.parametrize("note", ["", "many", "22", "99999999"])
async def test_a_damaged_port_file_is_ignored(tmp_path: Path, note: str) -> None:
    """The demo opens whatever an earlier run left behind."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "port").write_text(note)

    async with open_loader(make_context(tmp_path)) as loader:
        assert await loader.search("zwirn")


@pytest.mark.parametrize(
    "link",
    [
        "https://demo.aniworld.invalid/series/captain-twine",
        "http://demo.aniworld.invalid/series/Captain-Twine/",
        "https://demo.aniworld.invalid/series/captain-twine/season/1/episode/2?x=1#y",
    ],
)
async def test_links_below_a_series_lead_to_it(loader: Loader, link: str) -> None:
    """A link may name a season or an episode as well."""
    assert loader.key_from_link(link) == "captain-twine"


@pytest.mark.parametrize(
    "link",
    [
        "https://demo.aniworld.invalid/",
        "https://demo.aniworld.invalid/series/",
        "https://demo.aniworld.invalid/series/a_b",
        "https://demo.aniworld.invalid/covers/x.png",
    ],
)
async def test_links_to_no_series_have_no_key(loader: Loader, link: str) -> None:
    """The demo's host alone is not enough."""
    assert loader.owns(link)
    with pytest.raises(InvalidLinkError):
        loader.key_from_link(link)
