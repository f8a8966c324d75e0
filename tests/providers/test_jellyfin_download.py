"""An episode's whole way from a Jellyfin server into the library."""

from pathlib import Path

import pytest

from aniworld_core.domain.config import ProviderConfig, ServerConfig
from providers.jellyfin_site import (
    PASSWORD,
    SERIES_ID,
    USER,
    episode_id,
    lantern_keepers,
    make_source,
    make_track,
    open_jellyfin_site,
)
from providers.whole_way import fetch_first, film, must_not_hold, open_with

pytestmark = pytest.mark.anyio


async def test_an_episode_arrives(tmp_path: Path) -> None:
    """It is found, added, fetched in ranges with the user's own token, and whole."""
    site = lantern_keepers()
    site.film = film()
    source = make_source(episode_id(1), make_track("Audio", "ger"), Size=len(film()))
    site.episodes[SERIES_ID][1] |= {"MediaSources": [source], "RunTimeTicks": 30_000_000}
    async with open_jellyfin_site(site):
        server = ServerConfig(name="attic", base_url=site.url, username=USER, password=PASSWORD)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with open_with(tmp_path, "jellyfin", section) as app:
            report, films = await fetch_first(app, "lantern")

    assert (len(report.completed), len(report.failed)) == (1, 0)
    assert films == [film()]
    assert len(site.logins) == 1
    assert any(span.startswith("bytes=0-") for span in site.ranges[1:])
    assert not any(PASSWORD in path for path in site.asked)
    must_not_hold(tmp_path, {PASSWORD, *site.issued})
