"""M12: the queue in SQLite equals its model after every step, through restarts."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import hypothesis
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from aniworld_core.ports.queue import QueueRepository
from aniworld_core.testing.machines import QueueRepositoryMachine
from aniworld_sqlite import open_storage
from proof.figure import Control, Edit, Figure, Run, Size

_STEPS: Final = 50


class _Machine(QueueRepositoryMachine):
    """The machine on a database file, which is closed and opened again at random steps."""

    steps = 0
    restarts = 0

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        super().__init__()

    @asynccontextmanager
    async def open_repository(self) -> AsyncIterator[QueueRepository]:
        """Open the database file."""
        path = Path(self._folder.name) / "aniworld.db"
        async with open_storage(f"sqlite:///{path}") as storage:
            yield storage.queue

    @rule()
    def restart(self) -> None:
        """Close everything and open the file again."""
        self.reopen()
        type(self).restarts += 1

    @invariant()
    def count(self) -> None:
        """Count a step."""
        type(self).steps += 1

    def teardown(self) -> None:
        """Remove the file."""
        super().teardown()
        self._folder.cleanup()


async def _prove(run: Run) -> None:
    """Run machines until enough steps were compared."""
    wanted = run.pick(control=2_000, gate=2_000, full=100_000)
    _Machine.steps = _Machine.restarts = 0
    seed = run.seed
    while _Machine.steps < wanted and not run.failures:
        machine = hypothesis.seed(seed)(_Machine)
        settings = hypothesis.settings(
            max_examples=min(100, max(1, (wanted - _Machine.steps) // _STEPS + 1)),
            stateful_step_count=_STEPS,
            deadline=None,
            database=None,
            print_blob=False,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        failure = ""
        try:
            await asyncio.to_thread(run_state_machine_as_test, machine, settings=settings)
        except AssertionError as error:
            failure = f"seed {seed}: {str(error)[:300]}"
        seed += 1
        run.measured |= {"restarts": _Machine.restarts}
        cases = _Machine.steps - run.n
        if not failure or run.size is not Size.CONTROL:
            run.n += cases
        run.check(ok=not failure, failure=failure, cases=0)


_LISTING: Final = "packages/aniworld-sqlite/src/aniworld_sqlite/_repositories/listing.py"

FIGURE: Final = Figure(
    name="M12",
    title="queue equals its model, with restarts",
    prove=_prove,
    controls=(
        Control(
            "swap the order of priorities",
            (
                Edit(
                    _LISTING,
                    "CLAIM_ORDER: Final = (table.c.priority.desc(),",
                    "CLAIM_ORDER: Final = (table.c.priority,",
                ),
            ),
        ),
    ),
)
