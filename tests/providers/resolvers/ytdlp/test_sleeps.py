"""Pauses between requests and downloads, for all sites and for single ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.application.configuration.provider_settings import declared_problems
from aniworld_core.domain.configuration import Config, ProviderConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.media import MediaSource
from aniworld_core.errors import SourceGoneError
from aniworld_core.messages import kind_of
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.resolvers.ytdlp import YtDlpResolver
from aniworld_providers.ytdlp import (
    Failure,
    HostPace,
    Job,
    ListedEntry,
    Listing,
    ListingJob,
    Outcome,
    YtDlpSettings,
)
from support.adapter_context import JumpingClock, make_context

pytestmark = pytest.mark.anyio

GENERAL: Mapping[str, Any] = {
    "sleep_interval_requests": 2.0,
    "sleep_interval": 5.0,
    "max_sleep_interval": 9.0,
}


@pytest.mark.parametrize(
    ("host", "requests", "downloads"),
    [
        ("other.org", 2, (5, 9)),
        ("site.org", 1, (5, 9)),
        ("WWW.site.org.", 1, (5, 9)),
        ("media.site.org", 2, (20, 30)),
        ("a.media.site.org", 2, (20, 30)),
        ("notsite.org", 2, (5, 9)),
        ("slow.net", 10.5, (60, 60)),
    ],
)
def test_the_closest_site_counts(host: str, requests: float, downloads: object) -> None:
    """A host or its closest parent with own pauses; what they leave out is that of all sites."""
    sites = (
        "site.org requests=1",
        "media.site.org downloads=20-30",
        "slow.net requests=10.5 downloads=60",
    )
    sleeps = YtDlpSettings(**GENERAL, site_sleeps=sites).sleeps(host)

    assert (sleeps.requests, sleeps.downloads) == (requests, downloads)


@pytest.mark.parametrize(
    "text",
    [
        "site.org",
        "requests=1",
        "site.org requests=-1",
        "site.org requests=61",
        "site.org downloads=9-5",
        "site.org downloads=10-3601",
        "site.org downloads=inf",
        "https://site.org requests=1",
        "site.org requests=1 downloads=1-2 more",
    ],
)
def test_other_texts_are_problems(text: str) -> None:
    """They are refused with an example."""
    config = Config(unknown={"/providers/ytdlp/site_sleeps": [text]})
    ((pointer, detail),) = declared_problems(config, {"ytdlp": YtDlpSettings})

    assert pointer == "/providers/ytdlp/site_sleeps/0"
    assert kind_of(detail) == "must_be_site_sleeps"


async def test_downloads_of_a_site_wait() -> None:
    """Before each further download, for a random time of the range; the pages ask in their pace."""
    jobs: list[Job | ListingJob] = []

    async def gone(job: Job | ListingJob) -> Outcome:
        jobs.append(job)
        return Failure.of(SourceGoneError("x"))

    clock = JumpingClock()
    settings = YtDlpSettings(**GENERAL, site_sleeps=("fast.org requests=0 downloads=0",))
    resolver = YtDlpResolver(
        allowed=frozenset(), clock=clock, run=gone, pace=HostPace(clock=clock), settings=settings
    )
    for _ in range(20):
        for host in ("site.org", "fast.org"):
            source = MediaSource(provider="ytdlp", hoster=host, url=f"https://{host}/1")
            with pytest.raises(SourceGoneError):
                await resolver.resolve(source)

    assert {(job.source.hoster, job.pause) for job in jobs} == {("site.org", 2), ("fast.org", 0)}
    assert len(clock.slept) == 19
    assert all(5 <= slept <= 9 for slept in clock.slept)
    assert len(set(clock.slept)) > 10


async def test_listings_of_a_site_ask_in_its_pace(tmp_path: Path) -> None:
    """Between requests and between listings is the longer pause of both settings."""
    jobs: list[Job | ListingJob] = []

    async def listed(job: Job | ListingJob) -> Outcome:
        jobs.append(job)
        link = job.source.url
        entries = (ListedEntry(id="x:1", url=link),)
        return Listing(extractor="X", id=link, link=link, title="T", entries=entries)

    clock = JumpingClock()
    own = {"/providers/ytdlp/site_sleeps": ["slow.net requests=7"]}
    section = ProviderConfig(requests_per_minute=30)
    context = make_context(tmp_path, clock=clock, own=own, ytdlp=section)
    async with open_loader(context, run=listed) as loader:
        for link in ("https://slow.net/1", "https://slow.net/2", "https://b.org/1"):
            await loader.get_series(parse_series_key("link-0"), link)

    assert [job.pause for job in jobs] == [7, 7, 2]
    assert clock.slept == [7]
