"""Catalogue of everything that yt-dlp lists."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from anyio import to_thread

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB
from aniworld_core.errors import InvalidLinkError, SeriesNotFoundError
from aniworld_core.ports import Loader
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.ytdlp import Job, ListingJob, Outcome, Runner, carry_out
from support.adapter_context import JumpingClock, make_context
from support.sites.page_server import Answer, PageServer, open_page_server
from support.sites.video_channels import Item, feed, fill_channel, paths, use_plain_peertube

pytestmark = pytest.mark.anyio

PROVISIONAL = parse_series_key("link-0")
NUMBERED = [Item(f"Part {n}", season=1, number=n) for n in (1, 2, 3)]


async def _run_here(job: Job | ListingJob) -> Outcome:
    return await to_thread.run_sync(carry_out, job)


@pytest.fixture(scope="module")
def shared_server() -> Iterator[PageServer]:
    with open_page_server() as pages:
        yield pages


@pytest.fixture
def server(shared_server: PageServer) -> PageServer:
    shared_server.answers.clear()
    shared_server.hits.clear()
    return shared_server


#: Outcomes of the contract tests by link, so that yt-dlp lists a page of them once.
_LISTED: dict[str, Outcome] = {}


async def _listed_once(job: Job | ListingJob) -> Outcome:
    link = job.source.url
    if link not in _LISTED:
        _LISTED[link] = await _run_here(job)
    return _LISTED[link]


class Stage:
    """Open the catalogue again and again on the same data folder."""

    def __init__(self, folder: Path, server: PageServer, stack: AsyncExitStack) -> None:
        self.folder, self.server, self.stack = folder, server, stack
        self.clock = JumpingClock()

    async def loader(self, run: Runner = _run_here, **own: object) -> Loader:
        """Return the catalogue as the application opens it, without a process."""
        context = make_context(
            self.folder,
            allowed=frozenset({self.server.address}),
            clock=self.clock,
            own={f"/providers/ytdlp/{name}": value for name, value in own.items()},
            ytdlp=ProviderConfig(requests_per_minute=6000),
        )
        return await self.stack.enter_async_context(open_loader(context, run=run))


@pytest.fixture
async def stage(tmp_path: Path, server: PageServer) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(tmp_path, server, stack)


class TestFeedAsSeries(LoaderContract):
    """A feed that the generic extractor lists."""

    query = "paper"
    language = GER_DUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self, stage: Stage) -> Loader:
        """Return the catalogue after it has listed the feed once."""
        stage.server.answers["/feed.xml"] = feed(stage.server, "Paper Moon", NUMBERED)
        self.link = stage.server.url("/feed.xml")
        loader = await stage.loader(_listed_once)
        self.key = (await loader.get_series(PROVISIONAL, self.link)).key
        return loader


async def test_numbers_of_the_site_are_kept(stage: Stage) -> None:
    """Season and episode come from the fields of the entry; others become specials."""
    items = [*NUMBERED, Item("Trailer"), Item("Part 4", season=2, number=1)]
    stage.server.answers["/f"] = feed(stage.server, "Show", items)
    series = await (await stage.loader()).get_series(PROVISIONAL, stage.server.url("/f"))

    assert [(e.season, e.number, e.titles.en) for e in series.episodes] == [
        (0, 1, "Trailer"),
        (1, 1, "Part 1"),
        (1, 2, "Part 2"),
        (1, 3, "Part 3"),
        (2, 1, "Part 4"),
    ]


async def test_a_season_per_year(stage: Stage) -> None:
    """With `seasons: year`, entries without numbers are divided by their year, oldest first."""
    days = ["Tue, 02 Jan 2024 10:00:00 +0000", "Mon, 03 Apr 2023 10:00:00 +0000"]
    items = [Item(day[5:16], date=day) for day in days]
    stage.server.answers["/f"] = feed(stage.server, "Show", items)
    link = stage.server.url("/f")
    series = await (await stage.loader(seasons="year")).get_series(PROVISIONAL, link)

    assert [(e.season, e.number) for e in series.episodes] == [(2023, 1), (2024, 1)]
    assert series.year == 2023


async def test_a_page_without_videos_is_no_series(stage: Stage) -> None:
    """A page that yt-dlp cannot list is an invalid link that names the reason."""
    stage.server.answers["/page"] = Answer.page("<body>Nothing here</body>")
    loader = await stage.loader()

    with pytest.raises(InvalidLinkError, match="yt-dlp finds no video: the page"):
        await loader.get_series(PROVISIONAL, stage.server.url("/page"))


async def test_a_deleted_channel_is_not_found(stage: Stage) -> None:
    """A list that its site no longer has is an unknown series."""
    loader = await stage.loader()

    with pytest.raises(SeriesNotFoundError):
        await loader.get_series(PROVISIONAL, stage.server.url("/gone"))


async def test_a_refresh_reads_only_the_start_of_a_long_channel(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh ends at the first stored entry; new entries follow those that have numbers."""
    link = use_plain_peertube(monkeypatch, stage.server)
    names = [f"n{n}" for n in range(200, 0, -1)]
    fill_channel(stage.server, names)
    first = await (await stage.loader()).get_series(PROVISIONAL, link)
    stage.server.hits.clear()

    same = await (await stage.loader()).refresh(first)
    assert first == same
    assert len(paths(stage.server)) <= 2

    fill_channel(stage.server, ["n201", "n200", *names])  # also listed twice
    more = await (await stage.loader()).refresh(first)
    added = [e for e in more.episodes if e not in first.episodes]
    assert [(e.season, e.number, e.titles.en) for e in added] == [(1, 201, "n201")]


async def test_a_removed_entry_keeps_its_number(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A complete refresh marks removed entries as not available; other numbers stay."""
    link = use_plain_peertube(monkeypatch, stage.server)
    names = [f"n{n}" for n in range(100, 0, -1)]
    fill_channel(stage.server, names)
    first = await (await stage.loader()).get_series(PROVISIONAL, link)
    names.remove("n50")
    fill_channel(stage.server, names)
    stage.clock.time += timedelta(days=8)

    after = await (await stage.loader()).refresh(first)
    assert [e.titles.en for e in after.episodes if not e.available] == ["n50"]
    assert [e.number for e in after.episodes] == [e.number for e in first.episodes]


async def test_an_entry_that_cannot_be_watched_is_no_error(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private or deleted entry is listed as not available and has no sources."""
    link = use_plain_peertube(monkeypatch, stage.server)
    fill_channel(stage.server, ["[Private video]", "[Deleted video]", "Fine"])
    loader = await stage.loader()
    series = await loader.get_series(PROVISIONAL, link)

    assert [e.available for e in series.episodes] == [False, False, True]
    assert await loader.get_episodes(series.key) == {1: [3]}
    assert await loader.get_sources(EpisodeRef(series.key, 1, 1), GER_DUB) == []
