"""Stop and pause of the queue, stored for all processes and later starts."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import attrs

from aniworld_core.domain.shared_state import QueueControl
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.shared_state import SharedStateRepository

if TYPE_CHECKING:
    from aniworld_core.application.downloads.work.worker import DownloadWorker


@attrs.define(eq=False, kw_only=True)
class QueueSwitch:
    """Change the stored control and apply it to the worker of this process.

    Stop and pause apply to the server, which works the queue in the background. A command in the
    foreground downloads also while the queue is stopped or paused.
    """

    _shared: SharedStateRepository
    _queue: QueueRepository
    _worker: "DownloadWorker"
    _revision: str = attrs.field(default="", init=False)
    _applied: QueueControl = attrs.field(factory=QueueControl, init=False)

    async def pause(self) -> None:
        """Pause the queue now and after restarts; idempotent.

        Raises:
            StorageUnavailableError: If it cannot be stored; the queue is paused until a restart.
        """
        await self._worker.pause()
        await self._change(is_paused=True)

    async def resume(self) -> None:
        """Resume the queue; idempotent.

        Raises:
            StorageUnavailableError: If it cannot be stored; the queue runs until a restart.
        """
        await self._worker.resume()
        await self._change(is_paused=False)

    async def set_stopped(self, *, is_stopped: bool) -> None:
        """Store whether the queue is stopped; the caller starts or stops the worker.

        Raises:
            StorageUnavailableError: If it cannot be stored.
        """
        await self._change(is_stopped=is_stopped)

    async def control(self) -> QueueControl:
        """Return the stored control.

        Raises:
            StorageUnavailableError: If it cannot be read.
        """
        return await self._shared.queue_control()

    async def restore(self) -> QueueControl:
        """Apply the stored pause to this process's worker and return the stored control.

        Raises:
            StorageUnavailableError: If it cannot be read.
        """
        stored = await self._shared.queue_control()
        if stored.is_paused != self._worker.is_paused:
            await (self._worker.pause() if stored.is_paused else self._worker.resume())
        self._applied = stored
        return stored

    async def follow(
        self, *, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]
    ) -> None:
        """Apply the control that another process stored since the last call.

        Args:
            start: Starts the worker of this process.
            stop: Stops the worker of this process.

        Raises:
            StorageUnavailableError: If it cannot be read.
        """
        revision = await self._queue.revision()
        if revision == self._revision:  # takes microseconds, and reading a row takes a thread
            return
        self._revision = revision
        before = self._applied
        if await self._shared.queue_control() == before:
            return
        after = await self.restore()
        if after.is_stopped != before.is_stopped:
            await (stop() if after.is_stopped else start())

    async def _change(
        self, *, is_stopped: bool | None = None, is_paused: bool | None = None
    ) -> None:
        self._applied = await self._shared.change_queue_control(
            is_stopped=is_stopped, is_paused=is_paused
        )
