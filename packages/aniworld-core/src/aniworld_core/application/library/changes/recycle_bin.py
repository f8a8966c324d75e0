"""Limits of the recycle bin and of the history of changes."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.library import BinEntry
from aniworld_core.errors import LibraryBusyError, LibraryNotSetError
from aniworld_core.messages import Message
from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_core.ports.change_lock import ChangeLock
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.file_operations import FileOperations

logger: logging.Logger = logging.getLogger(__name__)

#: Changes that the history keeps; the oldest of more are deleted.
_MOST_CHANGES: Final = 10_000


@attrs.define(eq=False, kw_only=True)
class RecycleBin:
    """Shows the recycle bins and deletes what exceeds `library.bin_days` or `bin_max_bytes`.

    The history of changes has the same age limit: what is no longer in the bin cannot be undone.
    """

    _files: FileOperations
    _journal: ChangeJournal
    _lock: ChangeLock
    _config: CurrentConfig
    _clock: Clock

    async def entries(self) -> Sequence[BinEntry]:
        """Return what the bins hold, oldest first; nothing without a library.

        Raises:
            LibraryUnavailableError: If a bin cannot be read.
        """
        try:
            return await self._files.bin_entries()
        except LibraryNotSetError:
            return ()

    async def prune(self) -> Sequence[BinEntry]:
        """Delete what is too old, then the oldest until the size fits.

        Files that an unfinished change needs stay. Changes that exceed the age limit are deleted
        from the history.

        Returns:
            The deleted entries.

        Raises:
            LibraryBusyError: If a change is running.
            LibraryUnavailableError: If a bin cannot be read or written.
        """
        async with self._lock.hold(timedelta()):
            entries = await self.entries()
            needed = await self._needed()
            excess = [e for e in self._excess(entries) if e.path not in needed]
            for entry in excess:
                await self._files.delete_entry(entry)
            days = self._config.value.library.bin_days
            oldest = self._clock.now() - timedelta(days=days) if days else None
            await self._journal.prune(before=oldest, most=_MOST_CHANGES)
        return excess

    async def apply_limits(self) -> Message:
        """Prune, and return the result in one line; a running change postpones it.

        Raises:
            LibraryUnavailableError: If a bin cannot be read or written.
        """
        try:
            deleted = await self.prune()
        except LibraryBusyError:
            return Message("task_postponed")
        for entry in deleted:
            logger.info("deleted %s from the recycle bin", entry.path)
        return Message("task_deleted", count=len(deleted))

    def _excess(self, entries: Sequence[BinEntry]) -> Sequence[BinEntry]:
        limits = self._config.value.library
        oldest = self._clock.now() - timedelta(days=limits.bin_days)
        excess = [e for e in entries if limits.bin_days and e.at < oldest]
        kept = [entry for entry in entries if entry not in excess]
        sizes: dict[str, int] = {}
        for entry in reversed(kept):  # the newest are kept
            top = str(PurePosixPath(entry.path).parent)
            sizes[top] = sizes.get(top, 0) + entry.bytes
            if limits.bin_max_bytes and sizes[top] > limits.bin_max_bytes:
                excess.append(entry)
        return sorted(excess, key=lambda entry: (entry.at, entry.path))

    async def _needed(self) -> set[str]:
        """Return the folders of bins that unfinished changes use."""
        return {
            str(PurePosixPath(path).parent)
            for change in await self._journal.unfinished()
            for noted in change.steps
            for path in (noted.step.source, noted.step.target)
            if path
        }
