"""Browse lists over REST."""

from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.testing.fakes import FakeLoader
from support.http_library import KEY, LINK, open_library, titan
from support.http_stage import open_server

pytestmark = pytest.mark.anyio

TITAN = BrowseEntry(
    key=SeriesKey(KEY), name="Titan", site="fake.invalid", provider="fake", link=LINK
)
COMING = attrs.evolve(
    TITAN,
    season=3,
    number=1,
    languages=frozenset({GER_DUB}),
    day=date(2026, 11, 22),
    at=datetime(2026, 11, 22, 17, 30, tzinfo=UTC),
)


async def test_a_browse_list_has_the_documented_fields(tmp_path: Path) -> None:
    """Dates and times are separate; series of the library are marked."""
    async with open_library(tmp_path, titan()) as server:
        server.stage.loader.stock = {BrowseListName.CALENDAR: [COMING]}
        status, (entry,) = await server.json("GET", "/api/anime/browse?list=calendar")

    assert status == 200
    assert entry == {
        "key": KEY,
        "name": "Titan",
        "site": "fake.invalid",
        "link": LINK,
        "provider": "fake",
        "cover_url": None,
        "year": None,
        "in_library": True,
        "season": 3,
        "episode": 1,
        "code": "S03E01",
        "languages": ["ger-dub"],
        "date": "2026-11-22",
        "at": "2026-11-22T17:30:00.000Z",
    }


async def test_an_entry_of_the_library_has_its_key_there(tmp_path: Path) -> None:
    """Two sites have the same key; actions on an entry must not reach the series of the other."""
    other = titan(key=SeriesKey(f"{KEY}-fake"), catalogue_key=SeriesKey(KEY), provider="fake")
    first = titan(provider="elsewhere", site="elsewhere.invalid")
    async with open_library(tmp_path, offered=[titan()]) as server:
        for series in (first, other):
            await server.stage.storage.series.add(series)
        server.stage.loader.stock = {BrowseListName.CALENDAR: [COMING]}
        _, (entry,) = await server.json("GET", "/api/anime/browse?list=calendar")
        _, (hit,) = await server.json("POST", "/api/anime/search", {"query": "titan"})

    assert (entry["key"], entry["in_library"]) == (f"{KEY}-fake", True)
    assert (hit["key"], hit["in_library"]) == (f"{KEY}-fake", True)


async def test_a_browse_list_is_paged(tmp_path: Path) -> None:
    """`limit` and `offset` select a part; `X-Total-Count` has the length."""
    entries = [attrs.evolve(TITAN, key=SeriesKey(f"series-{n}")) for n in range(5)]
    loader = FakeLoader(stock={BrowseListName.POPULAR: entries})
    async with open_server(tmp_path, loaders=[loader]) as server:
        response = await server.call("GET", "/api/anime/browse?limit=2&offset=1")
        keys = [entry["key"] for entry in await response.json()]

    assert keys == ["series-1", "series-2"]
    assert response.headers["X-Total-Count"] == "5"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?list=new", 404),
        ("?list=window", 422),
        ("?provider=nobody", 422),
        ("?list=new&provider=fake", 404),
        ("?limit=0", 422),
        ("", 503),
    ],
)
async def test_failures_of_browse_lists(tmp_path: Path, query: str, status: int) -> None:
    """Unknown list, unknown catalogue, bad query, and catalogues that do not answer."""
    loader = FakeLoader(stock={BrowseListName.POPULAR: []})
    loader.error = ProviderUnavailableError("fake.invalid", "it is down")
    async with open_server(tmp_path, loaders=[loader]) as server:
        assert (await server.json("GET", f"/api/anime/browse{query}"))[0] == status


async def test_a_report_of_a_browse_list_names_silent_catalogues(tmp_path: Path) -> None:
    """Entries of the others are there; 200 also if no catalogue answers, and 404 for no list."""
    error = ProviderUnavailableError("down", "it is away")
    down = FakeLoader(stock={BrowseListName.POPULAR: []}, name="down", error=error)
    up = FakeLoader(stock={BrowseListName.POPULAR: [TITAN, TITAN]}, name="up")
    async with open_server(tmp_path, loaders=[down, up]) as server:
        path = "/api/anime/browse/report"
        status, report = await server.json("GET", f"{path}?limit=1")
        alone, nothing = await server.json("GET", f"{path}?provider=down")
        missing, _ = await server.json("GET", f"{path}?list=new")
        unknown, _ = await server.json("GET", f"{path}?provider=nobody")
    assert (status, [entry["key"] for entry in report["entries"]]) == (200, [KEY])
    assert [each["provider"] for each in report["silent"]] == ["down"]
    assert report["silent"][0]["error"]["kind"] == "provider_unavailable"
    assert (alone, nothing["entries"], len(nothing["silent"])) == (200, [], 1)
    assert (missing, unknown) == (404, 422)


async def test_catalogues_name_their_browse_lists(tmp_path: Path) -> None:
    """The list of providers has them beside the capabilities."""
    loader = FakeLoader(stock={BrowseListName.CALENDAR: [], BrowseListName.POPULAR: []})
    async with open_server(tmp_path, loaders=[loader]) as server:
        _, providers = await server.json("GET", "/api/providers")

    (fake,) = [p for p in providers if (p["kind"], p["name"]) == ("catalogue", "fake")]
    assert fake["capabilities"][4:] == ["popular", "calendar"]
