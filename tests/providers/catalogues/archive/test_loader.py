"""Internet Archive, against a fake of its documented answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import ENG_SUB, GER_DUB, Checksum, StreamKind
from aniworld_core.errors import (
    AniworldError,
    InvalidLinkError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
    RestrictedError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.archive.loader import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.archive import (
    ArchiveSite,
    fanfare,
    make_file,
    make_item,
    open_archive_site,
)

pytestmark = pytest.mark.anyio

_KEY = parse_series_key("fanfare-for-foxes-2011")


@pytest.fixture
async def site() -> AsyncIterator[ArchiveSite]:
    async with open_archive_site(fanfare()) as site:
        yield site


@pytest.fixture
async def loader(site: ArchiveSite, tmp_path: Path) -> AsyncIterator[Loader]:
    context = make_context(tmp_path, archive=ProviderConfig(base_url=f"{site.url}/"))
    async with open_loader(context) as loader:
        yield loader


async def test_a_series_has_all_data_of_the_item(loader: Loader, site: ArchiveSite) -> None:
    """Title, description without markup, year, subjects, cover, and the exact identifier."""
    series = await loader.get_series(_KEY, "Fanfare_for-Foxes.2011")

    assert series.name == "Fanfare for Foxes"
    assert series.description == "Foxes & brass . More."
    assert series.year == 2011
    assert series.genres == ("music", "foxes")
    assert series.folder == "Fanfare for Foxes (2011)"
    assert series.provider_ref == "Fanfare_for-Foxes.2011"
    assert series.link == f"{site.url}/details/Fanfare_for-Foxes.2011"
    assert series.cover_url == f"{site.url}/services/img/Fanfare_for-Foxes.2011"
    assert [(e.season, e.number, e.last_number) for e in series.episodes] == [
        (0, 1, None),
        (1, 1, None),
        (1, 2, None),
        (2, 1, 2),
    ]
    assert {e.languages for e in series.episodes} == {frozenset({GER_DUB})}
    assert series.episode(2, 2).titles.de == "Double Fox"


async def test_a_source_can_be_verified(loader: Loader, site: ArchiveSite) -> None:
    """Size, length and checksum are passed on; spaces are encoded, slashes are kept."""
    (source,) = await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB)

    assert source.url == (
        f"{site.url}/download/Fanfare_for-Foxes.2011/Season%201/Fanfare%20S01E01%20Brass.mkv"
    )
    assert source.kind == StreamKind.DIRECT
    assert (source.size, source.height, source.duration) == (1000, 480, 1420.35)
    assert source.checksum == Checksum("sha1", "1" * 40)
    assert source.subtitles == ()
    assert source.hoster == "archive.org"
    assert source.reach == {site.url.removeprefix("http://")}


async def test_subtitles_of_a_file_come_with_its_source(loader: Loader, site: ArchiveSite) -> None:
    """Their links lead to files of the item."""
    name = "Season 1/Fanfare S01E01 Brass.de.srt"
    site.items["Fanfare_for-Foxes.2011"]["files"].append(make_file(name, format="SubRip"))

    (source,) = await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB)

    (subtitle,) = source.subtitles
    assert subtitle.url == source.url.replace(".mkv", ".de.srt")
    assert subtitle.language == "deu"


async def test_only_a_configured_address_is_granted(tmp_path: Path) -> None:
    """Sources of archive.org need no grant."""
    async with open_loader(make_context(tmp_path)) as loader:
        assert loader.owns("https://archive.org/details/x")
        assert loader.owns("http://www.archive.org/details/x")
        assert not loader.owns("https://archive.org:8443/details/x")
        assert not loader.owns("https://archive.org.example/details/x")


async def test_both_numbers_of_a_double_episode_lead_to_it(loader: Loader) -> None:
    """Both numbers are in one file."""
    first = await loader.get_sources(EpisodeRef(_KEY, 2, 1), GER_DUB)
    second = await loader.get_sources(EpisodeRef(_KEY, 2, 2), GER_DUB)

    assert list(first) == list(second) != []
    assert first[0].duration == 3723.0


async def test_a_key_alone_finds_its_identifier(loader: Loader, site: ArchiveSite) -> None:
    """Identifiers are case-sensitive and may contain more characters than keys."""
    series = await loader.get_series(_KEY)

    assert series.provider_ref == "Fanfare_for-Foxes.2011"


async def test_a_link_saves_the_search(loader: Loader, site: ArchiveSite) -> None:
    """With a known identifier one request is enough."""
    await loader.get_series(_KEY, f"{site.url}/details/Fanfare_for-Foxes.2011")

    assert site.asked == ["/metadata/Fanfare_for-Foxes.2011"]


async def test_another_key_in_the_library_works(loader: Loader) -> None:
    """The reference decides if the library uses another key."""
    other = parse_series_key("fanfare-archive")

    series = await loader.get_series(other, "Fanfare_for-Foxes.2011")
    sources = await loader.get_sources(EpisodeRef(other, 1, 1), GER_DUB, "Fanfare_for-Foxes.2011")

    assert series.key == other
    assert sources


async def test_an_item_is_reused_for_its_episodes(loader: Loader, site: ArchiveSite) -> None:
    """Sources of many episodes cost one request; a refresh always sends one."""
    ref = "Fanfare_for-Foxes.2011"
    for number in (1, 2):
        await loader.get_sources(EpisodeRef(_KEY, 1, number), GER_DUB, ref)
    assert len(site.asked) == 1

    await loader.get_series(_KEY, ref)
    assert len(site.asked) == 2


async def test_a_reused_item_expires(site: ArchiveSite, tmp_path: Path) -> None:
    """After a while the item is requested again."""
    clock = JumpingClock()
    context = make_context(tmp_path, clock=clock, archive=ProviderConfig(base_url=site.url))
    async with open_loader(context) as loader:
        for _ in range(2):
            await loader.get_sources(EpisodeRef(_KEY, 1, 1), GER_DUB, "Fanfare_for-Foxes.2011")
            clock.time = clock.time.replace(hour=20)

    assert len(site.asked) == 2


async def test_an_unknown_language_is_acceptable(loader: Loader, site: ArchiveSite) -> None:
    """A silent or undescribed item is offered for any language, with the language unknown."""
    site.items["mute"] = make_item("mute", [make_file("mute.mp4")], language="zxx")

    (source,) = await loader.get_sources(EpisodeRef(SeriesKey("mute"), 0, 1), ENG_SUB)

    assert source.language is None
    (episode,) = (await loader.get_series(SeriesKey("mute"))).episodes
    assert episode.languages is None


@pytest.mark.parametrize("query", ["", "  ", '"*:?()', "----"])
async def test_a_query_without_words_sends_no_request(
    loader: Loader, site: ArchiveSite, query: str
) -> None:
    """A query of punctuation only has no results."""
    assert list(await loader.search(query)) == []
    assert site.asked == []


async def test_a_query_contains_words_only(loader: Loader, site: ArchiveSite) -> None:
    """Operators of the site's query language are removed."""
    await loader.search('foxes) OR mediatype:(texts) NOT "brass"')

    assert site.queries == [
        "title:(foxes AND or AND mediatype AND texts AND not AND brass) AND mediatype:(movies)"
    ]


async def test_search_reads_loosely_typed_documents(loader: Loader, site: ArchiveSite) -> None:
    """Lists instead of texts, texts instead of numbers, and documents without usable data."""
    docs: list[Any] = [
        {"identifier": "One_Two", "title": ["A", "B"], "year": "1965", "mediatype": "movies"},
        {"identifier": "one-two", "title": "the same key"},
        {"identifier": "Year", "date": "1999-01-01T00:00:00Z", "description": ["<b>x</b>", "y"]},
        {"identifier": "___"},
        {"identifier": None, "title": "x"},
        {"title": "x"},
        {"identifier": "book", "mediatype": "texts"},
        "nonsense",
        None,
    ]
    site.override = web.json_response({"response": {"docs": docs}})

    hits = await loader.search("x")

    assert [(hit.key, hit.name, hit.year) for hit in hits] == [
        ("one-two", "A", 1965),
        ("year", "Year", 1999),
    ]
    assert hits[0].link.endswith("/details/One_Two")
    assert hits[1].description == "x\ny"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_dark": True}, "taken down"),
        ({"is_dark": "true", "metadata": None, "files": None}, "taken down"),
        ({"is_collection": True}, "collection"),
    ],
)
async def test_an_unavailable_item_is_not_found(
    loader: Loader, site: ArchiveSite, change: dict[str, object], reason: str
) -> None:
    """The error states the reason."""
    site.items["Fanfare_for-Foxes.2011"] |= change

    with pytest.raises(SeriesNotFoundError, match=reason):
        await loader.get_series(_KEY, "Fanfare_for-Foxes.2011")


@pytest.mark.parametrize("value", ["true", True, ["true"]])
async def test_a_restricted_item_is_denied(
    loader: Loader, site: ArchiveSite, value: object
) -> None:
    """Lent items and items that need an account are refused with a reason."""
    site.items["Fanfare_for-Foxes.2011"]["metadata"]["access-restricted-item"] = value

    with pytest.raises(RestrictedError):
        await loader.get_series(_KEY, "Fanfare_for-Foxes.2011")


async def test_private_files_are_skipped(loader: Loader, site: ArchiveSite) -> None:
    """A private episode is left out; if all are private, the item is restricted."""
    item = site.items["Fanfare_for-Foxes.2011"]
    videos = [f for f in item["files"] if f["name"].endswith((".avi", ".mkv", ".mp4"))]
    videos[2]["private"] = "true"
    series = await loader.get_series(_KEY, "Fanfare_for-Foxes.2011")
    assert (1, 2) not in [(e.season, e.number) for e in series.episodes]

    for video in videos:
        video["private"] = "true"
    with pytest.raises(RestrictedError, match="private"):
        await loader.get_series(_KEY, "Fanfare_for-Foxes.2011")


async def test_an_item_without_videos_is_an_empty_series(loader: Loader, site: ArchiveSite) -> None:
    """It may still get videos."""
    site.items["later"] = make_item("later", [make_file("notes.txt")])

    assert (await loader.get_series(SeriesKey("later"))).episodes == ()


_NONSENSE: list[tuple[web.Response, type[AniworldError]]] = [
    (web.json_response({"error": "the index is being rebuilt"}), ProviderUnavailableError),
    (web.json_response({"error": {"code": 7}}), ProviderUnavailableError),
    (web.json_response({"servers_unavailable": True}), ProviderUnavailableError),
    (web.json_response([]), ProviderChangedError),
    (web.json_response(None), ProviderChangedError),
    (web.json_response("x"), ProviderChangedError),
    (web.json_response({"response": [], "metadata": 7}), ProviderChangedError),
    (web.json_response({"response": {"docs": {}}, "metadata": {}}), ProviderChangedError),
    (web.json_response({"response": {}, "metadata": {}, "files": "x"}), ProviderChangedError),
    (web.Response(text="<html>maintenance</html>"), ProviderChangedError),
    (web.Response(text="{"), ProviderChangedError),
    (web.Response(body=b"\xff\xfe\x00"), ProviderChangedError),
    (web.Response(text=""), ProviderChangedError),
    (web.Response(text="<title>Just a moment...</title>"), NeedsPersonError),
    (web.Response(status=500), ProviderUnavailableError),
    (web.Response(status=403), NeedsPersonError),
    (web.Response(status=503, headers={"Retry-After": "600"}), ProviderUnavailableError),
]


@pytest.mark.parametrize(("answer", "error"), _NONSENSE)
async def test_invalid_answers_raise_the_right_error(
    loader: Loader, site: ArchiveSite, answer: web.Response, error: type[AniworldError]
) -> None:
    """Any other answer raises a matching error, also for the search."""
    site.override = answer

    with pytest.raises(error):
        await loader.get_series(_KEY, "Fanfare_for-Foxes.2011")
    with pytest.raises(error):
        await loader.search("foxes")


async def test_loosely_typed_items_are_read(loader: Loader, site: ArchiveSite) -> None:
    """A wrong type only costs its own field."""
    item = make_item(
        "loose",
        [
            make_file("a.mp4", size="many", length="soon", height="tall", md5="zz", sha1="zz"),
            make_file("../../up.mp4"),
            make_file("/root.mp4"),
            make_file("x//y.mp4"),
        ],
        title=["", "Loose"],
        language=7,
        subject=[1, None, "x"],
        year={},
        description=None,
    )
    item["files"] += ["nonsense", None, {}, {"name": 5}, {"name": None}]
    site.items["loose"] = item

    series = await loader.get_series(SeriesKey("loose"))
    (source,) = await loader.get_sources(EpisodeRef(SeriesKey("loose"), 0, 1), GER_DUB)

    assert series.name == "Loose"
    assert series.year is None
    assert series.genres == ("1", "x")
    assert (source.size, source.duration, source.height, source.checksum) == (None,) * 4


@pytest.mark.parametrize(
    "path",
    ["/", "/details", "/details/", "/details/___", "/details/a%2Fb", "/about/x", "/details/%00"],
)
async def test_links_to_no_item_have_no_key(loader: Loader, site: ArchiveSite, path: str) -> None:
    """The site has other pages as well."""
    assert loader.owns(site.url + path)
    with pytest.raises(InvalidLinkError):
        loader.key_from_link(site.url + path)


@pytest.mark.parametrize(
    "path",
    [
        "/details/Fanfare_for-Foxes.2011",
        "/details/Fanfare_for-Foxes.2011/Season+1/x.mkv?start=5#top",
        "/download/Fanfare_for-Foxes.2011/Season%201/Fanfare.mkv",
        "/embed/Fanfare_for-Foxes.2011",
    ],
)
async def test_links_to_an_item_lead_to_its_key(
    loader: Loader, site: ArchiveSite, path: str
) -> None:
    """All pages of an item give its key."""
    assert loader.key_from_link(site.url + path) == _KEY


async def test_hostile_titles_make_harmless_folders(loader: Loader, site: ArchiveSite) -> None:
    """The suggested folder is a single path component."""
    site.items["evil"] = make_item("evil", [make_file("a.mp4")], title="../../etc/\x00passwd\u202e")

    series = await loader.get_series(SeriesKey("evil"))

    assert "/" not in series.folder
    assert not series.folder.startswith(".")
