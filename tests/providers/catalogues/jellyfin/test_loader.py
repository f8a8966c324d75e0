"""Jellyfin servers, against a fake of their documented answers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB, JPN, Language, StreamKind
from aniworld_core.errors import (
    AniworldError,
    InvalidConfigError,
    InvalidLinkError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.jellyfin import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.jellyfin import (
    API_KEY,
    SERIES_ID,
    JellyfinSite,
    episode_id,
    make_episode,
    make_series,
    make_source,
    make_track,
    open_jellyfin_site,
)

pytestmark = pytest.mark.anyio

_KEY = parse_series_key("lantern-keepers-5f2b1a2c")


def served(*sites: JellyfinSite, token: str = API_KEY) -> ProviderConfig:
    """Configure servers with the names attic, cellar, ..."""
    names = ("attic", "cellar", "garden")
    return ProviderConfig(
        requests_per_minute=6000,
        servers=tuple(
            ServerConfig(name=name, base_url=f"{site.url}/", token=token)
            for name, site in zip(names, sites, strict=False)
        ),
    )


@pytest.fixture
async def site() -> AsyncIterator[JellyfinSite]:
    async with open_jellyfin_site() as site:
        yield site


@pytest.fixture
async def loader(site: JellyfinSite, tmp_path: Path) -> AsyncIterator[Loader]:
    async with open_loader(make_context(tmp_path, jellyfin=served(site))) as loader:
        yield loader


def _link(site: JellyfinSite, item_id: str = SERIES_ID) -> str:
    return f"{site.url}/web/#/details?id={item_id}"


async def test_without_servers_it_has_nothing(tmp_path: Path) -> None:
    """It opens, owns no link, finds nothing and writes no file."""
    async with open_loader(make_context(tmp_path)) as loader:
        assert not loader.owns("http://localhost:8096/web/#/details?id=" + SERIES_ID)
        assert list(await loader.search("lantern")) == []
        with pytest.raises(SeriesNotFoundError):
            await loader.get_series(_KEY)

    assert list(tmp_path.iterdir()) == []


async def test_a_series_has_all_data_of_the_server(loader: Loader, site: JellyfinSite) -> None:
    """Titles, years, genres, cover, and a reference with server and id."""
    series = await loader.get_series(_KEY)

    assert series.name == "Lantern Keepers"
    assert series.alternative_titles == ("灯台守",)
    assert (series.year, series.end_year) == (2011, 2013)
    assert series.genres == ("Adventure", "Sea")
    assert series.description == "Light\nand\ndark\n."
    assert series.folder == "Lantern Keepers (2011)"
    assert series.provider_ref == f"attic|{SERIES_ID}"
    assert series.link == _link(site)
    assert series.cover_url == f"{site.url}/Items/{SERIES_ID}/Images/Primary?tag=t%2F1&maxWidth=600"
    assert [(e.season, e.number, e.last_number) for e in series.episodes] == [
        (0, 1, None),
        (1, 1, None),
        (1, 2, 3),
        (2, 1, None),
    ]


async def test_languages_come_from_the_tracks(loader: Loader) -> None:
    """Every audio language, alone and with subtitles in another language."""
    series = await loader.get_series(_KEY)

    assert series.episode(1, 1).languages == frozenset({GER_DUB, JPN, GER_SUB})
    assert series.episode(1, 1).titles.de == "Die Laterne"
    assert series.episode(1, 3).languages is None
    assert series.episode(1, 3).titles.en == "Part 2"


@pytest.mark.parametrize(
    ("tracks", "languages"),
    [
        ([make_track("Audio", "deu")], {"ger-dub"}),
        ([make_track("Audio", "de_DE")], {"ger-dub"}),
        ([make_track("Audio", "und")], set()),
        ([make_track("Audio", "Deutsch (5.1)")], set()),
        ([make_track("Audio", "eng"), make_track("Audio", None)], {"eng-dub"}),
        ([make_track("Audio", "jpn"), make_track("Subtitle", "eng")], {"jpn", "eng-sub"}),
        ([make_track("Audio", "jpn"), make_track("Subtitle", "eng", IsForced=True)], {"jpn"}),
        (
            [make_track("Audio", "jpn"), make_track("Subtitle", "eng", IsExternal=True)],
            {"jpn", "eng-sub"},
        ),
        (
            [
                make_track("Audio", "jpn"),
                make_track("Subtitle", "eng", IsExternal=True, IsTextSubtitleStream=False),
            ],
            {"jpn"},
        ),
        ([make_track("Audio", "kor"), make_track("Subtitle", "fre")], {"ko", "ko+fr"}),
        ([make_track("Subtitle", "ger")], set()),
        ([make_track("Audio", 7), "nonsense", None], set()),  # type: ignore[arg-type]
    ],
)
async def test_track_languages_are_normalised(
    loader: Loader, site: JellyfinSite, tracks: list[dict[str, object]], languages: set[str]
) -> None:
    """Unknown, forced and unusable tracks are left out, whatever their tags."""
    item = episode_id(1)
    site.episodes[SERIES_ID] = [make_episode(item, 1, 1, make_source(item, *tracks))]

    (episode,) = (await loader.get_series(_KEY)).episodes

    assert {language.code for language in episode.languages or ()} == languages


async def test_a_source_is_the_original_file(loader: Loader, site: JellyfinSite) -> None:
    """Its link contains no secret; the credentials are in a header."""
    (source,) = await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_SUB)

    assert source.url == f"{site.url}/Items/{episode_id(1)}/Download"
    assert source.kind == StreamKind.DIRECT
    assert (source.hoster, source.language) == ("attic", GER_SUB)
    assert (source.size, source.height, source.duration) == (1000, 1080, 1380.0)
    assert source.reach == {site.address}
    assert f'Token="{API_KEY}"' in dict(source.headers)["Authorization"]
    assert API_KEY not in repr(source)


async def test_all_numbers_of_a_double_episode_lead_to_it(loader: Loader) -> None:
    """They are in one file, here in an unknown language."""
    first = await loader.get_sources(EpisodeRef(_KEY, 1, 2), GER_DUB)
    second = await loader.get_sources(EpisodeRef(_KEY, 1, 3), GER_DUB)

    assert list(first) == list(second) != []
    assert first[0].language is None


async def test_versions_of_an_episode_are_sources(loader: Loader, site: JellyfinSite) -> None:
    """Each version has its own id; versions streamed from elsewhere are left out."""
    one, other, item = episode_id(1), episode_id(21), make_track("Audio", "ger")
    silent = make_source(episode_id(23))
    remote = make_source(episode_id(22), item, Protocol="Http")
    sources = [silent, make_source(one, item), make_source(other, item), remote]
    site.episodes[SERIES_ID] = [make_episode(one, 1, 1, *sources)]

    found = await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB)

    assert [source.url.split("/")[-2] for source in found] == [one, other, episode_id(23)]
    assert [source.language for source in found] == [GER_DUB, GER_DUB, None]
    assert list(await loader.get_sources(EpisodeRef(_KEY, 1, 1), ENG_DUB)) == [found[2]]


async def test_long_lists_come_page_by_page(loader: Loader, site: JellyfinSite) -> None:
    """A thousand episodes in one season cost a few requests."""
    site.episodes[SERIES_ID] = [make_episode(episode_id(n), 1, n) for n in range(1, 1001)]

    series = await loader.get_series(_KEY, f"attic|{SERIES_ID}")

    assert [e.number for e in series.episodes] == list(range(1, 1001))
    assert len(site.asked) <= 5


async def test_short_pages_are_followed(loader: Loader, site: JellyfinSite) -> None:
    """Pages shorter than requested are followed to the end."""
    site.page_limit = 2
    series = await loader.get_series(_KEY, f"attic|{SERIES_ID}")

    assert len(series.episodes) == 4


async def test_an_endless_list_ends(loader: Loader, site: JellyfinSite) -> None:
    """A server that ignores the start index is not queried endlessly."""
    listed = {"Items": [make_episode(episode_id(1), 1, 1)], "TotalRecordCount": 10**9}
    site.override = web.json_response(listed)

    assert await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB, f"attic|{SERIES_ID}")
    assert len(site.asked) <= 3


async def test_seasons_without_number_are_read_by_name(loader: Loader, site: JellyfinSite) -> None:
    """An episode without a season belongs to the season that lists it."""
    ids = [episode_id(n) for n in range(50, 54)]
    site.seasons[SERIES_ID] = [
        {"Id": ids[0], "Name": "Staffel 3"},
        {"Id": ids[1], "Name": "Specials", "IndexNumber": 0},
        {"Id": ids[2], "Name": "Season Unknown"},
    ]
    site.episodes[SERIES_ID] = [
        make_episode(episode_id(n), None, n, SeasonId=season) for n, season in enumerate(ids, 1)
    ] + [make_episode(episode_id(9), 1, None), make_episode(episode_id(10), 3, 0)]

    seasons = await loader.get_episodes(_KEY)

    assert seasons == {0: [2], 1: [3, 4], 3: [0, 1]}


async def test_unassigned_episodes_do_not_join_season_one(
    loader: Loader, site: JellyfinSite
) -> None:
    """An episode of an unknown season must not replace another one."""
    site.seasons[SERIES_ID] = []
    site.episodes[SERIES_ID] = [
        make_episode(episode_id(1), 1, 1),
        make_episode(episode_id(2), None, 1),
    ]
    (source,) = await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB)

    assert episode_id(1) in source.url


async def test_a_key_is_name_and_short_id(
    loader: Loader, site: JellyfinSite, tmp_path: Path
) -> None:
    """A key alone is found again, also by a process that never searched."""
    (hit,) = await loader.search("lantern")
    assert hit.key == _KEY
    assert hit.link == _link(site)

    async with open_loader(make_context(tmp_path / "other", jellyfin=served(site))) as other:
        assert (await other.get_series(_KEY)).provider_ref == f"attic|{SERIES_ID}"


async def test_a_link_from_a_search_leads_to_its_key_in_the_next_process(
    loader: Loader, site: JellyfinSite, tmp_path: Path
) -> None:
    """The key of an id is stored on disk."""
    await loader.search("lantern")

    async with open_loader(make_context(tmp_path, jellyfin=served(site))) as other:
        assert other.key_from_link(_link(site)) == _KEY


async def test_a_pasted_link_is_its_own_key(loader: Loader, site: JellyfinSite) -> None:
    """The name is not known yet; from then on a search gives the series the same key."""
    key = loader.key_from_link(_link(site))
    assert key == SERIES_ID

    series = await loader.get_series(key, _link(site))
    (hit,) = await loader.search("lantern")

    assert series.key == hit.key == key
    assert await loader.get_sources(EpisodeRef(key, 1, 1), GER_DUB)


async def test_a_link_to_an_episode_leads_to_its_series(loader: Loader, site: JellyfinSite) -> None:
    """The result has the key of the series, so that it is not added twice."""
    link = _link(site, episode_id(1))

    series = await loader.get_series(loader.key_from_link(link), link)

    assert series.key == _KEY
    assert series.link == _link(site)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"x": 1}', b"\xff", b"[" * 100_000])
async def test_a_damaged_key_file_is_ignored(
    site: JellyfinSite, tmp_path: Path, content: bytes
) -> None:
    """The keys are stored again."""
    (tmp_path / "jellyfin").mkdir()
    (tmp_path / "jellyfin" / "keys.json").write_bytes(content)

    async with open_loader(make_context(tmp_path, jellyfin=served(site))) as loader:
        assert [hit.key for hit in await loader.search("lantern")] == [_KEY]
    async with open_loader(make_context(tmp_path, jellyfin=served(site))) as loader:
        assert loader.key_from_link(_link(site)) == _KEY


async def test_similar_series_have_distinct_keys(loader: Loader, site: JellyfinSite) -> None:
    """Equal names, ids with the same start, and a name without usable letters."""
    twin, foreign = "5f2b1a2c" + "1" * 24, "c" * 32
    site.series[twin] = make_series(twin, "Lantern Keepers")
    site.series[foreign] = make_series(foreign, "灯台守 lantern".replace("lantern", ""))

    keys = [hit.key for hit in await loader.search("lantern")]

    assert keys == [_KEY, twin]
    assert [hit.key for hit in await loader.search("灯")] == ["series-cccccccc"]


@pytest.mark.parametrize(
    ("path", "is_series"),
    [
        ("/web/#/details?id={0}&serverId=1", True),
        ("/web/index.html#!/details?id={0}", True),
        ("/web/index.html#/details?context=tvshows&id={1}", True),
        ("/web/#/home.html", False),
        ("/web/#/details?id=../../x", False),
        ("/", False),
        ("", False),
    ],
)
async def test_links_of_the_web_client_are_parsed(
    loader: Loader, site: JellyfinSite, path: str, *, is_series: bool
) -> None:
    """Of old and new servers, with hyphens and capitals in ids."""
    dashed = f"{SERIES_ID[:8]}-{SERIES_ID[8:12]}-{SERIES_ID[12:]}".upper()
    link = site.url + path.format(SERIES_ID, dashed)

    assert loader.owns(link)
    if is_series:
        assert loader.key_from_link(link) == SERIES_ID
    else:
        with pytest.raises(InvalidLinkError):
            loader.key_from_link(link)


async def test_several_servers_are_one_catalogue(site: JellyfinSite, tmp_path: Path) -> None:
    """All are searched; links and references lead to the right one."""
    other_id = "d" * 32
    there = JellyfinSite(
        series={other_id: make_series(other_id, "Lantern Fish")},
        episodes={other_id: [make_episode(episode_id(7), 1, 1)]},
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_jellyfin_site(there))
        loader = await stack.enter_async_context(
            open_loader(make_context(tmp_path, jellyfin=served(site, there)))
        )

        hits = await loader.search("lantern")
        fish = await loader.get_series(hits[1].key)
        site.asked.clear()
        (source,) = await loader.get_sources(EpisodeRef(fish.key, 1, 1), GER_DUB, fish.provider_ref)

        assert [hit.name for hit in hits] == ["Lantern Keepers", "Lantern Fish"]
        assert fish.provider_ref == f"cellar|{other_id}"
        assert source.reach == {there.address}
        assert site.asked == []


async def test_a_failing_server_does_not_fail_the_rest(
    site: JellyfinSite, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its failure is logged with its name; only if all fail does the search fail."""
    gone = JellyfinSite(url="http://127.0.0.1:1")
    async with open_loader(make_context(tmp_path, jellyfin=served(gone, site))) as loader:
        (hit,) = await loader.search("lantern")
        assert (await loader.get_series(hit.key)).provider_ref == f"cellar|{SERIES_ID}"
        with pytest.raises(ProviderUnavailableError):
            await loader.get_series(_KEY, f"attic|{SERIES_ID}")
        with pytest.raises(ProviderUnavailableError):
            await loader.get_series(SeriesKey("nobody-knows-01234567"))
    assert "the server attic failed" in caplog.text

    async with open_loader(make_context(tmp_path, jellyfin=served(gone))) as loader:
        with pytest.raises(ProviderUnavailableError):
            await loader.search("lantern")


async def test_servers_with_equal_names_are_distinct(site: JellyfinSite, tmp_path: Path) -> None:
    """The second gets a number; one without a name gets its address."""
    other_id = "d" * 32
    there = JellyfinSite(
        series={other_id: make_series(other_id, "Fish")},
        episodes={other_id: [make_episode(episode_id(7), 1, 1)]},
    )
    async with open_jellyfin_site(there):
        servers = tuple(
            ServerConfig(name=name, base_url=url, token=API_KEY)
            for name, url in [
                ("nas", site.url),
                ("nas", site.url),
                ("nas", there.url),
                ("", "http://[::1]"),
            ]
        )
        section = ProviderConfig(servers=servers, requests_per_minute=6000)
        async with open_loader(make_context(tmp_path, jellyfin=section)) as loader:
            series = await loader.get_series(SeriesKey("fish-dddddddd"), f"nas 3|{other_id}")
            assert series.provider_ref == f"nas 3|{other_id}"
            assert await loader.get_sources(
                EpisodeRef(series.key, 1, 1), GER_DUB, series.provider_ref
            )
            assert [server.name for server in loader.inner._servers] == [  # type: ignore[attr-defined]
                "nas",
                "nas 2",
                "nas 3",
                "[::1]:80",
            ]


async def test_a_rescan_requests_episodes_only(loader: Loader, site: JellyfinSite) -> None:
    """One request for a known series; a removed one is noticed."""
    ref = f"attic|{SERIES_ID}"
    first = await loader.get_series(_KEY, ref)
    site.asked.clear()

    assert await loader.get_series(_KEY, ref) == first
    assert site.asked == [f"/Shows/{SERIES_ID}/Episodes"]

    site.series.clear()
    site.episodes.clear()
    for _ in range(2):
        with pytest.raises(SeriesNotFoundError):
            await loader.get_series(_KEY, ref)


async def test_a_renamed_server_is_found(loader: Loader) -> None:
    """All servers are searched for the id if the name in a reference is unknown."""
    series = await loader.get_series(_KEY, f"former|name|{SERIES_ID}")

    assert series.provider_ref == f"attic|{SERIES_ID}"


async def test_a_removed_series_is_not_found(loader: Loader, site: JellyfinSite) -> None:
    """It is not found either when only its episodes are requested."""
    ref = f"attic|{SERIES_ID}"
    site.series.clear()
    site.episodes.clear()

    with pytest.raises(SeriesNotFoundError):
        await loader.get_series(_KEY, ref)
    with pytest.raises(SeriesNotFoundError):
        await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB, ref)


async def test_episodes_are_reused_for_a_while(site: JellyfinSite, tmp_path: Path) -> None:
    """Sources of many episodes cost one list, until it expires."""
    clock = JumpingClock()
    ref = f"attic|{SERIES_ID}"
    context = make_context(tmp_path, clock=clock, jellyfin=served(site))
    async with open_loader(context) as loader:
        for number in (1, 2):
            await loader.get_sources(EpisodeRef(_KEY, 1, number), GER_DUB, ref)
        assert sum(path.endswith("/Episodes") for path in site.asked) == 1
        clock.time = clock.time.replace(hour=20)
        await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB, ref)

    assert sum(path.endswith("/Episodes") for path in site.asked) == 2


_NONSENSE: list[tuple[web.Response, type[AniworldError]]] = [
    (web.json_response([]), ProviderChangedError),
    (web.json_response({"Items": None}), ProviderChangedError),
    (web.json_response({"Items": {}}), ProviderChangedError),
    (web.Response(text="<html>welcome</html>"), ProviderChangedError),
    (web.Response(text=""), ProviderChangedError),
    (web.Response(text="<title>Just a moment...</title>"), NeedsPersonError),
    (web.Response(status=403, text="<title>Just a moment...</title>"), NeedsPersonError),
    (web.Response(status=503, text="Server is loading"), ProviderUnavailableError),
    (web.Response(status=400, text="Error processing request."), ProviderUnavailableError),
]


@pytest.mark.parametrize(("answer", "error"), _NONSENSE)
async def test_invalid_answers_raise_the_right_error(
    loader: Loader, site: JellyfinSite, answer: web.Response, error: type[AniworldError]
) -> None:
    """Any other answer raises a matching error."""
    site.override = answer

    with pytest.raises(error):
        await loader.search("lantern")
    with pytest.raises(error):
        await loader.get_series(_KEY, f"attic|{SERIES_ID}")


async def test_loosely_typed_items_are_read(loader: Loader, site: JellyfinSite) -> None:
    """A wrong type only costs its own field."""
    site.series[SERIES_ID] |= {
        "ProductionYear": "2011",
        "PremiereDate": 7,
        "Genres": "x",
        "ImageTags": [],
        "Overview": None,
        "OriginalTitle": {},
    }
    bad = {"Size": "many", "RunTimeTicks": -1, "MediaStreams": {}}
    site.episodes[SERIES_ID] = [
        make_episode(episode_id(1), 1, 1, make_source(episode_id(1), **bad), RunTimeTicks=None),
        make_episode(episode_id(2), 1, True),
        make_episode(episode_id(3), 1, 10**9),
        make_episode("nonsense", 1, 4),
        make_episode(episode_id(5), 1, 5, IndexNumberEnd=10**6),
        make_episode(episode_id(6), 1, 6, "nonsense"),  # type: ignore[arg-type]
    ]

    series = await loader.get_series(_KEY)
    (source,) = await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB)

    assert (series.year, series.genres, series.cover_url) == (None, (), None)
    assert [(e.number, e.last_number) for e in series.episodes] == [(1, None), (5, None), (6, None)]
    assert (source.size, source.height, source.duration) == (None, None, None)
    assert list(await loader.get_sources(EpisodeRef(_KEY, 1, 6), Language("fr"))) == []


@pytest.mark.parametrize(
    "base_url", ["jellyfin.local", "http://", "http://mia:canary@host/", "http://x:canary/@y"]
)
async def test_unusable_addresses_are_named(tmp_path: Path, base_url: str) -> None:
    """The error names the setting and shows no password."""
    section = ProviderConfig(servers=(ServerConfig(name="attic", base_url=base_url),))

    with pytest.raises(InvalidConfigError, match="/providers/jellyfin/servers/0") as caught:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(open_loader(make_context(tmp_path, jellyfin=section)))

    assert "canary" not in str(caught.value)
