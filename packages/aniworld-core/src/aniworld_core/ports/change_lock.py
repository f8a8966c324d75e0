"""Lock that lets one process at a time change library files, or work on bulk jobs."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import timedelta


class ChangeLock(ABC):
    """Exclude all other tasks and processes of the installation from the same kind of work."""

    @abstractmethod
    def hold(self, wait: timedelta | None) -> AbstractAsyncContextManager[None]:
        """Hold the lock inside the context. The end of the process in any way releases it.

        Args:
            wait: How long to wait for the current holder; `None` for no limit.

        Raises:
            LibraryBusyError: If it is still held after the wait.
            StorageUnavailableError: If the lock file cannot be written.
        """
