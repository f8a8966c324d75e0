"""Jobs of yt-dlp for one host follow each other with a pause."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.media import MediaSource
from aniworld_core.errors import ProviderUnavailableError, SourceGoneError
from aniworld_core.messages import Message
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.resolvers.ytdlp import open_resolver
from aniworld_providers.ytdlp import (
    Failure,
    HostPace,
    Job,
    ListedEntry,
    Listing,
    ListingJob,
    Outcome,
    Pauses,
)
from support.adapter_context import JumpingClock, make_context

pytestmark = pytest.mark.anyio


TEN = Pauses(requests=timedelta(seconds=10))


async def test_concurrent_jobs_of_a_host_take_turns() -> None:
    """They never run at the same time, and a pause is between two; other hosts do not wait."""
    clock = JumpingClock()
    pace = HostPace(clock=clock)
    running: list[str] = []
    starts: dict[str, list[datetime]] = {"a": [], "b": []}

    async def job(host: str) -> None:
        async with pace.turn(host, host, TEN):
            assert host not in running
            running.append(host)
            starts[host].append(clock.now())
            await anyio.lowlevel.checkpoint()
            running.remove(host)

    async with anyio.create_task_group() as tasks:
        for host in ("a", "b", "a", "a"):
            tasks.start_soon(job, host)

    gaps = [b - a for a, b in pairwise(starts["a"])]
    assert all(gap >= timedelta(seconds=10) for gap in gaps)
    assert starts["b"] == [starts["a"][0]]


async def test_a_listing_does_not_wait_for_the_pause_of_downloads() -> None:
    """Downloads keep their longer pause from each other, also with a listing between them."""
    clock = JumpingClock()
    pace = HostPace(clock=clock)
    download = attrs.evolve(TEN, downloads=timedelta(seconds=60))
    slept = []
    for pauses in (download, TEN, download, download):
        async with pace.turn("a", "a", pauses):
            pass
        slept.append(sum(clock.slept))
        clock.slept.clear()

    assert slept == [0, 10, 50, 60]


async def test_a_clock_that_is_set_back_costs_one_pause() -> None:
    """Pauses and the wait of a rate limit end, although their time is far away now."""
    clock = JumpingClock()
    pace = HostPace(clock=clock)
    async with pace.turn("a", "a", TEN):
        pass
    pace.noted("a", ProviderUnavailableError("A", Message("http_status", status=429)))
    clock.time -= timedelta(days=30)
    async with pace.turn("a", "a", TEN):
        pass

    assert clock.slept == [10]


async def test_listings_and_downloads_share_the_pace_of_a_host(tmp_path: Path) -> None:
    """They take turns and keep the pause; a rate limit of one holds back the other.

    Adapters that replace others after a change of settings share it too.
    """
    running: list[Job | ListingJob] = []
    starts: list[datetime] = []
    refuses = False

    async def run(job: Job | ListingJob) -> Outcome:
        assert not running
        running.append(job)
        await anyio.lowlevel.checkpoint()
        running.clear()
        starts.append(clock.now())
        if refuses:
            limit = Message("http_status", status=429)
            return Failure.of(ProviderUnavailableError("x", limit))
        if isinstance(job, Job):
            return ()
        entry = ListedEntry(id="x:1", url=job.url)
        return Listing(extractor="X", id=job.url, link=job.url, title="T", entries=(entry,))

    clock = JumpingClock()
    section = ProviderConfig(requests_per_minute=6)
    context = make_context(tmp_path, clock=clock, ytdlp=section)
    source = MediaSource(provider="ytdlp", hoster="x", url="https://site.org/watch")
    async with (
        open_loader(context, run=run) as loader,
        open_resolver(context, run=run) as resolver,
        open_resolver(context, run=run) as replacing,
    ):

        async def listing(link: str) -> None:
            await loader.get_series(parse_series_key("link-0"), f"https://site.org/{link}")

        async with anyio.create_task_group() as tasks:
            for link in "ab":
                tasks.start_soon(listing, link)
                tasks.start_soon(resolver.resolve, source)
                tasks.start_soon(replacing.resolve, source)
        gaps = {b - a for a, b in pairwise(starts)}
        assert gaps == {timedelta(seconds=10)}

        refuses = True
        with pytest.raises(ProviderUnavailableError):
            await listing("c")
        with pytest.raises(ProviderUnavailableError) as held:
            await replacing.resolve(source)
    assert held.value.retry_after == timedelta(minutes=1)
    assert len(starts) == 7


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(None, [60, 120, 240]), (timedelta(seconds=7), [7, 7, 7]), (timedelta(days=9), [86400] * 3)],
)
async def test_a_rate_limit_holds_jobs_back(asked: timedelta | None, waits: list[int]) -> None:
    """For the time that the site asks for, at most a day, else for a doubled minute."""
    clock = JumpingClock()
    pace = HostPace(clock=clock)
    for wait in waits:
        async with pace.turn("a", "A", Pauses()):
            pass
        limit = ProviderUnavailableError("A", Message("http_status", status=429), retry_after=asked)
        noted = pace.noted("a", limit)
        assert isinstance(noted, ProviderUnavailableError)
        assert noted.retry_after == timedelta(seconds=wait)
        with pytest.raises(ProviderUnavailableError, match="A is not available"):
            async with pace.turn("a", "A", Pauses()):
                pass
        async with pace.turn("b", "B", Pauses()):
            pass
        clock.time += timedelta(seconds=wait)


async def test_other_errors_hold_nothing_back() -> None:
    """A missing video or a server error says nothing about the rate; success ends a backoff."""
    clock = JumpingClock()
    pace = HostPace(clock=clock)
    gone = SourceGoneError("x")
    broken = ProviderUnavailableError("A", Message("http_status", status=503))
    assert pace.noted("a", gone) is gone
    assert pace.noted("a", broken) is broken
    limit = ProviderUnavailableError("A", Message("site_asked_for_pause"))
    assert pace.noted("a", limit) is not limit
    assert pace.noted("a", None) is None
    async with pace.turn("a", "A", Pauses()):
        pass
