"""Extractors of a test package: yt-dlp itself lists and resolves a site that only they know.

The product loads no plug-ins. The tests register the extractors in the process that runs yt-dlp;
`support/show_plugin/sitecustomize.py` does the same in the separate process of the command.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yt_dlp.extractor.extractors
import yt_dlp.globals

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import ENG_DUB, MediaSource
from aniworld_core.errors import NeedsPersonError, SeriesNotFoundError
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.resolvers.ytdlp import open_resolver
from support.adapter_context import JumpingClock, make_context
from support.show_plugin.channel_extractors import CHANNEL_EXTRACTORS
from support.sites.page_server import Answer, PageServer, open_page_server
from support.ytdlp_here import run_here

pytestmark = pytest.mark.anyio

PROVISIONAL = parse_series_key("link-0")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[PageServer]:
    """Serve a channel with two tabs: 70 videos, and two of them with a trailer."""
    known = yt_dlp.globals.extractors.value
    monkeypatch.setattr(yt_dlp.globals.extractors, "value", CHANNEL_EXTRACTORS | known)
    with open_page_server() as server:
        _put(server, "/api/channel/harbour", {"title": "Harbour", "tabs": ["videos", "best"]})
        _put_list(server, "videos", [f"v{n}" for n in range(70, 0, -1)])
        _put_list(server, "best", ["v3", "trailer", "v9"])
        yield server


def _put(server: PageServer, path: str, value: Any) -> None:
    server.answers[path] = Answer.media("application/json", json.dumps(value).encode())


def _put_list(server: PageServer, name: str, ids: list[str]) -> None:
    for page in range(len(ids) // 30 + 1):
        videos = [{"id": id_} for id_ in ids[page * 30 : page * 30 + 30]]
        _put(server, f"/api/list/{name}?page={page}", videos)


async def test_a_channel_with_tabs_is_one_series(site: PageServer, tmp_path: Path) -> None:
    """A short link leads to it; each video of its tabs is one episode, without title or date.

    A refresh with nothing new requests the channel and one page.
    """
    section = ProviderConfig(requests_per_minute=6000)
    allowed = frozenset({site.address})
    context = make_context(tmp_path, allowed=allowed, clock=JumpingClock(), ytdlp=section)
    async with open_loader(context, run=run_here) as loader:
        series = await loader.get_series(PROVISIONAL, site.url("/s/harbour"))
        assert (series.name, len(series.episodes)) == ("Harbour", 71)
        assert {e.titles.en for e in series.episodes} == {None}
        assert sum(e.catalogue_id == "HarbourVideo:v3" for e in series.episodes) == 1

        _put_list(site, "videos", [f"v{n}" for n in range(71, 0, -1)])
        site.hits.clear()
        after = await loader.refresh(series)
        assert {e.catalogue_id for e in after.episodes} - {
            e.catalogue_id for e in series.episodes
        } == {"HarbourVideo:v71"}
        assert site.paths == ["/api/channel/harbour", "/api/list/videos?page=0"]

        (source,) = await loader.get_sources(EpisodeRef(series.key, 1, 1), ENG_DUB)
        assert source.url == site.url("/video/v70")
        with pytest.raises(SeriesNotFoundError, match="/channel/gone"):
            await loader.get_series(PROVISIONAL, site.url("/channel/gone"))


async def test_videos_of_the_package_are_resolved(site: PageServer, tmp_path: Path) -> None:
    """Links, subtitles and chapters of its `info_dict` are used, and its refusals understood."""
    film = {
        "title": "One",
        "url": site.url("/film.mp4"),
        "subtitles": {"de": [{"ext": "vtt", "url": site.url("/de.vtt")}]},
    }
    _put(site, "/api/video/v1", film)
    _put(site, "/api/video/v2", {"refused": "country"})
    _put(site, "/api/video/v3", {"refused": "login"})
    context = make_context(tmp_path, allowed=frozenset({site.address}), clock=JumpingClock())

    def source(name: str) -> MediaSource:
        return MediaSource(provider="ytdlp", hoster="site", url=site.url(f"/video/{name}"))

    async with open_resolver(context, run=run_here) as resolver:
        (stream,) = await resolver.resolve(source("v1"))
        assert stream.url == site.url("/film.mp4")
        assert [text.url for text in stream.subtitles] == [site.url("/de.vtt")]
        for refused in ("v2", "v3"):
            with pytest.raises(NeedsPersonError):
                await resolver.resolve(source(refused))
