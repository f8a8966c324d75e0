"""Claim session: renewals within the lease, in real seconds."""

from datetime import timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.application.downloads import LEASE, ItemSession, WorkContext
from aniworld_core.domain.downloads import Claim, DownloadItem, Phase, Progress
from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import ClaimLostError, StorageUnavailableError
from aniworld_core.testing.factories import make_claim
from aniworld_core.testing.waiting import PATIENCE
from core.application.downloads.work.test_worker import _queued
from support.application_stage import TICKETS, Stage, open_stage

pytestmark = pytest.mark.anyio


async def _claimed(stage: Stage) -> DownloadItem:
    await _queued(stage)
    claim = make_claim(since=stage.clock.now(), lease=LEASE)
    item = await stage.storage.queue.claim_next(claim)
    assert item is not None
    return item


async def _hold(stage: Stage, item: DownloadItem, until: timedelta) -> None:
    """Hold the item with a fake sleep until that much time has passed on the fake clock."""
    start = stage.clock.now()

    async def sleep(seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        stage.clock.advance(timedelta(seconds=seconds))
        if stage.clock.now() - start > until:
            await anyio.sleep_forever()

    context = WorkContext(
        tickets=TICKETS, queue=stage.storage.queue, bus=stage.bus, clock=stage.clock
    )
    session = ItemSession(item=item, folder=FolderName("Titan"), context=context, sleep=sleep)
    with anyio.fail_after(PATIENCE):
        async with session.holding():
            while stage.clock.now() - start <= until:
                await anyio.lowlevel.checkpoint()


async def test_a_claim_is_renewed_long_before_it_expires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each renewal more than half of the lease is left, so one failed renewal loses nothing."""
    left: list[timedelta] = []
    async with open_stage(tmp_path) as stage:
        item = await _claimed(stage)
        renew = type(stage.storage.queue).renew

        async def recorded(queue: object, item_id: object, claim: Claim) -> None:
            held = (await stage.storage.queue.get(item.id)).claim
            assert held is not None
            left.append(held.expires_at - stage.clock.now())
            await renew(queue, item_id, claim)  # type: ignore[arg-type]

        monkeypatch.setattr(type(stage.storage.queue), "renew", recorded)
        await _hold(stage, item, until=LEASE * 5)

    assert len(left) >= 10
    assert min(left) > LEASE / 2


async def test_a_claim_survives_a_failed_renewal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When every second renewal meets a locked database, the claim never expires."""
    calls = 0
    async with open_stage(tmp_path) as stage:
        item = await _claimed(stage)
        renew = type(stage.storage.queue).renew

        async def shaky(queue: object, item_id: object, claim: Claim) -> None:
            nonlocal calls
            calls += 1
            held = (await stage.storage.queue.get(item.id)).claim
            assert held is not None
            assert held.expires_at > stage.clock.now()
            if calls % 2:
                raise StorageUnavailableError("it is locked")
            await renew(queue, item_id, claim)  # type: ignore[arg-type]

        monkeypatch.setattr(type(stage.storage.queue), "renew", shaky)
        await _hold(stage, item, until=LEASE * 5)
    assert calls >= 10


async def test_nothing_is_published_before_the_claim_is_valid_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage longer than its lease a worker renews its claim before it publishes."""
    is_away, done = True, anyio.Event()
    async with open_stage(tmp_path) as stage:
        item = await _claimed(stage)
        renew = type(stage.storage.queue).renew

        async def shaky(queue: object, item_id: object, claim: Claim) -> None:
            if is_away:
                raise StorageUnavailableError("it is locked")
            await renew(queue, item_id, claim)  # type: ignore[arg-type]

        async def publish() -> None:
            await session.on_progress(Progress(phase=Phase.PUBLISHING))
            done.set()

        monkeypatch.setattr(type(stage.storage.queue), "renew", shaky)
        session = _session(stage, item)
        stage.clock.advance(LEASE)
        async with session.holding(), anyio.create_task_group() as tasks:
            tasks.start_soon(publish)
            await anyio.wait_all_tasks_blocked()
            assert not done.is_set()
            is_away = False
            with anyio.fail_after(PATIENCE):
                await done.wait()

        held = await stage.storage.queue.get(item.id)
    assert held.claim is not None
    assert held.claim.expires_at > stage.clock.now()


async def test_a_worker_that_lost_its_claim_publishes_nothing(tmp_path: Path) -> None:
    """When another worker has the item, the transfer ends before its file is in the library."""
    async with open_stage(tmp_path) as stage:
        item = await _claimed(stage)
        session = _session(stage, item)
        stage.clock.advance(LEASE)
        await stage.storage.queue.release_expired(stage.clock.now())

        async def publish() -> None:
            async with session.holding():
                await session.on_progress(Progress(phase=Phase.PUBLISHING))
                pytest.fail("it would publish")

        with anyio.fail_after(PATIENCE), pytest.raises(ClaimLostError):
            await publish()


def _session(stage: Stage, item: DownloadItem) -> ItemSession:
    """Return a session whose waits take no time."""
    context = WorkContext(
        tickets=TICKETS, queue=stage.storage.queue, bus=stage.bus, clock=stage.clock
    )

    async def sleep(_: float) -> None:
        await anyio.sleep(0.001)

    return ItemSession(item=item, folder=FolderName("Titan"), context=context, sleep=sleep)
