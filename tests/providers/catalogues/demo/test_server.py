"""Loopback server of the demo."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import anyio
import pytest

from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.catalogues.demo.all_series import (
    ALL_SERIES,
    OBSTACLES,
    all_clips,
    next_clips,
)
from aniworld_providers.catalogues.demo.ranges import requested_part
from aniworld_providers.catalogues.demo.server import BandwidthLimit, open_server
from aniworld_providers.catalogues.demo.storage import ClipStore
from aniworld_providers.catalogues.demo.values import Obstacle, Packaging
from aniworld_providers.network.answers import is_bot_check

pytestmark = pytest.mark.anyio

_CLIP = next(clip for clip in all_clips() if clip.packaging is Packaging.MP4)
_PATH = f"/media/{_CLIP.name}/{_CLIP.entry}"


@pytest.fixture(scope="module")
def browse_list(tmp_path_factory: pytest.TempPathFactory) -> ClipStore:
    return ClipStore(tmp_path_factory.mktemp("browse_list"))


@pytest.fixture
async def web(browse_list: ClipStore) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        open_server(browse_list, BandwidthLimit(None)) as address,
        aiohttp.ClientSession(f"http://{address}") as session,
    ):
        yield session


async def test_a_file_is_served_whole_with_its_validators(web: aiohttp.ClientSession) -> None:
    """The response has length, range support and an entity tag."""
    async with web.get(_PATH) as answer:
        body = await answer.read()

    assert answer.status == 200
    assert answer.content_length == len(body)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"].startswith('"')
    assert answer.content_type == "video/mp4"


async def test_parts_join_to_the_whole(web: aiohttp.ClientSession) -> None:
    """Ranges with the right validator give exactly the requested bytes."""
    async with web.get(_PATH) as answer:
        whole = await answer.read()
        etag = answer.headers["ETag"]
    parts = []
    for asked in ("bytes=0-999", "bytes=1000-"):
        async with web.get(_PATH, headers={"Range": asked, "If-Range": etag}) as answer:
            assert answer.status == 206
            parts.append(await answer.read())

    assert b"".join(parts) == whole
    assert answer.headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"


async def test_a_foreign_validator_gives_the_whole_file(web: aiohttp.ClientSession) -> None:
    """Parts of different versions are never mixed."""
    headers = {"Range": "bytes=0-9", "If-Range": '"something-else"'}
    async with web.get(_PATH, headers=headers) as answer:
        body = await answer.read()

    assert answer.status == 200
    assert len(body) > 10


async def test_bytes_and_validators_survive_a_restart(browse_list: ClipStore) -> None:
    """Another server on another port gives the same response, so a download can continue."""
    answers = []
    for _ in range(2):
        async with (
            open_server(browse_list, BandwidthLimit(None)) as address,
            aiohttp.ClientSession(f"http://{address}") as session,
            session.get(_PATH) as answer,
        ):
            answers.append((answer.headers["ETag"], await answer.read()))

    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/media/",
        "/media/nothing/index.m3u8",
        f"/media/{_CLIP.name}/nothing.ts",
        f"/media/{_CLIP.name}/..%2f..%2fport",
        f"/media/{_CLIP.name}/%2e%2e",
        "/covers/nothing.png",
    ],
)
async def test_everything_else_is_not_found(web: aiohttp.ClientSession, path: str) -> None:
    """The server serves its clips and covers only."""
    async with web.get(path) as answer:
        assert answer.status == 404


def _hindered(obstacle: Obstacle) -> str:
    clips = (clip for clip in all_clips() if clip.episode.obstacle is obstacle)
    clip = next(clips)
    assert clip.series is OBSTACLES
    return f"/media/{clip.name}/{clip.entry}"


async def test_an_episode_of_the_obstacles_is_gone(web: aiohttp.ClientSession) -> None:
    """The file of a listed episode is missing."""
    async with web.get(_hindered(Obstacle.GONE)) as answer:
        assert answer.status == 404


async def test_an_episode_waits_for_a_person(web: aiohttp.ClientSession) -> None:
    """The link shows a bot check until its button is pressed, then it serves the file."""
    link = _hindered(Obstacle.PERSON)
    async with web.get(link) as answer:
        assert answer.status == 403
        assert is_bot_check(await answer.read())
    async with web.post(link, data={"captcha": "passed"}) as answer:
        assert "press Retry" in await answer.text()
    async with web.get(link) as answer:
        assert (answer.status, answer.content_type) == (200, "video/mp4")
        assert len(await answer.read()) == answer.content_length


async def test_every_series_has_a_cover(web: aiohttp.ClientSession) -> None:
    """A cover is an image in the tint of its series."""
    covers = set()
    for key in ALL_SERIES:
        async with web.get(f"/covers/{key}.png") as answer:
            assert answer.content_type == "image/png"
            covers.add(await answer.read())

    assert len(covers) == len(ALL_SERIES)
    assert all(cover.startswith(b"\x89PNG") for cover in covers)


async def test_a_head_request_gets_no_body(web: aiohttp.ClientSession) -> None:
    """The headers are those of the file."""
    async with web.head(_PATH) as answer:
        assert int(answer.headers["Content-Length"]) > 100_000
        assert await answer.read() == b""


async def test_a_port_in_use_is_replaced(browse_list: ClipStore) -> None:
    """If the former port is in use, another one is used."""
    async with open_server(browse_list, BandwidthLimit(None)) as first:
        port = int(first.rpartition(":")[2])
        async with open_server(browse_list, BandwidthLimit(None), port=port) as second:
            assert first != second


async def test_the_next_clips_are_encoded_ahead(tmp_path: Path) -> None:
    """Those of the series and of the demo, and no others."""
    async with (
        open_server(ClipStore(tmp_path), BandwidthLimit(None)) as address,
        aiohttp.ClientSession(f"http://{address}") as session,
    ):
        async with session.get(_PATH) as answer:
            await answer.read()
        expected = {clip.name for clip in (_CLIP, *next_clips(_CLIP))}
        with anyio.fail_after(PATIENCE):
            while not expected <= (made := {path.name for path in tmp_path.glob("*/*")}):
                await anyio.sleep(0.01)

    assert len(expected) == 3
    assert made == expected


def test_the_next_clips_lead_through_the_series_and_through_the_demo() -> None:
    """From the first clip on, every episode is a next one, each once and in order."""
    first = next(all_clips())
    met = [first]
    while after := next_clips(met[-1]):
        met.append(after[-1])
    of_series = [first]
    while (after := next_clips(of_series[-1])) and after[0].series == first.series:
        of_series.append(after[0])

    shown = {(s.key, e) for s in ALL_SERIES.values() for e in s.episodes if e.available}
    assert len(met) == len(shown)
    assert {(clip.series.key, clip.episode) for clip in met} == shown
    assert [clip.episode for clip in of_series] == list(first.series.episodes)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", (206, 0, 10)),
        ("bytes=90-", (206, 90, 100)),
        ("bytes=90-500", (206, 90, 100)),
        ("bytes=-5", (206, 95, 100)),
        ("bytes=-500", (206, 0, 100)),
        ("bytes=100-", (416, 0, 0)),
        ("bytes=-0", (416, 0, 0)),
        ("bytes=9-0", (200, 0, 100)),
        ("bytes=-", (200, 0, 100)),
        ("bytes=0-1,5-6", (200, 0, 100)),
        ("lines=0-1", (200, 0, 100)),
        ("", (200, 0, 100)),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str, expected: tuple[int, int, int]) -> None:
    """RFC 9110, section 14."""
    part = requested_part({"Range": header} if header else {}, etag='"e"', size=100)

    assert expected == (part.status, part.start, part.stop)


@pytest.mark.parametrize(
    ("tag", "status"), [('"e"', 304), ('W/"e"', 304), ("*", 304), ('"f"', 200)]
)
def test_unchanged_files_are_not_sent_again(tag: str, status: int) -> None:
    """RFC 9110, section 13.1.2."""
    assert status == requested_part({"If-None-Match": tag}, etag='"e"', size=1).status
