"""Hoster scores and their effect."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.application.catalogue import EXPLORED, HosterScores
from aniworld_core.domain.catalogue import SourceScore
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import GER_DUB, GER_SUB, Language, MediaSource, StreamKind
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    DiskFullError,
    FetchInterruptedError,
    FileExistsConflictError,
    LibraryNotSetError,
    NotYetAvailableError,
    ProviderUnavailableError,
    SourceGoneError,
    StorageUnavailableError,
)
from aniworld_core.ports.scores import ScoreRepository
from aniworld_core.testing import KEY, MemoryScoreRepository, make_series
from aniworld_core.testing.fakes import FakeClock, FakeLoader
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio


def source(hoster: str, language: Language = GER_DUB) -> MediaSource:
    return MediaSource(
        provider="fake",
        hoster=hoster,
        url=f"https://{hoster}.invalid/video.mp4",
        language=language,
        kind=StreamKind.DIRECT,
    )


def book(random: float = 1.0, repository: ScoreRepository | None = None) -> HosterScores:
    return HosterScores(
        scores=repository or MemoryScoreRepository(), clock=FakeClock(), random=lambda: random
    )


class BrokenScores(MemoryScoreRepository):
    """Score repository that always fails."""

    async def find(self) -> Sequence[SourceScore]:
        """Raise an error."""
        raise StorageUnavailableError("locked")


async def hosters(scores: HosterScores, *sources: MediaSource) -> list[str]:
    return [s.hoster for s in await scores.order(sources, [GER_DUB, GER_SUB])]


async def test_what_did_well_comes_first() -> None:
    """Within a language the better hoster comes first."""
    scores = book()
    await scores.failed(source("bad"), SourceGoneError("x"))
    await scores.succeeded(source("good"), 5e6)
    await scores.succeeded(source("sub", GER_SUB), 9e9)

    offered = [source("sub", GER_SUB), source("bad"), source("new"), source("good")]

    assert await hosters(scores, *offered) == ["good", "new", "bad", "sub"]


async def test_now_and_then_another_is_tried() -> None:
    """One order in twenty starts with the least tried hoster."""
    scores = book(EXPLORED - 0.001)
    await scores.succeeded(source("good"), 5e6)
    assert await hosters(scores, source("good"), source("new")) == ["new", "good"]
    scores = book(EXPLORED)
    await scores.succeeded(source("good"), 5e6)
    assert await hosters(scores, source("good"), source("new")) == ["good", "new"]


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (SourceGoneError("x"), True),
        (BadMediaError("x"), True),
        (FetchInterruptedError("x"), True),
        (ProviderUnavailableError("x", "y"), True),
        (ProviderUnavailableError("x", "y", retry_after=timedelta(seconds=5)), False),
        (NotYetAvailableError("x", [], []), False),
        (DiskFullError("x"), False),
        (FileExistsConflictError("x"), False),
        (LibraryNotSetError(), False),
        (StorageUnavailableError("x"), False),
    ],
)
async def test_only_failures_of_the_place_count(error: AniworldError, counts: bool) -> None:
    """Failures that are independent of the hoster do not count."""
    scores = book()
    await scores.failed(source("a"), error)
    assert [s.last_failure for s in await scores.find()] == ([error.kind] if counts else [])


async def test_scores_can_be_forgotten() -> None:
    """All scores can be deleted."""
    scores = book()
    await scores.succeeded(source("a"), 1.0)
    assert await scores.clear() == 1
    assert list(await scores.find()) == []


async def test_downloads_go_on_without_scores() -> None:
    """Downloads continue while scores cannot be read or written."""
    scores = book(repository=BrokenScores())
    await scores.succeeded(source("a"), 1.0)
    await scores.failed(source("a"), SourceGoneError("x"))
    assert await hosters(scores, source("b"), source("a")) == ["b", "a"]


async def test_downloads_leave_scores_and_follow_them(tmp_path: Path) -> None:
    """Each attempt is recorded once, and the next episode uses the better hoster first."""
    series = make_series(episodes=2, provider="fake")
    offered = [source("dead"), source("alive"), source("unasked")]
    loader = FakeLoader(
        series=[series], sources={EpisodeRef(KEY, 1, n): list(offered) for n in (1, 2)}
    )
    async with open_stage(tmp_path, loaders=[loader]) as stage:
        stage.app.scores._random = lambda: 1.0
        stage.resolver.errors[source("dead").url] = [SourceGoneError("dead")]
        stage.fetcher.rate = 5e6
        await stage.storage.series.add(series)
        await stage.app.queue.enqueue(KEY)
        report = await stage.app.worker.drain()
        found = {s.place.hoster: s for s in await stage.app.scores.find()}

    assert len(report.completed) == 2
    assert stage.resolver.resolved == [source(h).url for h in ("dead", "alive", "alive")]
    assert set(found) == {"dead", "alive"}
    assert (found["dead"].tries, found["dead"].successes) == (1, 0)
    assert found["dead"].last_failure == "source_gone"
    assert (found["alive"].tries, found["alive"].successes) == (2, 2)
    assert found["alive"].rate == 5e6
