"""Checking series near their releases, and less often otherwise."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.application.automation import CHECK_EVERY, LOOK_EVERY
from aniworld_core.domain.automation import TaskName
from aniworld_core.domain.catalogue import AirDate, MetadataEntry, SeriesMetadata
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.testing import make_episode, make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import PausingClock, Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("one")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Open an application whose catalogue offers one series."""
    listed = make_series(
        KEY,
        name="One",
        site="fake.invalid",
        provider="fake",
        link=f"https://fake.invalid/{KEY}",
        episodes=[make_episode(1, languages=frozenset({GER_SUB}))],
    )
    async with open_stage(
        tmp_path, loaders=[FakeLoader(series=[listed])], clock=PausingClock()
    ) as stage:
        await stage.app.catalogue.add(listed.link)
        stage.loader.calls.clear()
        yield stage


async def aired(stage: Stage, ago: timedelta) -> None:
    """Store an entry whose first episode aired some time ago."""
    now = stage.clock.now()
    entry = MetadataEntry(
        source="tvmaze",
        id="1",
        title="One",
        link="https://example.org/1",
        fetched_at=now,
        air_dates=(AirDate(number=1, at=now - ago, season=1),),
    )
    await stage.storage.metadata.save(SeriesMetadata(key=KEY, entry=entry))


def listings(stage: Stage) -> int:
    """Return how often the listing was read."""
    return stage.loader.calls.count(f"get_series {KEY}")


def list_also(stage: Stage, *numbers: int) -> None:
    """Let the catalogue list further episodes, and the dub of the first one."""
    [listed] = stage.loader.series
    episodes = [
        make_episode(1, languages=frozenset({GER_SUB, GER_DUB})),
        *(make_episode(n, languages=frozenset({GER_SUB})) for n in numbers),
    ]
    stage.loader.series = [attrs.evolve(listed, episodes=tuple(episodes))]


async def test_a_series_is_checked_every_twenty_minutes_after_its_broadcast(stage: Stage) -> None:
    """Until two days have passed; a series of which nothing is expected is not checked."""
    assert await stage.app.releases.check() == 0
    assert listings(stage) == 0

    await aired(stage, HOUR)
    await stage.app.releases.check()
    await stage.app.releases.check()
    assert listings(stage) == 1

    stage.clock.advance(CHECK_EVERY)
    await stage.app.releases.check()
    assert listings(stage) == 2

    stage.clock.advance(2 * DAY)
    await stage.app.releases.check()
    assert listings(stage) == 2


async def test_new_episodes_are_queued_and_new_versions_are_noted(stage: Stage) -> None:
    """`queue_missing` decides about the queue; the time of the new version is stored."""
    await aired(stage, HOUR)
    list_also(stage, 2)
    assert await stage.app.releases.check() == 1
    assert [i async for i in _queued(stage)] == []

    current = stage.app.current_config
    scheduler = attrs.evolve(current.value.scheduler, queue_missing=True)
    current.value = attrs.evolve(current.value, scheduler=scheduler)
    list_also(stage, 2, 3)
    stage.clock.advance(CHECK_EVERY)
    assert await stage.app.releases.check() == 1

    assert [i async for i in _queued(stage)] == ["S01E01", "S01E02", "S01E03"]
    seen = await stage.storage.versions.find()
    assert [(v.number, v.language, v.is_first) for v in seen] == [
        (1, GER_DUB, False),
        (2, GER_SUB, True),
        (3, GER_SUB, True),
    ]


async def _queued(stage: Stage) -> AsyncIterator[str]:
    for item in (await stage.app.queue.snapshot()).pending:
        yield item.episode.code


async def test_a_failing_catalogue_is_asked_again_later(stage: Stage) -> None:
    """The error ends nothing, and the next check is twenty minutes later."""
    await aired(stage, HOUR)
    stage.loader.error = ProviderUnavailableError("fake", "down")

    assert await stage.app.releases.check() == 0
    stage.loader.error = None
    assert await stage.app.releases.check() == 0
    stage.clock.advance(CHECK_EVERY)
    list_also(stage, 2)
    assert await stage.app.releases.check() == 1


async def test_it_looks_at_intervals_while_the_schedule_is_on(stage: Stage) -> None:
    """With the schedule off nothing is checked."""
    await aired(stage, HOUR)
    current = stage.app.current_config
    off = attrs.evolve(current.value.scheduler, enabled=False)
    on, current.value = current.value, attrs.evolve(current.value, scheduler=off)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stage.app.tasks.keep, TaskName.RELEASE_CHECK)
        with anyio.fail_after(PATIENCE):
            while sum(stage.clock.slept, timedelta()) < 3 * LOOK_EVERY:
                await anyio.sleep(0.01)
            assert listings(stage) == 0
            current.value = on
            while not listings(stage):
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("ago", "is_paced", "expected"),
    [(400 * DAY, True, 1), (400 * DAY, False, 2), (5 * DAY, True, 2), (None, True, 2)],
    ids=["resting", "scan by a person", "running series", "no air dates"],
)
async def test_a_scheduled_scan_leaves_resting_series_alone(
    stage: Stage, ago: timedelta | None, is_paced: bool, expected: int
) -> None:
    """Ended series are read once a day by the schedule, but by every scan of a person."""
    if ago is not None:
        await aired(stage, ago)

    for _ in range(2):
        await stage.app.scanner.scan(paced=is_paced)
        stage.clock.advance(HOUR)
    assert listings(stage) == expected

    stage.clock.advance(DAY)
    await stage.app.scanner.scan(paced=is_paced)
    assert listings(stage) == expected + 1
