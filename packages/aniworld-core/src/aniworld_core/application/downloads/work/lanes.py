"""How many items a worker does at once, also when the configuration changes meanwhile."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import anyio
import anyio.abc
import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.configuration import Config

#: Does one item after the other; asked before each: whether this lane is one too many.
Lane = Callable[[Callable[[], bool]], Awaitable[None]]


@attrs.define(eq=False)
class WorkerLanes:
    """Keeps as many lanes going as `downloads.concurrent` says at the time."""

    _config: CurrentConfig
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

        When more are wanted, they are begun at once; when fewer, the first lanes that are done
        with their items end.

        Args:
            lane: Begun once for each lane.
            watch: Given what cancels them all.
            beside: Runs beside the lanes and is cancelled when they have ended.

        Raises:
            Exception: The first error of a lane; the others are cancelled then.
        """
        run = _Run(wanted=self._config.value.downloads.concurrent)
        self._runs.append(run)
        try:
            async with anyio.create_task_group() as tasks:
                watch(tasks.cancel_scope)
                tasks.start_soon(beside)
                await run.keep_staffed(tasks, lane)
                tasks.cancel_scope.cancel()
        except ExceptionGroup as failures:
            # The lanes stumble over the same things; callers know errors, not groups.
            raise _first_of(failures) from failures
        finally:
            self._runs.remove(run)

    def _apply(self, config: Config) -> None:
        for run in self._runs:
            run.want(config.downloads.concurrent)


@attrs.define(eq=False, kw_only=True)
class _Run:
    """The lanes of one run.

    Attributes:
        wanted: How many there should be.
        open: How many there are.
        news: Set when either may ask for something to be done.
    """

    wanted: int
    open: int = 0
    news: anyio.Event = attrs.field(factory=anyio.Event)

    def want(self, wanted: int) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.news.set()

    async def keep_staffed(self, tasks: anyio.abc.TaskGroup, lane: Lane) -> None:
        while True:
            self.news = anyio.Event()
            for _ in range(self.wanted - self.open):
                self.open += 1
                tasks.start_soon(self._work, lane)
            await self.news.wait()
            if not self.open:
                return

    async def _work(self, lane: Lane) -> None:
        try:
            await lane(lambda: self.open > self.wanted)
        finally:
            self.open -= 1
            if not self.open:
                self.news.set()


def _first_of(failures: ExceptionGroup) -> Exception:
    first: Exception = failures
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first
