"""Start/stop state of a worker."""

import contextlib
from collections.abc import Iterator

import anyio
import attrs


@attrs.define(eq=False)
class WorkerGate:
    """Counts the runs of one worker and cancels them when the worker is stopped."""

    _scopes: list[anyio.CancelScope] = attrs.field(factory=list, init=False)
    _runs: int = attrs.field(default=0, init=False)
    _idle: anyio.Event | None = attrs.field(default=None, init=False)
    _is_stopping: bool = attrs.field(default=False, init=False)

    @property
    def is_running(self) -> bool:
        """Return whether at least one run has not ended."""
        return self._runs > 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Count as running inside the context."""
        if self._runs == 0:
            self._idle = anyio.Event()
        self._runs += 1
        try:
            yield
        finally:
            self._runs -= 1
            if self._runs == 0:
                self._scopes.clear()
                self._is_stopping = False
                if self._idle is not None:
                    self._idle.set()

    def watch(self, scope: anyio.CancelScope) -> None:
        """Cancel this scope when the worker is stopped, or at once if it was in this run."""
        self._scopes.append(scope)
        if self._is_stopping:
            scope.cancel()

    def stop(self) -> None:
        """Cancel every run, also those that have not called `watch` yet."""
        self._is_stopping = self.is_running
        for scope in self._scopes:
            scope.cancel()

    async def wait_idle(self) -> None:
        """Return when no run is left."""
        if self._runs and self._idle is not None:
            await self._idle.wait()
