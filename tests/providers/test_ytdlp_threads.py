"""Calls that hang hold their own places and nobody else."""

import threading

import anyio
import pytest
from anyio import CapacityLimiter

from aniworld_providers.resolvers.ytdlp_threads import AbandonableThreads

pytestmark = pytest.mark.anyio


async def test_results_and_errors_come_back() -> None:
    """A call's outcome is the caller's."""
    threads = AbandonableThreads(CapacityLimiter(1))

    assert await threads.run(lambda: 7, abandon=lambda: None) == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0, abandon=lambda: None)
    assert threads.places.borrowed_tokens == 0


async def test_an_abandoned_call_keeps_its_place_until_it_ends() -> None:
    """There are never more threads than places, however many calls hang."""
    threads = AbandonableThreads(CapacityLimiter(1))
    release, started, told = threading.Event(), anyio.Event(), threading.Event()

    def hang() -> None:
        anyio.from_thread.run_sync(started.set, token=token)
        release.wait()

    token = anyio.lowlevel.current_token()
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: threads.run(hang, abandon=told.set))
            await started.wait()
            group.cancel_scope.cancel()
        assert told.is_set()
        assert threads.places.borrowed_tokens == 1

        release.set()
        assert await threads.run(lambda: "next", abandon=lambda: None) == "next"


async def test_a_call_that_is_over_is_not_abandoned() -> None:
    """Only who hangs is cut off."""
    told = threading.Event()

    await AbandonableThreads(CapacityLimiter(1)).run(lambda: None, abandon=told.set)

    assert not told.is_set()


async def test_threads_do_not_keep_the_program_alive() -> None:
    """A call that never returns does not keep the program from ending."""
    threads = AbandonableThreads(CapacityLimiter(1))

    assert await threads.run(lambda: threading.current_thread().daemon, abandon=lambda: None)
