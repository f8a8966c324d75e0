"""An HLS transfer that is killed at any instant continues and gives the identical file."""

import sys
from collections import Counter
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from support.adapter_context import make_context
from support.media import streams
from support.sites.hls import open_site

pytestmark = pytest.mark.anyio

CONNECTIONS = 3
PROGRAM = """
import asyncio, sys
sys.path.insert(0, sys.argv[4])
from pathlib import Path
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from support.adapter_context import make_context

async def main():
    url, destination, port = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    context = make_context(destination.parent, allowed=frozenset({"127.0.0.1:" + port}))
    stream = Stream(url=url, kind=StreamKind.HLS)
    async with open_hls_fetcher(context) as fetcher:
        await fetcher.fetch(FetchRequest(stream=stream, destination=destination, connections=3))

asyncio.run(main())
"""


@pytest.mark.parametrize("kill_at", [1, 5, 9, 12])
async def test_killed_at_any_segment_it_goes_on(tmp_path: Path, kill_at: int) -> None:
    """At most one segment per connection is fetched again, but for a small sample."""
    streams.make_hls(tmp_path / "made", streams.Clip(seconds=12))
    library = tmp_path / "library"
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        due, asked = anyio.Event(), 0

        async def watch(request: web.Request, body: bytes) -> None:
            nonlocal asked
            asked += 1
            if asked > kill_at:
                due.set()
                await anyio.sleep(30)
            elif asked == kill_at == 12:
                due.set()

        names = [name for name in site.files if name.endswith(".ts")]
        site.faults = dict.fromkeys(names, watch)
        url = site.url("media.m3u8")
        arguments = [
            url,
            str(library / "Episode.mp4"),
            str(site.port),
            str(Path(__file__).parents[3]),
        ]
        with anyio.fail_after(PATIENCE):
            async with await anyio.open_process(
                [sys.executable, "-c", PROGRAM, *arguments]
            ) as child:
                await due.wait()
                child.kill()
                await child.wait()
        site.faults.clear()
        before = Counter(name for name in site.asked if name in names)
        site.asked.clear()
        site.sent.clear()

        context = make_context(tmp_path, allowed=frozenset({f"127.0.0.1:{site.port}"}))
        stream = Stream(url=url, kind=StreamKind.HLS)
        async with open_hls_fetcher(context) as fetcher:
            first = FetchRequest(
                stream=stream, destination=library / "Episode.mp4", connections=CONNECTIONS
            )
            file = await fetched_file(fetcher, first)
            other = FetchRequest(stream=stream, destination=tmp_path / "other" / "Episode.mp4")
            again = Counter(name for name in site.asked if name in names)
            fresh = await fetched_file(fetcher, other)

    assert file.sha256 == fresh.sha256
    assert [path.name for path in library.iterdir()] == ["Episode.mp4"]
    twice = [name for name in again if name in before]
    assert len(twice) <= CONNECTIONS + 1
