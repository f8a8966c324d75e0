"""Automatic queueing of missing episodes."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import attrs
import pytest

from aniworld_core.application.automation import MissingEpisodes
from aniworld_core.application.downloads import DownloadQueue
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import EpisodeRef, ItemId
from aniworld_core.errors import IllegalTransitionError, ItemNotFoundError, StaleItemError
from aniworld_core.testing import KEY, make_episode, make_failure, make_item, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

EPISODES = (
    make_episode(1, downloaded=True),
    make_episode(2),
    make_episode(3),
    make_episode(4, available=False),
)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(make_series(episodes=EPISODES))
        await stage.storage.series.add(make_series("unwatched", monitored=False))
        yield stage


@pytest.fixture
def missing(stage: Stage) -> MissingEpisodes:
    return MissingEpisodes(
        queue=stage.app.queue, series=stage.storage.series, upgrades=stage.app.upgrades
    )


async def _pending(stage: Stage) -> list[str]:
    return [str(item.episode) for item in (await stage.app.queue.snapshot()).pending]


async def test_what_is_missing_of_monitored_series(stage: Stage, missing: MissingEpisodes) -> None:
    """Only missing, available episodes of monitored series are queued, each once."""
    assert await missing.queue_all() == 2
    assert await _pending(stage) == [str(EpisodeRef(KEY, 1, n)) for n in (2, 3)]
    assert await missing.queue_all() == 0


@pytest.mark.parametrize(("kind", "queued"), [("source_gone", 1), ("not_yet_available", 2)])
async def test_failed_ones_are_left_to_people(
    stage: Stage, missing: MissingEpisodes, kind: str, queued: int
) -> None:
    """Failed episodes are not queued again; those that were not available are."""
    failed = make_item(2, status=DownloadStatus.FAILED, failure=make_failure(kind))
    await stage.storage.queue.add([failed])

    assert await missing.queue_all() == queued

    items = await stage.storage.queue.find()
    assert len(items) == 2
    kept = await stage.storage.queue.get(failed.id)
    assert (kept.status is DownloadStatus.PENDING) is (queued == 2)


async def test_a_failed_item_of_an_episode_that_is_there_stays(
    stage: Stage, missing: MissingEpisodes
) -> None:
    """A failed item of an existing episode stays in the history."""
    failed = make_item(1, status=DownloadStatus.FAILED, failure=make_failure("not_yet_available"))
    await stage.storage.queue.add([failed])
    await missing.queue_all()
    kept = await stage.storage.queue.get(failed.id)
    assert attrs.evolve(kept, revision=failed.revision) == failed


@pytest.mark.parametrize(
    "error",
    [ItemNotFoundError("x"), IllegalTransitionError("x", "failed", "retry"), StaleItemError("x")],
    ids=["removed", "started", "changed"],
)
async def test_an_item_that_somebody_else_changes_meanwhile_is_left_to_them(
    stage: Stage, missing: MissingEpisodes, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The other episodes are queued all the same."""
    waiting = make_failure("not_yet_available")
    await stage.storage.queue.add([make_item(2, status=DownloadStatus.FAILED, failure=waiting)])

    async def retry(_queue: DownloadQueue, _ids: Sequence[ItemId]) -> Sequence[DownloadItem]:
        raise error

    monkeypatch.setattr(DownloadQueue, "retry", retry)

    assert await missing.queue_all() == 1
    assert await _pending(stage) == [str(EpisodeRef(KEY, 1, 3))]
