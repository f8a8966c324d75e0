"""HLS durations in whole seconds: each may be wrong by half a second (RFC 8216 section 4.3.2.1)."""

import re
from pathlib import Path

import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import BadMediaError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from providers.faults.fetching import HASTY
from support.adapter_context import JumpingClock, make_context
from support.media import streams
from support.sites.hls import HlsSite, open_site

pytestmark = pytest.mark.anyio

_EXTINF = re.compile(r"#EXTINF:([\d.]+),")


def _make(folder: Path, gop: int, seconds: float, kind: str) -> str:
    clip = streams.Clip(gop=gop, seconds=seconds)
    return streams.make_hls(folder, clip, kind=kind).read_text()


async def _fetch(site: HlsSite, folder: Path) -> FetchedFile:
    allowed = frozenset({f"127.0.0.1:{site.port}"})
    context = make_context(folder / "data", allowed=allowed, clock=JumpingClock())
    stream = Stream(url=site.url("media.m3u8"), kind=StreamKind.HLS)
    request = FetchRequest(stream=stream, destination=folder / "library" / "Episode.mp4")
    async with open_hls_fetcher(context, timeouts=HASTY) as fetcher:
        return await fetched_file(fetcher, request)


@pytest.mark.parametrize("kind", ["mpegts", "fmp4"])
@pytest.mark.parametrize(("gop", "frames"), [(36, 288), (39, 312)], ids=["down", "up"])
async def test_a_list_of_rounded_durations_is_whole(
    tmp_path: Path, gop: int, frames: int, kind: str
) -> None:
    """Eight segments of 1.44 s listed as 1 s, and of 1.56 s listed as 2 s: 3.5 s off in all."""
    text = _make(tmp_path / "made", gop, frames / streams.FPS, kind)
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        rounded = _EXTINF.sub(lambda found: f"#EXTINF:{round(float(found[1]))},", text)
        site.files["media.m3u8"] = rounded.encode()
        first = await _fetch(site, tmp_path)
        requests = len(site.asked)
        again = await _fetch(site, tmp_path)

    assert streams.contents(first.path).video == frames
    assert first.attempts == 1
    assert again.path == first.path
    assert len(site.asked) == requests + 1  # the playlist: the file is what it describes


async def test_a_missing_half_of_a_segment_is_still_found(tmp_path: Path) -> None:
    """Rounding explains half a second, and no hole between two segments."""
    text = _make(tmp_path / "made", 36, 11.52, "mpegts")
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        rounded = _EXTINF.sub(lambda found: f"#EXTINF:{round(float(found[1]))},", text)
        site.files["media.m3u8"] = rounded.encode()
        whole = site.files["media-003.ts"]
        site.files["media-003.ts"] = whole[: len(whole) // 2 // 188 * 188]
        name = r"segment 4 of \d+ \(media-003\.ts\)"
        reason = rf"s are missing beside {name}|{name} plays .* s instead"
        with pytest.raises(BadMediaError, match=reason):
            await _fetch(site, tmp_path)


@pytest.mark.parametrize("told", ["1.440000", "1.4"])
async def test_durations_with_a_fraction_are_not_forgiven(tmp_path: Path, told: str) -> None:
    """A list with fractions means them: a film that is 3 s longer is another one."""
    text = _make(tmp_path / "made", 36, 11.52, "mpegts")
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        wrong = _EXTINF.sub("#EXTINF:1.0,", text)
        site.files["media.m3u8"] = wrong.replace("#EXTINF:1.0,", f"#EXTINF:{told},", 1).encode()
        with pytest.raises(BadMediaError):
            await _fetch(site, tmp_path)
