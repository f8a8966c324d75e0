"""Run as many lanes as configured; a lane does one item after the other."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import anyio
import anyio.abc
import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.configuration import Config

#: Does one item after the other. Its argument returns whether the lane has to end.
Lane = Callable[[Callable[[], bool]], Awaitable[None]]


@attrs.define(eq=False)
class WorkerLanes:
    """Runs `downloads.concurrent` lanes, also when that setting changes.

    Args:
        config: The configuration in force.
        fixed: Number of lanes of this process; `None` follows the setting.
    """

    _config: CurrentConfig
    _fixed: int | None = None
    _runs: list["_Run"] = attrs.field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        self._config.listen(self._apply)

    async def run(
        self,
        lane: Lane,
        *,
        watch: Callable[[anyio.CancelScope], None],
        beside: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Return when every lane has ended by itself.

        After a change of the setting, new lanes start at once; surplus lanes end after their
        item.

        Args:
            lane: Called once for each lane.
            watch: Receives the scope that cancels all lanes.
            beside: Runs beside the lanes and is cancelled when they have ended.

        Raises:
            Exception: The first error of a lane; the others are cancelled then.
        """
        run = _Run(wanted=self._fixed or self._config.value.downloads.concurrent)
        self._runs.append(run)
        try:
            async with anyio.create_task_group() as tasks:
                watch(tasks.cancel_scope)
                tasks.start_soon(beside)
                await run.keep_staffed(tasks, lane)
                tasks.cancel_scope.cancel()
        except ExceptionGroup as failures:
            # The lanes meet the same errors; callers handle single errors, not groups.
            raise _first_of(failures) from failures
        finally:
            self._runs.remove(run)

    def _apply(self, config: Config) -> None:
        for run in self._runs:
            run.want(self._fixed or config.downloads.concurrent)


@attrs.define(eq=False, kw_only=True)
class _Run:
    """Lanes of one run.

    Attributes:
        wanted: Number of lanes the setting asks for.
        open: Number of lanes that have not ended.
        changed: Set when `wanted` changes or no lane is left.
    """

    wanted: int
    open: int = 0
    changed: anyio.Event = attrs.field(factory=anyio.Event)

    def want(self, wanted: int) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.changed.set()

    async def keep_staffed(self, tasks: anyio.abc.TaskGroup, lane: Lane) -> None:
        while True:
            self.changed = anyio.Event()
            for _ in range(self.wanted - self.open):
                self.open += 1
                tasks.start_soon(self._work, lane)
            await self.changed.wait()
            if not self.open:
                return

    async def _work(self, lane: Lane) -> None:
        try:
            await lane(lambda: self.open > self.wanted)
        finally:
            self.open -= 1
            if not self.open:
                self.changed.set()


def _first_of(failures: ExceptionGroup) -> Exception:
    first: Exception = failures
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first
