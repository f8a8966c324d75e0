"""Browse lists of the catalogues with documented interfaces."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.errors import ProviderChangedError
from aniworld_providers.catalogues.archive import open_loader as open_archive
from aniworld_providers.catalogues.demo import open_loader as open_demo
from aniworld_providers.catalogues.jellyfin import open_loader as open_jellyfin
from support.adapter_context import make_context
from support.sites.archive import make_item, open_archive_site
from support.sites.jellyfin import (
    API_KEY,
    JellyfinSite,
    make_series,
    open_jellyfin_site,
)

pytestmark = pytest.mark.anyio

POPULAR, NEW, CALENDAR = BrowseListName.POPULAR, BrowseListName.NEW, BrowseListName.CALENDAR


async def test_the_archive_sorts_browse_lists(tmp_path: Path) -> None:
    """By downloads for popular items, by publication date for new ones; one request each."""
    old = make_item("Old_film", [], title="Old <film>", publicdate="2009-01-02T03:04:05Z")
    new = make_item("new", [], publicdate="2026-11-20T23:59:59Z", downloads=3)
    texts = make_item("book", [], mediatype="texts", publicdate="2026-11-21T00:00:00Z")
    async with open_archive_site(old, new, texts) as site:
        config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
        async with open_archive(make_context(tmp_path, archive=config)) as loader:
            newest = await loader.browse(NEW)
            popular = await loader.browse(POPULAR)
            assert newest == await loader.browse(NEW)

    assert loader.browse_lists == {POPULAR, NEW}
    assert [(e.key, e.day) for e in newest] == [
        ("new", date(2026, 11, 20)),
        ("old-film", date(2009, 1, 2)),
    ]
    assert newest[1].at == datetime(2009, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert newest[1].name == "Old <film>"
    assert {e.key for e in popular} == {"new", "old-film"}
    assert {e.day for e in popular} == {None}


async def test_invalid_browse_lists_of_the_archive(tmp_path: Path) -> None:
    """An invalid answer is not an empty list; an invalid date only costs itself."""
    async with open_archive_site(make_item("one", [], publicdate="soon")) as site:
        config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
        async with open_archive(make_context(tmp_path, archive=config)) as loader:
            (entry,) = await loader.browse(NEW)
            site.override = web.json_response([1, 2])
            with pytest.raises(ProviderChangedError):
                await loader.browse(POPULAR)

    assert (entry.key, entry.day, entry.at) == ("one", None, None)


async def test_own_servers_list_new_series(tmp_path: Path) -> None:
    """Of all servers together; a failing one does not fail the rest."""
    ids = [f"{n:032x}" for n in range(1, 4)]
    times = ("2026-01-01T10:00:00.1234567Z", "2026-03-01T10:00:00.0000000Z", "nonsense")
    series = {
        i: make_series(i, f"Series {n}", DateCreated=at)
        for n, (i, at) in enumerate(zip(ids, times, strict=True))
    }
    async with open_jellyfin_site(JellyfinSite(series=series)) as site:
        servers = [
            ServerConfig(name=name, base_url=url, token=API_KEY)
            for name, url in (("here", site.url), ("down", "http://127.0.0.1:9"))
        ]
        config = ProviderConfig(servers=tuple(servers), requests_per_minute=6000)
        async with open_jellyfin(make_context(tmp_path, jellyfin=config)) as loader:
            entries = await loader.browse(NEW)

    assert [(e.name, e.day) for e in entries] == [
        ("Series 1", date(2026, 3, 1)),
        ("Series 0", date(2026, 1, 1)),
        ("Series 2", None),
    ]


async def test_the_demo_always_has_entries(tmp_path: Path) -> None:
    """Its announced episode comes within days, and new ones are recent."""
    async with open_demo(make_context(tmp_path)) as loader:
        browse_lists = {
            browse_list: await loader.browse(browse_list) for browse_list in BrowseListName
        }
        codes = {
            browse_list: [(e.key, e.code) for e in entries]
            for browse_list, entries in browse_lists.items()
        }
        (coming,) = browse_lists[CALENDAR]
        series = await loader.get_series(coming.key)

    assert len(codes[POPULAR]) == len(codes[NEW]) == 6
    assert {code for _, code in codes[POPULAR]} == {None}
    assert not series.episode(coming.season or 0, coming.number or 0).available
    assert coming.day is not None
    assert coming.day > date(2026, 11, 21) >= (browse_lists[NEW][0].day or date.max)
