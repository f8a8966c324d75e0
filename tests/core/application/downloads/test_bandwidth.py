"""The shared limit and pause switch."""

from pathlib import Path

import anyio
import pytest

from aniworld_core.application.downloads import SharedThrottle
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio


async def test_without_a_limit_nobody_waits() -> None:
    """No limit, no wait."""
    throttle = SharedThrottle()

    with anyio.fail_after(1):
        for _ in range(1000):
            await throttle.take(1 << 30)

    assert throttle.limit_rate == 0


async def test_callers_share_the_limit() -> None:
    """Two callers together get what the limit allows, each about half."""
    throttle = SharedThrottle(10_000_000)
    taken = {"a": 0, "b": 0}

    async def transfer(name: str) -> None:
        while True:
            await throttle.take(100_000)
            taken[name] += 100_000

    start = anyio.current_time()
    with anyio.move_on_after(0.5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(transfer, "a")
            tasks.start_soon(transfer, "b")
    elapsed = anyio.current_time() - start

    assert sum(taken.values()) <= 10_000_000 * elapsed + 200_000
    assert abs(taken["a"] - taken["b"]) <= 100_000
    assert taken["a"] > 0


async def test_pause_stops_everybody_until_resumed() -> None:
    """A paused throttle lets nothing through; both switches may be thrown twice."""
    throttle = SharedThrottle()
    passed = anyio.Event()

    async def transfer() -> None:
        await throttle.take(1)
        passed.set()

    throttle.pause()
    throttle.pause()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(transfer)
        await anyio.wait_all_tasks_blocked()
        assert throttle.is_paused
        assert not passed.is_set()
        throttle.resume()
        throttle.resume()
        with anyio.fail_after(1):
            await passed.wait()

    assert not throttle.is_paused


async def test_new_limit_holds_at_once() -> None:
    """A caller waiting under an old limit is let go when the limit changes."""
    throttle = SharedThrottle(1)
    done = anyio.Event()

    async def transfer() -> None:
        await throttle.take(1_000_000)
        done.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(transfer)
        await anyio.wait_all_tasks_blocked()
        assert not done.is_set()
        throttle.change_limit(0)
        with anyio.fail_after(1):
            await done.wait()

    assert throttle.limit_rate == 0


async def test_changing_the_configuration_changes_the_limit(tmp_path: Path) -> None:
    """`downloads.limit_rate` may be changed while transfers run."""
    async with open_stage(tmp_path) as stage:
        await stage.app.config.set({"downloads.limit_rate": "500000"})
        assert stage.throttle.limit_rate == 500_000

        await stage.app.config.set({"downloads.limit_rate": "0"})
        assert stage.throttle.limit_rate == 0
