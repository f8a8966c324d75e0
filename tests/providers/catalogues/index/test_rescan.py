"""Rescan of folders: one request while nothing in them has changed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_providers.catalogues.index import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.index import KINDS, IndexSite, harbour, open_index_site

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", KINDS)]

KEY = parse_series_key("harbour-boeats-2011")
TOP = "Harbour Böats (2011)"


async def _seen(site: IndexSite, tmp_path: Path, *changes: Any) -> list[tuple[int, int]]:
    """Refresh the series before and after each change; return episodes and requested folders."""
    clock = JumpingClock()
    server = ServerConfig(name="attic", base_url=site.url)
    section = ProviderConfig(servers=(server,), requests_per_minute=6000)
    seen = []
    async with open_loader(make_context(tmp_path, clock=clock, index=section)) as loader:
        await loader.search("harbour")
        for change in (lambda _: None, *changes):
            change(clock)
            site.asked.clear()
            series = await loader.get_series(KEY)
            seen.append((len(series.episodes), len(site.asked)))
    return seen


async def test_no_change_costs_one_request(kind: str, tmp_path: Path) -> None:
    """The dates in the folder of the series show that the seasons are unchanged."""
    async with open_index_site(IndexSite(kind=kind, tree=harbour())) as site:
        first, second = await _seen(site, tmp_path, lambda _: None)

    assert first[1] == 4
    assert second == (first[0], 1)


async def test_a_changed_season_is_listed(kind: str, tmp_path: Path) -> None:
    """Only the changed season is listed."""
    async with open_index_site(IndexSite(kind=kind, tree=harbour())) as site:

        def add(_: JumpingClock) -> None:
            site.tree[TOP]["Season 02"]["03 - New.mkv"] = b"n" * 500
            site.days["Season 02"] = 4

        first, second = await _seen(site, tmp_path, add)

    assert second == (first[0] + 1, 2)


async def test_dates_are_trusted_for_a_day(kind: str, tmp_path: Path) -> None:
    """Dates are coarse: a change within the same minute is noticed a day later."""
    async with open_index_site(IndexSite(kind=kind, tree=harbour())) as site:

        def add_unseen(_: JumpingClock) -> None:
            site.tree[TOP]["Season 02"]["03 - New.mkv"] = b"n" * 500

        def wait(clock: JumpingClock) -> None:
            clock.time += timedelta(hours=25)

        first, second, third = await _seen(site, tmp_path, add_unseen, wait)

    assert (second[0], third[0]) == (first[0], first[0] + 1)
