"""Manifests through the queue: the worker gets what `fetch` gets."""

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.configuration import Config, DownloadsConfig
from aniworld_core.domain.identity import EpisodeRef, FolderName, parse_series_key
from aniworld_core.domain.media import GER_DUB, MediaSource, StreamKind
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.memory import MemoryConfigStore
from aniworld_core.testing.waiting import PATIENCE
from providers.faults import dash_period_rows, format_rows, hls_address_rows, hls_timing_rows
from providers.faults.hls_case import Row
from providers.faults.hls_faults import edited, film, holds, made
from providers.faults.judging import looks
from support.hurried_clock import HurriedClock
from support.sites.hls import HlsSite, open_site

pytestmark = pytest.mark.anyio

KEY = parse_series_key("lanterns")
LINK = "https://fake.invalid/lanterns"


def _described(site: HlsSite) -> None:
    """Offer an audio description as the default, in front of the ordinary sound."""
    holds(
        "m.m3u8",
        lambda _: (
            '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Hörfilm",LANGUAGE="de",'
            'DEFAULT=YES,URI="gone/media.m3u8"\n'
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",'
            'URI="sound/media.m3u8"\n'
            '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=160x90,AUDIO="a"\npicture/media.m3u8\n'
        ).encode(),
    )(site)


ROWS: dict[str, Row] = {
    "description-first": Row(row="F15", fault=_described, path="m.m3u8", film="picture+sound"),
    "rounded": Row(row="F15", fault=edited(("1.000000", "1"))),
    "without-first-line": hls_address_rows.ROWS["list-without-its-first-line"],
    "redundant": hls_address_rows.ROWS["segments-of-the-first-are-gone"],
    "data-link": hls_address_rows.ROWS["segment-in-the-list"],
    "second-address": dash_period_rows.ROWS["second-address-after-403"],
    "periods": dash_period_rows.ROWS["advert-of-another-codec"],
    "other-settings": format_rows.ROWS["periods-with-other-settings"],
    "other-packaging": format_rows.ROWS["fragments-behind-packets"],
    "last-number": dash_period_rows.ROWS["last-number-does-not-exist"],
}


def _series() -> Series:
    episodes = tuple(
        Episode(season=1, number=number, languages=frozenset({GER_DUB}))
        for number in range(1, len(ROWS) + 1)
    )
    return Series(
        key=KEY,
        name="Lanterns",
        site="fake",
        provider="fake",
        folder=FolderName("Lanterns"),
        link=LINK,
        episodes=episodes,
    )


def _source(url: Callable[[str], str], row: Row, reach: frozenset[str]) -> MediaSource:
    return MediaSource(
        provider="fake",
        hoster="here",
        url=url(row.path),
        language=GER_DUB,
        kind=row.kind,
        reach=reach,
    )


async def test_the_queue_gets_what_fetch_gets(tmp_path: Path) -> None:
    """One episode per kind of manifest, each with the right picture and sound."""
    (tmp_path / "library").mkdir()
    settings = Settings(data_dir=tmp_path / "data", anime_directory=tmp_path / "library")
    config = MemoryConfigStore(Config(downloads=DownloadsConfig(reserve_bytes=0)))
    loader = FakeLoader(series=[_series()])
    notices: dict[int, tuple[str, ...]] = {}
    async with open_application(
        settings, loaders=[loader], config_store=config, clock=HurriedClock()
    ) as app:
        await app.catalogue.add(LINK)
        for number, row in enumerate(ROWS.values(), start=1):
            episode = EpisodeRef(KEY, 1, number)
            async with open_site() as site:
                site.files.update(made())
                row.fault(site)
                reach = frozenset({f"127.0.0.1:{site.port}"})
                loader.sources = {episode: [_source(site.url, row, reach)]}
                with anyio.fail_after(PATIENCE):
                    await app.queue.enqueue(KEY, episodes=[episode])
                    report = await app.worker.drain()
            assert (len(report.completed), len(report.failed)) == (1, 0), (number, report)
            (found,) = (tmp_path / "library").rglob(f"*S01E{number:02d}*.mp4")
            assert looks(found) == film(row.film)
            notices[number] = report.completed[0].notices
    # What `fetch` says beside its result, the item keeps.
    by_name = dict(zip(ROWS, notices.values(), strict=True))
    assert by_name["without-first-line"] == ("the playlist does not begin with #EXTM3U",)
    assert by_name["periods"][0].startswith("period 2 (1.0 s) of the manifest left out")
    assert by_name["rounded"] == ()
    assert {row.kind for row in ROWS.values()} == {StreamKind.HLS, StreamKind.DASH}


REFUSED = {
    **{
        name: hls_timing_rows.ROWS[name]
        for name in ("sound-pauses", "picture-pauses", "sound-is-announced-and-empty")
    },
    "encrypted": format_rows.ROWS["encrypted-sizes-in-a-period"],
}


async def test_the_queue_refuses_what_fetch_refuses(tmp_path: Path) -> None:
    """A track that pauses, never comes or is encrypted fails the item and leaves no file."""
    (tmp_path / "library").mkdir()
    settings = Settings(data_dir=tmp_path / "data", anime_directory=tmp_path / "library")
    config = MemoryConfigStore(Config(downloads=DownloadsConfig(reserve_bytes=0)))
    loader = FakeLoader(series=[_series()])
    async with open_application(
        settings, loaders=[loader], config_store=config, clock=HurriedClock()
    ) as app:
        await app.catalogue.add(LINK)
        for number, (name, row) in enumerate(REFUSED.items(), start=1):
            episode = EpisodeRef(KEY, 1, number)
            async with open_site() as site:
                site.files.update(made())
                row.fault(site)
                reach = frozenset({f"127.0.0.1:{site.port}"})
                loader.sources = {episode: [_source(site.url, row, reach)]}
                with anyio.fail_after(PATIENCE):
                    await app.queue.enqueue(KEY, episodes=[episode])
                    report = await app.worker.drain()
            assert not report.completed, name
    assert not [path for path in (tmp_path / "library").rglob("*") if path.suffix == ".mp4"]
