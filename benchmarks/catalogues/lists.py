"""Measure the listing of a long channel, and the metadata of a large library.

Run it from the root of the repository:

    uv run python benchmarks/catalogues/lists.py

The channel has 5,000 videos at a PeerTube server on loopback, which the extractor of yt-dlp reads.
A process lists it once, then refreshes it with nothing new; its peak memory and that of its child
with yt-dlp are added up. The metadata of 500 series come from fakes of AniList and TVmaze; the
clock is simulated, so that waits for rate limits take no time. The run is ended in the middle once.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import anyio
from aiohttp import web

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import Identification
from aniworld_core.domain.configuration import Config, ProviderConfig
from aniworld_core.ports.metadata import MetadataSource
from aniworld_core.testing import MemoryStorage, make_series
from aniworld_providers.metadata import open_anilist, open_tvmaze
from support.adapter_context import JumpingClock, make_context
from support.certificates import write_certificate
from support.sites.metadata import MetadataSite, make_media, make_show
from support.sites.page_site import serving
from support.sites.peertube import Video, open_peertube

_TESTS: Final = Path(__file__).resolve().parents[2] / "tests"
_HOST: Final = "framatube.org"
_MINUTE: Final = timedelta(minutes=1)
#: Lists the channel, refreshes it, and prints episodes, times and peak memory in bytes.
_LISTING: Final = """
import json, resource, sys, time
from pathlib import Path
import anyio
from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from support.adapter_context import make_context

async def main(folder, link, allowed, site):
    context = make_context(
        Path(folder),
        allowed=frozenset(allowed.split()),
        ytdlp=ProviderConfig(requests_per_minute=6000),
    )
    start = time.monotonic()
    async with open_loader(context) as loader:
        series = await loader.get_series(parse_series_key("link-0"), link)
        first = time.monotonic() - start
        found = {"episodes": len(series.episodes), "seconds": round(first, 1)}
        print(json.dumps(found), flush=True)
        sys.stdin.readline()
        again = await loader.refresh(series)
        assert again == series
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"own_kib": own, "child_kib": child}), flush=True)

anyio.run(main, *sys.argv[1:])
"""


def measure_channel(entries: int) -> None:
    """List a channel of a PeerTube server and refresh it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = write_certificate(folder, _HOST)
        with open_peertube(_HOST, certificate, folder / "hls") as site:
            site.videos = [
                Video(id=f"{n:022}", name=f"Evening at the harbour, part {n}")
                for n in range(entries, 0, -1)
            ]
            environment = os.environ | {
                "PYTHONPATH": os.pathsep.join([str(_TESTS / "support/named_hosts"), str(_TESTS)]),
                "TEST_HOSTS": f"{_HOST}:{site.port}",
                "TEST_CA": str(certificate),
            }
            allowed = f"{_HOST}:443 {_HOST}:{site.port}"
            with subprocess.Popen(
                [sys.executable, "-c", _LISTING, str(folder / "data"), site.channel, allowed, ""],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as process:
                assert process.stdin is not None
                assert process.stdout is not None
                first = json.loads(process.stdout.readline())
                requests = len(site.hits)
                process.stdin.write("\n")
                process.stdin.flush()
                memory = json.loads(process.stdout.readline())
            refresh = len(site.hits) - requests
    assert first["episodes"] == entries
    whole = (memory["own_kib"] + memory["child_kib"]) / 1024
    print(f"channel of {entries} videos: {requests} requests, {first['seconds']} s, "
          f"{whole:.0f} MB (of which yt-dlp {memory['child_kib'] / 1024:.0f} MB)")  # fmt: skip
    print(f"refresh with nothing new: {refresh} requests")


class _TimedSite(MetadataSite):
    """Both sites, with the simulated time of each request."""

    clock: JumpingClock
    times: dict[str, list[datetime]]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        source = "anilist" if request.method == "POST" else "tvmaze"
        self.times[source].append(self.clock.now())
        return await super().answer(request)


async def measure_metadata(count: int) -> None:
    """Identify the series of a library, with one interruption."""
    clock = JumpingClock()
    site = _TimedSite()
    site.clock, site.times = clock, {"anilist": [], "tvmaze": []}
    names = [f"Harbour {n:04} of the Northern Sea" for n in range(count)]
    site.media = [
        make_media(n, each, seasonYear=2013, relations={}) for n, each in enumerate(names, 1)
    ]
    site.shows = [make_show(n, each) for n, each in enumerate(names, 1)]
    storage = MemoryStorage()
    for name in names:
        key = name.lower().replace(" ", "-")
        await storage.series.add(make_series(key, name=name, year=2013))
    with tempfile.TemporaryDirectory() as folder:
        async with serving(site.answer) as url:
            section = ProviderConfig(requests_per_minute=6000, base_url=url)
            context = make_context(
                Path(folder),
                allowed=frozenset({url.removeprefix("http://")}),
                clock=clock,
                anilist=section,
                tvmaze=section,
            )
            async with open_anilist(context) as anilist, open_tvmaze(context) as tvmaze:
                await _identified(storage, clock, [anilist, tvmaze], stop_after=count // 2)
                begun = {source: len(times) for source, times in site.times.items()}
                await _identified(storage, clock, [anilist, tvmaze], stop_after=None)
    for source, times in site.times.items():
        busiest = max(sum(at <= other < at + _MINUTE for other in times) for at in times)
        minutes = (times[-1] - times[0]) / _MINUTE
        print(f"{source}: {len(times)} requests ({begun[source]} before the interruption), "
              f"at most {busiest} in a minute, {minutes:.0f} simulated minutes")  # fmt: skip


async def _identified(
    storage: MemoryStorage,
    clock: JumpingClock,
    sources: Sequence[MetadataSource],
    *,
    stop_after: int | None,
) -> None:
    identification = Identification(
        sources=sources,
        metadata=storage.metadata,
        series=storage.series,
        config=CurrentConfig(Config()),
        clock=clock,
    )
    done = 0
    async for _, results in identification.identify_all(max_age=timedelta(days=7)):
        assert all(result.metadata is not None for result in results), results
        done += 1
        if done == stop_after:
            return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--entries", type=int, default=5000)
    parser.add_argument("--series", type=int, default=500)
    chosen = parser.parse_args()
    measure_channel(chosen.entries)
    anyio.run(measure_metadata, chosen.series)
