"""Unusual but valid streams: each gives the complete film, compared by its packets."""

import re
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import BadMediaError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from providers.faults.fetching import HASTY
from support.adapter_context import JumpingClock, make_context
from support.media import streams
from support.sites.hls import HlsSite, open_site

pytestmark = pytest.mark.anyio

_PACKET = 188
#: Where a stream that ends three seconds after the clock of 33 bits starts again at zero begins.
_BEFORE_ZERO = str(2**33 / 90_000 - 3)
_SOUND_LIST = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",URI="sound/list.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=160x90,AUDIO="a"
media.m3u8
"""


def make_segments(
    folder: Path, kind: str, clip: streams.Clip, options: Mapping[str, str] | None = None
) -> None:
    """Write `list.m3u8` and segments of one second in the container *kind*."""
    folder.mkdir()
    streams.write(
        folder / "s%03d.bin",
        clip,
        muxer="segment",
        options={
            "segment_time": "1",
            "segment_format": kind,
            "segment_list": str(folder / "list.m3u8"),
            "segment_list_type": "m3u8",
            **(options or {}),
        },
    )


def make_late(folder: Path, start: str) -> None:
    """Write a stream whose clock shows *start* seconds at its beginning."""
    make_segments(folder, "mpegts", streams.Clip(), {"output_ts_offset": start})
    written = (folder / "list.m3u8").read_text()
    # The muxer counts the first segment from zero on.
    (folder / "list.m3u8").write_text(re.sub(r"EXTINF:\d+\.\d+", "EXTINF:1.0", written))


def in_apples_way(data: bytes, ticks: int) -> bytes:
    """Put an ID3 tag with the time of the first sample in front (RFC 8216, 3.4)."""
    owner = b"com.apple.streaming.transportStreamTimestamp\0" + struct.pack(">Q", ticks)
    frame = b"PRIV" + struct.pack(">I", len(owner)) + b"\0\0" + owner
    return b"ID3\x04\0\0" + struct.pack(">I", len(frame)) + frame + data


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[HlsSite]:
    """Serve a folder."""
    async with open_site() as site:
        site.add_folder(folder)
        yield site


async def fetch(site: HlsSite, folder: Path, path: str) -> FetchedFile:
    """Fetch a playlist of the site."""
    allowed = frozenset({f"127.0.0.1:{site.port}"})
    context = make_context(folder / "data", allowed=allowed, clock=JumpingClock())
    stream = Stream(url=site.url(path), kind=StreamKind.HLS)
    async with open_hls_fetcher(context, timeouts=HASTY) as fetcher:
        with anyio.fail_after(PATIENCE):
            request = FetchRequest(stream=stream, destination=folder / "library" / "Episode.mp4")
            return await fetched_file(fetcher, request)


def assert_whole(file: FetchedFile) -> None:
    """Check that every video and audio packet is in the file once, from time zero on."""
    found = streams.contents(file.path)
    assert (found.video, len(found.audio)) == (150, 1)
    assert found.audio[0] == pytest.approx(6 * streams.RATE / 1024, abs=2)
    assert found.duration == pytest.approx(6.0, abs=0.1)
    assert found.start == pytest.approx(0.0, abs=0.1)
    assert file.verified


@pytest.mark.parametrize("start", [_BEFORE_ZERO, "40000"])
async def test_any_clock_is_followed(tmp_path: Path, start: str) -> None:
    """A clock that starts high, or passes its last value on the way, leaves no hole behind."""
    make_late(tmp_path / "late", start)

    async with served(tmp_path / "late") as site:
        assert_whole(await fetch(site, tmp_path, "list.m3u8"))


async def test_packets_may_be_of_a_disc(tmp_path: Path) -> None:
    """Four bytes in front of every packet, as recorders write them."""
    options = {"segment_format_options": "mpegts_m2ts_mode=1"}
    make_segments(tmp_path / "disc", "mpegts", streams.Clip(), options)

    async with served(tmp_path / "disc") as site:
        assert site.files["s001.bin"][4] == site.files["s001.bin"][4 + 192] == 0x47
        assert_whole(await fetch(site, tmp_path, "list.m3u8"))


async def test_tables_may_stand_in_the_first_segment_alone(tmp_path: Path) -> None:
    """Later segments are joined in order before they are parsed."""
    make_segments(tmp_path / "ts", "mpegts", streams.Clip())

    async with served(tmp_path / "ts") as site:
        for name in sorted(site.files):
            if name.endswith(".bin") and name != "s000.bin":
                data = site.files[name]
                packets = [data[at : at + _PACKET] for at in range(0, len(data), _PACKET)]
                kept = [p for p in packets if int.from_bytes(p[1:3]) & 0x1FFF not in (0, 17, 4096)]
                assert 0 < len(kept) < len(packets)
                site.files[name] = b"".join(kept)
        assert_whole(await fetch(site, tmp_path, "list.m3u8"))


@pytest.mark.parametrize("has_tags", [False, True])
async def test_sound_may_come_without_a_container(tmp_path: Path, has_tags: bool) -> None:
    """AAC without a container, with or without the ID3 tag for its time."""
    streams.make_hls(tmp_path / "picture", streams.Clip(tones=()))
    make_segments(tmp_path / "sound", "adts", streams.Clip(video=False))

    async with served(tmp_path / "picture") as site:
        site.add_folder(tmp_path / "sound", "sound/")
        if has_tags:
            for number in range(6):
                name = f"sound/s{number:03d}.bin"
                site.files[name] = in_apples_way(site.files[name], 7_200 + number * 90_240)
        site.files["all.m3u8"] = _SOUND_LIST
        file = await fetch(site, tmp_path, "all.m3u8")

    assert_whole(file)
    assert file.audio_languages == ("deu",)


async def test_sound_alone_is_refused(tmp_path: Path) -> None:
    """A playlist with audio only is refused with a reason."""
    make_segments(tmp_path / "sound", "adts", streams.Clip(video=False))

    async with served(tmp_path / "sound") as site:
        with pytest.raises(BadMediaError, match="has no picture"):
            await fetch(site, tmp_path, "list.m3u8")


async def test_what_a_list_tells_beside_its_media_is_passed_over(tmp_path: Path) -> None:
    """Adverts' cues, dates, a start, steering and keys announced early change nothing."""
    streams.make_hls(tmp_path / "ts")

    async with served(tmp_path / "ts") as site:
        extras = (
            '#EXT-X-START:TIME-OFFSET=2\n#EXT-X-DATERANGE:ID="a",START-DATE="2026-01-01T00:00:00Z"'
            "\n#EXT-X-CUE-OUT:30\n#EXT-OATCLS-SCTE35:/DAlAAAA\n#EXT-X-CUE-IN\n#EXTINF:1"
        )
        site.edit("media.m3u8", ("#EXTINF:1", extras))
        site.files["all.m3u8"] = (
            b'#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI="/steer",PATHWAY-ID="a"\n'
            b'#EXT-X-SESSION-DATA:DATA-ID="x",VALUE="a,b"\n'
            b'#EXT-X-SESSION-KEY:METHOD=AES-128,URI="never.bin"\n'
            b'#EXT-X-STREAM-INF:BANDWIDTH=1000,CLOSED-CAPTIONS=NONE,PATHWAY-ID="a"\nmedia.m3u8\n'
        )
        assert_whole(await fetch(site, tmp_path, "all.m3u8"))
        assert "never.bin" not in site.asked
        assert "steer" not in site.asked
