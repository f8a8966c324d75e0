"""An episode's whole way from a web server into the library."""

from pathlib import Path

import pytest

from aniworld_core.domain.config import ProviderConfig, ServerConfig
from providers.index_site import PASSWORD, USER, IndexSite, open_index_site
from providers.whole_way import fetch_first, film, must_not_hold, open_with

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("kind", "auth"), [("dav", "digest"), ("nginx", "basic"), ("caddy", "")])
async def test_an_episode_arrives(tmp_path: Path, kind: str, auth: str) -> None:
    """It is found, added, fetched in ranges with what its server wants to see, and whole."""
    tree = {"Tide & Time": {"Season 1": {"Tide - S01E01 - Ebb (German Dub).mp4": film()}}}
    async with open_index_site(IndexSite(kind=kind, auth=auth, tree=tree)) as site:
        server = ServerConfig(name="attic", base_url=site.url, username=USER, password=PASSWORD)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with open_with(tmp_path, "index", section) as app:
            report, films = await fetch_first(app, "tide")

    assert (len(report.completed), len(report.failed)) == (1, 0)
    assert films == [film()]
    assert any(span.startswith("bytes=0-") for span in site.ranges)
    must_not_hold(tmp_path, {PASSWORD})
