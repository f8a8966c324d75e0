"""Bandwidth limit and pause of all transfers."""

from pathlib import Path

import anyio
import anyio.lowlevel
import attrs
import pytest

from aniworld_core.application.downloads import SharedThrottle
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio


async def test_without_a_limit_nobody_waits() -> None:
    """Without a limit no call waits."""
    throttle = SharedThrottle()

    with anyio.fail_after(PATIENCE):
        for _ in range(1000):
            await throttle.take(1 << 30)

    assert throttle.limit_rate == 0


async def test_callers_share_the_limit() -> None:
    """Two callers share the limit about equally."""
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
    """Paused transfers wait; pause and resume are idempotent."""
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
        with anyio.fail_after(PATIENCE):
            await passed.wait()

    assert not throttle.is_paused


async def test_new_limit_holds_at_once() -> None:
    """A new limit applies to waiting callers at once."""
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
        with anyio.fail_after(PATIENCE):
            await done.wait()

    assert throttle.limit_rate == 0


async def test_changing_the_configuration_changes_the_limit(tmp_path: Path) -> None:
    """`downloads.limit_rate` applies to running transfers."""
    async with open_stage(tmp_path) as stage:
        await stage.app.config.set({"downloads.limit_rate": "500000"})
        assert stage.throttle.limit_rate == 500_000

        await stage.app.config.set({"downloads.limit_rate": "0"})
        assert stage.throttle.limit_rate == 0


@attrs.define
class _Timeline:
    """Time that advances only by waiting.

    Attributes:
        now: Seconds.
        waits: Waits so far, in seconds.
    """

    now: float = 1000.0
    waits: list[float] = attrs.field(factory=list)

    async def wait(self, changed: anyio.Event, seconds: float) -> None:
        """Advance the time at once."""
        await anyio.lowlevel.checkpoint()
        self.waits.append(seconds)
        self.now += seconds

    def throttle(self, limit_rate: int) -> SharedThrottle:
        """Return a throttle on this timeline."""
        return SharedThrottle(limit_rate, now=lambda: self.now, wait=self.wait)


@pytest.mark.parametrize(
    ("rate", "amounts", "waits"),
    [
        (1000, [1000], [1.0]),
        (1000, [1, 999], [0.001, 0.999]),
        (1000, [250] * 4, [0.25] * 4),
        (1, [1], [1.0]),
        (1000, [0], []),
    ],
)
async def test_bytes_take_exactly_their_time(
    rate: int, amounts: list[int], waits: list[float]
) -> None:
    """Each caller waits exactly for its own bytes; zero bytes need no wait."""
    time = _Timeline()
    throttle = time.throttle(rate)
    for amount in amounts:
        await throttle.take(amount)
    assert time.waits == pytest.approx(waits)


async def test_a_caller_waits_for_the_bytes_of_those_before_it() -> None:
    """The debt of concurrent callers adds up."""
    time = _Timeline()
    waits: list[float] = []

    async def wait(changed: anyio.Event, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        waits.append(seconds)

    throttle = SharedThrottle(1000, now=lambda: time.now, wait=wait)
    for _ in range(3):
        await throttle.take(500)
    assert waits == [0.5, 1.0, 1.5]


@pytest.mark.parametrize("idle", [0.0, 0.5, 3600.0])
async def test_unused_bandwidth_is_lost(idle: float) -> None:
    """Idle time gives no credit."""
    time = _Timeline()
    throttle = time.throttle(1000)
    await throttle.take(100)
    time.now += idle
    await throttle.take(1000)
    assert time.waits == pytest.approx([0.1, 1.0])


async def test_a_new_limit_drops_the_debt_and_the_same_limit_keeps_it() -> None:
    """Only a different limit releases waiting callers."""
    time = _Timeline()
    waits: list[float] = []

    async def wait(changed: anyio.Event, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        waits.append(seconds)

    throttle = SharedThrottle(1000, now=lambda: time.now, wait=wait)
    await throttle.take(5000)
    throttle.change_limit(1000)
    await throttle.take(1000)
    throttle.change_limit(2000)
    await throttle.take(1000)
    assert waits == [5.0, 6.0, 0.5]


async def test_a_negative_limit_is_no_limit() -> None:
    """A negative limit means no limit."""
    time = _Timeline()
    throttle = time.throttle(1000)
    throttle.change_limit(-1)
    await throttle.take(1 << 40)
    assert throttle.limit_rate == 0
    assert time.waits == []


async def test_a_new_limit_drops_the_debt_of_the_old_one() -> None:
    """The next caller waits for its own bytes only, and the one after it for both."""
    waits: list[float] = []

    async def note(_: anyio.Event, seconds: float) -> None:
        waits.append(seconds)

    throttle = SharedThrottle(10, now=lambda: 0.0, wait=note)
    await throttle.take(1000)
    throttle.change_limit(100)
    await throttle.take(50)
    await throttle.take(50)

    assert waits == [100.0, 0.5, 1.0]
