"""Downloads, deletions and undos reach a media server through the whole application."""

from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.domain.configuration import MediaServerConfig, MediaServersConfig
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import ChangeOrigin
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage
from support.sites.media_servers import TOKEN, MediaServerSite, serve_media_server

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")


async def _configure(stage: Stage, site: MediaServerSite, *, token: str = TOKEN) -> None:
    root = stage.app.library.root
    server = MediaServerConfig(
        name="tv",
        kind="jellyfin",
        base_url=site.url,
        token=token,
        paths=(f"{root} => /data/anime",),
    )
    config = stage.app.current_config.value
    servers = MediaServersConfig(servers=(server,))
    stage.app.current_config.value = attrs.evolve(config, media_servers=servers)
    series = make_series(KEY, provider="fake")
    await stage.storage.series.add(series)
    stage.loader.series.append(series)


@pytest.mark.parametrize("token", [TOKEN, "wrong"])
async def test_downloads_and_changes_refresh_the_folder_of_the_series(
    tmp_path: Path, token: str
) -> None:
    """Only the changed folder is named, and a refusing server fails no download."""
    async with open_stage(tmp_path) as stage, serve_media_server("jellyfin") as site:
        await _configure(stage, site, token=token)
        app = stage.app
        async with app.media_servers.after():
            await app.queue.submit(KEY, EpisodeRequest())
            report = await app.worker.drain()
        assert report.completed
        assert not report.failed
        expected = {"/data/anime/" + file.split("/")[0] for file in stage.files()}
        assert set(site.scanned) == (expected if token == TOKEN else set())
        (state,) = app.media_servers.states()
        assert (state.problem is None) is (token == TOKEN)
        if token != TOKEN:
            return
        site.scanned.clear()
        path = next(file for file in stage.files() if file.endswith(".mp4"))
        async with app.media_servers.after():
            change = await app.changes.recycle(path, origin=ChangeOrigin.REMOVAL, title="one")
        assert site.scanned == [f"/data/anime/{path.split('/')[0]}"]
        site.scanned.clear()
        assert change is not None
        with anyio.fail_after(PATIENCE):
            async with app.media_servers.after():
                await app.changes.undo(change.id)
        assert site.scanned == [f"/data/anime/{path.split('/')[0]}"]
