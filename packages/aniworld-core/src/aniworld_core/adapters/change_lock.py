"""Lock files of library changes and bulk jobs; the end of a process releases its locks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import attrs
from filelock import FileLock, Timeout

from aniworld_core.errors import LibraryBusyError, StorageUnavailableError
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.change_lock import ChangeLock

#: Lock files in the data folder: of changes of library files, and of bulk jobs.
LOCK_FILE: Final = "changes.lock"
JOBS_LOCK_FILE: Final = "jobs.lock"
_POLL_SECONDS: Final = 0.05


@attrs.define(eq=False)
class FileChangeLock(ChangeLock):
    """Lock a file in the data folder; each context opens it again, so it also excludes tasks."""

    _data_dir: Path
    _name: str = LOCK_FILE

    @asynccontextmanager
    async def hold(self, wait: timedelta | None) -> AsyncIterator[None]:
        lock = await anyio.to_thread.run_sync(self._opened)
        deadline = anyio.current_time() + (wait.total_seconds() if wait else 0)
        while not await anyio.to_thread.run_sync(_taken, lock):
            if wait is not None and anyio.current_time() >= deadline:
                raise LibraryBusyError
            await anyio.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            lock.release()

    def _opened(self) -> FileLock:
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            reason = Message("cannot_write_to", path=str(self._data_dir), reason=os_reason(error))
            raise StorageUnavailableError(reason) from error
        return FileLock(self._data_dir / self._name, mode=0o600, thread_local=False)


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        reason = Message("cannot_lock", path=lock.lock_file, reason=os_reason(error))
        raise StorageUnavailableError(reason) from error
    return True
