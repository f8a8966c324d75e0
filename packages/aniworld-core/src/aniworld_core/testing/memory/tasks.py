"""The runs of background tasks in memory."""

from collections.abc import Sequence
from datetime import datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.automation import TaskOutcome, TaskRun, begin_run
from aniworld_core.ports.tasks import TaskRepository


@attrs.define(eq=False)
class MemoryTaskRepository(TaskRepository):
    """Runs in a dict."""

    _runs: dict[str, TaskRun] = attrs.field(factory=dict, init=False)

    async def find(self) -> Sequence[TaskRun]:
        await anyio.lowlevel.checkpoint()
        return tuple(self._runs[name] for name in sorted(self._runs))

    async def begin(
        self, name: str, holder: str, *, now: datetime, is_free: bool = False
    ) -> TaskRun | None:
        await anyio.lowlevel.checkpoint()
        run = begin_run(self._runs.get(name), name, holder, now, is_free=is_free)
        if run is not None:
            self._runs[name] = run
        return run

    async def renew(self, name: str, holder: str, *, until: datetime) -> bool:
        await anyio.lowlevel.checkpoint()
        stored = self._runs.get(name)
        if stored is None or stored.holder != holder:
            return False
        self._runs[name] = stored.renew(holder, until)
        return True

    async def end(
        self,
        name: str,
        holder: str,
        *,
        outcome: TaskOutcome,
        at: datetime | None,
        seconds: float | None,
        result: str,
    ) -> None:
        await anyio.lowlevel.checkpoint()
        stored = self._runs.get(name)
        if stored is not None:
            self._runs[name] = stored.end(
                holder, outcome=outcome, at=at, seconds=seconds, result=result
            )
