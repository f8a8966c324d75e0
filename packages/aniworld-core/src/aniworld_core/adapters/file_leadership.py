"""The lead among the processes of one data folder."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import attrs
from filelock import FileLock, Timeout

from aniworld_core.errors import StorageUnavailableError
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.nodes import Leadership

#: Lock file in the data folder, held by the leader.
LEADER_FILE: Final = "leader.lock"
#: Seconds between two attempts to get the lead.
_RETRY_SECONDS: Final = 1.0


@attrs.define(eq=False)
class FileLeadership(Leadership):
    """The process that holds a lock file leads; the kernel releases it when the process ends."""

    _data_dir: Path

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        lock = FileLock(self._data_dir / LEADER_FILE, mode=0o600, thread_local=False)
        while True:
            if await anyio.to_thread.run_sync(_taken, lock):
                try:
                    await work()
                finally:
                    lock.release()
            await anyio.sleep(_RETRY_SECONDS)


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        reason = Message("cannot_lock", path=lock.lock_file, reason=os_reason(error))
        raise StorageUnavailableError(reason) from error
    return True
