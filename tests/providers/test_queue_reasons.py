"""Streams of odd servers through the queue: the same films and reasons as with `fetch`."""

from pathlib import Path

import anyio
import pytest

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config, DownloadsConfig
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import GER_DUB, MediaSource
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.memory import MemoryConfigStore
from aniworld_core.testing.waiting import PATIENCE
from providers.faults.hls_faults import (
    Change,
    coded,
    everywhere,
    in_segment,
    made,
    mastered,
    narrow,
    together,
    unasked_whole,
    wants_cookie,
)
from providers.faults.judging import finished
from support.hurried_clock import HurriedClock
from support.sites.hls import open_site, silent_after, status

pytestmark = pytest.mark.anyio


async def _queued(folder: Path, change: Change, path: str) -> DownloadItem:
    """Let the queue fetch an episode from a site that was changed; gives its item."""
    (folder / "library").mkdir()
    series = make_series(
        "tide", provider="fake", site="fake.invalid", link="https://fake.invalid/tide"
    )
    ref = EpisodeRef(series.key, 1, 1)
    async with open_site() as site:
        site.files.update(made())
        change(site)
        source = MediaSource(
            provider="fake",
            hoster="tide.invalid",
            url=f"{site.url(path)}?token=s3cret",
            language=GER_DUB,
        )
        settings = Settings(
            data_dir=folder / "data",
            anime_directory=folder / "library",
            allowed_addresses=(f"127.0.0.1:{site.port}",),
        )
        config = Config(downloads=DownloadsConfig(reserve_bytes=0, retries=0, stall_timeout=5.0))
        async with open_application(
            settings,
            loaders=(FakeLoader(series=[series], sources={ref: [source]}),),
            config_store=MemoryConfigStore(config),
            clock=HurriedClock(),
        ) as app:
            with anyio.fail_after(PATIENCE):
                await app.catalogue.add(series.link)
                await app.queue.enqueue(series.key, episodes=[ref])
                report = await app.worker.drain()
    (item,) = (*report.completed, *report.failed)
    return item


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (together(mastered, wants_cookie), "m.m3u8"),
        (narrow(2, 403), "ts/media.m3u8"),
        (everywhere(coded("aws-chunked")), "ts/media.m3u8"),
        (everywhere(unasked_whole), "ts/media.m3u8"),
    ],
    ids=["cookie", "connections", "coding", "unasked-part"],
)
async def test_the_queue_gets_it_whole(tmp_path: Path, change: Change, path: str) -> None:
    """What `fetch` gets, the queue gets."""
    item = await _queued(tmp_path, change, path)

    assert item.failure is None
    assert len(finished(tmp_path)) == 1


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (
            in_segment(lambda: status(404)),
            "source_gone",
            "segment 3 of 6 (media-002.ts) is missing: it answers HTTP 404",
        ),
        (
            in_segment(lambda: status(403)),
            "link_refused",
            "access to segment 3 of 6 (media-002.ts) at 127.0.0.1 is refused: HTTP 403",
        ),
        (
            in_segment(lambda: silent_after(100)),
            "fetch_interrupted",
            "the transfer was interrupted: segment 3 of 6 (media-002.ts): no progress for 5 s: "
            "the server sends less than 1 KiB per second",
        ),
    ],
    ids=["missing", "refused", "silent"],
)
async def test_the_queue_says_what_failed(
    tmp_path: Path, change: Change, kind: str, reason: str
) -> None:
    """The reason of a failed item names the segment and the answer, and shows no secret."""
    item = await _queued(tmp_path, change, "ts/media.m3u8")

    assert item.failure is not None
    assert (item.failure.kind, item.failure.message) == (kind, reason)
    assert finished(tmp_path) == []
