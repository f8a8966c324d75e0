"""M15: the server ends in time although everything hangs, and at once when it is idle."""

import sqlite3
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

import anyio

from proof.figure import Control, Edit, Figure, Run
from support.hanging_server import IN_SHORT, hang
from support.server_process import EPISODES, PATIENCE, open_attic, started

#: Seconds of a shutdown in which every step uses its time; a tenth of it with short steps.
_LIMIT: Final = 30
_IDLE: Final = 1.0


async def _prove(run: Run) -> None:
    """End hanging servers, in full and with short steps, and idle ones."""
    full, short = run.pick(control=(0, 1), gate=(0, 2), full=(100, 0))
    kinds: list[tuple[Sequence[str] | None, float]] = [(None, _LIMIT)] * full
    kinds += [(IN_SHORT, _LIMIT / 10)] * short
    limiter = anyio.CapacityLimiter(6)  # they wait nearly all the time
    seconds: list[float] = []

    async def one(number: int, command: Sequence[str] | None, limit: float) -> None:
        async with limiter:
            seconds.append(await _hanging(run, number, command, limit))

    async with anyio.create_task_group() as tasks:
        for number, (command, limit) in enumerate(kinds):
            tasks.start_soon(one, number, command, limit)
    run.measured["hanging_seconds"] = round(max(seconds), 1)
    run.measured["hanging_seconds_median"] = round(statistics.median(seconds), 1)
    idle = [await _idle(run, number) for number in range(run.pick(control=0, gate=1, full=20))]
    if idle:
        run.measured["idle_seconds"] = round(statistics.median(idle), 2)
        late = f"idle servers take {statistics.median(idle):.1f} s"
        run.check(ok=statistics.median(idle) <= _IDLE, failure=late, cases=0)


async def _hanging(run: Run, number: int, command: Sequence[str] | None, limit: float) -> float:
    """End a server on which everything hangs, also the database; return the seconds."""
    base = run.folder / str(number)
    busy = run.pick(control=20, gate=20, full=5)  # what a machine with other work may add
    async with open_attic() as attic, AsyncExitStack() as stack:
        attic.stall()
        async with started(base, attic, command=command) as server:
            await hang(server, attic, stack)
            lock = sqlite3.connect(server.data / "aniworld.db", isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            server.terminate()
            with anyio.move_on_after(limit + busy + 5):
                await server.process.wait()
            took, code = time.monotonic() - began, server.process.returncode
            lock.execute("ROLLBACK")
            lock.close()
        told = f"server {number} ended with {code} after {took:.1f} s"
        run.check(ok=code == 0 and took <= limit + busy, failure=told)
        attic.show()
        async with started(base, attic) as server:
            await server.sign_in()
            rows = server.rows("SELECT COUNT(*) FROM download_queue_item")
            run.check(ok=rows == [(len(EPISODES),)], failure=f"queue: {rows}", cases=0)
    return took


async def _idle(run: Run, number: int) -> float:
    async with open_attic() as attic, started(run.folder / f"idle-{number}", attic) as server:
        await server.sign_in()
        began = time.monotonic()
        server.terminate()
        code = await server.ended(PATIENCE)
        took = time.monotonic() - began
        wal = server.data / "aniworld.db-wal"
        left = wal.stat().st_size if wal.exists() else 0
    told = f"an idle server ended with {code} and left {left} bytes of WAL"
    run.check(ok=code == 0 and not left, failure=told)
    return took


_DEADLINE: Final = "packages/aniworld-http/src/aniworld_http/lifespan/deadline.py"
_TASKS: Final = "packages/aniworld-http/src/aniworld_http/lifespan/tasks.py"

FIGURE: Final = Figure(
    name="M15",
    title="shutdown in time under the worst load",
    prove=_prove,
    controls=(
        Control(
            "block the event loop during the shutdown, which has no time limit",
            (
                Edit(_DEADLINE, "never.wait(seconds)", "never.wait()"),
                Edit(
                    _TASKS,
                    "    with anyio.move_on_after(QUEUE_SECONDS) as limit:",
                    '    __import__("time").sleep(60)\n'
                    "    with anyio.move_on_after(QUEUE_SECONDS) as limit:",
                ),
            ),
        ),
    ),
)
