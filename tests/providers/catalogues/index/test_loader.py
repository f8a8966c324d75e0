"""Folders on web servers, against fakes of common listings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB, JPN, StreamKind
from aniworld_core.errors import (
    EpisodeNotFoundError,
    InvalidConfigError,
    InvalidLinkError,
    ProviderUnavailableError,
    RestrictedError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.index import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.index import KINDS, IndexSite, harbour, open_index_site

pytestmark = pytest.mark.anyio

_KEY = parse_series_key("harbour-boeats-2011")
_REF = "attic|Harbour%20B%C3%B6ats%20%282011%29"


def served(*sites: IndexSite, **credentials: str) -> ProviderConfig:
    """Configure servers with the names attic, cellar, ..."""
    return ProviderConfig(
        requests_per_minute=6000,
        servers=tuple(
            ServerConfig(name=name, base_url=f"{site.url}/", **credentials)
            for name, site in zip(("attic", "cellar"), sites, strict=False)
        ),
    )


@pytest.fixture(params=KINDS)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[IndexSite]:
    async with open_index_site(IndexSite(kind=request.param, tree=harbour())) as site:
        yield site


@pytest.fixture
async def nginx() -> AsyncIterator[IndexSite]:
    async with open_index_site(IndexSite(kind="nginx", tree=harbour())) as site:
        yield site


@pytest.fixture
async def loader(site: IndexSite, tmp_path: Path) -> AsyncIterator[Loader]:
    async with open_loader(make_context(tmp_path, index=served(site))) as loader:
        yield loader


@pytest.fixture
async def plain(nginx: IndexSite, tmp_path: Path) -> AsyncIterator[Loader]:
    async with open_loader(make_context(tmp_path, index=served(nginx))) as loader:
        yield loader


async def test_without_servers_it_has_nothing(tmp_path: Path) -> None:
    """It opens, owns no link, finds nothing and writes no file."""
    async with open_loader(make_context(tmp_path)) as loader:
        assert not loader.owns("http://localhost/files/Harbour/")
        assert list(await loader.search("harbour")) == []
        with pytest.raises(SeriesNotFoundError):
            await loader.get_series(_KEY)

    assert list(tmp_path.iterdir()) == []


async def test_a_folder_is_a_series(loader: Loader, site: IndexSite) -> None:
    """Season and number come from folders and names, for every kind of server."""
    (hit,) = await loader.search("böats HARBOUR")
    series = await loader.get_series(hit.key)

    assert (hit.key, hit.name, hit.year) == (_KEY, "Harbour Böats", 2011)
    assert hit.link == series.link == f"{site.url}/Harbour%20B%C3%B6ats%20%282011%29/"
    assert (series.name, series.year) == ("Harbour Böats", 2011)
    assert series.folder == "Harbour Böats (2011)"
    assert series.provider_ref == _REF
    assert [(e.season, e.number, e.last_number) for e in series.episodes] == [
        (0, 1, None),
        (1, 1, None),
        (1, 2, 3),
        (2, 1, None),
        (2, 2, None),
    ]
    assert series.episode(1, 1).languages == frozenset({GER_DUB, ENG_DUB})
    assert series.episode(1, 3).languages == frozenset({GER_SUB})
    assert series.episode(1, 1).titles.de == "Ebbe"
    assert series.episode(2, 1).titles.en == "Return"
    assert series.episode(2, 1).languages is None


async def test_sources_are_the_files(loader: Loader, site: IndexSite) -> None:
    """In the requested language, with size if the listing states it exactly."""
    (german,) = await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB)
    (english,) = await loader.get_sources(EpisodeRef(_KEY, 1, 1), ENG_DUB)
    (silent,) = await loader.get_sources(EpisodeRef(_KEY, 2, 2), JPN, _REF)

    name = "Harbour%20Boats%20-%20S01E01%20-%20Ebbe%20%28German%20Dub%29.mp4"
    assert german.url == f"{site.url}/Harbour%20B%C3%B6ats%20%282011%29/Staffel%201/{name}"
    assert german.kind == StreamKind.DIRECT
    assert (german.hoster, german.language, german.headers) == ("attic", GER_DUB, ())
    assert german.size == (1000 if site.kind in {"dav", "nginx-json", "caddy"} else None)
    assert english.height == 720
    assert silent.language is None
    assert german.reach == {site.address}
    assert list(await loader.get_sources(EpisodeRef(_KEY, 1, 1), JPN)) == []
    with pytest.raises(EpisodeNotFoundError):
        await loader.get_sources(EpisodeRef(_KEY, 1, 4), GER_DUB)


async def test_all_folders_of_series_are_found(loader: Loader) -> None:
    """Names in all scripts are found; hidden entries and files are not."""
    every = [hit.name for word in "aeiou進" for hit in await loader.search(word)]

    assert set(every) == {"Harbour Böats", "Gulls & 100% More?", "進撃の巨人"}


async def test_a_single_film_is_season_zero(loader: Loader, site: IndexSite) -> None:
    """With a number it is the episode with that number."""
    (gulls,) = await loader.search("gulls")
    (titan,) = await loader.search("進撃の巨人")

    (source,) = await loader.get_sources(EpisodeRef(gulls.key, 0, 1), GER_DUB)

    assert source.url == f"{site.url}/Gulls%20%26%20100%25%20More%3F/Gulls.mkv"
    assert gulls.key == "gulls-100-more"
    assert titan.key.startswith("folder-")
    assert await loader.get_episodes(titan.key) == {1: [1]}


async def test_links_lead_to_keys_and_back(loader: Loader, site: IndexSite) -> None:
    """Links of the folder and of anything in it, encoded or not, with or without a slash."""
    for link in (
        f"{site.url}/Harbour%20B%C3%B6ats%20%282011%29",
        f"{site.url}/Harbour B%c3%b6ats (2011)/Staffel 1/x.mkv?download=1",
        f"{site.url.replace('%20', ' ')}/Harbour Böats (2011)/",
    ):
        assert loader.owns(link)
        assert loader.key_from_link(link) == _KEY
        assert (await loader.get_series(_KEY, link)).provider_ref == _REF


@pytest.mark.parametrize("rest", ["", "/", "/../x", "/%2e%2e/", "/a%2Fb/", "//", "/%00/"])
async def test_links_to_no_folder_have_no_key(plain: Loader, nginx: IndexSite, rest: str) -> None:
    """They lead to the server, but to no series."""
    assert plain.owns(nginx.url + rest)
    with pytest.raises(InvalidLinkError):
        plain.key_from_link(nginx.url + rest)


async def test_links_beside_the_base_are_foreign(plain: Loader, nginx: IndexSite) -> None:
    """Another path on the same server may belong to someone else."""
    host = f"http://{nginx.address}"

    for link in (f"{host}/", f"{host}/my%20filesystem/x/", f"{host}/other/x/"):
        assert not plain.owns(link)


async def test_the_kind_of_server_is_detected_once(loader: Loader, site: IndexSite) -> None:
    """WebDAV is tried first, and not again on a server without it."""
    await loader.get_series(_KEY, _REF)

    methods = [asked.partition(" ")[0] for asked in site.asked]
    if site.kind == "dav":
        assert methods == ["PROPFIND"] * 4
    else:
        assert methods == ["PROPFIND"] + ["GET"] * 4


async def test_listings_are_reused_for_a_while(nginx: IndexSite, tmp_path: Path) -> None:
    """Many searches cost one listing, sources of many episodes none, until it expires."""
    clock = JumpingClock()
    async with open_loader(make_context(tmp_path, clock=clock, index=served(nginx))) as loader:
        for word in ("gulls", "harbour", "nothing"):
            await loader.search(word)
        assert len(nginx.asked) == 2
        await loader.get_series(_KEY)
        listed = len(nginx.asked)
        for number in (1, 2, 3):
            await loader.get_sources(EpisodeRef(_KEY, 1, number), GER_DUB)
        assert len(nginx.asked) == listed

        nginx.tree["Harbour Böats (2011)"]["Staffel 1"]["S01E04.mkv"] = b"4"
        nginx.days["Staffel 1"] = 4
        assert (1, 4) in [(e.season, e.number) for e in (await loader.get_series(_KEY)).episodes]
        nginx.tree["New Waves"] = {}
        clock.time = clock.time.replace(hour=20)
        assert [hit.key for hit in await loader.search("waves")] == ["new-waves"]


async def test_an_empty_folder_is_an_empty_series(loader: Loader, site: IndexSite) -> None:
    """It may still get episodes; Caddy answers `null`."""
    site.tree["Empty"] = {}

    assert (await loader.get_series(SeriesKey("empty"))).episodes == ()


async def test_files_without_number_are_numbered_by_name(plain: Loader, nginx: IndexSite) -> None:
    """In natural order if a season has no number at all; otherwise they are ignored."""
    nginx.tree["Loose"] = {
        "Season 1": {"part ten b.mkv": b"1", "part nine a.mkv": b"2", "x.sample.mkv": b"3"},
        "Season 2": {"S02E05.mkv": b"4", "making of.mkv": b"5"},
        "Season 3 (German Dub)": {"S03E01.mkv": b"6"},
    }

    series = await plain.get_series(SeriesKey("loose"))

    places = {(e.season, e.number): e.titles.preferred(None, 0) for e in series.episodes}
    assert list(places) == [(1, 1), (1, 2), (2, 5), (3, 1)]
    assert places[1, 1] == "part nine a"
    assert series.episode(3, 1).languages == frozenset({GER_DUB})


async def test_several_servers_are_one_catalogue(nginx: IndexSite, tmp_path: Path) -> None:
    """All are searched; references lead to the right one, also after it was renamed."""
    tree = {"Harbour Lights": {"S01E01.mkv": b"x"}, "Harbour Böats (2011)": {"S07E01.mkv": b"x"}}
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(open_index_site(IndexSite(kind="dav", tree=tree)))
        context = make_context(tmp_path, index=served(nginx, there))
        loader = await stack.enter_async_context(open_loader(context))

        hits = await loader.search("harbour")
        assert [hit.key for hit in hits] == [_KEY, "harbour-lights"]
        lights = await loader.get_series(hits[1].key)
        assert lights.provider_ref == "cellar|Harbour%20Lights"
        second = await loader.get_series(_KEY, _REF.replace("attic", "cellar"))
        assert [e.season for e in second.episodes] == [7]
        moved = await loader.get_series(_KEY, _REF.replace("attic", "former"))
        assert moved.provider_ref == _REF


async def test_a_failing_server_does_not_fail_the_rest(
    nginx: IndexSite, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its failure is logged with its name; only if all fail does the search fail."""
    gone = IndexSite(url="http://127.0.0.1:1")
    async with open_loader(make_context(tmp_path, index=served(gone, nginx))) as loader:
        assert await loader.search("harbour")
        assert (await loader.get_series(_KEY)).episodes
        with pytest.raises(ProviderUnavailableError):
            await loader.get_series(SeriesKey("unknown"))
        with pytest.raises(ProviderUnavailableError):
            await loader.get_series(_KEY, _REF)
    assert "cannot list the folders of attic" in caplog.text


async def test_a_removed_folder_is_not_found(loader: Loader, site: IndexSite) -> None:
    """A reference to it is not found either."""
    site.tree.clear()

    with pytest.raises(SeriesNotFoundError):
        await loader.get_series(_KEY, _REF)
    with pytest.raises(SeriesNotFoundError):
        await loader.get_series(_KEY)


async def test_a_closed_folder_is_restricted(plain: Loader, nginx: IndexSite) -> None:
    """The refusal of the server is reported."""
    nginx.override = web.Response(status=403)

    with pytest.raises(RestrictedError):
        await plain.search("harbour")


@pytest.mark.parametrize("query", ["", " ", "?!", "-"])
async def test_a_query_without_words_sends_no_request(
    plain: Loader, nginx: IndexSite, query: str
) -> None:
    """A query of punctuation only has no results."""
    assert list(await plain.search(query)) == []
    assert nginx.asked == []


@pytest.mark.parametrize(
    "base_url", ["nas.local/files", "http://", "http://mia:canary@nas/", "http://x:canary/@y"]
)
async def test_unusable_addresses_are_named(tmp_path: Path, base_url: str) -> None:
    """The error names the setting and shows no password."""
    section = ProviderConfig(servers=(ServerConfig(name="attic", base_url=base_url),))

    with pytest.raises(InvalidConfigError, match="/providers/index/servers/0") as caught:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(open_loader(make_context(tmp_path, index=section)))

    assert "canary" not in str(caught.value)
