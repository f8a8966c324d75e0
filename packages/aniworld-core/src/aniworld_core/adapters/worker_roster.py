"""Lock files of workers: the kernel releases the lock when a process ends."""

import re
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
import attrs
from filelock import FileLock

from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.workers import WorkerRoster

_SUFFIX = ".worker"
_PATIENCE_SECONDS = 5.0
_WORKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")


@attrs.define(eq=False)
class FileWorkerRoster(WorkerRoster):
    """Keep one locked file for each running worker in a folder of the data directory.

    The lock lasts as long as the worker's process. A file whose lock can be taken belongs to a
    worker that is gone.
    """

    _folder: Path
    _own: dict[WorkerId, FileLock] = attrs.field(factory=dict, init=False)

    @asynccontextmanager
    async def enlist(self, worker: WorkerId) -> AsyncIterator[None]:
        lock = await anyio.to_thread.run_sync(self._locked, worker)
        self._own[worker] = lock
        try:
            yield
            # The file is removed before the lock, so no one sees a worker that ended in order.
            # A worker that could not release its items leaves the file, as if it had died.
            self._path(worker).unlink(missing_ok=True)
        finally:
            del self._own[worker]
            lock.release()

    async def departed(self) -> Sequence[WorkerId]:
        return await anyio.to_thread.run_sync(self._unlocked)

    async def living(self) -> Collection[WorkerId]:
        return await anyio.to_thread.run_sync(self._held)

    async def forget(self, worker: WorkerId) -> None:
        if worker not in self._own:
            await anyio.to_thread.run_sync(self._strike, worker)

    def _locked(self, worker: WorkerId) -> FileLock:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._path(worker), mode=0o600, thread_local=False)
            # A process that checks the new file holds its lock for a moment.
            lock.acquire(timeout=_PATIENCE_SECONDS)
        except OSError as error:
            reason = Message("cannot_write_to", path=str(self._folder), reason=os_reason(error))
            raise StorageUnavailableError(reason) from error
        return lock

    def _unlocked(self) -> Sequence[WorkerId]:
        gone = []
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            worker = WorkerId(path.name.removesuffix(_SUFFIX))
            if worker not in self._own and not _is_locked(path):
                gone.append(worker)
        return tuple(gone)

    def _held(self) -> Collection[WorkerId]:
        others = (WorkerId(p.name.removesuffix(_SUFFIX)) for p in self._folder.glob(f"*{_SUFFIX}"))
        return {*self._own, *(w for w in others if w not in self._own and self._is_held(w))}

    def _is_held(self, worker: WorkerId) -> bool:
        path = self._path(worker)
        return path.exists() and _is_locked(path)

    def _strike(self, worker: WorkerId) -> None:
        path = self._path(worker)
        if path.exists() and not _is_locked(path):
            path.unlink(missing_ok=True)

    def _path(self, worker: WorkerId) -> Path:
        if not _WORKER.fullmatch(worker):
            raise StorageUnavailableError(Message("worker_name_invalid", name=worker))
        return self._folder / f"{worker}{_SUFFIX}"


def _is_locked(path: Path) -> bool:
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except OSError:  # held by its worker, or not readable for this user
        return True
    lock.release()
    return False
