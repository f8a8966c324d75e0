"""M1: SIGKILL at random instants loses, doubles and spoils nothing."""

import asyncio
import random
from typing import Final

from core.application.library.changes.kill_changes import kill_changes
from proof.figure import Control, Edit, Figure, Run
from proof.kills.commands import kill_commands
from proof.kills.migrations import kill_migrations
from proof.kills.server import kill_server
from providers.faults.conditions import Conditions, trust, under
from providers.faults.kill_loop import KINDS, kill_loop
from support.certificates import write_certificate


async def _prove(run: Run) -> None:
    """Kill servers, commands, transfers, changes of files and migrations."""
    chance = random.Random(run.seed)
    for name in ("server", "commands", "changes", "migrations", *KINDS):
        (run.folder / name).mkdir()
    await kill_server(run, run.pick(control=2, gate=10, full=400), chance)
    await kill_commands(run, run.pick(control=0, gate=5, full=200), chance)
    await kill_migrations(run, run.pick(control=0, gate=3, full=50), chance)
    pem = write_certificate(run.folder, "127.0.0.1")
    trust(pem)
    for kind in KINDS:
        kills = run.pick(control=0, gate=5, full=125)
        if kills:
            with under(Conditions(run.seed, certificate=pem)):
                totals = await kill_loop(kind, kills, seed=run.seed, folder=run.folder / kind)
            run.measured[f"{kind} again per kill"] = round(totals.again / kills)
            run.check(ok=not totals.mistakes, failure=totals, cases=totals.kills)
    hits = run.pick(control=0, gate=3, full=100)
    if hits:
        counts = await asyncio.to_thread(
            kill_changes, hits, seed=run.seed, folder=run.folder / "changes"
        )
        run.check(ok=not counts.mistakes, failure=counts.mistakes, cases=counts.kills)


_SWEEP: Final = (
    "packages/aniworld-core/src/aniworld_core/application/downloads/work/dead_worker_sweep.py"
)
_EXPIRED: Final = (
    "            *await self._context.queue.release_expired("
    "now, spare=await self._roster.living()),\n"
)

FIGURE: Final = Figure(
    name="M1",
    title="SIGKILL at random instants: nothing lost",
    prove=_prove,
    controls=(
        Control(
            "without the rescue of what a killed worker held",
            (
                Edit(
                    _SWEEP,
                    "        for item in await self._context.queue.release_held_by(worker):",
                    "        for item in ():",
                ),
                Edit(_SWEEP, _EXPIRED, ""),
                Edit(_SWEEP, "now - LIVE_WORKER_GRACE", "now - 99 * LIVE_WORKER_GRACE"),
            ),
        ),
    ),
)
