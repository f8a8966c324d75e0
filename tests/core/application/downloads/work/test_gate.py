"""Start/stop state of a worker with several runs."""

from contextlib import suppress

import anyio
import pytest

from aniworld_core.application.downloads.work.gate import WorkerGate

pytestmark = pytest.mark.anyio


async def test_the_worker_runs_until_its_last_run_has_ended() -> None:
    """Runs inside each other are counted."""
    gate = WorkerGate()
    seen = [gate.is_running]
    with gate.running():
        with gate.running():
            seen.append(gate.is_running)
        seen.append(gate.is_running)
    seen.append(gate.is_running)
    assert seen == [False, True, True, False]


async def test_a_stop_cancels_the_scopes_of_every_run() -> None:
    """Scopes from before and after the stop are cancelled; those of the next run are not."""
    gate = WorkerGate()
    early, late, later = anyio.CancelScope(), anyio.CancelScope(), anyio.CancelScope()
    with gate.running():
        gate.watch(early)
        assert not early.cancel_called
        with gate.running():
            gate.stop()
        gate.watch(late)
        assert (early.cancel_called, late.cancel_called) == (True, True)
    with gate.running():
        gate.watch(later)
        assert not later.cancel_called


async def test_scopes_of_ended_runs_are_forgotten() -> None:
    """A stop without a run, or in the next one, does not touch them."""
    gate, old = WorkerGate(), anyio.CancelScope()
    with gate.running():
        gate.watch(old)
    gate.stop()
    with gate.running():
        new = anyio.CancelScope()
        gate.watch(new)
        before = new.cancel_called
        gate.stop()
        assert (before, new.cancel_called) == (False, True)  # the first stop met no run
    assert not old.cancel_called


async def test_waiting_for_idle_ends_with_the_last_run() -> None:
    """It returns at once without a run, and also when a run raises."""
    gate, ended = WorkerGate(), anyio.Event()

    async def wait() -> None:
        await gate.wait_idle()
        ended.set()

    await gate.wait_idle()
    async with anyio.create_task_group() as tasks:
        with suppress(OSError), gate.running():
            tasks.start_soon(wait)
            with gate.running():
                await anyio.wait_all_tasks_blocked()
            await anyio.wait_all_tasks_blocked()
            assert not ended.is_set()
            raise OSError("broken")
    assert ended.is_set()
    with gate.running():
        with anyio.move_on_after(0.01) as waited:
            await gate.wait_idle()
        assert waited.cancelled_caught
